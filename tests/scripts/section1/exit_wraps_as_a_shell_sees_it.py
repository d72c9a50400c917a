def main():
    quit(-1)
