"""Types of fields. Each reads and writes its bytes, and shows and parses its form in JSON."""

from dataclasses import dataclass
from typing import Any, Callable

from .errors import malformed
from .wire import NUMBER_MAX, Reader, put_blob, put_text, put_varint


class Type:
    suffix = ""

    def read(self, reader: Reader) -> Any:
        raise NotImplementedError

    def write(self, out: bytearray, value: Any) -> None:
        raise NotImplementedError

    def show(self, value: Any) -> Any:
        return value

    def parse(self, shown: Any) -> Any:
        return shown


class Varint(Type):
    def __init__(self, least: int = 0) -> None:
        self.least = least

    def read(self, reader):
        value = reader.varint()
        if value < self.least:
            raise malformed(f"{value} is under {self.least}")
        return value

    def write(self, out, value):
        if value < self.least:
            raise malformed(f"{value} is under {self.least}")
        put_varint(out, value)


class Roles(Type):
    """One byte: 1 serves, 2 calls, or both."""

    def read(self, reader):
        value = reader.u8()
        self.check(value)
        return value

    def write(self, out, value):
        self.check(value)
        out.append(value)

    def check(self, value: int) -> None:
        if value not in (1, 2, 3):
            raise malformed(f"roles {value}")


class Text(Type):
    def __init__(self, most: int, least: int = 0) -> None:
        self.most = most
        self.least = least

    def read(self, reader):
        return reader.text(self.least, self.most)

    def write(self, out, value):
        put_text(out, value, self.least, self.most)


def name(most: int) -> Text:
    return Text(most, 1)


class Blob(Type):
    suffix = "Hex"

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most

    def read(self, reader):
        return reader.blob(self.least, self.most)

    def write(self, out, value):
        put_blob(out, value, self.least, self.most)

    def show(self, value):
        return value.hex()

    def parse(self, shown):
        return bytes.fromhex(shown)


class Listed(Type):
    """A count and that many elements."""

    def __init__(self, most: int, element: Type, check: Callable[[list], None] | None = None) -> None:
        self.most = most
        self.element = element
        self.check = check

    def read(self, reader):
        count = reader.varint()
        if count > self.most:
            raise malformed(f"list of {count}, over {self.most}")
        values = [self.element.read(reader) for _ in range(count)]
        if self.check:
            self.check(values)
        return values

    def write(self, out, value):
        if len(value) > self.most:
            raise malformed(f"list of {len(value)}, over {self.most}")
        if self.check:
            self.check(value)
        put_varint(out, len(value))
        for element in value:
            self.element.write(out, element)

    def show(self, value):
        return [self.element.show(element) for element in value]

    def parse(self, shown):
        return [self.element.parse(element) for element in shown]


class Setting(Type):
    """An id and a value, as a pair. A known id has a range."""

    RANGES = {
        1: (4096, 2**30 - 1),
        2: (1, NUMBER_MAX),
        3: (1, NUMBER_MAX),
        8: (1, NUMBER_MAX),
    }

    def read(self, reader):
        pair = (reader.varint(), reader.varint())
        self.check(pair)
        return pair

    def write(self, out, value):
        self.check(value)
        put_varint(out, value[0])
        put_varint(out, value[1])

    def check(self, pair: tuple[int, int]) -> None:
        least, most = self.RANGES.get(pair[0], (0, NUMBER_MAX))
        if not least <= pair[1] <= most:
            raise malformed(f"setting {pair[0]} is {pair[1]}")

    def show(self, value):
        return list(value)

    def parse(self, shown):
        return tuple(shown)


class Magic(Type):
    """Constant bytes that no field holds."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, reader):
        if reader.take(len(self.data)) != self.data:
            raise malformed("wrong magic")

    def write(self, out, value):
        out += self.data


@dataclass(slots=True)
class Part:
    """One field of a layout. With a flag it stands only when that bit is set; without a type the bit is all of it."""

    attr: str
    type: Type | None
    flag: int | None = None
    shown_as: str = ""

    def __post_init__(self) -> None:
        head, *tail = self.attr.split("_")
        suffix = self.type.suffix if self.type else ""
        self.shown_as = head + "".join(word.capitalize() for word in tail) + suffix


class Group(Type):
    """Several fields that come and go together, held by one dataclass."""

    def __init__(self, cls: type, *parts: Part) -> None:
        self.cls = cls
        self.parts = parts
        self.named = [(part.attr, part.type, part.shown_as) for part in parts]

    def read(self, reader):
        return self.cls(*[kind.read(reader) for _, kind, _ in self.named])

    def write(self, out, value):
        for attr, kind, _ in self.named:
            kind.write(out, getattr(value, attr))

    def show(self, value):
        return {shown: kind.show(getattr(value, attr)) for attr, kind, shown in self.named}

    def parse(self, shown):
        return self.cls(*[kind.parse(shown[key]) for _, kind, key in self.named])


def distinct(what: str, key: Callable[[Any], Any]) -> Callable[[list], None]:
    """A check of a list: no two elements have the same key."""

    def check(values: list) -> None:
        if len({key(value) for value in values}) != len(values):
            raise malformed(f"{what} twice")

    return check
