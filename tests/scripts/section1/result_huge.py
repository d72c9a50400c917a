def main():
    return ['x' * 1_000_000] * 10_000
