def main():
    import os
    for p in ['/tmp/result.json','/tmp/out','/tmp/stdout.txt']:
        try: os.symlink('/etc/hostname', p)
        except OSError: pass
    return sorted(os.listdir('/tmp'))
