class App:
    runs = 0

    def __call__(self):
        self.runs += 1
        return self.runs


main = App()
main()
assert isinstance(main, App) and main.runs == 1
