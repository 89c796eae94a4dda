"""Settings by name, and the grease that goes with them."""

import random
from dataclasses import dataclass, fields

from .codec import MetadataLimits


@dataclass(slots=True)
class Settings:
    """In the order of their ids, from 1, each with its default."""

    frame_bytes_max: int = 1048576
    body_bytes_max: int = 1048576
    bodies_partial_bytes_max: int = 8388608
    calls_in_flight_max: int = 256
    metadata_entries_max: int = 64
    metadata_bytes_max: int = 8192
    heartbeat_interval_ms: int = 15000
    heartbeat_timeout_ms: int = 20000
    upload_items: int = 16
    upload_bytes: int = 65536
    resume_bytes: int = 0
    resume_window_ms: int = 0

    @property
    def metadata_limits(self) -> MetadataLimits:
        return MetadataLimits(self.metadata_entries_max, self.metadata_bytes_max)

    def binding(self) -> tuple[int, ...]:
        """1 to 6 and 9 to 11: those that bind the peer, which a session that goes on may not change."""
        numbers = [*range(1, 7), *range(9, 12)]
        return tuple(getattr(self, fields(self)[number - 1].name) for number in numbers)

    def pairs(self) -> list[tuple[int, int]]:
        """What goes into a hello or welcome: everything but the defaults, and one setting that means nothing."""
        told = [(number, getattr(self, one.name)) for number, one in enumerate(fields(self), 1)]
        told = [pair for pair, one in zip(told, fields(self)) if pair[1] != one.default]
        return told + [(grease_id(), random.getrandbits(53))]


def from_pairs(pairs: list[tuple[int, int]]) -> Settings:
    names = [one.name for one in fields(Settings)]
    return Settings(**{names[number - 1]: value for number, value in pairs if 1 <= number <= len(names)})


def grease_id() -> int:
    return 31 * random.randrange(1000) + 27


def grease_kind() -> int:
    """A kind that is never assigned: 8a, 9a and so on to fa."""
    return random.randrange(8, 16) << 4 | 0x0A
