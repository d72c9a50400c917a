def main():
    return len('x' * (4 * 1024 * 1024 - 2)) * 'x'
