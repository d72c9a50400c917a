import numpy as np


def main():
    return np.zeros(10**7, dtype='int8')
