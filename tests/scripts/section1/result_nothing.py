def main():
    print('only printed')
