def main():
    class D(dict):
        def items(self):
            while True: yield ('a', 1)
    return D(a=1)
