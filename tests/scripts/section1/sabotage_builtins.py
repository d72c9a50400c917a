import builtins


def main():
    builtins.isinstance = builtins.len = builtins.type = builtins.str = builtins.map = None
    return [1, {"a": 2}]
