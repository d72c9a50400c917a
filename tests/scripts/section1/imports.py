import csv
import decimal
import json
import re
import sqlite3
import statistics

import numpy
import pandas


def main():
    return [int(pandas.DataFrame({"a": numpy.arange(4)}).a.sum()), re.sub("a", "b", "aa"), statistics.mean([1, 3])]
