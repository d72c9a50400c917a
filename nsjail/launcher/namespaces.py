"""The slot's namespaces, and why a machine may refuse them."""

import os

import kernel
from arguments import IN_IMAGE
from errors import LaunchError
from identity_map import write_identity_map

SWITCHES = (
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1 allows them"),
    ("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces must be above 0"),
    ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
     "AppArmor restricts them: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or the profile nsjail/apparmor/jobcell"),
)
IN_CONTAINER = (
    "start this container with --security-opt seccomp=nsjail/seccomp/container.json, or accept less: SANDBOX_ISOLATION=landlock"
    if IN_IMAGE else "in a container, its seccomp profile may forbid them; `docker compose up` brings its own")


def unshare(flags):
    try:
        kernel.unshare(flags)
    except OSError as error:
        raise LaunchError(f"this machine refuses namespaces ({error.strerror}){hint()}") from None


def enter_user_namespace():
    """Our user stays who it is; inside it may make the other namespaces."""
    uid, gid = os.geteuid(), os.getegid()
    unshare(kernel.NEWUSER)
    try:
        write_identity_map(uid, gid)
    except OSError as error:
        raise LaunchError(f"this machine refuses user namespaces ({error.strerror}){hint()}") from None


def are_refused():
    """Tried by a child, which ends with them."""
    pid = os.fork()
    if pid == 0:
        try:
            enter_user_namespace()
            unshare(kernel.NEWNS | kernel.NEWPID | kernel.NEWNET | kernel.NEWIPC | kernel.NEWUTS)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] != 0


def hint():
    """The switch that explains a refusal, or where else to look."""
    for path, refusing, advice in SWITCHES:
        try:
            with open(path, encoding="ascii") as file:
                if file.read().strip() == refusing:
                    return f": {advice}"
        except OSError:
            continue
    return f": {IN_CONTAINER}"
