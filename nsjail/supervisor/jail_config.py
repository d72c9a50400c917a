"""Reads jail.cfg: the limits that the supervisor enforces or tells. nsjail reads the same file by itself."""

import re

_TOKEN = re.compile(r"""
    \s* (?: \#[^\n]*
    | (?P<key>\w+) \s*:\s* (?: "(?P<text>[^"]*)" | (?P<word>[-\w.]+) )
    | (?P<open>\w+) \s*\{
    | (?P<close>\}) )""", re.VERBOSE)

MIB = 1 << 20
# What a job's output and result may be: no process of the jail could be held to these, so they are not in jail.cfg.
STDOUT_BYTES = MIB
STDERR_BYTES = MIB // 4
RESULT_BYTES = 4 * MIB


class JailConfigError(Exception):
    pass


class Limits:
    """What a job may use unless its request says otherwise."""

    def __init__(self, fields):
        self.timeout_ms = _number(fields, "time_limit") * 1000
        self.memory_bytes = _number(fields, "cgroup_mem_max")
        self.cgroup_processes = _number(fields, "cgroup_pids_max")
        self.processes = _number(fields, "rlimit_nproc")
        self.file_bytes = _number(fields, "rlimit_fsize") * MIB
        self.open_files = _number(fields, "rlimit_nofile")
        self.tmp_bytes = _tmp_bytes(fields)
        self.stdout_bytes, self.stderr_bytes, self.result_bytes = STDOUT_BYTES, STDERR_BYTES, RESULT_BYTES

    def to_message(self):
        names = "timeout_ms memory_bytes processes file_bytes tmp_bytes open_files stdout_bytes stderr_bytes result_bytes"
        return {name: getattr(self, name) for name in names.split()}


# nsjail's unit of each limit that it sets for what it starts. A warm job process takes the same ones by itself.
RLIMIT_UNITS = {"nproc": 1, "nofile": 1, "fsize": MIB, "core": MIB, "stack": MIB, "as": MIB, "cpu": 1,
                "memlock": 1 << 10, "msgqueue": 1, "rtprio": 1}


# Signals that wait, and POSIX timers, each of which takes memory of the kernel's: nsjail has no setting for them.
BEYOND_NSJAIL = {"sigpending": 256}


class JailConfig:
    """`rlimits`: name to number, in bytes where it is a size. `environment`: exactly what a job gets."""

    def __init__(self, path, fields):
        self.path, self.fields, self.limits = path, fields, Limits(fields)
        self.rlimits = {name: _number(fields, f"rlimit_{name}") * unit for name, unit in RLIMIT_UNITS.items()} | BEYOND_NSJAIL
        self.nice_level = _number(fields, "nice_level")
        self.environment = dict(text.split("=", 1) for text in fields.get("envar", []))


def read_jail_config(path):
    with open(path, encoding="utf-8") as file:
        return JailConfig(path, parse(file.read()))


def parse(text):
    """protobuf's text form, as far as jail.cfg uses it: field to its list of values (text, or a dict for a block)."""
    fields, stack, at = {}, [], 0
    text = text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            rest = text[at:].lstrip()
            line = text.count("\n", 0, len(text) - len(rest)) + 1
            raise JailConfigError(f"jail.cfg, line {line}: cannot read {rest.splitlines()[0]!r}")
        at = token.end()
        if token["key"]:
            value = token["text"] if token["word"] is None else token["word"]
            fields.setdefault(token["key"], []).append(value)
        elif token["open"]:
            block = {}
            fields.setdefault(token["open"], []).append(block)
            stack.append(fields)
            fields = block
        elif token["close"]:
            if not stack:
                raise JailConfigError("jail.cfg: a } without its {")
            fields = stack.pop()
    if stack:
        raise JailConfigError("jail.cfg: a { without its }")
    return fields


def _number(fields, name):
    values = fields.get(name, [])
    if len(values) != 1 or not str(values[0]).isdigit():
        raise JailConfigError(f"jail.cfg: {name} must be there once, as a whole number; found {values}")
    return int(values[0])


def _tmp_bytes(fields):
    for mount in fields.get("mount", []):
        if mount.get("dst") == ["/tmp"]:
            size = re.search(r"\bsize=(\d+)\b", "".join(mount.get("options", [])))
            if size:
                return int(size[1])
    raise JailConfigError("jail.cfg: no mount of /tmp with size= in bytes")
