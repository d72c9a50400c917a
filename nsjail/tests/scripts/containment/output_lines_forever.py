def main():
    while True:
        print("A" * 1000)
