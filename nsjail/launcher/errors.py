import json


class LaunchError(Exception):
    """What is missing and what to do about it, in one line for the operator."""

    def __init__(self, message, exit_code=1):
        super().__init__(message)
        self.exit_code = exit_code

    def to_line(self):
        """The last line of stderr, for the worker to report."""
        return json.dumps({"error": str(self)}).encode() + b"\n"
