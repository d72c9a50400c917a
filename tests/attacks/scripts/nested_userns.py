def main():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    rc = libc.unshare(0x10000000)
    return [rc, ctypes.get_errno()]
