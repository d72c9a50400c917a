def main():
    import os
    os._exit(0)
