import numpy as np


def main():
    return {
        "matrix": np.arange(6).reshape(2, 3),
        "floats": np.array([1.0, np.nan, np.inf]),
        "zero_d": np.array(5),
        "bools": np.array([True, False]),
        "strings": np.array(["a", "bc"]),
        "times": np.array(["2024-01-01", "NaT"], dtype="datetime64[D]"),
        "objects": np.array([1, None, [np.int8(2)]], dtype=object),
        "empty": np.zeros((0, 3)),
        "masked": np.ma.array([1, 2], mask=[False, True]),
    }
