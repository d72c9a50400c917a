"""The kinds of template, and which one a script is for."""

KINDS = ("plain", "full")
# What only the full template has imported (runner/warm_up.py). A script that names none of them is quicker without: its
# process is smaller by half.
LARGE_LIBRARIES = (b"pandas", b"numpy", b"asyncio", b"async def")


def kind_for(script):
    """The template that has what the script imports. Its bytes are looked through, not understood."""
    return "full" if any(name in script for name in LARGE_LIBRARIES) else "plain"
