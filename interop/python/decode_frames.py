"""Reads streams from stdin, one a line, and prints the payloads of each, as in the file frames.json.

A line in: {"chunks": [hex], "frameBytesMax": n}. A line out: {"payloads": [hex]}, with "code" when the stream broke a rule.
"""

import json
import sys

from frameport.errors import WireError
from frameport.frames import FrameDecoder


def answer(case: dict) -> dict:
    decoder = FrameDecoder(case["frameBytesMax"])
    payloads: list[str] = []
    try:
        for chunk in case["chunks"]:
            decoder.feed(bytes.fromhex(chunk))
            for payload in decoder.payloads():
                payloads.append(payload.hex())
    except WireError as error:
        return {"payloads": payloads, "code": error.code}
    return {"payloads": payloads, "code": "TRUNCATED"} if decoder.inside_frame else {"payloads": payloads}


def main() -> None:
    # Who asks may wait for each answer before it goes on.
    sys.stdout.reconfigure(line_buffering=True)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line)), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
