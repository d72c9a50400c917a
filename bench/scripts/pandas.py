import pandas as pd


def main():
    rows = pd.DataFrame({"country": [f"C{n % 7}" for n in range(1000)], "amount": range(1000)})
    return rows.groupby("country")["amount"].sum()
