def main():
    return 'x' * (4 * 1024 * 1024 - 1)
