def main():
    return "x" * (5 << 20)
