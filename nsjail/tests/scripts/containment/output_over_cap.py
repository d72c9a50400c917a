def main(n):
    print("x" * n, end="")
    return n
