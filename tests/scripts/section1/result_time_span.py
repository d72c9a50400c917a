from datetime import timedelta


def main():
    return [timedelta(1)]
