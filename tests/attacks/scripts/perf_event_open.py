def main():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    return [libc.syscall(298, 0, 0, -1, -1, 0), ctypes.get_errno()]
