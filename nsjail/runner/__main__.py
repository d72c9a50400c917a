"""What nsjail executes for a cold job, and the supervisor as the template: `python3 -I -S …/__main__.py [template KIND]`.

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
    if sys.argv[1:2] == ["template"]:
        from _jobcell_runner.template import serve

        serve(sys.argv[2])
    else:
        from _jobcell_runner.run import run

        run()


if __name__ == "__main__":
    boot(__file__.rpartition("/")[0], SITE)
