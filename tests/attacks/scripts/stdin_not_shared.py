import fcntl, os, struct
OFD_SETLK, OFD_GETLK = 37, 36
MARK = [3, 14, 15, 92]

def lock(fd, call, place):
    return fcntl.fcntl(fd, call, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, place, 1, 0))

def main():
    null = os.open('/dev/null', os.O_RDWR)
    found = ['flags'] if fcntl.fcntl(0, fcntl.F_GETFL) & (os.O_NONBLOCK | os.O_APPEND) else []
    found += [at for at in MARK if struct.unpack('hhqqi4x', lock(null, OFD_GETLK, at))[0] != fcntl.F_UNLCK]
    try: fcntl.flock(null, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError: found.append('lock')
    fcntl.flock(null, fcntl.LOCK_UN)
    try: fcntl.flock(0, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError: pass
    fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
    for at in MARK: lock(0, OFD_SETLK, at)
    return found
