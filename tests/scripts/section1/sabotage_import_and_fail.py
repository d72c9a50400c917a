import builtins


def main():
    builtins.__import__ = None
    raise ValueError('told')
