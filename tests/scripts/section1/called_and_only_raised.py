def main():
    raise ValueError("no luck")


try:
    main()
except ValueError as error:
    print("caught", error)
