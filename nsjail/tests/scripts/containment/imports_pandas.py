import numpy
import pandas


def main():
    frame = pandas.DataFrame({"country": ["CH", "DE", "CH"], "n": numpy.arange(3)})
    return frame.groupby("country")["n"].sum().to_dict()
