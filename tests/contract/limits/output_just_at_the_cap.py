def main():
    print("x" * ((1 << 20) - 1))
