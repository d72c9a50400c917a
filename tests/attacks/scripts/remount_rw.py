def main():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    rc = libc.mount(None, b'/usr', None, 32 | 4096, None)
    return [rc, ctypes.get_errno()]
