def main():
    import socket
    s = socket.socket(); s.settimeout(2)
    try: s.connect(('169.254.169.254', 80)); return 'CONNECTED'
    except OSError as e: return type(e).__name__
