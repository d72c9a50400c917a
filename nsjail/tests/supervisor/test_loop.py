"""The loop calls for what is ready, and for nothing else."""

import os
import unittest

from loop import Loop


class Numbers(unittest.TestCase):
    def test_a_descriptor_that_takes_the_number_of_one_that_was_ready_is_not_taken_for_it(self):
        # Whoever is called believes that its child has ended, and waits for one that lives.
        loop, called = Loop(), []
        first, second = self.ready_pipe(), self.ready_pipe()

        def replace(number, other):
            called.append(number)
            loop.unwatch(other)
            os.close(other)
            quiet, _ = os.pipe()
            self.assertEqual(quiet, other)
            loop.watch(quiet, lambda: called.append("the new one"))
            loop.unwatch(number)
            loop.later(0.01, lambda: loop.stop(0))

        loop.watch(first, lambda: replace(first, second))
        loop.watch(second, lambda: replace(second, first))
        loop.run()
        self.assertIn(called, ([first], [second]))

    def test_what_is_watched_anew_is_called_when_it_is_ready(self):
        loop, called = Loop(), []
        first = self.ready_pipe()

        def again():
            called.append("first")
            loop.unwatch(first)
            loop.watch(first, lambda: (called.append("second"), loop.stop(0)))

        loop.watch(first, again)
        loop.run()
        self.assertEqual(called, ["first", "second"])

    def ready_pipe(self):
        reading, writing = os.pipe()
        os.write(writing, b"x")
        os.close(writing)
        return reading
