"""Reads lines of hex, one envelope each, from stdin and prints one line of JSON for each."""

import argparse
import json
import sys

from frameport.codec import MetadataLimits, decode
from frameport.errors import WireError
from frameport.fields import to_fields


def answer(line: str, limits: MetadataLimits | None) -> dict:
    try:
        envelope = decode(bytes.fromhex(line), limits)
    except WireError as error:
        return {"ok": False, "code": error.code}
    told = {"ok": True, "fields": to_fields(envelope)}
    if envelope.metadata_over_limit:
        told["metadataOverLimit"] = True
    return told


def limits_of(text: str) -> MetadataLimits:
    entries, size = text.split(",")
    return MetadataLimits(int(entries), int(size))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limits", type=limits_of, metavar="ENTRIES,BYTES", help="limits of metadata")
    limits = parser.parse_args().limits
    encoder = json.JSONEncoder(separators=(",", ":"))
    out = sys.stdout
    # Who asks may wait for each answer before it goes on.
    out.reconfigure(line_buffering=True)
    for line in sys.stdin:
        out.write(encoder.encode(answer(line, limits)) + "\n")


if __name__ == "__main__":
    main()
