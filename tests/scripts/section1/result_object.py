class Thing:
    pass


def main():
    return (1, {"thing": Thing()})
