"""One side of a connection, driven envelope by envelope. It reports the envelopes that it received."""

from frameport import envelopes as e
from frameport.rawpeer import RawPeer
from lines import tell

TOKEN = 99


class ByHand:
    def __init__(self, peer: RawPeer, is_client: bool) -> None:
        self.peer = peer
        self.own = 1 if is_client else 2
        self.their = 2 if is_client else 1
        self.came: list[e.Envelope] = []

    def send(self, *envelopes: e.Envelope) -> None:
        self.peer.send(*envelopes)

    def await_kind(self, kind: str) -> e.Envelope:
        while (envelope := self.peer.receive()) is not None:
            self.came.append(envelope)
            if envelope.KIND == kind:
                return envelope
        raise EOFError(f"no {kind}, but {[one.KIND for one in self.came]}")

    def finish(self) -> None:
        self.send(e.Ping(token=TOKEN))
        goaway = "none, but the end of the stream"
        while (envelope := self.peer.receive()) is not None:
            if envelope.KIND in ("goaway", "pong"):
                goaway = getattr(envelope, "code", None)
                break
            self.came.append(envelope)
        codes = [one.code for one in self.came if one.KIND == "failure"]
        tell(goaway=goaway, came=[one.KIND for one in self.came if one.KIND != "credit"], codes=codes)
        self.peer.close()
