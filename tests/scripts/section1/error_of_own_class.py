class Refused(Exception):
    pass


def main():
    raise Refused('because', 2)
