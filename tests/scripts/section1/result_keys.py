def main():
    return {1: "int", 2.5: "float", True: "bool", None: "none", "s": "str", float("nan"): "nan"}
