"""Writes the files of vectors, which every implementation of the protocol is tested with."""

import json
from pathlib import Path

from vectorgen.frame_cases import frame_cases
from vectorgen.golden import golden
from vectorgen.hostile import hostile

TARGET = Path(__file__).parents[2] / "packages" / "protocol" / "vectors"


def write(name: str, cases: list) -> None:
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (TARGET / name).write_text(f"[\n{lines}\n]\n")
    print(f"{name}: {len(cases)}")


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    write("golden.json", golden())
    write("hostile.json", hostile())
    write("frames.json", frame_cases())
