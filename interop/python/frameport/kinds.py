"""The table of kinds: the code, the fields in their order, and which common parts each kind may have."""

from dataclasses import dataclass

from . import envelopes as e
from .layout import Blob, Group, Listed, Magic, Part, Roles, Setting, Text, Varint, distinct, name

BODY, METADATA, PIECES, EXTENSIONS = 0x03, 0x04, 0x08, 0x80

CODE = Part("code", name(128))
TEXT = Part("text", Text(1024))
PROCEDURE = Part("procedure", name(1024))
EVENT = Part("event", name(1024))
TOPIC = Part("topic", Text(4096))
DEADLINE = Part("deadline_ms", Varint(), 4)
RETRY_AFTER = Part("retry_after_ms", Varint(), 5)
SESSION = Part("session", Blob(1, 64))
SECRET = Part("secret", Blob(16, 64))
RECEIVED = Part("received", Varint())
POSITION = Part("position", Group(e.Position, Part("log", Blob(1, 32)), Part("number", Varint())), 4)
GRANT = Group(e.Grant, Part("items", Varint()), Part("bytes", Varint()))
SETTINGS = Part("settings", Listed(64, Setting(), distinct("setting", lambda pair: pair[0])))
CONTRACT = Group(
    e.Contract, Part("name", name(128)), Part("version", Varint(1)), Part("roles", Roles()), Part("hash", Blob(1, 32))
)
CONTRACTS = Part("contracts", Listed(64, CONTRACT, distinct("contract", lambda one: (one.name, one.version))))
PINGED = (Part("token", Varint()), Part("received", Varint(), 4))


@dataclass(slots=True)
class Kind:
    code: int
    cls: type
    parts: tuple[Part, ...]
    common: int  # the bits of BODY, METADATA, PIECES and EXTENSIONS that are allowed
    allowed: int = 0  # all bits that are allowed

    def __post_init__(self) -> None:
        self.allowed = self.common | sum(1 << part.flag for part in self.parts if part.flag is not None)

    @property
    def has_call_id(self) -> bool:
        return self.code < 0x20


def kind(code: int, cls: type, common: int, *parts: Part) -> Kind:
    return Kind(code, cls, parts, common | EXTENSIONS)


KINDS = (
    kind(0x01, e.Call, BODY | METADATA | PIECES, PROCEDURE, DEADLINE, Part("credit", GRANT, 5), Part("upload", None, 6)),
    kind(0x02, e.Result, BODY | METADATA | PIECES),
    kind(0x03, e.Failure, BODY | METADATA, CODE, TEXT, Part("maybe_executed", None, 4), RETRY_AFTER),
    kind(0x04, e.Item, BODY | PIECES, Part("sequence", Varint())),
    kind(0x05, e.More, BODY | PIECES),
    kind(0x06, e.End, METADATA),
    kind(0x07, e.Credit, 0, Part("items", Varint()), Part("bytes", Varint())),
    kind(0x08, e.Cancel, 0, CODE, TEXT),
    kind(0x09, e.Started, METADATA),
    kind(0x0A, e.Stop, 0),
    kind(0x0B, e.Subscribe, METADATA, EVENT, TOPIC, POSITION),
    kind(0x0C, e.Unsubscribe, 0, EVENT, TOPIC),
    kind(0x20, e.Event, BODY | METADATA, EVENT, TOPIC, POSITION),
    kind(0x21, e.Gap, 0, EVENT, TOPIC, Part("events", Varint()), POSITION),
    kind(0x22, e.Oneway, BODY | METADATA, PROCEDURE, DEADLINE),
    kind(0x23, e.Skip, 0),
    kind(
        0x40,
        e.Hello,
        BODY | METADATA,
        Part("magic", Magic(b"FRPT")),
        Part("version_min", Varint(1)),
        Part("version_max", Varint(1)),
        Part("codecs", Listed(16, name(128))),
        SETTINGS,
        CONTRACTS,
        Part("resume", Group(e.Resume, SESSION, SECRET, RECEIVED), 4),
    ),
    kind(
        0x41,
        e.Welcome,
        METADATA,
        Part("version", Varint(1)),
        Part("codec", name(128)),
        SETTINGS,
        CONTRACTS,
        Part("session", Group(e.SessionName, SESSION, SECRET), 4),
        Part("received", Varint(), 5),
    ),
    kind(0x42, e.Refused, BODY | METADATA, CODE, TEXT, RETRY_AFTER),
    kind(0x43, e.Challenge, BODY | METADATA, Part("id", Varint(1))),
    kind(0x44, e.Credentials, BODY | METADATA, Part("id", Varint())),
    kind(0x45, e.Verdict, 0, Part("id", Varint()), Part("refusal", Group(e.Refusal, CODE, TEXT), 4)),
    kind(0x46, e.Ping, 0, *PINGED),
    kind(0x47, e.Pong, 0, *PINGED),
    kind(0x48, e.Ack, 0, RECEIVED),
    kind(0x49, e.Goaway, METADATA, CODE, TEXT, Part("last_call_id", Varint(), 4), RETRY_AFTER),
)

BY_CODE = {one.code: one for one in KINDS}
BY_CLASS = {one.cls: one for one in KINDS}
BY_NAME = {one.cls.KIND: one for one in KINDS}


def is_link(code: int) -> bool:
    """Bit 6 tells the kinds of the link from those of the session."""
    return bool(code & 0x40)
