class CANARY(Exception):
    pass


def main(x):
    error = CANARY(f"CANARY {x}")
    error.add_note("CANARY")
    raise error
