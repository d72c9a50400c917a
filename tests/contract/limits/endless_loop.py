print("printed before the loop", end="")


def main():
    while True:
        pass
