def main():
    from multiprocessing import shared_memory
    try:
        s = shared_memory.SharedMemory(name='xj1', create=True, size=64); s.buf[:3]=b'abc'; s.close(); return 'created'
    except Exception as e:
        return type(e).__name__
