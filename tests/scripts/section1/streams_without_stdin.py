def main():
    try:
        return input()
    except EOFError:
        return 'no input on stdin'
