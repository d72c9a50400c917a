import numpy as np


def main():
    numbers = [np.int64(1), np.uint8(2), np.float32(0.5), np.float64("nan"), np.bool_(True), np.longdouble(1.5)]
    others = [np.str_("s"), np.datetime64("2024-01-02T03:04"), np.datetime64("NaT", "s"), np.float16("inf")]
    return numbers + others
