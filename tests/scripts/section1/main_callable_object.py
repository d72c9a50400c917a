class App:
    def __call__(self, x):
        return {"got": x}


main = App()
