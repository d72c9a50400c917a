"""numpy and pandas in results. The scripts of section 1 have the common cases; here are the odd ones."""

import json
import unittest

from .harness import SITE
from .load import module

problems, result = module("problems"), module("result")

if SITE:
    import numpy as np
    import pandas as pd


def encoded(value):
    return json.loads(result.encode(value))


@unittest.skipUnless(SITE, "set JOBCELL_SITE to a folder with numpy and pandas")
class Numpy(unittest.TestCase):
    def refused(self, value, path, kind):
        with self.assertRaises(problems.Problem) as caught:
            result.encode(value)
        error = caught.exception.error
        self.assertEqual((error["code"], error["path"], error["type"]), ("result_not_json", path, kind))

    def test_every_number_type_is_the_python_number(self):
        for name in "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 longdouble".split():
            array = np.array([0, 1, 100], dtype=name)
            self.assertEqual(encoded([array, list(array)]), [[0, 1, 100]] * 2)
            self.assertEqual(isinstance(encoded(array[0]), float), "float" in name or "double" in name)

    def test_what_is_past_a_doubles_range_is_null(self):
        self.assertEqual(encoded(np.array(["1e400", "1"], dtype=np.longdouble)), [None, 1.0])

    def test_times_are_iso_8601_and_nat_is_null(self):
        times = np.array([["2024-01-01T10:00", "NaT"]], dtype="M8[ns]")
        self.assertEqual(encoded(times), [["2024-01-01T10:00:00.000000000", None]])
        self.assertEqual(encoded([np.datetime64("2024-01"), np.timedelta64("NaT", "s")]), ["2024-01", None])

    def test_time_spans_bytes_and_complex_numbers_are_refused(self):
        self.refused(np.array([[1, 2]], dtype="m8[s]"), "$[0][0]", "timedelta64")
        self.refused({"a": np.array([b"x"])}, "$.a[0]", "bytes_")
        self.refused(np.complex64(1), "$", "complex64")

    def test_an_object_array_is_walked_like_a_list(self):
        inner = np.array([{"x": np.array([np.nan])}, (1, np.float32(2))], dtype=object)
        self.assertEqual(encoded(inner), [{"x": [None]}, [1, 2.0]])
        inner[0] = inner
        self.refused(inner, "$[0]", "ndarray")
        self.refused(np.array([[1, {2}]], dtype=object), "$[0][1]", "set")

    def test_records_are_lists(self):
        records = np.array([(1, 2.5, "a")], dtype=[("x", "i4"), ("y", "f8"), ("z", "U3")])
        self.assertEqual(
            encoded([records, records[0], records.view(np.recarray)]), [[[1, 2.5, "a"]], [1, 2.5, "a"], [[1, 2.5, "a"]]]
        )

    def test_masked_values_are_null(self):
        self.assertEqual(
            encoded([np.ma.array([1.5, np.nan, 3], mask=[0, 0, 1]), np.ma.masked]), [[1.5, None, None], None]
        )

    def test_dimensions_count_as_levels(self):
        deep = np.zeros((1,) * 30)
        for levels in (170, 171):
            value = deep
            for _ in range(levels):
                value = [value]
            if levels == 170:
                self.assertTrue(result.encode(value).startswith(b"[" * 200 + b"0.0]"))
            else:
                with self.assertRaises(problems.Problem):
                    result.encode(value)

    def test_a_large_array_is_refused_before_it_is_made_a_list(self):
        with self.assertRaises(problems.Problem) as caught:
            result.encode(np.broadcast_to(np.int8(0), (1 << 20, 1 << 20)))
        self.assertEqual(caught.exception.error["code"], "result_too_large")

    def test_an_array_without_dimensions_is_its_value(self):
        self.assertEqual(
            encoded([np.array(1.5), np.array(None), np.array({"a": np.int8(1)}, dtype=object)]), [1.5, None, {"a": 1}]
        )


@unittest.skipUnless(SITE, "set JOBCELL_SITE to a folder with numpy and pandas")
class Pandas(unittest.TestCase):
    def refusal(self, value):
        with self.assertRaises(problems.Problem) as caught:
            result.encode(value)
        return caught.exception.error

    def test_an_empty_frame_is_an_empty_list_and_one_without_columns_is_empty_records(self):
        self.assertEqual(encoded(pd.DataFrame({"a": []})), [])
        self.assertEqual(encoded(pd.DataFrame(index=[1, 2])), [{}, {}])

    def test_a_series_is_a_list_only_with_the_default_index(self):
        series = pd.Series([1, 2, 3])
        self.assertEqual(encoded(series), [1, 2, 3])
        self.assertEqual(encoded(series[1:]), {"1": 2, "2": 3})
        self.assertEqual(encoded(series.sort_values(ascending=False)), {"2": 3, "1": 2, "0": 1})
        self.assertEqual(encoded(series.rename_axis("n")), {"0": 1, "1": 2, "2": 3})

    def test_labels_are_keys_as_json_dumps_writes_them_and_times_in_iso_8601(self):
        index = pd.Index([True, None, 1.5, "x", pd.Timestamp("2024-01-01T00:00:00Z"), np.int8(4)], dtype=object)
        keys = ["true", "null", "1.5", "x", "2024-01-01T00:00:00+00:00", "4"]
        self.assertEqual(list(encoded(pd.Series(range(6), index=index))), keys)
        self.assertEqual(list(encoded(pd.DataFrame([range(6)], columns=index))[0]), keys)

    def test_columns_of_two_levels_are_refused_with_advice(self):
        frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]))
        error = self.refusal(frame)
        self.assertEqual((error["code"], error["type"]), ("result_not_json", "tuple"))
        self.assertIn("plain names", error["message"])

    def test_an_index_named_like_a_column_is_refused(self):
        frame = pd.DataFrame({"a": [1]}, index=pd.Index([2], name="a"))
        self.assertIn("'a'", self.refusal(frame)["message"])

    def test_only_the_named_levels_of_an_index_become_columns(self):
        index = pd.MultiIndex.from_tuples([("x", 1)], names=["k", None])
        self.assertEqual(encoded(pd.DataFrame({"a": [2]}, index=index)), [{"k": "x", "a": 2}])

    def test_extension_types(self):
        frame = pd.DataFrame(
            {
                "Int64": pd.array([1, None], dtype="Int64"),
                "Float64": pd.array([1.5, None], dtype="Float64"),
                "boolean": pd.array([True, None], dtype="boolean"),
                "string": pd.array(["a", None], dtype="string"),
                "category": pd.Categorical([3, None]),
                "zone": pd.to_datetime(["2024-06-01", None]).tz_localize("UTC"),
            }
        )
        self.assertEqual(
            encoded(frame),
            [
                {
                    "Int64": 1,
                    "Float64": 1.5,
                    "boolean": True,
                    "string": "a",
                    "category": 3,
                    "zone": "2024-06-01T00:00:00+00:00",
                },
                dict.fromkeys(["Int64", "Float64", "boolean", "string", "category", "zone"]),
            ],
        )

    def test_the_path_through_frames_and_series(self):
        frame = pd.DataFrame({"a": [1, 2], "b c": [0, {"x": [1j]}]})
        self.assertEqual(self.refusal({"rows": frame})["path"], '$.rows[1]["b c"].x[0]')
        self.assertEqual(self.refusal(pd.Series([1, {2}]))["path"], "$[1]")
        self.assertEqual(self.refusal(pd.Series([1, {2}], index=["k", "l"]))["path"], "$.l")
        self.assertEqual(self.refusal(frame[["a"]].assign(d=pd.Timedelta(1)))["path"], "$[0].d")

    def test_periods_intervals_and_time_spans_are_refused(self):
        for value in (pd.Period("2024"), pd.Interval(0, 1), pd.Timedelta(1)):
            self.assertEqual(self.refusal([value])["path"], "$[0]")

    def test_levels_and_size_are_bounded(self):
        value = pd.DataFrame({"a": [1]})
        for _ in range(198):
            value = [value]
        self.assertTrue(result.encode(value))
        self.assertEqual(self.refusal([value])["code"], "result_not_json")
        self.assertEqual(self.refusal(pd.DataFrame({"a": range(10**6)}))["code"], "result_too_large")
