def main():
    import socket
    try: return socket.gethostbyname('example.com')
    except OSError as e: return type(e).__name__
