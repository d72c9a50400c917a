import numpy as np
import pandas as pd


def main():
    return pd.DataFrame(
        {
            "n": [1, 2],
            "f": [0.5, np.nan],
            "s": ["é", None],
            "b": [True, False],
            "t": pd.to_datetime(["2024-01-01", None]),
            "o": [{"k": np.int64(1)}, [pd.NaT]],
        }
    )
