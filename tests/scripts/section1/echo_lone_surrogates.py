def main(x):
    return [x, [ord(c) for c in x['k']]]
