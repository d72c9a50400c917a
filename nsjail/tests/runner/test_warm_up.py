"""The rehearsal of a template: each script of it does what it is meant to, and nothing of it is left."""

import builtins
import gc
import linecache
import sys
import unittest

from .harness import SITE
from .load import module


class TheRehearsal(unittest.TestCase):
    def setUp(self):
        self.kept = sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__, sys.argv[:], sys.modules["__main__"], sys.getrecursionlimit()

    def tearDown(self):
        sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__, sys.argv[:], sys.modules["__main__"], limit = self.kept
        sys.setrecursionlimit(limit)
        gc.enable()

    def rehearse(self, script, given=None):
        warm_up, frames = module("warm_up"), module("frames")
        return warm_up.rehearse(frames.Job("run", script, given, {}))

    def test_succeeds_where_it_should_and_fails_where_it_should(self):
        warm_up = module("warm_up")
        self.assertEqual(self.rehearse(warm_up.SCRIPT, warm_up.INPUT), {"status": "succeeded", "error": None})
        self.assertEqual(self.rehearse(warm_up.FAILING_SCRIPT)["error"]["type"], "ValueError")
        if not SITE:
            self.skipTest("no pandas here")
        self.assertEqual(self.rehearse(warm_up.PANDAS_SCRIPT), {"status": "succeeded", "error": None})

    def test_leaves_nothing_that_a_job_could_see(self):
        before = set(vars(builtins)) | {"exit", "quit"}
        self.rehearse(module("warm_up").SCRIPT, module("warm_up").INPUT)
        self.assertEqual(set(vars(builtins)) - before, set())
        self.assertTrue(gc.isenabled())
        self.assertEqual(sys.getrecursionlimit(), 1000)
        self.assertNotIn("script.py", linecache.cache)
        self.assertNotIn("__main__", sys.modules)
