import pandas as pd


def main():
    frame = pd.DataFrame({"country": ["a", "a", "b"], "kind": ["x", "y", "x"], "n": [1, 2, 3]})
    return [
        frame.groupby("country").sum(numeric_only=True),
        frame.groupby(["country", "kind"]).sum(),
        frame[frame.n > 1],
    ]
