"""Results as JSON: the fast way, the converting way, and that both agree."""

import json
import random
import unittest

from .load import module

codec, convert, problems, result = module("codec"), module("convert"), module("problems"), module("result")


def reference(value):
    """What the standard library writes, with lone surrogates as escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def refusal(test, value):
    with test.assertRaises(problems.Problem) as caught:
        result.encode(value)
    return caught.exception.error


class AnyJsonValueComesBackAsPythonReadIt(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(20240229)

    def test_by_the_fast_way_and_by_the_converting_one(self):
        for _ in range(400):
            value = self.value(6)
            expected = reference(value)
            self.assertEqual(result.encode(value), expected)
            converted = convert.convert(value, 200, 1 << 22)
            self.assertEqual(codec.dumps(converted).encode("utf-8", "backslashreplace"), expected)
            self.assertEqual(reference(codec.loads(expected.decode())), expected)

    def test_strings_keep_lone_surrogates(self):
        self.assertEqual(
            result.encode(["\ud800", {"\udfff": "é\ud800"}]), '["\\ud800",{"\\udfff":"é\\ud800"}]'.encode()
        )

    def test_an_integer_of_100_000_digits(self):
        self.assertEqual(result.encode(10**100_000 - 1), b"9" * 100_000)

    def value(self, depth):
        kind = self.random.randrange(8 if depth else 6)
        if kind == 0:
            return self.random.choice([None, True, False])
        if kind == 1:
            return self.random.randint(-(10 ** self.random.randrange(40)), 10 ** self.random.randrange(40))
        if kind == 2:
            return self.random.choice([0.0, -0.0, 1.0, 1e16, 5e-324, 1.7e308, self.random.gauss(0, 1)])
        if kind <= 5:
            return self.text()
        items = range(self.random.randrange(30))
        if kind == 6:
            return [self.value(depth - 1) for _ in items]
        return {self.text(): self.value(depth - 1) for _ in items}

    def text(self):
        alphabet = 'ab"\\/\n\t\x00\x1f\x7fé\u2028\udfff😀'
        return "".join(self.random.choices(alphabet, k=self.random.randrange(12)))


class WhatIsNotFiniteIsNull(unittest.TestCase):
    def test_wherever_it_stands(self):
        nan, inf = float("nan"), float("inf")
        self.assertEqual(result.encode([nan, (inf, {"a": -inf})]), b'[null,[null,{"a":null}]]')
        self.assertEqual(result.encode(nan), b"null")

    def test_but_a_finite_number_beside_it_stays(self):
        self.assertEqual(result.encode([float("nan"), 1.0, 2]), b"[null,1.0,2]")


class KeysAreThoseOfJsonDumps(unittest.TestCase):
    def test_every_kind_of_key(self):
        for key in ["", "é", 1, -5, 10**30, 1.0, 1e300, True, False, None, float("nan"), float("-inf")]:
            self.assertEqual(result.encode({key: [1]}), reference({key: [1]}))

    def test_two_keys_with_one_text_both_stay(self):
        self.assertEqual(result.encode({1: "a", "1": "b"}), b'{"1":"a","1":"b"}')

    def test_other_keys_are_refused_with_the_path_of_their_object(self):
        error = refusal(self, {"a": [{b"x": 1}]})
        self.assertEqual((error["code"], error["path"], error["type"]), ("result_not_json", "$.a[0]", "bytes"))


class TheBounds(unittest.TestCase):
    def test_4_mib_are_accepted_and_one_byte_more_is_not(self):
        for value in ("é" * (result.MAX_BYTES // 2 - 1), ["x" * (result.MAX_BYTES - 4)]):
            self.assertEqual(len(result.encode(value)), result.MAX_BYTES)
        for value in ("é" * (result.MAX_BYTES // 2), ["x" * (result.MAX_BYTES - 3)], [0] * (result.MAX_BYTES // 2)):
            self.assertEqual(refusal(self, value)["code"], "result_too_large")

    def test_the_converting_way_has_the_same_bounds(self):
        self.assertEqual(len(result.encode({1: "x" * (result.MAX_BYTES - 8)})), result.MAX_BYTES)
        self.assertEqual(refusal(self, {1: "x" * (result.MAX_BYTES - 7)})["code"], "result_too_large")

    def test_200_levels_are_accepted_and_201_are_not(self):
        for inner in (1, float("nan")):
            for levels in (200, 201):
                value = inner
                for i in range(levels):
                    value = {"k": value} if i % 2 else (value,)
                if levels == 200:
                    self.assertEqual(json.loads(result.encode(value)) is None, False)
                else:
                    error = refusal(self, value)
                    self.assertEqual(error["code"], "result_not_json")
                    self.assertIn("200 levels", error["message"])

    def test_a_known_container_is_refused_where_it_would_stand_too_deep(self):
        shared = [float("nan")]
        for _ in range(150):
            shared = [shared]
        deep = shared
        for _ in range(60):
            deep = [deep]
        self.assertEqual(refusal(self, [shared, deep])["code"], "result_not_json")

    def test_containers_that_hold_each_other_many_times_are_counted_as_often(self):
        value = [float("nan")]
        for _ in range(15):
            value = [value, value]
        self.assertEqual(json.loads(result.encode(value)), json.loads(json.dumps(value).replace("NaN", "null")))
        for _ in range(100):
            value = [value, value]
        self.assertEqual(refusal(self, value)["code"], "result_too_large")

    def test_what_contains_itself_is_refused_and_not_called_large(self):
        cycle = []
        cycle += [cycle, cycle]
        for value in (cycle, {"a": (1, cycle)}):
            error = refusal(self, value)
            self.assertEqual(error["code"], "result_not_json")
            self.assertIn("itself", error["message"])


class ThePathOfWhatIsRefused(unittest.TestCase):
    def test_names_every_step(self):
        for value, path in [
            (1j, "$"),
            ([[b""]], "$[0][0]"),
            ({"rows": [0, 0, 0, {"price": 1j}]}, "$.rows[3].price"),
            ({"a b": {"é": {'"': {"": {"_x1": set()}}}}}, '$["a b"]["é"]["\\""][""]._x1'),
            ({1: {None: set()}}, '$["1"].null'),
        ]:
            self.assertEqual(refusal(self, value)["path"], path)

    def test_is_bounded(self):
        self.assertLess(len(refusal(self, {"x" * 10_000: {"y" * 10_000: set()}})["path"]), 1100)


class ASubclassThatLies(unittest.TestCase):
    def test_only_harms_its_own_result(self):
        class Endless(list):
            def __iter__(self):
                while True:
                    yield 1

        class Meta(type):
            __name__ = "not its name"

            def mro(cls):
                return [cls, object]

        class Odd(metaclass=Meta):
            __class__ = dict

        self.assertEqual(refusal(self, Endless())["code"], "result_too_large")
        self.assertEqual(refusal(self, [Odd()])["type"], "Odd")
