def main(x=5):
    return [x]
