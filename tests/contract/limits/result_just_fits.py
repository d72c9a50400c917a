def main():
    return "x" * ((4 << 20) - 2)
