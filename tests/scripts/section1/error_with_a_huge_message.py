def main():
    raise ValueError('é' * 10_000_000 + 'end')
