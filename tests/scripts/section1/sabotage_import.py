import builtins


def main():
    builtins.__import__ = None
    return (float("nan"), {1: 2})
