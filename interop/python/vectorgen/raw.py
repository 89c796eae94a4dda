"""Bytes by hand, without the encoder's checks."""


def v(value: int) -> bytes:
    """A varint, of any size."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def b(data: bytes | str) -> bytes:
    """A blob, or a text: a length and bytes."""
    if isinstance(data, str):
        data = data.encode()
    return v(len(data)) + data


def env(kind: int, flags: int, *parts: bytes, call_id: bytes | None = None) -> bytes:
    """An envelope. Kinds below 20 get call id 3 unless told."""
    head = bytes((kind, flags))
    if kind < 0x20:
        head += v(3) if call_id is None else call_id
    return head + b"".join(parts)


def metadata(*pairs: tuple[bytes | str, bytes | str], count: int | None = None, tail: bytes = b"") -> bytes:
    inner = v(len(pairs) if count is None else count)
    inner += b"".join(b(key) + b(value) for key, value in pairs)
    return b(inner + tail)


def extensions(*pairs: tuple[int, bytes], tail: bytes = b"") -> bytes:
    return b(b"".join(v(number) + b(value) for number, value in pairs) + tail)


def hello(
    flags: int = 0,
    magic: bytes = b"FRPT",
    versions: bytes = b"\x01\x01",
    codecs: bytes = b"\x01\x04json",
    settings: bytes = b"\x00",
    contracts: bytes = b"\x00",
    tail: bytes = b"",
) -> bytes:
    return env(0x40, flags, magic, versions, codecs, settings, contracts, tail)


def welcome(
    flags: int = 0,
    version: bytes = b"\x01",
    codec: bytes = b"\x04json",
    settings: bytes = b"\x00",
    contracts: bytes = b"\x00",
    tail: bytes = b"",
) -> bytes:
    return env(0x41, flags, version, codec, settings, contracts, tail)


def contract(name: bytes | str = "chat", version: bytes = b"\x01", roles: int = 1, hash: bytes = b"\x01") -> bytes:
    return b(name) + version + bytes((roles,)) + b(hash)


def listed(*elements: bytes) -> bytes:
    return v(len(elements)) + b"".join(elements)
