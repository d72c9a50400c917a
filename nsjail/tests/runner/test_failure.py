"""Errors as the caller gets them: bounded, in the caller's lines, whatever the exception is."""

import unittest

from .load import module

failure, position, problems = module("failure"), module("position"), module("problems")


def error_of(source):
    try:
        exec(compile(source, "script.py", "exec"), {"__name__": "__main__"})
    except BaseException as error:
        return failure.describe(error, source)


class TheErrorOfAScript(unittest.TestCase):
    def test_has_the_place_of_the_innermost_frame_of_the_callers(self):
        error = error_of("import json\ndef f(x):\n  return 'é' + json.loads(x)\nf('{')")
        self.assertEqual((error["line"], error["column"], error["type"]), (3, 16, "JSONDecodeError"))
        self.assertNotIn("decoder.py", error["traceback"])
        self.assertIn("line 4, in <module>", error["traceback"])

    def test_has_no_place_where_no_frame_is_the_callers(self):
        error = failure.describe(ValueError("x"), "")
        self.assertNotIn("line", error)
        self.assertEqual(error["message"], "ValueError: x")

    def test_shows_causes_contexts_notes_and_groups_in_the_callers_lines(self):
        error = error_of(
            "try:\n  try: {}['k']\n  except KeyError: 1/0\nexcept Exception as e:\n"
            "  e.add_note('a note')\n  raise ExceptionGroup('g', [e, ValueError('v')]) from OSError('cause')"
        )
        for part in ["KeyError: 'k'", "ZeroDivisionError", "a note", "ValueError: v", "OSError: cause", "line 6"]:
            self.assertIn(part, error["traceback"])
        self.assertNotIn("test_failure", error["traceback"])

    def test_is_bounded_in_bytes_with_a_visible_cut(self):
        error = error_of("raise ValueError('é' * 1_000_000 + 'the end')")
        self.assertLessEqual(len(error["message"].encode()), 4096)
        self.assertLessEqual(len(error["traceback"].encode()), 16384)
        self.assertTrue(error["message"].endswith("the end"))
        self.assertIn("cut", error["message"])
        deep = error_of(
            "def f(n):\n  try: f(n - 1) if n else 1/0\n  except Exception as e: raise ValueError(n) from e\nf(100)"
        )
        self.assertLessEqual(len(deep["traceback"].encode()), 16384)
        self.assertIn("ZeroDivisionError", deep["traceback"])
        self.assertIn("ValueError: 100", deep["traceback"])

    def test_is_valid_utf_8(self):
        error = error_of("raise ValueError('\\udcff\\ud800')")
        self.assertEqual(error["message"], "ValueError: \\udcff\\ud800")
        error["traceback"].encode()

    def test_comes_out_of_exceptions_that_are_traps(self):
        for body in [
            "def __str__(self): raise SystemExit",
            "def __str__(self): return 5",
            "def __str__(self): return str(self)",
            "__notes__ = 5",
            "__class__ = property(lambda self: 1/0)",
            "def __getattribute__(self, name): raise ValueError",
            "def __eq__(self, other): raise ValueError\n  __hash__ = None",
        ]:
            error = error_of(f"class Trap(Exception):\n  {body}\nraise Trap()")
            self.assertEqual(
                (error["code"], error["type"], error["line"]), ("script_error", "Trap", body.count("\n") + 3), body
            )

    def test_comes_out_of_a_chain_of_5000_exceptions(self):
        error = error_of("e = None\nfor i in range(5000):\n  n = ValueError(i); n.__cause__ = e; e = n\nraise e")
        self.assertEqual((error["message"], error["line"]), ("ValueError: 4999", 4))

    def test_names_the_class_whatever_its_metaclass_says(self):
        error = error_of(
            "class M(type):\n  __name__ = property(lambda c: 1/0)\nclass E(Exception, metaclass=M): pass\nraise E"
        )
        self.assertEqual(error["type"], "E")

    def test_is_memory_limit_for_a_memory_error_of_any_kind(self):
        self.assertEqual(error_of("class M(MemoryError): pass\nraise M('x')")["code"], "memory_limit")
        self.assertEqual(error_of("try: [0] * (1 << 62)\nexcept MemoryError: raise OSError")["code"], "script_error")


class ExitCodes(unittest.TestCase):
    def test_are_what_a_shell_would_see(self):
        for argument, code in [
            ("", 0),
            ("None", 0),
            ("0", 0),
            ("True", 1),
            ("137", 137),
            ("256", 0),
            ("-1", 255),
            ("2**70", 0),
        ]:
            error = error_of(f"raise SystemExit({argument})")
            self.assertEqual((error["code"], error["exit_code"]), ("script_exit", code), argument)


class Cutting(unittest.TestCase):
    def test_keeps_what_fits_and_never_splits_a_character(self):
        for unit in ("x", "é", "€", "😀"):
            for count in (0, 1, 24, 25, 26, 50, 99, 100, 101, 1000):
                text = unit * count
                cut = failure.cut(text, 100)
                self.assertLessEqual(len(cut.encode()), 100)
                self.assertEqual(cut == text, len(text.encode()) <= 100)


class Lines(unittest.TestCase):
    def test_are_counted_as_python_counts_them(self):
        for end in ("\n", "\r\n", "\r"):
            self.assertEqual(position.lines(f"a{end}b\x0c\u2028c{end}"), ["a", "b\x0c\u2028c", ""])
