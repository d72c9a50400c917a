def main():
    for _ in range(100):
        print(("x" * 1023 + "\n") * 1024, end="")
