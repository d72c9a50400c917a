"""What only the warm start could get wrong: what job processes of one template share, and what becomes of its parts."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from . import NSJAIL, SCRIPTS
from .each_driver import SlotTest, each_local_warm_driver, each_warm_driver
from .family import alive, members, tree, until
from .slots import DOCKER, DRIVERS, IMAGE, Slot, refusing

PREFIX = "J0bC" + "3ll-"
DRAWS = int(os.environ.get("JOBCELL_TEST_DRAWS", 10_000))
PAIRS = int(os.environ.get("JOBCELL_TEST_PAIRS", 1000))
LOCAL = DRIVERS[0] if DRIVERS[0].refusal() is None else DRIVERS[1]


def altered(changes):
    """A copy of nsjail/ with each file's text replaced as told: what the tests here must catch."""
    folder = Path(tempfile.mkdtemp(prefix="jobcell-test-")) / "nsjail"
    shutil.copytree(NSJAIL, folder, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    for name, before, after in changes:
        text = (folder / name).read_text()
        if before not in text:
            raise AssertionError(f"{name} has nothing to alter: {before!r}")
        (folder / name).write_text(text.replace(before, after))
    return folder


class AlteredSlot:
    """A slot of a copy that was altered, for as long as the block lasts."""

    def __init__(self, *changes):
        self._changes = changes

    def __enter__(self):
        self._folder = altered(self._changes)
        self._slot = LOCAL.start(self._folder)
        return self._slot

    def __exit__(self, *_):
        self._slot.close()
        shutil.rmtree(self._folder.parent)


# The template has drawn of each source itself, so that whatever keeps a state has one to hand on.
TEMPLATE_DRAWS = ("runner/warm_up.py", 'FAILING_SCRIPT = b"""', f'''DRAWING_SCRIPT = {(SCRIPTS / "warm" / "draws.py").read_bytes()!r}
FAILING_SCRIPT = DRAWING_SCRIPT + b"""''')


class WhatJobsOfOneTemplateShare(unittest.TestCase):
    def test_no_two_jobs_draw_the_same_random_values_or_share_a_jail(self):
        bounded = ("supervisor/start/template.py", "MAX_JOBS = 2000", "MAX_JOBS = 1_000_000")
        with AlteredSlot(TEMPLATE_DRAWS, bounded) as slot:
            script, drawn = (SCRIPTS / "warm" / "draws.py").read_bytes(), {}
            for _ in range(DRAWS):
                result = slot.run(script)
                self.assertIsNone(result.error, result.stderr)
                for source, value in json.loads(result.result).items():
                    drawn.setdefault(source, []).append(value)
            self.assertEqual(len(set(map(len, drawn.values()))), 1)
            for source, values in drawn.items():
                self.assertEqual(len(set(values)), DRAWS, source)

    def test_without_reseeding_numpy_would_repeat_itself(self):
        with AlteredSlot(TEMPLATE_DRAWS, ("runner/lockdown.py", "    reseed.reseed()\n", "")) as slot:
            draws = [json.loads(slot.run_file("draws", "warm").result) for _ in range(3)]
            self.assertEqual(len({draw["numpy"] for draw in draws}), 1)

    def test_children_of_jobs_draw_values_of_their_own(self):
        with AlteredSlot(TEMPLATE_DRAWS) as slot:
            seen = [row for _ in range(10) for row in json.loads(slot.run_file("draws_in_child", "warm").result)]
            self.assertEqual(len({ssl for _, ssl, _ in seen}), len(seen))
            self.assertEqual(len({number for _, _, number in seen}), len(seen))

    def test_the_hash_seed_is_one_templates_and_a_template_serves_a_bounded_number_of_jobs(self):
        with AlteredSlot(("supervisor/start/template.py", "MAX_JOBS = 2000", "MAX_JOBS = 5")) as slot:
            hashes = [slot.run("def main(): return hash('seed')").result for _ in range(30)]
        runs = [hashes[0]]
        runs += [value for last, value in zip(hashes, hashes[1:]) if value != last]
        self.assertIn(len(runs), range(4, 9))
        self.assertEqual(len(set(runs)), len(runs))

    def test_a_secret_of_a_job_is_never_found_by_the_next_one(self):
        with LOCAL.start() as slot:
            searched = search_for_secrets(slot, PAIRS)
        self.assertEqual(searched["found"], [])
        self.assertGreater(searched["mib"], 20)

    def test_a_template_that_saw_the_input_would_be_caught(self):
        tells = ("supervisor/run.py", "    job.script = job.input = None\n", "    last[:] = [job.input]\n    job.script = job.input = None\n")
        asks = ("supervisor/run.py", "def take_message", "last = [None]\n\n\ndef take_message")
        sends = ("supervisor/start/template.py", '[b"fork"]', '[b"fork" + (__import__("run").last[0] or b"")]')
        parses = ("runner/template.py", "control.recvmsg(16, room", "control.recvmsg(4096, room")
        keeps = ("runner/template.py", "    return [\n", "    global parsed\n    parsed = packet[4:] and __import__('json').loads(packet[4:])\n    return [\n")
        with AlteredSlot(asks, tells, sends, parses, keeps) as slot:
            self.assertEqual(search_for_secrets(slot, 1)["found"], ["memory"])


def search_for_secrets(slot, pairs):
    """What the second job of each pair has found of the first one's, and how much memory it looked at at least."""
    found, mib = set(), 1 << 20
    for _ in range(pairs):
        secret = PREFIX + secrets.token_hex(16)
        left = slot.run_file("leaves_secrets", "warm", input=json.dumps(secret))
        assert left.error is None, left.error
        draws = json.loads(left.result)[secret][1]
        result = slot.run_file("searches_memory", "warm", timeout_ms=20_000)
        assert result.error is None, result.error
        seen = json.loads(result.result)
        found.update(seen["found"])
        mib = min(mib, seen["mib"])
        if set(seen["draws"]) & set(draws):
            found.add("random numbers")
    return {"found": sorted(found), "mib": mib}


@each_warm_driver
class Warm:
    def test_jobs_find_their_jail_waiting(self):
        for _ in range(5):
            self.assertTrue(self.slot.run_file("hello").header["warm"])
            self.assertTrue(self.slot.run_file("imports_pandas").header["warm"])

    def test_a_script_that_hides_what_it_imports_runs_all_the_same(self):
        script = "def main():\n  return __import__('pan' + 'das').DataFrame({'a': [1]})"
        self.assert_returned(self.slot.run(script, timeout_ms=20_000), '[{"a":1}]')

    def test_a_traceback_of_the_scripts_own_shows_its_own_lines(self):
        script = "import sys, traceback\ndef main():\n  try:\n    raise KeyError('mine')\n  except KeyError:\n    return traceback.format_exc()"
        self.assertIn("raise KeyError('mine')", self.slot.run(script).result)

    def test_nothing_of_the_rehearsal_is_left(self):
        script = ("import builtins, gc, sys\ndef main():\n  return [gc.isenabled(), sys.argv, sorted(n for n in vars(builtins) if n.startswith('_jobcell')),"
                  " threading_is_alone()]\ndef threading_is_alone():\n  import threading\n  return [t.name for t in threading.enumerate()]")
        self.assert_returned(self.slot.run(script), '[true,["script.py"],[],["MainThread"]]')


@each_local_warm_driver
class Parts:
    """Each part of a warm slot is killed, and each test has a slot of its own."""

    shares_slot = False

    def test_a_killed_part_of_an_idle_slot_is_made_anew(self):
        for role in ("template", "nsjail", "holder", "job"):
            with self.subTest(role), self.driver.start() as slot:
                at_rest = {name: len(pids) for name, pids in members(slot).items()}
                victims = members(slot)[role]
                for victim in victims:
                    os.kill(victim, signal.SIGKILL)
                self.assertTrue(until(lambda: not alive(victims)))
                self.assertTrue(until(lambda: {name: len(pids) for name, pids in members(slot).items()} == at_rest), role)
                for script in ("hello", "imports_pandas"):
                    self.assertTrue(until(lambda: slot.run_file(script).header["warm"], 2), (role, script))

    def test_a_template_that_is_killed_under_a_job_does_the_job_no_harm(self):
        with self.driver.start() as slot:
            slot.send("import os, time\ndef main():\n  print('on')\n  time.sleep(0.5)\n  return 'unharmed'")
            for victim in members(slot)["template"]:
                os.kill(victim, signal.SIGKILL)
            header, parts = slot.receive_outcome()
            self.assertEqual((header["error"], parts["result"]), (None, b'"unharmed"'))
            slot.receive_idle()
            self.assertTrue(slot.run_file("hello").header["warm"])

    def test_a_job_process_that_is_killed_alone_has_crashed(self):
        with self.driver.start() as slot:
            before = set(members(slot)["job"])
            slot.send("import time\ndef main():\n  time.sleep(60)", timeout_ms=30_000)
            # The one that runs is the one that waits no longer for its pipe.
            running = until(lambda: [pid for pid in before if "nanosleep" in wait_channel(pid)])
            os.kill(running[0], signal.SIGKILL)
            header, _ = slot.receive_outcome()
            self.assertEqual((header["error"]["code"], header["error"]["signal"]), ("crashed", "SIGKILL"))
            slot.receive_idle()


def wait_channel(pid):
    try:
        return Path(f"/proc/{pid}/wchan").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class TemplateThatEnds(unittest.TestCase):
    def test_under_a_job_process_that_locks_itself_down_has_that_one_made_anew(self):
        """Else the jail would wait on, and keep the memory of a template beside that of the next one."""
        tells = ("runner/template.py", """        control.send(b'{"pid": %d}' % pid)\n""",
                 """        control.send(b'{"pid": %d}' % pid)\n        _fork.count = getattr(_fork, "count", 0) + 1\n        _fork.count == 3 and (__import__("time").sleep(0.01), posix._exit(0))\n""")
        slowly = ("runner/lockdown.py", '    posix.chdir("/tmp")\n', '    posix.chdir("/tmp")\n    __import__("time").sleep(0.05)\n')
        with AlteredSlot(tells, slowly) as slot:
            for _ in range(3):
                self.assertIsNone(slot.run_file("hello").error)
                self.assertEqual({role: len(members(slot)[role]) for role in ("template", "job", "holder")},
                                 {"template": 2, "job": 2, "holder": 2})


class Fallback(unittest.TestCase):
    def test_where_a_template_cannot_enter_jails_they_start_cold_with_the_same_isolation(self):
        for driver in DRIVERS[:2]:
            if driver.refusal():
                continue
            with Slot([*refusing("setns"), *driver.command()]) as slot:
                self.check(slot)

    def test_the_reason_is_told_even_where_the_end_of_the_template_is_noticed_before_its_words(self):
        adopts = "        self._child.adopt(pid, self._ended)\n"
        too_late = adopts + "        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\n"
        folder = altered([("supervisor/start/template.py", adopts, too_late)])
        self.addCleanup(shutil.rmtree, folder.parent)
        with Slot([*refusing("setns"), *LOCAL.command(folder)]) as slot:
            self.check(slot)

    def test_so_it_is_in_a_container_whose_profile_refuses_it(self):
        if DRIVERS[-1].refusal():
            self.skipTest(DRIVERS[-1].refusal())
        profile = json.loads((NSJAIL / "seccomp" / "container.json").read_text())
        for rule in profile["syscalls"]:
            rule["names"] = [name for name in rule["names"] if name != "setns"]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(profile, file)
            file.flush()
            flags = ["--read-only", "--cap-drop=ALL", "--network=none", f"--security-opt=seccomp={file.name}",
                     "--security-opt=no-new-privileges", "--tmpfs=/tmp:rw,nosuid,nodev,noexec,size=1m,mode=1777"]
            with Slot([DOCKER, "run", "--rm", "-i", *flags, IMAGE]) as slot:
                self.check(slot)

    def check(self, slot):
        self.assertEqual((slot.ready["start"], slot.ready["isolation"]), ("cold", "nsjail"))
        self.assertIn("setns", slot.ready["fallback"])
        result = slot.run_file("hello")
        self.assertEqual((result.result, result.header["warm"]), ('{"msg":"done"}', False))


class Holder(unittest.TestCase):
    def test_the_committed_programs_are_what_the_listing_gives(self):
        command = [sys.executable, str(NSJAIL / "holder" / "build_holder.py"), "--check"]
        self.assertEqual(subprocess.run(command, capture_output=True, text=True).stderr, "")
