"""A call that this side made: what the user does with it, and what comes for it."""

from collections.abc import Iterable, Iterator
from typing import Any

from . import envelopes as e
from .body import Answer, Body, CallFailed, cut_text
from .calls import CallState
from .flow import ItemsIn, ItemsOut, Violation
from .jsoncodec import InvalidJson


class OutgoingCall(CallState):
    """It stays in the session's table, and keeps its slot, until the callee has answered."""

    def __init__(self, session, call_id: int, credit: tuple[int, int] | None = None, upload: bool = False) -> None:
        super().__init__(session, call_id)
        self.number = 0  # that of its first envelope in the session
        self.answer: Answer | None = None
        self.failure: CallFailed | None = None
        self.started: dict[str, str] | None = None
        self.stopped = False
        if credit:
            self.items_in = ItemsIn(*credit, window=credit)
        if upload:
            self.items_out = ItemsOut(session.peer.upload_items, session.peer.upload_bytes)

    @property
    def settled(self) -> bool:
        """Whether the user's outcome is known. After a cancel that is before the callee's answer."""
        return self.answer is not None or self.failure is not None

    @property
    def open(self) -> bool:
        return self.id in self.session.outgoing

    # For the user.

    def result(self) -> Answer:
        """Waits for the answer. Raises CallFailed."""
        with self.session.lock:
            self.wait(lambda: self.settled)
            if self.failure:
                raise self.failure
            return self.answer

    def __iter__(self) -> Iterator[Body]:
        while (body := self.next_item()) is not None:
            yield body

    def next_item(self) -> Body | None:
        """The next item, or None after the end. Raises CallFailed."""
        with self.session.lock:
            self.wait(lambda: self.items_in.queue or self.settled)
            if self.items_in.queue:
                return self.take_item()
            if self.failure:
                raise self.failure
            return None

    def wait(self, predicate) -> None:
        if not super().wait(predicate):
            self.cancel("DEADLINE_EXCEEDED")

    def send(self, value: Any) -> bool:
        sent = super().send(value)
        if not sent and self.failure:
            raise self.failure
        return sent

    def end(self, metadata: dict[str, str] | None = None) -> None:
        """Ends the upload."""
        with self.session.lock:
            if self.sends_items():
                self.items_out.ended = True
                self.session.send(e.End(call_id=self.id, metadata=metadata or {}))

    def feed(self, items: Iterable[Any]) -> None:
        """Uploads what an iterable gives, as fast as the callee takes it, and ends the upload.

        When the callee takes no more, the rest of the iterable is left. When the iterable raises, or an item cannot be
        sent, the call is cancelled with ABORTED: half an upload must not look whole.
        """
        try:
            for item in items:
                if not self.send(item):
                    return
        except Exception as error:
            self.cancel("ABORTED", cut_text(f"the items failed: {type(error).__name__}"))
            raise
        self.end()

    def cancel(self, code: str = "CANCELLED", text: str = "") -> None:
        with self.session.lock:
            if not self.settled:
                self._give_up(CallFailed(code, text, maybe_executed=True))

    def sends_items(self) -> bool:
        return self.open and not (self.settled or self.stopped or self.items_out.ended)

    def drops_items(self) -> bool:
        return self.settled

    # What comes.

    def on_started(self, envelope: e.Started) -> None:
        if self.started is not None or (self.items_in and self.items_in.sequence):
            raise Violation("started twice or late")
        self.started = envelope.metadata
        self.session.changed.notify_all()

    def on_stop(self, envelope: e.Stop) -> None:
        if self.items_out is None:
            raise Violation("stop of a call without an upload")
        self.stopped = True
        self.session.changed.notify_all()

    def on_result(self, envelope: e.Result) -> None:
        if self.items_in is not None:
            raise Violation("a result of a call that asked for items")
        self.begin_body(envelope, dropped=self.settled)

    def on_end(self, envelope: e.End) -> None:
        if self.items_in is None:
            raise Violation("an end of a call that asked for no items")
        if self.partial:
            raise Violation("an end inside of a body")
        self.items_in.ended = True
        self._answered(envelope, Body())

    def on_failure(self, envelope: e.Failure) -> None:
        data = Body(envelope.encoding, envelope.body)
        self._remove()
        self._fail(
            CallFailed(
                envelope.code, envelope.text, envelope.maybe_executed, envelope.retry_after_ms, data, envelope.metadata
            )
        )

    def whole(self, head: e.Envelope, body: Body) -> None:
        if isinstance(head, e.Result):
            self._answered(head, body)
        elif not self.settled:
            self._take_item(body)

    def _take_item(self, body: Body) -> None:
        try:
            body.value
        except InvalidJson as error:
            self._give_up(CallFailed("INTERNAL", str(error), maybe_executed=True))
            return
        self.items_in.queue.append(body)
        self.session.changed.notify_all()

    def _answered(self, head: e.Envelope, body: Body) -> None:
        self._remove()
        if self.settled:
            return
        if head.metadata_over_limit:
            self._fail(CallFailed("RESOURCE_EXHAUSTED", "metadata over the limit", maybe_executed=True))
            return
        answer = Answer(body, head.metadata)
        try:
            answer.value
        except InvalidJson as error:
            self._fail(CallFailed("INTERNAL", str(error), maybe_executed=True))
            return
        self.answer = answer
        self.session.changed.notify_all()

    def too_long(self, text: str) -> None:
        self._give_up(CallFailed("RESOURCE_EXHAUSTED", text, maybe_executed=True))

    # The ways to an end.

    def lost(self, failure: CallFailed) -> None:
        """The connection ended, or the peer will never take this call."""
        self._remove()
        self._fail(failure)

    def _give_up(self, failure: CallFailed) -> None:
        self._fail(failure)
        if self.items_in:
            self.items_in.queue.clear()
        self.drop_partial()
        if self.open:
            self.session.send(e.Cancel(call_id=self.id, code=failure.code, text=failure.text))
        self.session.finish_when_idle()

    def _fail(self, failure: CallFailed) -> None:
        if not self.settled:
            self.failure = failure
        self.session.changed.notify_all()

    def _remove(self) -> None:
        self.drop_partial()
        self.session.outgoing.pop(self.id, None)
        self.session.changed.notify_all()
        self.session.finish_when_idle()
