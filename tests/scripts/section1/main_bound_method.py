class Job:
    def run(self, a, b=2):
        return a * b


main = Job().run
