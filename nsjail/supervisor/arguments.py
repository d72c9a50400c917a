"""The supervisor's command line: what the launcher knows, and how jails are to be started."""


class Options:
    def __init__(self):
        self.memory = None  # "v1", "v2": a cgroup whose limit we may write; "sampling"; None: the container's
        self.cgroup_fd = None  # the open folder of that memory cgroup
        self.start = "warm"  # or "cold"
        self.isolation = "nsjail"  # or "landlock"


def parse(words):
    options = Options()
    for word in words:
        name, _, value = word.partition("=")
        if name == "--memory" and value in ("v1", "v2", "sampling"):
            options.memory = value
        elif name == "--start" and value in ("warm", "cold"):
            options.start = value
        elif name == "--isolation" and value in ("nsjail", "landlock"):
            options.isolation = value
        elif name == "--cgroup-fd" and value.isdigit():
            options.cgroup_fd = int(value)
        else:
            raise SystemExit(f"supervisor: unknown argument {word!r}")
    return options
