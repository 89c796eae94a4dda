"""What calls of both directions have in common: bodies in pieces, and items in and out."""

import time
from typing import TYPE_CHECKING, Any

from . import envelopes as e
from .body import Body, CallFailed, body_of
from .codec import encode
from .flow import ItemsIn, ItemsOut, Partial, Violation

if TYPE_CHECKING:
    from .session import Session

MORE_HEADER_BYTES = 10
ASKS_STARTED = 2  # the extension of a call or a credit


def split(head: Any, body: Body, frame_bytes_max: int, piece_bytes: int) -> list[e.Envelope]:
    """The envelopes of a body: the head with the first piece, and the others."""
    head.encoding = body.encoding
    head.body, head.goes_on = b"", False
    room = min(piece_bytes, frame_bytes_max - len(encode(head)))
    if room < min(1, len(body.data)):
        raise CallFailed("RESOURCE_EXHAUSTED", "it does not fit into a frame of the peer")
    head.body = body.data[:room]
    step = min(piece_bytes, frame_bytes_max - MORE_HEADER_BYTES)
    rest = [body.data[at : at + step] for at in range(room, len(body.data), step)]
    pieces = [head]
    for data in rest:
        pieces[-1].goes_on = True
        pieces.append(e.More(call_id=head.call_id, encoding=body.encoding, body=data))
    return pieces


class CallState:
    """One call, at either side. Methods that begin with on_ run under the session's lock."""

    def __init__(self, session: "Session", call_id: int) -> None:
        self.session = session
        self.id = call_id
        self.items_in: ItemsIn | None = None
        self.items_out: ItemsOut | None = None
        self.partial: Partial | None = None
        self.deadline: float | None = None

    # What the two sides do differently.

    def whole(self, head: e.Envelope, body: Body) -> None:
        raise NotImplementedError

    def too_long(self, text: str) -> None:
        raise NotImplementedError

    def sends_items(self) -> bool:
        """Whether items of this side still make sense."""
        raise NotImplementedError

    def drops_items(self) -> bool:
        """Whether nobody wants the items of the peer any more. They count, but are not kept."""
        return False

    # Bodies that arrive.

    def begin_body(self, envelope: e.Envelope, dropped: bool = False) -> None:
        if self.partial:
            raise Violation("a body inside of another one")
        self.partial = Partial(envelope, dropped)
        self._add(envelope)

    def on_more(self, envelope: e.More) -> None:
        if self.partial is None:
            raise Violation("a piece without a beginning")
        if envelope.encoding != self.partial.head.encoding:
            raise Violation("a piece of another encoding")
        self._add(envelope)

    def _add(self, envelope: e.Envelope) -> None:
        partial, session = self.partial, self.session
        if isinstance(partial.head, e.Item):
            self.items_in.arrive(len(envelope.body))
        if not partial.dropped:
            partial.data += envelope.body
            if envelope.goes_on or envelope is not partial.head:
                session.partial_bytes += len(envelope.body)
            if len(partial.data) > session.own.body_bytes_max:
                self.too_long("a body over bodyBytesMax")
            elif session.partial_bytes > session.own.bodies_partial_bytes_max:
                self.too_long("bodies over bodiesPartialBytesMax")
        if not envelope.goes_on and self.partial:
            body = Body(envelope.encoding, bytes(partial.data))
            self.drop_partial()
            self.partial = None
            self.whole(partial.head, body)

    def drop_partial(self) -> None:
        """Forgets the bytes that arrived. Pieces that still come count, but are not kept."""
        if self.partial and not self.partial.dropped:
            if self.partial.head.goes_on:
                self.session.partial_bytes -= len(self.partial.data)
            self.partial.dropped = True
            self.partial.data = bytearray()

    # Items that arrive.

    def on_item(self, envelope: e.Item) -> None:
        if self.items_in is None:
            raise Violation("an item of a call without items")
        if self.partial:
            raise Violation("an item inside of a body")
        self.items_in.begin(envelope.sequence)
        self.begin_body(envelope, dropped=self.drops_items())

    def take_item(self) -> Body:
        """The next item that came; the caller knows that there is one. Gives credit for what was taken."""
        body, credit = self.items_in.take()
        if credit and not self.items_in.ended:
            self.session.send(e.Credit(call_id=self.id, items=credit[0], bytes=credit[1]))
        return body

    # Items that go out.

    def on_credit(self, envelope: e.Credit) -> None:
        if self.items_out is None:
            raise Violation("credit for a call without items in that direction")
        self.items_out.add(envelope.items, envelope.bytes)
        self.session.changed.notify_all()

    def send(self, value: Any) -> bool:
        """Sends an item when there is credit. False when it makes no sense any more."""
        body = body_of(value)
        self.session.check_length(body)
        with self.session.lock:
            self.wait(lambda: self.may_send_item() or not self.sends_items())
            if not self.sends_items():
                return False
            head = e.Item(call_id=self.id, sequence=self.items_out.begin(len(body.data)))
            first, *rest = self.session.split(head, body)
            self.session.send(first)
        return self.send_rest(rest, self.sends_items)

    def may_send_item(self) -> bool:
        return self.items_out.may_begin and not self.session.kept.full

    def send_rest(self, pieces: list[e.Envelope], makes_sense, written=None, handed_over=lambda: None) -> bool:
        """Sends pieces after the first, without holding the lock between them.

        Of the last one, `handed_over` is called under the lock, and `written` when the kernel has taken it.
        """
        for piece in pieces:
            self.session.wait_for_room()
            with self.session.lock:
                if not makes_sense():
                    return False
                self.session.send(piece, None if piece.goes_on else written)
                if not piece.goes_on:
                    handed_over()
        return True

    def wait(self, predicate) -> bool:
        """Waits under the lock, also for the end of the connection. False when the deadline has passed first."""
        left = None if self.deadline is None else max(0.0, self.deadline - time.monotonic())
        return self.session.changed.wait_for(lambda: predicate() or self.session.ended, left)
