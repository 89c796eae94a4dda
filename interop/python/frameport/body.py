"""What a call, a result, an item or an event carries, and how a call fails."""

from dataclasses import dataclass, field
from typing import Any

from . import jsoncodec
from .envelopes import CODEC, NONE, RAW


@dataclass(slots=True, frozen=True)
class Body:
    encoding: int = NONE
    data: bytes = b""

    @property
    def value(self) -> Any:
        """The value of JSON, the bytes of a raw body, or None."""
        if self.encoding == NONE:
            return None
        return self.data if self.encoding == RAW else jsoncodec.loads(self.data)


NOTHING = Body()


def body_of(value: Any) -> Body:
    """None is no body and bytes travel raw. A JSON null is Body(CODEC, b"null")."""
    if isinstance(value, Body):
        return value
    if value is None:
        return NOTHING
    if isinstance(value, (bytes, bytearray)):
        return Body(RAW, bytes(value))
    return Body(CODEC, jsoncodec.dumps(value))


@dataclass(slots=True)
class Answer:
    body: Body = NOTHING
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        return self.body.value


class CallFailed(Exception):
    """A call that failed, here or at the peer."""

    def __init__(
        self,
        code: str,
        text: str = "",
        maybe_executed: bool = False,
        retry_after_ms: int | None = None,
        data: Body = NOTHING,
        metadata: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.maybe_executed = maybe_executed
        self.retry_after_ms = retry_after_ms
        self.data = data
        self.metadata = metadata or {}


class ConnectionFailed(Exception):
    """A connection that could not be opened, or has ended."""

    def __init__(self, code: str, text: str = "", retry_after_ms: int | None = None) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.retry_after_ms = retry_after_ms


def cut_text(text: str, most: int = 1024) -> str:
    """A text for people that fits, cut at a whole character."""
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")
