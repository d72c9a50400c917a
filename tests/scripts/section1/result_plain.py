def main():
    return {"i": 1, "f": 1.0, "s": "é", "t": True, "n": None, "l": [1, [2]], "d": {"": {}}, "tuple": (1, (2,))}
