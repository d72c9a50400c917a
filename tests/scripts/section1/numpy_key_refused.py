import numpy as np


def main():
    return {np.int64(1): 2}
