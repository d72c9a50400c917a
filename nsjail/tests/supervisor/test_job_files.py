"""The files of a job without a mount namespace: counted while it runs, gone after it, whatever it made of them."""

import os
import stat
import tempfile
import unittest
from unittest import mock

import job_files

DEEP = 3000  # far past the longest path


class JobFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.outside = os.path.join(folder.name, "outside")
        self.folder = os.path.join(folder.name, "tmp")
        os.mkdir(self.folder)
        with open(self.outside, "wb") as file:
            file.write(b"kept")
        patch = mock.patch.object(job_files, "FOLDER", self.folder)
        patch.start()
        self.addCleanup(patch.stop)

    def path(self, name):
        return os.path.join(self.folder, name)

    def fill(self, name, length):
        with open(self.path(name), "wb") as file:
            file.write(bytes(length))

    def test_what_they_take_is_counted_in_folders_too(self):
        os.mkdir(self.path("inner"))
        self.fill("one", 1 << 20)
        self.fill("inner/two", 2 << 20)
        total, trouble = job_files.named_bytes()
        self.assertGreaterEqual(total, 3 << 20)
        self.assertLess(total, 4 << 20)
        self.assertIsNone(trouble)

    def test_a_link_to_a_large_file_outside_counts_as_a_link(self):
        os.symlink("/usr/bin/python3", self.path("link"))
        self.assertLess(job_files.named_bytes()[0], 1 << 16)

    def test_many_small_ones_are_too_many(self):
        for number in range(job_files.MAX_FILES + 1):
            os.mkfifo(self.path(str(number)))
        self.assertIn("1024 files", job_files.named_bytes()[1])

    def make_deep(self, name, levels):
        """Answers the innermost folder, open."""
        here = os.open(self.folder, os.O_RDONLY)
        for _ in range(levels):
            os.mkdir(name, dir_fd=here)
            below = os.open(name, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        return here

    def test_what_lies_past_the_longest_path_is_counted(self):
        innermost = self.make_deep("x" * 250, 20)
        with os.fdopen(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=innermost), "wb") as file:
            file.write(bytes(1 << 20))
        os.close(innermost)
        total, trouble = job_files.named_bytes()
        self.assertGreaterEqual(total, 1 << 20)
        self.assertIsNone(trouble)

    def test_what_lies_too_deep_to_be_counted_is_too_much(self):
        os.close(self.make_deep("x", DEEP))
        self.assertIsNotNone(job_files.named_bytes()[1])
        job_files.empty()

    def test_all_kinds_are_removed_and_nothing_outside(self):
        self.fill("file", 10)
        os.mkfifo(self.path("fifo"))
        os.symlink(self.outside, self.path("link"))
        os.symlink(os.path.dirname(self.outside), self.path("link to a folder"))
        os.mkdir(self.path("folder"))
        os.symlink("/", self.path("folder/root"))
        self.fill("folder/file", 10)
        job_files.empty()
        self.assertEqual(os.listdir(self.folder), [])
        self.assertTrue(os.path.exists(self.outside))

    def test_folders_that_are_closed_to_their_maker_are_removed(self):
        os.makedirs(self.path("closed/inner/innermost"))
        for name in ("closed/inner/innermost", "closed/inner", "closed"):
            os.chmod(self.path(name), 0)
        job_files.empty()
        self.assertEqual(os.listdir(self.folder), [])

    def test_folders_deeper_than_any_path_are_removed(self):
        os.close(self.make_deep("x", DEEP))
        job_files.empty()
        self.assertEqual(os.listdir(self.folder), [])

    def test_the_folder_itself_stays_as_it_is(self):
        os.chmod(self.folder, 0o1777)
        job_files.empty()
        self.assertEqual(stat.S_IMODE(os.stat(self.folder).st_mode), 0o1777)
