def main():
    a = [1]
    return [a, a, {'a': a}]
