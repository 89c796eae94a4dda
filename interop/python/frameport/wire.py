"""Reading and writing of the protocol's smallest parts: bytes, varints, texts and blobs."""

from .errors import malformed

NUMBER_MAX = 2**53 - 1
VARINT_BYTES_MAX = 8


class Reader:
    """Walks over the bytes of one envelope. Every method raises when the bytes do not suffice."""

    __slots__ = ("data", "pos", "end")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.pos = 0
        self.end = len(data)

    def u8(self) -> int:
        if self.pos >= self.end:
            raise malformed("cut")
        value = self.data[self.pos]
        self.pos += 1
        return value

    def varint(self) -> int:
        data, pos, end = self.data, self.pos, self.end
        value = shift = 0
        while True:
            if pos >= end:
                raise malformed("cut varint")
            byte = data[pos]
            pos += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift == 7 * VARINT_BYTES_MAX:
                raise malformed("varint of more than 8 bytes")
        if byte == 0 and shift:
            raise malformed("varint not in the fewest bytes")
        if value > NUMBER_MAX:
            raise malformed("number over 2^53 - 1")
        self.pos = pos
        return value

    def take(self, length: int) -> bytes:
        stop = self.pos + length
        if stop > self.end:
            raise malformed("cut")
        value = self.data[self.pos : stop]
        self.pos = stop
        return value

    def blob(self, least: int, most: int) -> bytes:
        length = self.varint()
        if not least <= length <= most:
            raise malformed(f"length {length} is not in {least} to {most}")
        return self.take(length)

    def text(self, least: int, most: int) -> str:
        return utf8(self.blob(least, most))

    def rest(self) -> bytes:
        return self.take(self.end - self.pos)


def utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("not UTF-8") from None


def put_varint(out: bytearray, value: int) -> None:
    if not 0 <= value <= NUMBER_MAX:
        raise malformed(f"number {value} is not in 0 to 2^53 - 1")
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def put_blob(out: bytearray, value: bytes, least: int, most: int) -> None:
    if not least <= len(value) <= most:
        raise malformed(f"length {len(value)} is not in {least} to {most}")
    put_varint(out, len(value))
    out += value


def put_text(out: bytearray, value: str, least: int, most: int) -> None:
    try:
        data = value.encode("utf-8")
    except UnicodeEncodeError:
        raise malformed("a surrogate has no UTF-8") from None
    put_blob(out, data, least, most)
