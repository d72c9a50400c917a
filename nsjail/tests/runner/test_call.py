"""Input by signature, for every shape of signature."""

import json
import unittest

from .load import module

call, perform, problems = module("call"), module("perform"), module("problems")


def given(main, input):
    return call.call(main, json.dumps(input).encode())


class InputBySignature(unittest.TestCase):
    def refused(self, main, input, *parts):
        with self.assertRaises(problems.Problem) as caught:
            given(main, input)
        error = caught.exception.error
        self.assertEqual((error["code"], error["type"]), ("script_error", "TypeError"))
        for part in parts:
            self.assertIn(part, error["message"])
        return error

    def test_without_input_main_is_called_without_arguments(self):
        self.assertEqual(perform._call(lambda *a, **k: [a, k], None), [(), {}])
        with self.assertRaisesRegex(TypeError, "'x'"):
            perform._call(lambda x: x, None)

    def test_no_parameter_no_input(self):
        self.assertEqual(given(lambda: "called", {"a": 1}), "called")

    def test_input_that_main_does_not_take_is_not_even_read(self):
        self.assertEqual(call.call(lambda: 1, b"not JSON"), 1)

    def test_one_parameter_of_any_kind_takes_the_whole_input(self):
        for main in (lambda x: x, lambda x, /: x, lambda *, x: x, lambda x=3: x, lambda *x: x[0]):
            for input in ({"x": 1}, {}, [1], None, "s", 1.5, False):
                self.assertEqual(given(main, input), input)

    def test_only_keywords_take_an_object(self):
        self.assertEqual(given(lambda **k: k, {"a": 1, "not a name": 2}), {"a": 1, "not a name": 2})
        self.refused(lambda **k: k, [1], "object", "an array")

    def test_an_object_is_spread_over_several_by_name(self):
        self.assertEqual(given(lambda a, b: [a, b], {"b": 1, "a": 2}), [2, 1])
        self.assertEqual(given(lambda a, b=5: [a, b], {"a": 2}), [2, 5])
        self.assertEqual(given(lambda a, *, b, c=6: [a, b, c], {"a": 2, "b": 3}), [2, 3, 6])
        self.assertEqual(given(lambda a, **k: [a, k], {"a": 2, "k": 3}), [2, {"k": 3}])
        self.assertEqual(given(lambda *a, **k: [a, k], {"a": 2}), [(), {"a": 2}])
        self.assertEqual(given(lambda a=1, b=2: [a, b], {}), [1, 2])

    def test_positional_only_ones_too(self):
        self.assertEqual(given(lambda a, b=2, c=3, /: [a, b, c], {"a": 1, "c": 5}), [1, 2, 5])
        self.assertEqual(given(lambda a, b=2, /, c=3: [a, b, c], {"a": 1, "c": 5}), [1, 2, 5])
        self.assertEqual(given(lambda a=1, /, **k: [a, k], {"x": 1}), [1, {"x": 1}])

    def test_what_is_missing_is_named(self):
        error = self.refused(lambda a, b, /, *, c, d=1: 0, {"b": 1}, "missing", "'a'", "'c'")
        self.assertNotIn("'d'", error["message"])
        self.assertEqual(error["line"], self.test_what_is_missing_is_named.__code__.co_firstlineno + 1)

    def test_what_is_unknown_is_named(self):
        self.refused(lambda a, b=1: 0, {"a": 1, "x": 1, "y z": 2}, "'x'", "'y z'")
        self.refused(lambda a, *args: 0, {"a": 1, "args": [2]}, "'args'")

    def test_what_is_no_object_is_said(self):
        for input, word in [
            ([1], "an array"),
            ("s", "a string"),
            (None, "null"),
            (True, "a boolean"),
            (1, "a number"),
            (1.5, "a number"),
        ]:
            self.refused(lambda a, b: 0, input, "object", word)

    def test_callables_of_all_kinds(self):
        import functools
        import inspect
        import math

        class Object:
            def __call__(self, a, b):
                return [a, b]

            def method(self, a):
                return a

            @staticmethod
            def static(a, b):
                return [a, b]

        @functools.wraps(lambda x: x)
        def wrapped(*args, **kwargs):
            return [args, kwargs]

        def own(*args):
            return args

        own.__signature__ = inspect.Signature([inspect.Parameter("only", inspect.Parameter.POSITIONAL_ONLY)])
        both = {"a": 1, "b": 2}
        self.assertEqual(given(Object(), both), [1, 2])
        self.assertEqual(given(Object().method, both), both)
        self.assertEqual(given(Object.static, both), [1, 2])
        self.assertEqual(given(functools.partial(Object.static, 1), 2), [1, 2])
        self.assertEqual(given(wrapped, both), [(both,), {}])
        self.assertEqual(given(own, both), (both,))
        self.assertEqual(given(math.sqrt, 4), 2.0)
        self.assertEqual(given(max, [3, 5]), 5)
        self.assertEqual(given(dict, both), both)

    def test_integers_of_any_length_and_floats_past_their_range(self):
        self.assertEqual(call.call(lambda x: x, b"9" * 5000), 10**5000 - 1)
        self.assertEqual(call.call(lambda x: x, b" [1e999, -0] "), [float("inf"), 0])
        self.assertEqual(call.call(lambda x: x, rb'"\ud800"'), "\ud800")
