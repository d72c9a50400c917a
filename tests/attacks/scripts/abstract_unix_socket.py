def main():
    import socket
    s = socket.socket(socket.AF_UNIX)
    try: s.connect('\0/tmp/.X11-unix/X0'); return 'CONNECTED'
    except OSError as e: return e.errno
