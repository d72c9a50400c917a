def main():
    print('kept', end='')
    raise ValueError
