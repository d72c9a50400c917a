"""What a template has done before its first fork: the imports, and each thing once that would else be slow once a job."""


def warm_up():
    from . import check, outcome, trace, tracker  # noqa: F401  (the runner's own, before any library)
    import numpy  # noqa: F401
    import pandas  # noqa: F401
