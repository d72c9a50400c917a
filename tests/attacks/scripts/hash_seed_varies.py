def main():
    return hash('abc')
