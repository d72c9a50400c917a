print('body')


def main():
    print('main')


print('end of body')
