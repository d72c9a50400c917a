import importlib


def main():
    found = []
    for name in ["result", "call", "frames", "holder", "check", "codec", "failure", "runner", "run", "tracker", "known"]:
        try:
            importlib.import_module(name)
            found.append(name)
        except ModuleNotFoundError:
            pass
    return found
