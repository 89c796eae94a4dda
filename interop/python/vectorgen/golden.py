"""Valid envelopes: every kind with its flags in pairs, then single ones at the edges of the rules."""

from collections.abc import Iterator
from typing import Any

from frameport import envelopes as e
from frameport.codec import encode
from frameport.fields import to_fields
from frameport.kinds import BODY, KINDS, METADATA, PIECES
from frameport.wire import NUMBER_MAX

from .pairs import pairwise

CONTRACTS = [e.Contract("chat", 1, 2, bytes.fromhex("9f2c51073a44e018")), e.Contract("chat", 2, 3, b"\x00")]
NAMES = {"event": "chat@1/line", "topic": '{"room":"lobby"}'}
PROCEDURE = {"procedure": "chat@1/join"}
ERROR = {"code": "RESOURCE_EXHAUSTED", "text": "später"}

# The fields that each kind must have.
FIELDS: dict[type, dict[str, Any]] = {
    e.Call: PROCEDURE,
    e.Failure: ERROR,
    e.Item: {"sequence": 0},
    e.Credit: {"items": 32, "bytes": 65536},
    e.Cancel: ERROR,
    e.Subscribe: NAMES,
    e.Unsubscribe: NAMES,
    e.Event: NAMES,
    e.Gap: {**NAMES, "events": 3},
    e.Oneway: PROCEDURE,
    e.Hello: {"codecs": ["json"], "settings": [(1, 2097152), (4, 64)], "contracts": CONTRACTS},
    e.Welcome: {"settings": [(11, 0)], "contracts": CONTRACTS},
    e.Refused: ERROR,
    e.Challenge: {"id": 1},
    e.Credentials: {"id": 0},
    e.Verdict: {"id": 0},
    e.Ping: {"token": 1},
    e.Pong: {"token": 128},
    e.Ack: {"received": 300},
    e.Goaway: {"code": "CLOSED"},
}

EDGES = "\x00\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"
POSITION = e.Position(bytes.fromhex("a1b2"), 7)

# The values of a field that stands only with a flag.
PRESENT: dict[str, Any] = {
    "deadline_ms": 500,
    "credit": e.Grant(0, 0),
    "upload": True,
    "maybe_executed": True,
    "retry_after_ms": 60000,
    "position": POSITION,
    "resume": e.Resume(b"\x01", bytes(16), 300),
    "session": e.SessionName(b"\x01\x02", bytes(range(16))),
    "received": 0,
    "refusal": e.Refusal("UNAUTHENTICATED", ""),
    "last_call_id": 129,
}

ABSENT = {"upload": False, "maybe_executed": False}
BODIES = [(e.NONE, b""), (e.CODEC, b'{"a":1}'), (e.RAW, b"\xde\xad\xbe\xef")]

# Kinds that have fewer bodies to choose from, or need fewer because others show the rest.
BODIES_OF = {
    e.More: BODIES[1:],
    e.Item: BODIES[1:],
    e.Result: BODIES[:2],
    e.Oneway: BODIES[1:],
    e.Challenge: [BODIES[0], BODIES[1]],
    e.Credentials: [BODIES[0], BODIES[2]],
    e.Refused: [BODIES[0], BODIES[1]],
    e.Failure: [BODIES[0], BODIES[2]],
    e.Event: BODIES[1:],
}


def allowed(row: dict[str, Any]) -> bool:
    if row.get("goes_on") and row["body"] == BODIES[0]:
        return False
    return not ("session" in row and row["received"] is not None and row["session"] is None)


def flags_in_pairs() -> Iterator[tuple[str, e.Envelope]]:
    for kind in KINDS:
        options: dict[str, list] = {"extensions": [[], [(27, b"\x01\x02")]]}
        if kind.common & METADATA:
            options["metadata"] = [{}, {"trace": "7", "node": ""}]
        if kind.common & BODY:
            options["body"] = BODIES_OF.get(kind.cls, BODIES)
        if kind.common & PIECES:
            options["goes_on"] = [False, True]
        for part in kind.parts:
            if part.flag is not None:
                options[part.attr] = [ABSENT.get(part.attr), PRESENT[part.attr]]
        for number, row in enumerate(pairwise(options, allowed)):
            if "body" in row:
                row["encoding"], row["body"] = row["body"]
            if kind.has_call_id:
                row["call_id"] = 3
            yield f"{kind.cls.KIND} flags {number}", kind.cls(**FIELDS.get(kind.cls, {}), **row)


def call(**more: Any) -> e.Call:
    return e.Call(**{"call_id": 1, **PROCEDURE, **more})


def numbers() -> Iterator[tuple[str, e.Envelope]]:
    for bits in range(7, 50, 7):
        yield f"credit of 2^{bits} - 1 and 2^{bits}", e.Credit(call_id=2**bits, items=2**bits - 1, bytes=2**bits)
    yield "ack 0", e.Ack(received=0)
    yield "ack 2^53 - 1", e.Ack(received=NUMBER_MAX)
    yield "numbers at their most", call(
        call_id=NUMBER_MAX, deadline_ms=NUMBER_MAX, credit=e.Grant(NUMBER_MAX, NUMBER_MAX)
    )
    yield "credit of items only", e.Credit(call_id=2, items=1, bytes=0)
    yield "credit of bytes only", e.Credit(call_id=2, items=0, bytes=1)
    yield "deadline 0", call(deadline_ms=0)


def texts() -> Iterator[tuple[str, e.Envelope]]:
    yield "text with a byte order mark", e.Cancel(call_id=1, code="\ufeffA", text="\ufeff")
    yield "text at the borders of UTF-8", e.Cancel(call_id=1, code="Ä€😀", text=EDGES)
    yield "text at its most", e.Cancel(call_id=1, code="c" * 128, text="ü" * 512)
    yield "name at its most", e.Oneway(procedure="p" * 1024)
    yield "long topic", e.Event(event="e", topic="é" * 1400)
    yield "body of zero bytes, codec", e.Result(call_id=1, encoding=e.CODEC)
    yield "body of zero bytes, raw", e.Event(event="a", encoding=e.RAW)
    yield "metadata of one empty value", e.End(call_id=1, metadata={"k": ""})
    yield "metadata with a reserved key", e.Started(call_id=2, metadata={"frameport-x": "y", "\ufeff": "ß"})
    yield "metadata of 64 pairs", e.Started(call_id=2, metadata={f"k{n}": f"v{n}" for n in range(64)})


def lists() -> Iterator[tuple[str, e.Envelope]]:
    yield "extension of no bytes", call(extensions=[(0, b"")])
    yield "extension at its most", call(extensions=[(1, b"f" * 128), (NUMBER_MAX, bytes(883))])
    yield "extensions, 16 of them", call(extensions=[(31 * n + 27, bytes(n)) for n in range(16)])
    yield "hello of nothing but versions", e.Hello(version_max=NUMBER_MAX)
    yield "hello of 16 codecs", e.Hello(codecs=[f"c{n}" for n in range(15)] + ["c" * 128])
    yield "hello with unknown settings", e.Hello(settings=[(0, 0), (27, NUMBER_MAX), (13, 1), (NUMBER_MAX, 2)])
    yield "hello with 64 settings", e.Hello(codecs=["json"], settings=[(1000 + n, n) for n in range(64)])
    least = [(1, 4096), (2, 1), (3, 1), (4, 0), (5, 0), (6, 0), (7, 0), (8, 1), (9, 0), (10, 0), (11, 0), (12, 0)]
    yield "settings at their least", e.Hello(settings=least)
    yield "settings at their most", e.Hello(settings=[(1, 2**30 - 1)] + [(n, NUMBER_MAX) for n in range(2, 13)])
    yield "hello of 64 contracts", e.Hello(contracts=[e.Contract(f"c{n}", 1, 1, b"\x01") for n in range(64)])
    yield "contract at its most", e.Welcome(contracts=[e.Contract("c" * 128, NUMBER_MAX, 3, bytes(32))])
    yield "resume at its most", e.Hello(resume=e.Resume(bytes(64), bytes(64), NUMBER_MAX))
    yield "session at its least", e.Welcome(session=e.SessionName(b"\x00", bytes(16)), received=1)
    yield "gap of unknown size, log at its most", e.Gap(event="a@1/b", position=e.Position(bytes(32), 0))
    yield "goaway, nothing taken", e.Goaway(code="CLOSED", text="moves", last_call_id=0, retry_after_ms=0)


def golden() -> list[dict[str, Any]]:
    made = [*flags_in_pairs(), *numbers(), *texts(), *lists()]
    return [{"name": name, "fields": to_fields(one), "hex": encode(one).hex()} for name, one in made]
