"""Envelopes to bytes and back, strictly: bytes that break a rule raise, and so do values that have no bytes."""

from .envelopes import CODEC, NONE, RAW, Envelope, Unknown
from .errors import UNKNOWN_KIND, WireError, malformed
from .kinds import BODY, BY_CLASS, BY_CODE, EXTENSIONS, METADATA, PIECES
from .layout import Magic
from .wire import Reader, put_blob, put_text, put_varint, utf8

EXTENSIONS_MAX = 16
EXTENSIONS_BYTES_MAX = 1024


class MetadataLimits:
    """What a receiver announces: pairs, and UTF-8 bytes of all keys and values together."""

    __slots__ = ("entries", "bytes")

    def __init__(self, entries: int, bytes: int) -> None:
        self.entries = entries
        self.bytes = bytes


def decode(payload: bytes, limits: MetadataLimits | None = None) -> Envelope:
    """Reads one envelope. Metadata over the limits are left out, and the envelope says so."""
    if not payload:
        raise malformed("empty payload")
    code = payload[0]
    kind = BY_CODE.get(code)
    if kind is None:
        if code < 0x80:
            raise WireError(UNKNOWN_KIND, f"kind {code:#04x}")
        return Unknown(code=code, payload=payload)

    reader = Reader(payload)
    reader.pos = 1
    flags = reader.u8()
    encoding = flags & BODY
    if flags & ~kind.allowed or encoding == 3:
        raise malformed(f"flags {flags:#04x}")
    values = {"encoding": encoding, "goes_on": bool(flags & PIECES)}
    if kind.has_call_id:
        call_id = reader.varint()
        if call_id == 0:
            raise malformed("call id 0")
        values["call_id"] = call_id
    for part in kind.parts:
        present = part.flag is None or bool(flags >> part.flag & 1)
        if part.type is None:
            values[part.attr] = present
        elif present:
            value = part.type.read(reader)
            if not isinstance(part.type, Magic):
                values[part.attr] = value
    if flags & EXTENSIONS:
        values["extensions"] = read_extensions(reader)
    if flags & METADATA:
        metadata = read_metadata(reader, limits)
        values["metadata"] = metadata or {}
        values["metadata_over_limit"] = metadata is None
    if encoding != NONE:
        values["body"] = reader.rest()
    elif reader.pos != reader.end:
        raise malformed("bytes after the end")
    envelope = kind.cls(**values)
    envelope.check()
    return envelope


def encode(envelope: Envelope) -> bytes:
    """The bytes of one envelope."""
    if isinstance(envelope, Unknown):
        return envelope.payload
    kind = BY_CLASS[type(envelope)]
    flags = flags_of(envelope)
    if flags & ~kind.allowed:
        raise malformed(f"flags {flags:#04x} at a {envelope.KIND}")
    envelope.check()
    out = bytearray((kind.code, flags))
    if kind.has_call_id:
        if envelope.call_id == 0:
            raise malformed("call id 0")
        put_varint(out, envelope.call_id)
    for part in kind.parts:
        if part.type is None:
            continue
        value = None if isinstance(part.type, Magic) else getattr(envelope, part.attr)
        if part.flag is None or value is not None:
            part.type.write(out, value)
    if envelope.extensions:
        write_extensions(out, envelope.extensions)
    if envelope.metadata:
        write_metadata(out, envelope.metadata)
    out += envelope.body
    return bytes(out)


def flags_of(envelope: Envelope) -> int:
    if envelope.encoding not in (NONE, CODEC, RAW):
        raise malformed(f"encoding {envelope.encoding}")
    if envelope.body and envelope.encoding == NONE:
        raise malformed("a body without an encoding")
    flags = envelope.encoding
    if envelope.goes_on:
        flags |= PIECES
    for part in BY_CLASS[type(envelope)].parts:
        if part.flag is not None:
            value = getattr(envelope, part.attr)
            if value if part.type is None else value is not None:
                flags |= 1 << part.flag
    if envelope.extensions:
        flags |= EXTENSIONS
    if envelope.metadata:
        flags |= METADATA
    return flags


def read_extensions(reader: Reader) -> list[tuple[int, bytes]]:
    inner = Reader(reader.blob(1, EXTENSIONS_BYTES_MAX))
    found: dict[int, bytes] = {}
    while inner.pos < inner.end:
        number = inner.varint()
        if number in found:
            raise malformed("extension twice")
        found[number] = inner.blob(0, EXTENSIONS_BYTES_MAX)
    if len(found) > EXTENSIONS_MAX:
        raise malformed("too many extensions")
    return list(found.items())


def write_extensions(out: bytearray, extensions: list[tuple[int, bytes]]) -> None:
    if len(extensions) > EXTENSIONS_MAX or len(dict(extensions)) != len(extensions):
        raise malformed("too many extensions, or one twice")
    inner = bytearray()
    for number, value in extensions:
        put_varint(inner, number)
        put_blob(inner, value, 0, EXTENSIONS_BYTES_MAX)
    put_blob(out, inner, 1, EXTENSIONS_BYTES_MAX)


def read_metadata(reader: Reader, limits: MetadataLimits | None) -> dict[str, str] | None:
    """The pairs, or None for more than the limits allow: what is over them is not read."""
    length = reader.varint()
    if length == 0:
        raise malformed("metadata of no bytes")
    inner = Reader(reader.take(length))
    count = inner.varint()
    if count == 0:
        raise malformed("metadata without pairs")
    if limits is not None and count > limits.entries:
        return None
    metadata: dict[str, str] = {}
    total = 0
    for _ in range(count):
        key = inner.take(inner.varint())
        if len(key) == 0:
            raise malformed("metadata key of no bytes")
        value = inner.take(inner.varint())
        total += len(key) + len(value)
        if limits is not None and total > limits.bytes:
            return None
        name = utf8(key)
        if name in metadata:
            raise malformed("metadata key twice")
        metadata[name] = utf8(value)
    if inner.pos != inner.end:
        raise malformed("bytes after the metadata")
    return metadata


def write_metadata(out: bytearray, metadata: dict[str, str]) -> None:
    inner = bytearray()
    put_varint(inner, len(metadata))
    for key, value in metadata.items():
        put_text(inner, key, 1, 2**53 - 1)
        put_text(inner, value, 0, 2**53 - 1)
    put_varint(out, len(inner))
    out += inner
