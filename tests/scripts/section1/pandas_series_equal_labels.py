import pandas as pd


def main():
    return pd.Series([1, 2], index=['a', 'a'])
