def setup():
    global main

    def main():
        print("run")
        return "made inside"


setup()
main()
