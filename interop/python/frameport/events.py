"""What a subscriber holds: events and gaps of one topic, in their order."""

import queue
from dataclasses import dataclass, field

from . import envelopes as e
from .body import Body


@dataclass(slots=True)
class Happened:
    """An event, or a gap of `missed` events. 0 missed events: nobody knows how many."""

    body: Body = Body()
    metadata: dict[str, str] = field(default_factory=dict)
    position: e.Position | None = None
    missed: int | None = None

    @property
    def value(self):
        return self.body.value


class Subscription:
    def __init__(self, event: str, topic: str) -> None:
        self.event = event
        self.topic = topic
        self._queue: queue.SimpleQueue[Happened] = queue.SimpleQueue()

    def put(self, happened: Happened) -> None:
        self._queue.put(happened)

    def next(self, timeout: float = 5.0) -> Happened:
        """Raises queue.Empty when nothing came in time."""
        return self._queue.get(timeout=timeout)
