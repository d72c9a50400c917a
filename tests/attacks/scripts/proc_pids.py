def main():
    import os
    try:
        return [p for p in os.listdir('/proc') if p.isdigit()]
    except OSError as e:
        return type(e).__name__
