"""jail.cfg, the one place for limits."""

import unittest

import jail_config

from . import NSJAIL

TEXT = (NSJAIL / "jail.cfg").read_text()


class JailConfig(unittest.TestCase):
    def test_it_holds_the_contracts_limits(self):
        limits = jail_config.read_jail_config(str(NSJAIL / "jail.cfg")).limits
        self.assertEqual(limits.to_message(), {
            "timeout_ms": 5000, "memory_bytes": 256 << 20, "processes": 64, "file_bytes": 10 << 20, "tmp_bytes": 64 << 20,
            "open_files": 128, "stdout_bytes": 1 << 20, "stderr_bytes": 256 << 10, "result_bytes": 4 << 20})

    def test_it_gives_exactly_the_contracts_environment(self):
        self.assertEqual(jail_config.parse(TEXT)["envar"], [
            "HOME=/tmp", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC", "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1",
            "MKL_NUM_THREADS=1"])

    def test_comments_blocks_and_repeated_fields_are_read(self):
        self.assertEqual(jail_config.parse('# a { "b\nx: 1 # y: 2\nm { s: "#}" d: -3 }\nm { }\nx: true'),
                         {"x": ["1", "true"], "m": [{"s": ["#}"], "d": ["-3"]}, {}]})

    def test_what_cannot_be_read_is_named_by_its_line(self):
        with self.assertRaisesRegex(jail_config.JailConfigError, "line 2: cannot read 'y = 2'"):
            jail_config.parse("x: 1\ny = 2")
        for text in ("m {", "}"):
            with self.assertRaises(jail_config.JailConfigError):
                jail_config.parse(text)

    def test_a_missing_limit_is_named(self):
        for name in ("time_limit", "cgroup_mem_max", "cgroup_pids_max", "rlimit_nproc",
                     "rlimit_fsize", "rlimit_nofile"):
            fields = jail_config.parse(TEXT)
            del fields[name]
            with self.assertRaisesRegex(jail_config.JailConfigError, name):
                jail_config.Limits(fields)
        with self.assertRaisesRegex(jail_config.JailConfigError, "/tmp"):
            jail_config.Limits({**jail_config.parse(TEXT), "mount": []})
