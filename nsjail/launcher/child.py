"""The process that becomes the supervisor, and the launcher's wait for it."""

import os
import signal
import time

import kernel
import namespaces
import place
from arguments import HOME, PYTHON
from errors import LaunchError
from machine import end_strays

SUPERVISOR = f"{HOME}/supervisor"
STRAY_CHECK_SECONDS = 0.005


def run(options, slot, cgroup):
    """Returns the supervisor's exit code; 128 + n if signal n ended it."""
    where = place.choose(options)
    where.begin(slot)
    alive, launcher_lives = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        os.close(launcher_lives)
        _become_supervisor(where, options, slot, cgroup, alive)
    _end_supervisor_on_sigterm(pid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the worker to handle
    code = _exit_code(os.waitpid(pid, 0)[1])
    while end_strays():
        time.sleep(STRAY_CHECK_SECONDS)
    return code


def _end_supervisor_on_sigterm(pid):
    """The first is passed on; the second kills it, and with it everything in its namespace. We live on, to tidy up."""
    supervisor = os.pidfd_open(pid)
    numbers = iter([signal.SIGTERM])

    def end(*_):
        try:
            signal.pidfd_send_signal(supervisor, next(numbers, signal.SIGKILL))
        except ProcessLookupError:
            pass  # it has just ended by itself

    signal.signal(signal.SIGTERM, end)


def _exit_code(status):
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become_supervisor(where, options, slot, cgroup, alive):
    try:
        os.setsid()
        kernel.die_with_parent()
        where.enter()
        if cgroup is not None:
            cgroup.join()
        where.lay_out(options)
        if slot.root:
            _protect_from_oom()
            _become_user(slot)
            where.become_user(slot)
        kernel.drop_capabilities()
        kernel.die_with_parent()
        _check_launcher_lives(alive)
        os.execve(PYTHON, [PYTHON, "-I", "-S", SUPERVISOR, f"--start={options.start}",
                            f"--isolation={options.isolation}", *_limits(cgroup)], {"LANG": "C.UTF-8"})
    except OSError as error:
        message = f"the slot's view of the machine cannot be made ({error}){namespaces.hint()}"
        os.write(2, LaunchError(message).to_line())
    except LaunchError as error:
        os.write(2, error.to_line())
    finally:
        os._exit(1)


def _protect_from_oom():
    # The jail raises its own to 1000 before it is made, so it goes first anyway; this is for when nothing of it is left.
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("-1000")
    except PermissionError:
        pass  # root without CAP_SYS_RESOURCE, in a container


def _become_user(slot):
    os.setgroups([])
    os.setresgid(slot.gid, slot.gid, slot.gid)
    os.setresuid(slot.uid, slot.uid, slot.uid)
    kernel.be_own_process()


def _check_launcher_lives(alive):
    # It may have died before we asked to die with it; its end of the pipe says so.
    os.set_blocking(alive, False)
    try:
        os.read(alive, 1)
    except BlockingIOError:
        return
    os._exit(1)


def _limits(cgroup):
    if cgroup is not None:
        return cgroup.arguments()
    return ["--memory=sampling"]
