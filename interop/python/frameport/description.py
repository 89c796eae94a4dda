"""What a peer has of a contract, as the procedure `frameport/describe` tells it, and in which places two sides differ."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .body import CallFailed
from .incoming import IncomingCall, Procedure

DESCRIBE = "frameport/describe"
Outline = dict[str, str]
Outlines = dict[str, dict[str, Outline]]

# Behind a place: it may be missing, it refuses members that are not listed, its hash covers everything below.
_MARKS = re.compile(r"\??!?\*?$")
# The last level of a place. The dots of a quoted name are part of it.
_LAST_LEVEL = re.compile(r'\.(?:"(?:[^"\\]|\\.)*"|[^."]*)$')


@dataclass(slots=True)
class Description:
    contract: str
    version: int
    procedures: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    outlines: Outlines | None = None
    # Those that the server calls at its clients.
    client_procedures: dict[str, str] = field(default_factory=dict)

    def value(self) -> dict:
        """As it is sent."""
        told = {"contract": self.contract, "version": self.version, "procedures": self.procedures, "events": self.events}
        if self.client_procedures:
            told["clientProcedures"] = self.client_procedures
        return told if self.outlines is None else told | {"outlines": self.outlines}


def read(told: dict) -> Description:
    """What a peer has told. Members that nobody knows are ignored."""
    return Description(
        told["contract"],
        told["version"],
        told["procedures"],
        told["events"],
        told.get("outlines"),
        told.get("clientProcedures", {}),
    )


def describer(descriptions: Iterable[Description]) -> Procedure:
    """The procedure that answers for these contracts."""
    known = {(one.contract, one.version): one.value() for one in descriptions}

    def describe(call: IncomingCall):
        asked = call.value
        if not isinstance(asked, dict):
            raise CallFailed("INVALID_ARGUMENT", "an object with contract and version is wanted")
        contract, version = asked.get("contract"), asked.get("version")
        if not isinstance(contract, str) or not isinstance(version, int):
            raise CallFailed("INVALID_ARGUMENT", "an object with contract and version is wanted")
        if (contract, version) not in known:
            raise CallFailed("NOT_FOUND", "this server has no such contract")
        return known[contract, version]

    return Procedure(describe)


def ask(client, contract: str, version: int) -> Description:
    """What a peer has. Raises CallFailed."""
    return read(client.call(DESCRIBE, {"contract": contract, "version": version}))


def differing_places(own: Outline, theirs: Outline) -> list[str]:
    """The places that are not the same, or that one side does not have. Below such a place nothing more is told."""
    ours, others = _read(own), _read(theirs)
    found: list[str] = []
    closed: set[str] = set()
    for place in dict.fromkeys([*ours, *others]):
        if _LAST_LEVEL.sub("", place) in closed:
            closed.add(place)
            continue
        mine, other = ours.get(place), others.get(place)
        if mine == other and "*" not in mine[1]:
            continue
        closed.add(place)
        if mine != other:
            found.append(place)
    return found


def _read(outline: Outline) -> dict[str, tuple[str, str]]:
    """Place to hash and marks."""
    read = {}
    for written, hashed in outline.items():
        marks = _MARKS.search(written).group()
        read[written[: len(written) - len(marks)]] = (hashed, marks)
    return read
