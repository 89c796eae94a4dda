"""The form of an envelope in JSON, as the files of vectors and decode.py have it."""

from typing import Any

from .envelopes import Envelope, Unknown
from .kinds import BODY, BY_CLASS, BY_NAME, METADATA, PIECES
from .layout import Magic

ENCODINGS = ("none", "codec", "raw")


def to_fields(envelope: Envelope) -> dict[str, Any]:
    if isinstance(envelope, Unknown):
        return {"kind": envelope.KIND, "code": envelope.code}
    kind = BY_CLASS[type(envelope)]
    fields: dict[str, Any] = {"kind": envelope.KIND}
    if kind.has_call_id:
        fields["callId"] = envelope.call_id
    for part in kind.parts:
        if isinstance(part.type, Magic):
            continue
        value = getattr(envelope, part.attr)
        if value is not None:
            fields[part.shown_as] = part.type.show(value) if part.type else value
    if envelope.extensions:
        fields["extensions"] = [[number, value.hex()] for number, value in envelope.extensions]
    if kind.common & METADATA:
        fields["metadata"] = envelope.metadata
    if kind.common & BODY:
        body = {"encoding": ENCODINGS[envelope.encoding]}
        if envelope.encoding:
            body["hex"] = envelope.body.hex()
        fields["body"] = body
    if kind.common & PIECES:
        fields["goesOn"] = envelope.goes_on
    return fields


def from_fields(fields: dict[str, Any]) -> Envelope:
    kind = BY_NAME[fields["kind"]]
    values: dict[str, Any] = {}
    if kind.has_call_id:
        values["call_id"] = fields["callId"]
    for part in kind.parts:
        if part.shown_as in fields:
            shown = fields[part.shown_as]
            values[part.attr] = part.type.parse(shown) if part.type else shown
    if "extensions" in fields:
        values["extensions"] = [(number, bytes.fromhex(value)) for number, value in fields["extensions"]]
    if "metadata" in fields:
        values["metadata"] = fields["metadata"]
    if "body" in fields:
        values["encoding"] = ENCODINGS.index(fields["body"]["encoding"])
        values["body"] = bytes.fromhex(fields["body"].get("hex", ""))
    if "goesOn" in fields:
        values["goes_on"] = fields["goesOn"]
    return kind.cls(**values)
