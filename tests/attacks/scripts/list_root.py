def main():
    import os
    return sorted(os.listdir('/'))
