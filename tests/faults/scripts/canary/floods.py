def main(x):
    while True:
        print("CANARY" * 1000, x)
