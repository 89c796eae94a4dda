"""Session envelopes that the peer has not acknowledged."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from .codec import encode
from .envelopes import Envelope

Renew = Callable[[], Envelope]


@dataclass(slots=True)
class KeptEnvelope:
    number: int
    envelope: Envelope
    bytes: int
    written: Callable[[], None] | None
    renew: Renew | None  # what to send in its place, when it is sent again

    def done(self) -> None:
        """The kernel of some connection took all of it, or the peer has it. Tells so once."""
        written, self.written = self.written, None
        if written:
            written()


class Kept:
    """In the order in which they were sent. Used under the lock of its session."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.bytes = 0
        self._queue: deque[KeptEnvelope] = deque()

    @property
    def full(self) -> bool:
        return bool(self.bytes_max) and self.bytes >= self.bytes_max

    def add(self, one: KeptEnvelope) -> None:
        self._queue.append(one)
        self.bytes += one.bytes

    def acknowledge(self, received: int) -> None:
        """Forgets those up to this number."""
        while self._queue and self._queue[0].number <= received:
            one = self._queue.popleft()
            self.bytes -= one.bytes
            one.done()

    def again(self, frame_bytes_max: int) -> list[KeptEnvelope]:
        """All of them, to be sent over another connection. Some say now how much time is left."""
        for one in self._queue:
            if one.renew is None:
                continue
            renewed = one.renew()
            # A deadline of 0 may be a byte more than the call had. One that no longer fits goes out as it was.
            if len(encode(renewed)) <= frame_bytes_max:
                one.envelope = renewed
        return list(self._queue)
