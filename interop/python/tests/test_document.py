"""The hex blocks of the document itself."""

import os
import re
import unittest
from pathlib import Path

from frameport.codec import decode, encode

HERE = Path(__file__).resolve().parent.parent
DOCUMENT = Path(os.environ.get("FRAMEPORT_DOCUMENT", HERE / "../../docs/wire-protocol.md"))
BLOCK = re.compile(r"```hex (\w+)\n(.*?)```", re.S)
BYTES = re.compile(r"(?:[0-9a-f]{2}(?: |$))*")


def blocks() -> list[tuple[str, bytes]]:
    found = []
    for name, text in BLOCK.findall(DOCUMENT.read_text(encoding="utf-8")):
        found.append((name, b"".join(bytes.fromhex(BYTES.match(line)[0]) for line in text.splitlines())))
    return found


class Document(unittest.TestCase):
    def test_blocks(self):
        found = blocks()
        self.assertGreaterEqual(len(found), 26)
        for name, data in found:
            with self.subTest(name):
                envelope = decode(data)
                self.assertEqual(envelope.KIND, name)
                self.assertEqual(encode(envelope), data)
