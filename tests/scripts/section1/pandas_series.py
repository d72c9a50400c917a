import pandas as pd


def main():
    return {
        "default": pd.Series([1, 2]),
        "floats": pd.Series([1.5, None]),
        "indexed": pd.Series([1, 2], index=["a", "b"]),
        "numbered": pd.Series([1, 2], index=[5, 6]),
        "dated": pd.Series([1], index=pd.to_datetime(["2024-01-01"])),
        "text": pd.Series(["x", None]),
        "nullable": pd.Series([1, pd.NA], dtype="Int64"),
        "category": pd.Series(["a", "b"], dtype="category"),
        "times": pd.Series(pd.to_datetime(["2024-01-01 10:00", None])),
        "empty": pd.Series([], dtype=float),
    }
