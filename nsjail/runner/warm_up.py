"""What a template has done before its first fork: the imports, and a rehearsal of what job processes do.

Code that has run is faster, and a job process copies each page of the template's that it writes to: what is decided,
cached or specialised here is not written again once a job.
"""

import builtins
import gc
import importlib
import linecache
import sys

from . import frames, outcome
from .frames import Job
from .survey import HOOK

REHEARSALS = 20
RECURSION_LIMIT = sys.getrecursionlimit()
COMMON = tuple(
    "base64 collections copy csv dataclasses datetime decimal enum functools hashlib io itertools json math operator"
    " random re statistics string time typing unicodedata urllib.parse uuid".split()
)
LARGE = ("asyncio", "numpy", "pandas")

SCRIPT = b"""
import json
def main(rows):
    print("rehearsing")
    return {"rows": [{**row, "n": row["n"] + 1} for row in rows], "text": json.dumps({"a": [1, 2.5, None]})}
if __name__ == "__main__":
    pass
"""
INPUT = b'[{"n": 1, "name": "a"}, {"n": 2, "name": "b"}]'

PANDAS_SCRIPT = b"""
import io
import numpy as np
import pandas as pd
def main():
    frame = pd.read_csv(io.StringIO("name,amount,day\\nA,1,2026-01-01\\nB,2.5,2026-01-02\\nA,3,\\n"), parse_dates=["day"])
    rows = pd.DataFrame({"country": [f"C{n % 7}" for n in range(100)], "amount": range(100)})
    sums = rows.groupby("country")["amount"].sum()
    means = rows.groupby("country", as_index=False).agg({"amount": ["mean", "max"]})
    merged = frame.merge(pd.DataFrame({"name": ["A", "B"], "full": ["Anna", "Bob"]}), on="name", how="left")
    clean = merged.drop_duplicates(subset="full").fillna({"amount": 0}).sort_values("name")
    clean["full"] = clean["full"].str.strip().str.lower()
    chosen = clean[clean["amount"] > 0].rename(columns={"amount": "total"})
    values = np.array([[1.0, 2.0], [3.0, 4.0]]).mean(axis=0)
    return {"sums": sums, "rows": chosen, "means": means.shape, "values": values, "some": clean.to_dict("records")}
"""

FAILING_SCRIPT = b"""
def main():
    raise ValueError("rehearsing")
"""

# What job processes do in any case, and those with pandas: nothing that only some of them do.
SHORT_SCRIPT = b"""
def main():
    return {"msg": "done"}
"""
SHORT_PANDAS_SCRIPT = b"""
import pandas as pd
def main():
    return pd.DataFrame({"a": ["x", "y"], "b": range(2)})
"""

FULL = "full"


def warm_up(kind):
    """`kind`: "plain", what most scripts use of the standard library; or "full", the large libraries too."""
    from . import check, trace, tracker  # noqa: F401  (what outcome imports only when it is needed)

    for name in COMMON + (LARGE if kind == FULL else ()):
        importlib.import_module(name)
    scripts = [(SCRIPT, INPUT), (FAILING_SCRIPT, None)] + ([(PANDAS_SCRIPT, None)] if kind == FULL else [])
    for _ in range(REHEARSALS):
        for script, given in scripts:
            rehearse(Job("run", script, given, {}))


def rehearse_what_most_do(kind):
    rehearse(Job("run", SHORT_PANDAS_SCRIPT if kind == FULL else SHORT_SCRIPT, None, {}))


def rehearse(job):
    """One job as a job process has it, but for the frame at its end. What it has changed, each job sets anew."""
    header, result = outcome.of_run(job)
    frames.encode_outcome(header, result)
    gc.enable()
    sys.setrecursionlimit(RECURSION_LIMIT)  # a script is compiled under it
    sys.modules.pop("__main__", None)
    builtins.__dict__.pop(HOOK, None)
    linecache.clearcache()  # else a script's own traceback would show lines of the rehearsal
    return header
