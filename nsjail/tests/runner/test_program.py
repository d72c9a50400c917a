"""What is known of a script before it runs, and what the tracker sees while it does."""

import unittest

from .load import module

perform, program, problems, tracker = module("perform"), module("program"), module("problems"), module("tracker")


def problem_of(source):
    try:
        program.prepare(source)
    except problems.Problem as problem:
        return problem.error
    return None


def returned_in_body(source):
    """What the tracker holds after the body: a value, an exception, or None."""
    script = program.prepare(source)
    namespace = {"__name__": "__main__"}
    watching = tracker.Tracker(namespace)
    exec(script.code, namespace)
    return watching.value if watching.returned else watching.error


class MainMissingWithoutRunning(unittest.TestCase):
    def test_where_no_statement_can_bind_it(self):
        for source in [
            "",
            "# main",
            "x = 1",
            "import os",
            "from os import path",
            "def f():\n  global main\n  main = 1",
            "class A:\n  def main(self): pass\n  import os as main",
            "if 1:\n  x = [a.b for a in ()]",
            "1/0",
        ]:
            self.assertEqual(problem_of(source)["code"], "main_missing", source)

    def test_but_not_where_one_might(self):
        for source in [
            "def main(): pass",
            "async def main(): pass",
            "class main: pass",
            "import os as main",
            "import main.sub",
            "from os import *",
            "from os import path as main",
            "main: int = 3",
            "for main in (): pass",
            "with x as main: pass",
            "[(main := 1)]",
            "(a, [*main]) = 1, [2]",
            "match 1:\n  case {'a': 1, **main}: pass",
            "match 1:\n  case [1, *main] | (2 as main): pass",
            "try:\n  pass\nexcept E as main: pass",
            "if 0:\n  while 0:\n    def main(): pass",
            "exec('')",
            "x.main = 1",
            "x['main'] = 1",
            "@f\ndef g(): pass",
            "class A(B): pass",
            "class A:\n  x = f()",
            "class A:\n  global main\n  main = 1",
            "x = lambda y=f(): 1",
            "def g(y=f()): pass",
        ]:
            self.assertIsNone(problem_of(source), source)


class SyntaxErrors(unittest.TestCase):
    def test_have_a_line_and_a_column_in_characters(self):
        for source, line, column in [
            ("x = (", 1, 5),
            ("\n\nx x", 3, 3),
            ("é = 'ü'; return", 1, 10),
            ("def f():\n  'é'; yield; await x", 2, 15),
            ("x = '\0'", 1, 6),
            ("a\r\nb\r\n\0", 3, 1),
        ]:
            error = problem_of(source)
            self.assertEqual((error["code"], error["line"], error["column"]), ("syntax_error", line, column), source)

    def test_what_is_nested_too_deeply_is_one(self):
        for source in [
            "(" * 300,
            "x = " + "-" * 50_000 + "1",
            "x = a" + ".a" * 50_000,
            "[" * 262_144,
            "x" + "[x" * 5000,
        ]:
            self.assertEqual(problem_of(source)["code"], "syntax_error", source[:20])

    def test_bytes_that_are_not_utf_8_are_one(self):
        with self.assertRaises(problems.Problem) as caught:
            program.decode(b"x = '\xff'")
        self.assertEqual(caught.exception.error["code"], "syntax_error")

    def test_what_the_compiler_takes_as_text_is_none(self):
        for deep in ["x = " + "+".join("a" * 2900), "x = a" + ".b()" * 1400, "if x: pass\n" + "elif y: pass\n" * 2900]:
            compile(deep, "text", "exec")
            self.assertIsNone(problem_of(f"def main(): pass\n{deep}\nmain()"))


class WhatMainDidInTheBody(unittest.TestCase):
    def test_is_seen_however_it_was_bound_and_called(self):
        for source in [
            "def main(): return 7\nmain()",
            "def main(): return 7\nf = main\nf()",
            "def main(): return 7\n[main() for _ in '1']",
            "main = lambda: 7\nmain()",
            "main = other = lambda: 7\nother = main()",
            "(main) = lambda: 7\nif main(): pass",
            "for main in [lambda: 7]:\n  main()",
            "import contextlib\nwith contextlib.nullcontext(lambda: 7) as main:\n  main()",
            "match lambda: 7:\n  case main:\n    main()",
            "if main := (lambda: 7):\n  main()",
            "while main := (lambda: 7):\n  main()\n  break",
            "try:\n  1/0\nexcept ZeroDivisionError:\n  def main(): return 7\nelse:\n  pass\nfinally:\n  main()",
            "def f():\n  global main\n  def main(): return 7\nf()\nmain()",
            "exec('def main(): return 7')\nmain()",
            "def g(): return main()\ndef main(): return 7\ng()",
            "class A:\n  def __call__(self): return 7\nmain = A()\nmain()",
            "def main(): return 6\ndef main(): return 7\nmain()",
            "def f(g):\n  def h(): return g() + 1\n  return h\n@f\ndef main(): return 6\nmain()",
            "def main(): return 1\nmain()\ndef main(): return 7\nmain()",
            "def main(n): return n and main(n - 1) or 7\nmain(5)",
        ]:
            self.assertEqual(returned_in_body(source), 7, source)

    def test_is_nothing_where_it_was_not_called(self):
        for source in [
            "def main(): return 7\nprint",
            "def main(): return 7\nlist()",
            "async def main(): return 7\nmain().close()",
        ]:
            self.assertIsNone(returned_in_body(source), source)

    def test_is_the_exception_where_it_only_raised(self):
        error = returned_in_body("def main(): 1/0\ntry: main()\nexcept Exception: pass")
        self.assertIsInstance(error, ZeroDivisionError)

    def test_is_the_value_where_it_also_returned(self):
        source = "def main(x): return 7 // x\nmain(1)\ntry: main(0)\nexcept Exception: pass"
        self.assertEqual(returned_in_body(source), 7)


class TheStandInForMain(unittest.TestCase):
    def stand_in(self, source):
        namespace = {"__name__": "__main__"}
        watching = tracker.Tracker(namespace)
        exec(program.prepare(source).code, namespace)
        return namespace["main"], watching

    def test_looks_like_the_scripts_own_function(self):
        import inspect

        main, _ = self.stand_in("def main(a, *, b: int = 2) -> str:\n  'doc'\nmain.x = 1\nlist()")
        own = main.__wrapped__
        for name in ("__name__", "__qualname__", "__doc__", "__module__", "__annotations__", "x"):
            self.assertEqual(getattr(main, name), getattr(own, name, 1))
        self.assertEqual(inspect.signature(main), inspect.signature(own))

    def test_is_async_where_main_is(self):
        import inspect

        self.assertTrue(inspect.iscoroutinefunction(self.stand_in("async def main(): pass\nlist()")[0]))
        self.assertFalse(inspect.iscoroutinefunction(self.stand_in("def main(): pass\nlist()")[0]))

    def test_goes_when_the_body_has_ended(self):
        main, watching = self.stand_in("def main(): pass\nlist()")
        watching.end()
        self.assertIs(watching._namespace["main"], main.__wrapped__)

    def test_leaves_a_class_alone(self):
        main, _ = self.stand_in("class main: pass\nlist()")
        self.assertIsInstance(main, type)

    def test_passes_on_an_objects_attributes(self):
        main, watching = self.stand_in(
            "class A:\n  n = 1\n  def __call__(self): return self.n\nmain = A()\nmain.n = 5\nmain()"
        )
        self.assertEqual((main.n, watching.value, repr(main)[:13]), (5, 5, "<__main__.A o"))
