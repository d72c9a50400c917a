print("before", flush=True)


def main():
    while True:
        pass
