"""Bytes that a receiver must refuse, one broken rule each."""

from collections.abc import Iterator

from frameport.kinds import BY_CODE

from .hostile_fields import broken_fields
from .hostile_forms import broken_forms
from .raw import b, contract, env, extensions, hello, listed, metadata, v, welcome

MALFORMED, UNKNOWN = "MALFORMED_ENVELOPE", "UNKNOWN_KIND"
Case = tuple[str, bytes]

# The shortest envelope of each kind, after its flags (and its call id).
SHORTEST = {
    0x01: b("a@1/b"),
    0x02: b"",
    0x03: b("A") + b(""),
    0x04: v(0),
    0x05: b"x",
    0x06: b"",
    0x07: v(1) + v(1),
    0x08: b("A") + b(""),
    0x09: b"",
    0x0A: b"",
    0x0B: b("a@1/b") + b(""),
    0x0C: b("a@1/b") + b(""),
    0x20: b("a@1/b") + b(""),
    0x21: b("a@1/b") + b("") + v(0),
    0x22: b("a@1/b"),
    0x23: b"",
    0x40: hello()[2:],
    0x41: welcome()[2:],
    0x42: b("A") + b(""),
    0x43: v(1),
    0x44: v(0),
    0x45: v(0),
    0x46: v(0),
    0x47: v(0),
    0x48: v(0),
    0x49: b("A") + b(""),
}

POSITION = b(b"\xa1\xb2") + v(7)

# Every field that a flag can bring, without a body: cut anywhere, it is malformed.
FULL = {
    0x01: (0xF4, b("a@1/b") + v(500) + v(300) + v(65536)),
    0x02: (0x84, b""),
    0x03: (0xB4, b("AB") + b("cd") + v(300)),
    0x04: (0x80, v(300)),
    0x06: (0x84, b""),
    0x07: (0x80, v(300) + v(65536)),
    0x08: (0x80, b("AB") + b("cd")),
    0x09: (0x84, b""),
    0x0A: (0x80, b""),
    0x0B: (0x94, b("a@1/b") + b("tt") + POSITION),
    0x0C: (0x80, b("a@1/b") + b("tt")),
    0x20: (0x94, b("a@1/b") + b("tt") + POSITION),
    0x21: (0x90, b("a@1/b") + b("tt") + v(300) + POSITION),
    0x22: (0x94, b("a@1/b") + v(500)),
    0x23: (0x80, b""),
    0x40: (0x94, hello(settings=listed(b"\x04\x40"), contracts=listed(contract()))[2:] + b(b"s") + b(bytes(16)) + v(300)),
    0x41: (0xB4, welcome(settings=listed(b"\x04\x40"), contracts=listed(contract()))[2:] + b(b"s") + b(bytes(16)) + v(300)),
    0x42: (0xA4, b("AB") + b("cd") + v(300)),
    0x43: (0x84, v(300)),
    0x44: (0x84, v(300)),
    0x45: (0x90, v(300) + b("AB") + b("cd")),
    0x46: (0x90, v(300) + v(300)),
    0x47: (0x90, v(300) + v(300)),
    0x48: (0x80, v(300)),
    0x49: (0xB4, b("AB") + b("cd") + v(129) + v(300)),
}


def full(code: int) -> bytes:
    flags, fields = FULL[code]
    tail = extensions((27, b"xy")) + (metadata(("k", "v")) if flags & 4 else b"")
    return env(code, flags, fields, tail, call_id=v(129))


def cuts() -> Iterator[Case]:
    """Every kind with all that it can have, cut at each byte."""
    yield "empty payload", b""
    for code in FULL:
        whole = full(code)
        for length in range(1, len(whole)):
            yield f"{name(code)} cut to {length} of {len(whole)} bytes", whole[:length]


def trailing() -> Iterator[Case]:
    for code in FULL:
        yield f"{name(code)} with a byte after its end", env(code, 0, SHORTEST[code], b"\x00")
        yield f"{name(code)} with all fields and a byte after its end", full(code) + b"\x00"


def forbidden_flags() -> Iterator[Case]:
    """Each flag bit that a kind must not have, with bytes that would suit the bit."""
    for code, kind in BY_CODE.items():
        base = 1 if code == 0x05 else 0
        for bit in range(8):
            if not kind.allowed >> bit & 1:
                tail = metadata(("k", "v")) if bit == 2 else b""
                yield f"{name(code)} with flag {bit}", env(code, base | 1 << bit, SHORTEST[code], tail)
        yield f"{name(code)} with body bits 3", env(code, 3, SHORTEST[code])


def call_ids() -> Iterator[Case]:
    for code in BY_CODE:
        if code < 0x20:
            flags = 1 if code == 0x05 else 0
            yield f"{name(code)} with call id 0", env(code, flags, SHORTEST[code], call_id=b"\x00")
    yield "call id not in the fewest bytes", env(0x0A, 0, call_id=b"\x83\x00")
    yield "call id over 2^53 - 1", env(0x0A, 0, call_id=v(2**53))
    yield "call id of nine bytes", env(0x0A, 0, call_id=v(2**56))


def unknown() -> Iterator[Case]:
    for code in range(0x80):
        if code not in BY_CODE:
            yield f"unknown kind {code:02x}", bytes((code, 0, 3))
    yield "unknown kind without flags", b"\x24"
    yield "unknown kind with every flag", b"\x7f\xff\xff"


def name(code: int) -> str:
    return BY_CODE[code].cls.KIND


def hostile() -> list[dict[str, str]]:
    malformed = [*cuts(), *trailing(), *forbidden_flags(), *call_ids(), *broken_forms(), *broken_fields()]
    cases = [(told, data, MALFORMED) for told, data in malformed]
    cases += [(told, data, UNKNOWN) for told, data in unknown()]
    return [{"name": told, "hex": data.hex(), "code": code} for told, data, code in cases]
