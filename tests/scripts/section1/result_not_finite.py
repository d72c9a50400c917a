def main():
    return [float("nan"), float("inf"), -float("inf"), {"deep": [1.5, float("nan")]}]
