import pandas as pd


def main():
    return pd.Timedelta('1D')
