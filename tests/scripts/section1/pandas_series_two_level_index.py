import pandas as pd


def main():
    return pd.Series([1], index=pd.MultiIndex.from_tuples([("a", 1)]))
