import sys
import traceback


def main():
    try:
        nothing
    except NameError:
        traceback.print_exc()
    return 1
