def main():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    return [libc.chroot(b'/tmp'), libc.syscall(155, b'/tmp', b'/tmp')]
