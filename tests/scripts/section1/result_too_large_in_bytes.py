def main():
    return ['é' * 10] * 200_000
