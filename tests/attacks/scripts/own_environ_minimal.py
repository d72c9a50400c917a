def main():
    import os
    return dict(os.environ)
