def main():
    import os, stat
    r = {}
    for n, m, d in [('fifo', stat.S_IFIFO, 0), ('chr', stat.S_IFCHR, os.makedev(1, 1)), ('blk', stat.S_IFBLK, os.makedev(254, 0))]:
        try: os.mknod('/tmp/' + n, m | 0o600, d); r[n] = 'made'
        except OSError as e: r[n] = e.errno
    return r
