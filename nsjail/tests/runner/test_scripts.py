"""Every script of tests/scripts/section1 by the real runner, without a jail."""

import json
import unittest
from pathlib import Path

from .harness import SITE, run_job

SCRIPTS = Path(__file__).resolve().parents[3] / "tests" / "scripts" / "section1"
EXPECT = json.loads((SCRIPTS / "expect.json").read_text())


class EveryScriptEndsAsExpected(unittest.TestCase):
    def test_expectations_and_scripts_match(self):
        self.assertEqual(sorted(EXPECT), sorted(path.name for path in SCRIPTS.glob("*.py")))


def _check(test, name, expect):
    if expect.get("needs") == "pandas" and not SITE:
        test.skipTest("numpy and pandas: set JOBCELL_SITE")
    ended = run_job((SCRIPTS / name).read_bytes(), expect.get("input"))
    error = ended.error or {}
    told = f"{ended}"[:3000]
    for key, value in expect.get("error", {}).items():
        test.assertEqual(error.get(key), value, told)
    if "error" not in expect:
        test.assertIsNone(ended.error, told)
    if "result" in expect:
        test.assertEqual(ended.result, expect["result"], told)
    if "result_bytes" in expect:
        test.assertEqual(len(ended.result.encode()), expect["result_bytes"])
    test.assertEqual(ended.stdout, expect.get("stdout", ""), told)
    if "stderr_contains" not in expect:
        test.assertEqual(ended.stderr, expect.get("stderr", ""), told)
    for field, text in _texts(ended, error).items():
        for part in expect.get(f"{field}_contains", []):
            test.assertIn(part, text)
        for part in expect.get(f"{field}_lacks", []):
            test.assertNotIn(part, text)
    test.assertLessEqual(len(error.get("message", "").encode()), 4096)
    test.assertLessEqual(len(error.get("traceback", "").encode()), 16384)


def _texts(ended, error):
    return {"stderr": ended.stderr, "message": error.get("message", ""), "traceback": error.get("traceback", "")}


for _name, _expect in EXPECT.items():

    def _test(self, name=_name, expect=_expect):
        _check(self, name, expect)

    setattr(EveryScriptEndsAsExpected, f"test_{_name.removesuffix('.py')}", _test)
