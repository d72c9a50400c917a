def main(CANARY:
