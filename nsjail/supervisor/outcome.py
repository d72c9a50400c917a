"""Evidence to outcome: the contract's table of causes, in the order in which they win."""

import json
import os
import signal

from evidence import Evidence

# What a script's own process may say of itself. Everything else takes the supervisor's evidence.
SCRIPT_CODES = frozenset(
    "syntax_error main_missing script_error script_exit result_not_json result_too_large memory_limit".split()
)
MAX_TEXT_BYTES = {"message": 4 << 10, "traceback": 16 << 10, "type": 256, "path": 4 << 10}
MAX_NUMBER = 1 << 53


class Outcome:
    def __init__(self, error=None, result=None):
        self.error, self.result = error, result

    @property
    def status(self):
        if self.error is None:
            return "succeeded"
        return "cancelled" if self.error["code"] == "cancelled" else "failed"


def decide(evidence: Evidence, job, limits):
    """`job` gives the limits that this run had (timeout_ms, memory_bytes)."""
    if evidence.memory_exceeded:
        what = f"used more than its {job.memory_bytes >> 20} MiB of memory" if evidence.memory_exceeded is True else evidence.memory_exceeded
        return failed("memory_limit", f"The script {what}.")
    if evidence.output_exceeded:
        return failed("output_limit", f"The script wrote more to {evidence.output_exceeded} than Jobcell reads.")
    if evidence.frame is not None:
        return from_frame(*evidence.frame)
    if evidence.frame_problem == "too_large":
        return failed("result_too_large", f"The result is larger than {limits.result_bytes >> 20} MiB of JSON.")
    if evidence.frame_problem:
        return failed("result_not_json", NOT_A_RESULT)
    if evidence.sandbox_failure:
        return failed("sandbox_failure", evidence.sandbox_failure)
    if evidence.cancelled:
        return failed("cancelled", "The job was cancelled.")
    if evidence.deadline_passed:
        return failed("timeout", f"The script was still running after {job.timeout_ms} ms.")
    return from_wait_status(evidence.wait_status)


NOT_A_RESULT = "The script wrote something other than its result to the descriptor that carries the result."


def from_frame(header, result):
    """The frame is the script's own word: it may choose its result, or a failure that is its own fault."""
    try:
        header = json.loads(header)
        if header["status"] == "succeeded":
            result.decode()
            return Outcome(result=result) if result else failed("result_not_json", NOT_A_RESULT)
        return Outcome(error=own_error(header["error"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return failed("result_not_json", NOT_A_RESULT)


def own_error(claimed):
    """The known fields of a claimed error, each of its type and within its bound."""
    if claimed["code"] not in SCRIPT_CODES:
        raise ValueError
    error = {"code": claimed["code"], "message": text(claimed.get("message", ""), "message")}
    for name in ("type", "traceback", "path"):
        if claimed.get(name) is not None:
            error[name] = text(claimed[name], name)
    for name in ("line", "column", "exit_code"):
        number = claimed.get(name)
        if number is not None:
            if type(number) is not int or abs(number) > MAX_NUMBER:
                raise ValueError
            error[name] = number
    return error


def text(value, name):
    if not isinstance(value, str):
        raise TypeError
    return value.encode(errors="replace")[: MAX_TEXT_BYTES[name]].decode(errors="ignore")


def from_wait_status(status):
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return failed("crashed", f"The script was ended by {signal_name(-code)}.", signal=signal_name(-code))
    return failed("script_exit", f"The script ended with exit code {code} before it had a result.", exit_code=code)


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"


def failed(code, message, **facts):
    return Outcome(error={"code": code, "message": message, **facts})
