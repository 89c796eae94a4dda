"""The rules of the codec json and of topics."""

import math
import unittest

from frameport.jsoncodec import InvalidJson, canonical, dumps, loads


class Json(unittest.TestCase):
    def test_taken(self):
        self.assertEqual(loads(b' {"a":1,"a":2} '), {"a": 2})
        self.assertEqual(loads(b"1e999"), math.inf)
        self.assertEqual(loads(b"9007199254740993"), 2**53)
        self.assertEqual(loads(b"9" * 400), math.inf)
        self.assertEqual(loads(b'"\\ud800"'), "\ud800")
        self.assertIsInstance(loads(b"[" * 128 + b"]" * 128), list)

    def test_refused(self):
        deep = b"[" * 129 + b"]" * 129
        very_deep = b"[" * 100_000
        bom = b"\xef\xbb\xbf1"
        for data in (b"", b"NaN", b"-Infinity", b"{'a':1}", b"[1,]", b"01", b'"\xff"', b'"\n"', bom, deep, very_deep):
            with self.subTest(data[:20]), self.assertRaises(InvalidJson):
                loads(data)
        with self.assertRaises(InvalidJson):
            loads(b'[{"__proto__":1}]')

    def test_not_sent(self):
        for value in (math.nan, math.inf, 2**53 + 1, {1: 2}, {"__proto__": 1}, {1}, object(), [b"x"]):
            with self.subTest(repr(value)), self.assertRaises(InvalidJson):
                dumps(value)

    def test_canonical(self):
        topic = {"\u20ac": 1, "\r": 2, "1": [None, True], "\U0001f600": 3, "\ufb33": 4, "ö": "</\"\u0007\u007f"}
        self.assertEqual(
            canonical(topic), '{"\\r":2,"1":[null,true],"ö":"</\\"\\u0007\u007f","€":1,"\U0001f600":3,"\ufb33":4}'
        )

    def test_numbers_of_topics(self):
        for value, text in (
            (0, "0"), (-0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (100, "100"), (1e21, "1e+21"), (1e20, "100000000000000000000"),
            (123456789012345680000.0, "123456789012345680000"), (1e-6, "0.000001"), (1e-7, "1e-7"), (1.5e-9, "1.5e-9"),
            (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
            (0.1, "0.1"), (333333333.3333333, "333333333.3333333"),
        ):  # fmt: skip
            self.assertEqual(canonical(value), text)

    def test_depth_of_topics(self):
        value = 1
        for _ in range(64):
            value = [value]
        canonical(value)
        with self.assertRaises(InvalidJson):
            canonical([value])
