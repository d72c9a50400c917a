from math import sqrt as main
