"""Descriptions of contracts: asked for over loopback, and compared."""

import unittest

from frameport.body import CallFailed
from frameport.client import Client
from frameport.description import DESCRIBE, Description, ask, describer, differing_places

from .support import Loopback

OUTLINES = {"procedures": {"put": {"input": "a"}}, "events": {}}
SHOP = Description("shop", 2, {"put": "f1"}, {"sold": "f2"}, OUTLINES, {"ask": "f3"})
OLDER = Description("shop", 1, {"put": "f0"})


class Describing(Loopback):
    def setUp(self):
        self.server = self.serve(procedures={DESCRIBE: describer([SHOP, OLDER])})
        self.client = self.connect(self.server)

    def test_a_contract_is_described_in_the_version_that_was_asked_for(self):
        self.assertEqual(ask(self.client, "shop", 2), SHOP)
        self.assertEqual(ask(self.client, "shop", 1), OLDER)

    def test_what_nobody_has_and_what_is_no_question_are_refused(self):
        for asked, code in [
            ({"contract": "shop", "version": 3}, "NOT_FOUND"),
            ({"contract": "shops", "version": 2}, "NOT_FOUND"),
            ({"contract": "shop"}, "INVALID_ARGUMENT"),
            ({"contract": ["shop"], "version": 2}, "INVALID_ARGUMENT"),
            ("shop", "INVALID_ARGUMENT"),
        ]:
            with self.subTest(asked=asked), self.assertRaises(CallFailed) as caught:
                self.client.call(DESCRIBE, asked)
            self.assertEqual(caught.exception.code, code)


class Comparing(unittest.TestCase):
    def test_places_that_differ(self):
        for name, own, theirs, places in [
            ("nothing", {"input": "a", "input.b": "c"}, {"input": "a", "input.b": "c"}, []),
            ("a hash", {"input": "a", "input.b": "c"}, {"input": "a", "input.b": "d"}, ["input.b"]),
            ("a mark", {"input": "a", "input.b?": "c"}, {"input": "a", "input.b": "c"}, ["input.b"]),
            ("one side", {"input": "a", "input.b": "c", "input.b.d": "e"}, {"input": "a"}, ["input.b"]),
            ("the other side", {"input": "a"}, {"input": "a", "input.b?": "c"}, ["input.b"]),
            ("a whole", {"input*": "a"}, {"input": "b", "input.c": "d"}, ["input"]),
            ("a quoted name", {"input": "a"}, {"input": "a", 'input."b.c"': "d", 'input."b.c".e': "f"}, ['input."b.c"']),
            ("an error", {"errors.GONE": "a"}, {}, ["errors.GONE"]),
        ]:
            with self.subTest(name):
                self.assertEqual(differing_places(own, theirs), places)


if __name__ == "__main__":
    unittest.main()
