"""Where a slot's supervisor is put: what the launcher leaves of the machine before it becomes one.

On a machine a slot has namespaces and a file tree of its own. In an image of ours the tree is there already, and a pid
namespace would need a /proc of its own, which the masks over a container's /proc forbid: so the launcher ends by hand what
the end of a pid namespace would. Where namespaces are refused, nothing is left behind at all."""

import kernel
import namespaces
import view
from arguments import IN_IMAGE
from errors import LaunchError

OWN = kernel.NEWNET | kernel.NEWIPC | kernel.NEWUTS


def choose(options):
    if options.isolation == "landlock":
        return BehindLandlock()
    return InImage() if IN_IMAGE else OnMachine()


class OnMachine:
    def begin(self, slot):
        """In the launcher: its next child is the supervisor."""
        if not slot.root:
            namespaces.enter_user_namespace()
        namespaces.unshare(kernel.NEWPID)  # the next child is pid 1 of it: everything ends when it does

    def enter(self):
        """In that child, first."""
        namespaces.unshare(kernel.NEWNS | OWN)
        kernel.bring_up_loopback()  # for nsjail to listen on

    def lay_out(self, options):
        view.build(options)

    def become_user(self, slot):
        """After a change from root to the slot's user."""
        namespaces.enter_user_namespace()


class InImage:
    """Needs no capability of root either: whoever is to be the supervisor makes the namespaces."""

    def begin(self, slot):
        self._is_ordinary = not slot.root
        kernel.adopt_orphans()

    def enter(self):
        if self._is_ordinary:
            self._separate()

    def lay_out(self, options):
        pass

    def become_user(self, slot):
        self._separate()

    def _separate(self):
        namespaces.enter_user_namespace()
        namespaces.unshare(OWN)
        kernel.bring_up_loopback()


class BehindLandlock:
    def begin(self, slot):
        _check_tmp()
        kernel.adopt_orphans()

    def enter(self):
        pass

    def lay_out(self, options):
        pass

    def become_user(self, slot):
        pass


def _check_tmp():
    """It is the jobs' and is emptied: nothing that someone else keeps may be mounted there."""
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        for mount in mounts:
            fields = mount.split()
            point, kind = fields[4], fields[fields.index("-") + 1]
            if point.startswith("/tmp/") or (point == "/tmp" and kind != "tmpfs"):
                raise LaunchError(f"without namespaces /tmp is its jobs' and is emptied after each: {point} must not be mounted there")
