def main():
    return {1: 'a', '1': 'b'}
