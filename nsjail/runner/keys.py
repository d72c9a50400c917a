"""Keys of JSON objects, as `json.dumps` writes them."""

from .problems import Refused, name_of

KEYS = "keys must be str, int, float, bool or None"
FLOAT_KEYS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def key_text(key):
    """The text of a key. Raises Refused."""
    if isinstance(key, str):
        return str.__str__(key)
    if key is None:
        return "null"
    if key is True or key is False:
        return "true" if key else "false"
    if isinstance(key, int):
        return int.__repr__(key)
    if isinstance(key, float):
        text = float.__repr__(key)
        return FLOAT_KEYS.get(text, text)
    raise Refused(key, f"a key of type {name_of(type(key))} is not JSON: {KEYS}")
