import json

json.dumps = json.loads = json.JSONEncoder = None


def main(x):
    return x
