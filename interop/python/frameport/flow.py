"""Items under credit, in each direction, and bodies that arrive in pieces."""

from collections import deque
from dataclasses import dataclass, field

from .body import Body
from .envelopes import Envelope
from .wire import NUMBER_MAX


class Violation(Exception):
    """A well-formed envelope that is not allowed now. It ends the connection."""

    def __init__(self, text: str, code: str = "PROTOCOL_VIOLATION") -> None:
        super().__init__(text)
        self.code = code


@dataclass(slots=True)
class ItemsOut:
    """What this side may still send."""

    items: int
    bytes: int
    sequence: int = 0
    ended: bool = False

    @property
    def may_begin(self) -> bool:
        return self.items > 0 and self.bytes > 0

    def begin(self, length: int) -> int:
        """Takes an item from the credit and gives its sequence."""
        self.items -= 1
        self.bytes -= length
        self.sequence += 1
        return self.sequence - 1

    def add(self, items: int, bytes: int) -> None:
        self.items = min(NUMBER_MAX, self.items + items)
        self.bytes = min(NUMBER_MAX, self.bytes + bytes)


@dataclass(slots=True)
class ItemsIn:
    """What the peer may still send, what came, and what was taken since credit went out last."""

    items: int
    bytes: int
    window: tuple[int, int] = (0, 0)
    sequence: int = 0
    ended: bool = False
    queue: deque[Body] = field(default_factory=deque)
    taken_items: int = 0
    taken_bytes: int = 0

    def begin(self, sequence: int) -> None:
        if self.ended:
            raise Violation("an item after the end")
        if sequence != self.sequence:
            raise Violation(f"item {sequence} instead of {self.sequence}")
        if self.items <= 0 or self.bytes <= 0:
            raise Violation("an item without credit")
        self.sequence += 1
        self.items -= 1

    def arrive(self, length: int) -> None:
        self.bytes -= length

    def take(self) -> tuple[Body, tuple[int, int] | None]:
        """An item, and the credit that should go out now: what was taken, once it is half of the window."""
        body = self.queue.popleft()
        self.taken_items += 1
        self.taken_bytes += len(body.data)
        if self.taken_items * 2 < self.window[0] and self.taken_bytes * 2 < self.window[1]:
            return body, None
        credit = (self.taken_items, self.taken_bytes)
        self.taken_items = self.taken_bytes = 0
        self.grant(*credit)
        return body, credit

    def grant(self, items: int, bytes: int) -> None:
        self.items = min(NUMBER_MAX, self.items + items)
        self.bytes = min(NUMBER_MAX, self.bytes + bytes)


@dataclass(slots=True)
class Partial:
    """A body that has begun. `head` is the envelope that began it. A dropped one keeps no bytes."""

    head: Envelope
    dropped: bool = False
    data: bytearray = field(default_factory=bytearray)
