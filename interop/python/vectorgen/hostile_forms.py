"""Broken varints, texts, extensions, metadata and bodies."""

from collections.abc import Iterator

from .raw import b, env, extensions, metadata, v

VARINTS = {
    "80 00": "0 in two bytes",
    "ff 00": "127 in two bytes",
    "80 80 00": "0 in three bytes",
    "81 80 80 80 80 80 80 00": "1 in eight bytes",
    "80 80 80 80 80 80 80 10": "2^53",
    "ff ff ff ff ff ff ff 7f": "2^56 - 1",
    "ff ff ff ff ff ff ff ff 00": "nine bytes, the last one 0",
    "80 80 80 80 80 80 80 80 01": "2^56",
    "ff ff ff ff ff ff ff ff ff 01": "2^64 - 1",
    "80 80 80 80 80 80 80 80 80 80 80 01": "twelve bytes",
    "80": "without an end",
    "ff ff ff ff ff ff ff": "of seven bytes, without an end",
    "ff ff ff ff ff ff ff ff": "of eight bytes, without an end",
}

TEXTS = {
    "80": "a continuation alone",
    "bf": "a continuation alone",
    "c3": "two bytes, cut",
    "e2 82": "three bytes, cut",
    "f0 9f 98": "four bytes, cut",
    "f0 9f": "four bytes, cut to two",
    "c3 41": "a start, then a letter",
    "e2 82 41": "a start, a continuation, then a letter",
    "c0 80": "overlong NUL",
    "c0 af": "overlong slash",
    "c1 bf": "overlong DEL",
    "e0 80 80": "overlong NUL in three bytes",
    "e0 9f bf": "overlong U+07FF",
    "f0 80 80 80": "overlong NUL in four bytes",
    "f0 8f bf bf": "overlong U+FFFF",
    "ed a0 80": "the first high surrogate",
    "ed af bf": "the last high surrogate",
    "ed b0 80": "the first low surrogate",
    "ed bf bf": "the last low surrogate",
    "ed a0 bd ed b8 80": "a pair of surrogates",
    "f4 90 80 80": "U+110000",
    "f5 80 80 80": "a start over U+10FFFF",
    "f8 88 80 80 80": "five bytes",
    "fc 84 80 80 80 80": "six bytes",
    "fe": "fe",
    "ff": "ff",
}


def broken_varints() -> Iterator[tuple[str, bytes]]:
    for spelled, told in VARINTS.items():
        data = bytes.fromhex(spelled)
        yield f"ack: varint {told}", env(0x48, 0, data)
        yield f"length of a text: varint {told}", env(0x08, 0, data)


def broken_texts() -> Iterator[tuple[str, bytes]]:
    for spelled, told in TEXTS.items():
        data = bytes.fromhex(spelled)
        yield f"code: UTF-8 {spelled}, {told}", env(0x08, 0, b(data), b(""))
        yield f"text: UTF-8 {spelled}, {told}", env(0x08, 0, b("A"), b(b"a" + data + b"b"))
    bad = b"a\xff"
    yield "procedure of a call: not UTF-8", env(0x01, 0, b(bad))
    yield "procedure of a oneway: not UTF-8", env(0x22, 0, b(bad))
    yield "event: not UTF-8", env(0x20, 0, b(bad), b(""))
    yield "topic: not UTF-8", env(0x0B, 0, b("e"), b(bad))
    yield "text of a verdict: not UTF-8", env(0x45, 0x10, v(1), b("A"), b(bad))
    yield "metadata key: not UTF-8", env(0x06, 4, metadata((bad, "v")))
    yield "metadata value: not UTF-8", env(0x06, 4, metadata(("k", bad)))


def broken_extensions() -> Iterator[tuple[str, bytes]]:
    for code, told in ((0x06, "end"), (0x02, "result"), (0x0A, "stop"), (0x23, "skip")):
        yield f"extensions of a {told}: length 0", env(code, 0x80, b"\x00")
    yield "extensions: one over 1024 bytes", env(0x06, 0x80, extensions((1, bytes(1022))))
    yield "extensions: far over 1024 bytes", env(0x06, 0x80, v(2**53 - 1), b"\x01\x00")
    yield "extensions: 17 of them", env(0x06, 0x80, extensions(*((n, b"") for n in range(17))))
    yield "extensions: one twice", env(0x06, 0x80, extensions((27, b""), (27, b"")))
    yield "extensions: one twice, others between", env(0x06, 0x80, extensions((1, b"a"), (2, b""), (3, b""), (1, b"a")))
    yield "extensions: an id without a value", env(0x06, 0x80, extensions((1, b"a"), tail=b"\x02"))
    yield "extensions: a value cut", env(0x06, 0x80, extensions(tail=b"\x01\x05abcd"))
    yield "extensions: a value that reaches into the body", env(0x02, 0x81, extensions(tail=b"\x01\x05abcd"), b"1")
    yield "extensions: an id not in the fewest bytes", env(0x06, 0x80, extensions(tail=b"\x81\x00\x00"))
    yield "extensions: a length not in the fewest bytes", env(0x06, 0x80, extensions(tail=b"\x01\x80\x00"))
    yield "extensions: an id over 2^53 - 1", env(0x06, 0x80, extensions(tail=v(2**53) + b"\x00"))
    yield "extensions: an id cut", env(0x06, 0x80, extensions(tail=b"\x80"))


def broken_metadata() -> Iterator[tuple[str, bytes]]:
    yield "metadata: length 0", env(0x06, 4, b"\x00")
    yield "metadata: count 0", env(0x06, 4, metadata())
    yield "metadata: count 0 before a body", env(0x02, 5, metadata(), b"1")
    yield "metadata: a byte left over", env(0x06, 4, metadata(("k", "v"), tail=b"\x00"))
    yield "metadata: a pair left over", env(0x06, 4, metadata(("k", "v"), ("l", ""), count=1))
    yield "metadata: count over the pairs", env(0x06, 4, metadata(("k", "v"), count=2))
    yield "metadata: count far over the pairs", env(0x06, 4, metadata(("k", "v"), count=2**53 - 1))
    yield "metadata: a pair that reaches into the body", env(0x02, 5, b(b"\x01\x01k\x05v"), b"abcd")
    yield "metadata: a key without a value", env(0x06, 4, metadata(count=1, tail=b"\x01k"))
    yield "metadata: an empty key", env(0x06, 4, metadata(("", "v")))
    yield "metadata: a key twice", env(0x06, 4, metadata(("k", "v"), ("k", "w")))
    yield "metadata: a key twice, others between", env(0x06, 4, metadata(("k", "v"), ("l", ""), ("k", "v")))
    yield "metadata: length over the payload", env(0x06, 4, b"\x06\x01\x01k\x01v")
    yield "metadata: length far over the payload", env(0x06, 4, v(2**53 - 1), b"\x01\x01k\x01v")
    yield "metadata: count not in the fewest bytes", env(0x06, 4, b(b"\x81\x00\x01k\x01v"))
    yield "metadata: length not in the fewest bytes", env(0x06, 4, b"\x85\x00\x01\x01k\x01v")
    yield "metadata: flag without bytes", env(0x06, 4)
    yield "metadata before extensions", env(0x06, 0x84, metadata(("k", "v")), extensions((27, b"")))


def broken_bodies() -> Iterator[tuple[str, bytes]]:
    yield "more without a body", env(0x05, 0)
    yield "more of a codec body of zero bytes", env(0x05, 1)
    yield "more of a raw body of zero bytes", env(0x05, 2)
    yield "more that goes on, of zero bytes", env(0x05, 9)
    yield "more that goes on, without a body", env(0x05, 8)
    yield "more with bytes but no encoding", env(0x05, 0, b"x")
    for code, told, fields in ((0x01, "call", b("a@1/b")), (0x02, "result", b""), (0x04, "item", v(0))):
        yield f"reading: {told} that goes on, without a body", env(code, 8, fields)
        yield f"reading: {told} that goes on, of zero bytes", env(code, 9, fields)


def broken_forms() -> Iterator[tuple[str, bytes]]:
    yield from broken_varints()
    yield from broken_texts()
    yield from broken_extensions()
    yield from broken_metadata()
    yield from broken_bodies()
