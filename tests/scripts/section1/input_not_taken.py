def main():
    return 'no parameter'
