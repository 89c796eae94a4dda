"""One dataclass for each kind of envelope. A field that stands only with a flag is None without it."""

from dataclasses import dataclass, field
from typing import ClassVar

from .errors import malformed

NONE, CODEC, RAW = 0, 1, 2


@dataclass(slots=True)
class Grant:
    """The credit that stands in a call."""

    items: int
    bytes: int


@dataclass(slots=True)
class Position:
    log: bytes
    number: int


@dataclass(slots=True)
class Contract:
    name: str
    version: int
    roles: int
    hash: bytes


@dataclass(slots=True)
class Resume:
    session: bytes
    secret: bytes
    received: int


@dataclass(slots=True)
class SessionName:
    session: bytes
    secret: bytes


@dataclass(slots=True)
class Refusal:
    code: str
    text: str


@dataclass(slots=True, kw_only=True)
class Envelope:
    KIND: ClassVar[str] = ""

    extensions: list[tuple[int, bytes]] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    metadata_over_limit: bool = False
    encoding: int = NONE
    body: bytes = b""
    goes_on: bool = False

    def check(self) -> None:
        """Rules that bind several fields."""
        if self.goes_on and not self.body:
            raise malformed("a piece of a body has no bytes")


@dataclass(slots=True, kw_only=True)
class Unknown(Envelope):
    """A kind that was added later. It is passed over."""

    KIND: ClassVar[str] = "unknown"
    code: int
    payload: bytes


@dataclass(slots=True, kw_only=True)
class CallEnvelope(Envelope):
    call_id: int


@dataclass(slots=True, kw_only=True)
class Call(CallEnvelope):
    KIND: ClassVar[str] = "call"
    procedure: str
    deadline_ms: int | None = None
    credit: Grant | None = None
    upload: bool = False


@dataclass(slots=True, kw_only=True)
class Result(CallEnvelope):
    KIND: ClassVar[str] = "result"


@dataclass(slots=True, kw_only=True)
class Failure(CallEnvelope):
    KIND: ClassVar[str] = "failure"
    code: str
    text: str = ""
    maybe_executed: bool = False
    retry_after_ms: int | None = None


@dataclass(slots=True, kw_only=True)
class Item(CallEnvelope):
    KIND: ClassVar[str] = "item"
    sequence: int


@dataclass(slots=True, kw_only=True)
class More(CallEnvelope):
    KIND: ClassVar[str] = "more"

    def check(self) -> None:
        if not self.body:
            raise malformed("a piece of a body has no bytes")


@dataclass(slots=True, kw_only=True)
class End(CallEnvelope):
    KIND: ClassVar[str] = "end"


@dataclass(slots=True, kw_only=True)
class Credit(CallEnvelope):
    KIND: ClassVar[str] = "credit"
    items: int
    bytes: int

    def check(self) -> None:
        if not self.items and not self.bytes:
            raise malformed("credit of nothing")


@dataclass(slots=True, kw_only=True)
class Cancel(CallEnvelope):
    KIND: ClassVar[str] = "cancel"
    code: str
    text: str = ""


@dataclass(slots=True, kw_only=True)
class Started(CallEnvelope):
    KIND: ClassVar[str] = "started"


@dataclass(slots=True, kw_only=True)
class Stop(CallEnvelope):
    KIND: ClassVar[str] = "stop"


@dataclass(slots=True, kw_only=True)
class Subscribe(CallEnvelope):
    KIND: ClassVar[str] = "subscribe"
    event: str
    topic: str = ""
    position: Position | None = None


@dataclass(slots=True, kw_only=True)
class Unsubscribe(CallEnvelope):
    KIND: ClassVar[str] = "unsubscribe"
    event: str
    topic: str = ""


@dataclass(slots=True, kw_only=True)
class Event(Envelope):
    KIND: ClassVar[str] = "event"
    event: str
    topic: str = ""
    position: Position | None = None


@dataclass(slots=True, kw_only=True)
class Gap(Envelope):
    KIND: ClassVar[str] = "gap"
    event: str
    topic: str = ""
    events: int = 0
    position: Position | None = None


@dataclass(slots=True, kw_only=True)
class Oneway(Envelope):
    KIND: ClassVar[str] = "oneway"
    procedure: str
    deadline_ms: int | None = None


@dataclass(slots=True, kw_only=True)
class Skip(Envelope):
    KIND: ClassVar[str] = "skip"


@dataclass(slots=True, kw_only=True)
class Hello(Envelope):
    KIND: ClassVar[str] = "hello"
    version_min: int = 1
    version_max: int = 1
    codecs: list[str] = field(default_factory=list)
    settings: list[tuple[int, int]] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    resume: Resume | None = None

    def check(self) -> None:
        if self.version_min > self.version_max:
            raise malformed("versionMin is over versionMax")


@dataclass(slots=True, kw_only=True)
class Welcome(Envelope):
    KIND: ClassVar[str] = "welcome"
    version: int = 1
    codec: str = "json"
    settings: list[tuple[int, int]] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    session: SessionName | None = None
    received: int | None = None

    def check(self) -> None:
        if self.received is not None and self.session is None:
            raise malformed("resumed without a session")


@dataclass(slots=True, kw_only=True)
class Refused(Envelope):
    KIND: ClassVar[str] = "refused"
    code: str
    text: str = ""
    retry_after_ms: int | None = None


@dataclass(slots=True, kw_only=True)
class Challenge(Envelope):
    KIND: ClassVar[str] = "challenge"
    id: int


@dataclass(slots=True, kw_only=True)
class Credentials(Envelope):
    KIND: ClassVar[str] = "credentials"
    id: int


@dataclass(slots=True, kw_only=True)
class Verdict(Envelope):
    KIND: ClassVar[str] = "verdict"
    id: int
    refusal: Refusal | None = None


@dataclass(slots=True, kw_only=True)
class Ping(Envelope):
    KIND: ClassVar[str] = "ping"
    token: int
    received: int | None = None


@dataclass(slots=True, kw_only=True)
class Pong(Envelope):
    KIND: ClassVar[str] = "pong"
    token: int
    received: int | None = None


@dataclass(slots=True, kw_only=True)
class Ack(Envelope):
    KIND: ClassVar[str] = "ack"
    received: int


@dataclass(slots=True, kw_only=True)
class Goaway(Envelope):
    KIND: ClassVar[str] = "goaway"
    code: str
    text: str = ""
    last_call_id: int | None = None
    retry_after_ms: int | None = None
