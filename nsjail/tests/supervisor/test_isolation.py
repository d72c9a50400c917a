"""What a job sees of where it is, and what of another job: nothing."""

import errno
import json

import jail_config

from . import NSJAIL
from .each_driver import each_driver

CONFIG = jail_config.read_jail_config(str(NSJAIL / "jail.cfg"))
LIMITS = CONFIG.limits
OVERFLOW_ID = 65534


@each_driver
class Isolation:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seen = json.loads(cls.slot.run_file("looks_around").result)

    def test_the_file_tree_is_exactly_the_contracts(self):
        self.assertEqual(self.seen["root"], ["bin", "dev", "lib", "lib64", "tmp", "usr"])
        self.assertEqual(self.seen["dev"], ["null", "random", "urandom", "zero"])
        self.assertEqual(self.seen["local"], ["holder", "runner", "site"])

    def test_only_tmp_can_be_written(self):
        self.assertEqual(self.seen["writable"], ["/tmp"])
        self.assertEqual(self.seen["cwd"], "/tmp")

    def test_the_environment_is_exactly_the_contracts(self):
        environment = dict(line.split("=", 1) for line in CONFIG.fields["envar"])
        self.assertEqual(self.seen["environment"], environment)

    def test_it_is_nobody_and_can_do_nothing(self):
        *ids, groups = self.seen["ids"]
        self.assertEqual(ids, [OVERFLOW_ID] * 4)
        self.assertLessEqual(set(groups), {OVERFLOW_ID})
        self.assertEqual(self.seen["capabilities"][0], [0] * 6)
        self.assertEqual((self.seen["no_new_privs"], self.seen["seccomp"]), (1, 2))

    def test_it_cannot_raise_its_limits(self):
        self.assertEqual(self.seen["raised"], [])

    def test_it_has_one_core_and_so_have_its_children(self):
        self.assertEqual(self.seen["cores"], [1, 1])

    def test_it_is_pid_2_and_called_jobcell(self):
        # A warm job's parent, the supervisor, is outside of its namespace.
        parent = 0 if self.driver.start_name == "warm" else 1
        self.assertEqual((self.seen["pid"], self.seen["hostname"]), ([2, parent], "jobcell"))

    def test_it_has_only_its_own_descriptors(self):
        self.assertEqual(self.seen["descriptors"], [0, 1, 2, 5])

    def test_it_has_no_network(self):
        seen = json.loads(self.run_file("tries_network").result)
        families = {name: errno.EAFNOSUPPORT for name in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK")}
        self.assertEqual({name: seen[name] for name in families}, families)
        self.assertEqual((seen["abstract"], seen["pair"]), (errno.ECONNREFUSED, "x"))
        self.assertIn(seen["name"], ("gaierror", "OSError"))

    def test_nothing_of_a_job_is_there_for_the_next(self):
        for _ in range(3):
            self.assert_returned(self.slot.run_file("marks_the_jail"), "[]")


@each_driver
class Limits:
    def returned(self, name, **request):
        result = self.run_file(name, timeout_ms=20_000, **request)
        self.assertIsNone(result.error, result.stderr)
        return json.loads(result.result)

    def test_processes(self):
        # Its own two, pid 1 and itself, count too.
        self.assertEqual(self.returned("processes_until_refused"), [LIMITS.processes - 2, errno.EAGAIN])

    def test_threads(self):
        self.assertEqual(self.returned("threads_until_refused"), LIMITS.processes - 2)

    def test_timers(self):
        self.assertEqual(self.returned("timers_until_refused"), [CONFIG.rlimits["sigpending"], errno.EAGAIN])

    def test_open_files(self):
        self.assertEqual(self.returned("opens_files"), [LIMITS.open_files - 4, errno.EMFILE])

    def test_the_size_of_a_file(self):
        self.assertEqual(self.returned("writes_big_file"), [LIMITS.file_bytes, errno.EFBIG])

    def test_the_size_of_tmp(self):
        written, refusal = self.returned("fills_tmp")
        self.assertEqual(refusal, errno.ENOSPC)
        self.assertIn(written, range((LIMITS.tmp_bytes >> 20) - 1, (LIMITS.tmp_bytes >> 20) + 1))

    def test_the_number_of_files_in_tmp(self):
        made, refusal = self.returned("makes_inodes")
        self.assertEqual(refusal, errno.ENOSPC)
        self.assertLess(made, 1024)
        self.assertGreater(made, 1000)
