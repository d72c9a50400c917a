"""What nsjail executes: `python3 -I -S /usr/local/runner/__main__.py`.

Given the file, not the folder: for a folder Python imports `runpy`, 5 ms.
"""

import sys

SITE = "/usr/local/site"


def boot(folder, site):
    # A private package name, and no folder of ours on sys.path: a script's
    # `import result` must be its own ModuleNotFoundError.
    package = type(sys)("_jobcell_runner")
    package.__path__ = [folder]
    sys.modules[package.__name__] = package
    sys.path[:] = [entry for entry in sys.path if entry != folder] + [site]
    from _jobcell_runner.run import run

    run()


if __name__ == "__main__":
    boot(__file__.rpartition("/")[0], SITE)
