def main():
    print("once")
    return "after the body"


if __name__ == "other":
    main()
