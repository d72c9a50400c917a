def main():
    import os
    r = []
    for f in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0])):
        try: f(); r.append('ok')
        except OSError as e: r.append(e.errno)
    return [r, os.getuid()]
