"""What the runner says to its supervisor, and what the job process has given up by then."""

import json
import struct
import unittest

from .harness import run_job

EPERM = 0x00050001


def refuse(number):
    """A filter that answers one system call with EPERM."""
    load, equal, ret = 0x20, 0x15, 0x06
    code = [(load, 0, 0, 0), (equal, 0, 1, number), (ret, 0, 0, EPERM), (ret, 0, 0, 0x7FFF0000)]
    return b"".join(struct.pack("=HBBI", *each) for each in code)


class TheHolder(unittest.TestCase):
    def test_introduces_itself_and_reports_how_the_job_process_ended(self):
        for script, status in [
            ("def main(): pass", 9),  # by us: it waits for its end once its result is out
            ("import os\nos._exit(0)", 0),
            ("import os\nos._exit(7)", 7 << 8),
            ("import os\nos.kill(os.getpid(), 9)", 9),
        ]:
            first, last = run_job(script).control
            self.assertEqual(first, b"pid1")
            self.assertEqual(last["status"], status)

    def test_reports_the_cpu_time_of_the_job_and_of_its_children(self):
        spin = "import time\ndef spin():\n  e = time.process_time() + 0.2\n  while time.process_time() < e: pass\n"
        alone = run_job(spin + "def main(): spin()").control[-1]["cpu_ms"]
        child = run_job(spin + "import os\ndef main():\n  if not os.fork(): spin(); os._exit(0)\n  os.wait()").control[
            -1
        ]["cpu_ms"]
        for cpu_ms in (alone, child):
            self.assertGreater(cpu_ms, 200)
            self.assertLess(cpu_ms, 600)


class TheJobProcess(unittest.TestCase):
    def test_leads_a_session_of_its_own(self):
        script = "import os\ndef main(): return os.getsid(0) == os.getpid() == os.getpgid(0)"
        self.assertEqual(run_job(script).result, "true")

    def test_has_the_limits_that_were_asked_for_and_cannot_raise_them(self):
        script = (
            "import resource as r\ndef main():\n  got = [r.getrlimit(r.RLIMIT_NOFILE), r.getrlimit(r.RLIMIT_FSIZE)]\n"
            "  try: r.setrlimit(r.RLIMIT_NOFILE, (65, 65))\n  except ValueError: got.append('refused')\n  return got"
        )
        ended = run_job(script, rlimits={"nofile": 64, "fsize": 1000})
        self.assertTrue(ended.result.startswith("[[64,64],[1000,1000]"), ended)

    def test_cannot_gain_privileges(self):
        script = "import ctypes\ndef main(): return ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)"
        self.assertEqual(run_job(script).result, "1")

    def test_runs_under_the_filter_and_so_do_its_children(self):
        script = (
            "import os\ndef main():\n  got = []\n  for child in (False, True):\n    r, w = os.pipe()\n"
            "    if not child or not os.fork():\n      try: os.getpriority(0, 0); os.write(w, b'done')\n"
            "      except PermissionError: os.write(w, b'refused')\n      if child: os._exit(0)\n"
            "    got.append(os.read(r, 9).decode())\n  return got"
        )
        self.assertEqual(run_job(script).result, '["done","done"]')
        getpriority = {"x86_64": 140, "aarch64": 141}[__import__("platform").machine()]
        self.assertEqual(run_job(script, filter=refuse(getpriority)).result, '["refused","refused"]')

    def test_takes_no_job_without_a_filter(self):
        for filter in (b"", b"123", struct.pack("=HBBI", 0xFF, 0, 0, 0)):
            with self.assertRaisesRegex(RuntimeError, "not ready"):
                run_job("def main(): pass", filter=filter)

    def test_takes_no_job_where_a_limit_is_unknown_or_refused(self):
        for rlimits in ({"nonsense": 1}, {"nofile": 1 << 40}):
            with self.assertRaisesRegex(RuntimeError, "not ready"):
                run_job("def main(): pass", rlimits=rlimits)

    def test_has_no_descriptor_but_its_own(self):
        script = "import os\ndef main(): return sorted(int(f) for f in os.listdir('/proc/self/fd'))"
        self.assertEqual(json.loads(run_job(script).result), [0, 1, 2, 3, 5])  # 3: of the listing itself

    def test_does_not_hand_the_result_pipe_to_programs_that_it_executes(self):
        script = "import os\ndef main(): os.execv('/bin/sh', ['sh', '-c', 'echo forged >&5; exit 3'])"
        ended = run_job(script)
        self.assertIsNone(ended.frame)
        self.assertEqual(ended.error["exit_code"], 3)


class OneFrame(unittest.TestCase):
    def test_comes_from_a_job_with_many_processes(self):
        script = "import os\nfor _ in range(3): os.fork()\ndef main(): return 'one'"
        self.assertEqual(run_job(script).result, '"one"')

    def test_comes_although_the_script_closed_what_is_not_its_own(self):
        ended = run_job("import os\ndef main():\n  os.closerange(0, 3)\n  return 1")
        self.assertEqual(ended.result, "1")

    def test_does_not_come_where_the_script_closed_its_pipe(self):
        ended = run_job("import os\ndef main():\n  os.close(5)\n  return 1")
        self.assertEqual((ended.frame, ended.error["code"]), (None, "script_exit"))


class Checking(unittest.TestCase):
    def check(self, script):
        ended = run_job(script, kind="check")
        self.assertEqual((ended.error, ended.stdout), (None, ""))
        return json.loads(ended.result)

    def test_runs_nothing(self):
        self.assertEqual(self.check("print('run')\ndef main(): pass"), {"valid": True, "problems": []})

    def test_says_where_the_syntax_is_wrong(self):
        problem = {"code": "syntax_error", "message": "invalid syntax", "line": 2, "column": 3}
        self.assertEqual(self.check("x = 1\nx x"), {"valid": False, "problems": [problem]})

    def test_says_that_main_is_missing_only_where_nothing_can_bind_it(self):
        (problem,) = self.check("x = 1")["problems"]
        self.assertEqual((problem["code"], problem["line"], problem["column"]), ("main_missing", None, None))
        self.assertTrue(self.check("exec('def main(): pass')")["valid"])


class Streams(unittest.TestCase):
    def test_keep_what_was_printed_before_a_kill(self):
        script = (
            "import os\nprint('a'); print('b', end='')\nos.write(1, b'c')\nprint('d', end='')\nos.kill(os.getpid(), 9)"
        )
        self.assertEqual(run_job(script).stdout, "a\nbcd")

    def test_take_a_million_small_prints_in_seconds(self):
        ended = run_job("def main():\n  for i in range(1_000_000): print(i)", timeout=60)
        self.assertTrue(ended.stdout.endswith("\n999999\n"))
        self.assertLess(ended.run_ms, 20_000)
