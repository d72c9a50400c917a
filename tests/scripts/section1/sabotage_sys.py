import gc
import os
import sys


def main():
    sys.settrace(lambda *a: None)
    sys.setprofile(lambda *a: None)
    sys.setrecursionlimit(60)
    os._exit = os.write = os.getpid = None
    gc.disable()
    sys.path.clear()
    sys.argv = None
    return {"deep": [[[[[[[[[[1]]]]]]]]]]}
