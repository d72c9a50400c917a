import pandas as pd


def main():
    return [pd.Timestamp("2024-01-01T10:00:00Z"), pd.NaT, pd.NA, pd.Index(["a"]), pd.Categorical(["x"]), pd.Series([1]).sum()]
