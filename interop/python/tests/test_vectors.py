"""The files of vectors, and fuzzing from them."""

import json
import random
import subprocess
import sys
import unittest
from pathlib import Path

from frameport.codec import MetadataLimits, decode, encode
from frameport.envelopes import Unknown
from frameport.errors import WireError
from frameport.fields import from_fields, to_fields
from frameport.frames import FrameDecoder
from vectorgen.frame_cases import frame_cases
from vectorgen.golden import golden
from vectorgen.hostile import hostile

HERE = Path(__file__).resolve().parent.parent
VECTORS = HERE.parents[1] / "packages" / "protocol" / "vectors"


def load(name: str) -> list[dict]:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


class Golden(unittest.TestCase):
    def test_round_trip(self):
        for case in load("golden.json"):
            with self.subTest(case["name"]):
                data = bytes.fromhex(case["hex"])
                envelope = decode(data)
                self.assertEqual(to_fields(envelope), case["fields"])
                self.assertEqual(encode(envelope), data)
                self.assertEqual(encode(from_fields(case["fields"])), data)

    def test_files_are_what_the_generator_makes(self):
        self.assertEqual(load("golden.json"), golden())
        self.assertEqual(load("hostile.json"), hostile())
        self.assertEqual(load("frames.json"), frame_cases())

    def test_names_and_bytes_are_unique(self):
        for file in ("golden.json", "hostile.json"):
            cases = load(file)
            self.assertEqual(len({case["name"] for case in cases}), len(cases))
            self.assertEqual(len({case["hex"] for case in cases}), len(cases))


class Hostile(unittest.TestCase):
    def test_each_is_refused(self):
        for case in load("hostile.json"):
            with self.subTest(case["name"]):
                with self.assertRaises(WireError) as caught:
                    decode(bytes.fromhex(case["hex"]))
                self.assertEqual(caught.exception.code, case["code"])

    def test_later_kinds_are_values(self):
        for code in range(0x80, 0x100):
            self.assertIsInstance(decode(bytes((code,))), Unknown)
            self.assertIsInstance(decode(bytes((code, 0xFF, 0, 0x80))), Unknown)


class Frames(unittest.TestCase):
    def test_cases(self):
        for case in load("frames.json"):
            with self.subTest(case["name"]):
                payloads, code = self.run_case(case)
                self.assertEqual(payloads, case["payloads"])
                self.assertEqual(code, case.get("code"))

    def run_case(self, case):
        decoder = FrameDecoder(case["frameBytesMax"])
        payloads = []
        try:
            for chunk in case["chunks"]:
                decoder.feed(bytes.fromhex(chunk))
                for payload in decoder.payloads():
                    payloads.append(payload.hex())
        except WireError as error:
            return payloads, error.code
        return payloads, "TRUNCATED" if decoder.inside_frame else None


class Limits(unittest.TestCase):
    DATA = bytes.fromhex("0904030f02046e6f6465016102c3bc03313233")

    def over(self, entries, size):
        envelope = decode(self.DATA, MetadataLimits(entries, size))
        self.assertEqual(envelope.metadata == {}, envelope.metadata_over_limit)
        return envelope.metadata_over_limit

    def test_metadata(self):
        self.assertFalse(self.over(2, 10))
        self.assertTrue(self.over(1, 10))
        self.assertTrue(self.over(2, 9))


class Fuzz(unittest.TestCase):
    ROUNDS = 30000

    def mutate(self, rng, data):
        data = bytearray(data)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(data) + 1)
            match rng.randrange(5):
                case 0 if at < len(data):
                    data[at] ^= 1 << rng.randrange(8)
                case 1 if at < len(data):
                    data[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
                case 2:
                    data[at:at] = rng.randbytes(rng.randint(1, 4))
                case 3:
                    del data[at : at + rng.randint(1, 4)]
                case 4:
                    del data[at:]
        return bytes(data)

    def test_only_its_own_exception(self):
        rng = random.Random(20240517)
        seeds = [bytes.fromhex(case["hex"]) for case in load("golden.json") if len(case["hex"]) < 400]
        taken = 0
        for _ in range(self.ROUNDS):
            data = self.mutate(rng, rng.choice(seeds))
            try:
                envelope = decode(data)
            except WireError:
                continue
            taken += 1
            self.assertEqual(encode(envelope), data)
        self.assertGreater(taken, self.ROUNDS // 20)


class Command(unittest.TestCase):
    def run_lines(self, lines, *args):
        command = [sys.executable, HERE / "decode.py", *args]
        run = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
        return [json.loads(line) for line in run.stdout.splitlines()]

    def test_answers(self):
        cases = load("golden.json")
        answers = self.run_lines([case["hex"] for case in cases])
        self.assertEqual(answers, [{"ok": True, "fields": case["fields"]} for case in cases])

    def test_refusals(self):
        self.assertEqual(
            self.run_lines(["", "24", "0a00"]),
            [{"ok": False, "code": code} for code in ("MALFORMED_ENVELOPE", "UNKNOWN_KIND", "MALFORMED_ENVELOPE")],
        )

    def test_limits(self):
        [answer] = self.run_lines([Limits.DATA.hex()], "--limits", "1,100")
        self.assertEqual(
            answer, {"ok": True, "fields": {"kind": "started", "callId": 3, "metadata": {}}, "metadataOverLimit": True}
        )
