"""What a fork writes to in a rehearsal is found out, and can be copied ahead of its writing."""

import mmap
import os
import resource
import unittest

from .load import module

PAGES = 400
WRITTEN = range(0, PAGES, 2)


def faults_of_a_fork(before):
    """The page faults of writing to them, in a fork that first calls `before()`."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        before()
        began = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        write()
        os.write(writing, str(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - began).encode())
        os._exit(0)
    os.wait()
    with os.fdopen(reading) as file:
        os.close(writing)
        return int(file.read())


memory = mmap.mmap(-1, PAGES * mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def write(pages=WRITTEN):
    for page in pages:
        memory[page * mmap.PAGESIZE] = 1


class ThePagesOfAJob(unittest.TestCase):
    def test_are_copied_ahead_where_the_kernel_can(self):
        write(range(PAGES))
        pages = module("pages").Pages(write)
        if not pages._calls:
            self.skipTest("this kernel, or what confines us, has no process_madvise for that")
        self.assertGreaterEqual(faults_of_a_fork(lambda: None), len(WRITTEN))
        self.assertLess(faults_of_a_fork(pages.copy), len(WRITTEN) // 4)

    def test_are_left_alone_where_it_cannot(self):
        pages = module("pages")
        known, pages.PROCESS_MADVISE = pages.PROCESS_MADVISE, -1
        try:
            self.assertEqual(pages.Pages(write)._calls, [])
        finally:
            pages.PROCESS_MADVISE = known
