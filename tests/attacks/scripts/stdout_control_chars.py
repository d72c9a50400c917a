def main():
    print('\x1b[2J\x1b]0;pwn\x07\u202e\x00\r\n{"level":"info"}')
    return 1
