"""A call that the peer made: what its handler does with it, and what comes for it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import envelopes as e
from .body import NOTHING, Answer, Body, CallFailed, body_of, cut_text
from .calls import ASKS_STARTED, CallState
from .flow import ItemsIn, ItemsOut, Violation
from .jsoncodec import InvalidJson

HANDLER_STOP_S = 5.0
FIRST_GRANT = (16, 65536)  # of an upload that the settings let begin with nothing


@dataclass(slots=True)
class Procedure:
    """A handler takes the IncomingCall, or of a one-way procedure the IncomingOneway.

    What it returns is the result. Of a call with items only an end goes out, and of a one-way call nothing.
    """

    handler: Callable[[Any], Any]
    items: bool = False
    upload: bool = False
    oneway: bool = False


class HandlerStopped(Exception):
    """Raised inside of a handler whose call is over."""


class IncomingCall(CallState):
    def __init__(self, session, envelope: e.Call, procedure: Procedure) -> None:
        super().__init__(session, envelope.call_id)
        self.procedure = procedure
        self.metadata = envelope.metadata
        self.upload_metadata: dict[str, str] = {}  # those of the end of the upload
        self.input = NOTHING
        self.began = False
        self.answering = False
        self.stopped = False
        self.asks_started = ASKS_STARTED in dict(envelope.extensions)
        self.told_started = False
        self.stepped = False
        self.cancelled: CallFailed | None = None
        self.timers: list[threading.Timer] = []
        if envelope.credit:
            self.items_out = ItemsOut(envelope.credit.items, envelope.credit.bytes)
        if envelope.upload:
            window = (session.own.upload_items, session.own.upload_bytes)
            self.items_in = ItemsIn(*window, window=window)
        if envelope.deadline_ms is not None:
            self._after(envelope.deadline_ms / 1000, lambda: self.give_up(CallFailed("DEADLINE_EXCEEDED")))

    # For the handler.

    @property
    def value(self) -> Any:
        return self.input.value

    def tell_started(self, metadata: dict[str, str] | None = None) -> None:
        """Tells the caller, once and before the first item, whether or not it asks."""
        with self.session.lock:
            if not (self.over or self.told_started or (self.items_out and self.items_out.sequence)):
                self.told_started = True
                self.session.send(e.Started(call_id=self.id, metadata=metadata or {}))

    def step(self) -> None:
        """What a handler of items calls when it is ready: a caller that asks is told."""
        with self.session.lock:
            self.stepped = True
            if self.asks_started:
                self.tell_started()

    def on_credit(self, envelope: e.Credit) -> None:
        super().on_credit(envelope)
        if ASKS_STARTED in dict(envelope.extensions):
            self.asks_started = True
            if self.stepped:
                self.step()

    def __iter__(self) -> Iterator[Body]:
        """The items of the caller."""
        with self.session.lock:
            if 0 in self.items_in.window and not self.over:
                self.items_in.window = FIRST_GRANT
                self.items_in.grant(*FIRST_GRANT)
                self.session.send(e.Credit(call_id=self.id, items=FIRST_GRANT[0], bytes=FIRST_GRANT[1]))
        while True:
            with self.session.lock:
                self.wait(lambda: self.items_in.queue or self.items_in.ended or self.over)
                self._check()
                if not self.items_in.queue:
                    return
                body = self.take_item()
            yield body

    def stop(self) -> None:
        """Takes no more items of the caller. What is on its way is passed over."""
        with self.session.lock:
            if not (self.over or self.stopped or self.items_in.ended):
                self._stop()

    def send(self, value: Any) -> bool:
        sent = super().send(value)
        self._check()
        return sent

    def sleep(self, seconds: float) -> None:
        """Waits, and gives up when the call is over."""
        with self.session.lock:
            self.session.changed.wait_for(lambda: self.over, seconds)
            self._check()

    @property
    def over(self) -> bool:
        return bool(self.answering or self.cancelled or self.session.ended)

    def sends_items(self) -> bool:
        return not self.over

    def _check(self) -> None:
        if self.over:
            raise HandlerStopped

    def _stop(self) -> None:
        self.stopped = True
        self.items_in.ended = True
        self.items_in.queue.clear()
        self._forget_partial()
        self.session.send(e.Stop(call_id=self.id))

    def _forget_partial(self) -> None:
        self.drop_partial()
        self.partial = None

    # What comes.

    def on_item(self, envelope: e.Item) -> None:
        if self.items_in is None or not (self.stopped or self.over):
            super().on_item(envelope)

    def on_more(self, envelope: e.More) -> None:
        if not (self.stopped or self.over):
            super().on_more(envelope)

    def on_end(self, envelope: e.End) -> None:
        if self.items_in is None:
            raise Violation("an end of a call without an upload")
        if self.stopped or self.over:
            return
        if self.partial or self.items_in.ended:
            raise Violation("an end inside of a body, or a second one")
        self.items_in.ended = True
        self.upload_metadata = envelope.metadata
        if envelope.metadata_over_limit:
            self.give_up(CallFailed("RESOURCE_EXHAUSTED", "metadata over the limit"))
        self.session.changed.notify_all()

    def on_cancel(self, envelope: e.Cancel) -> None:
        if self.items_in:
            self.items_in.ended = True  # it needs no stop
        self.give_up(CallFailed(envelope.code, envelope.text))

    def whole(self, head: e.Envelope, body: Body) -> None:
        try:
            body.value
        except InvalidJson as error:
            self.give_up(CallFailed("INVALID_ARGUMENT", str(error)))
            return
        if isinstance(head, e.Item):
            self.items_in.queue.append(body)
            self.session.changed.notify_all()
        else:
            self.input = body
            self.began = True
            threading.Thread(target=self._run, daemon=True).start()

    def too_long(self, text: str) -> None:
        self.give_up(CallFailed("RESOURCE_EXHAUSTED", text))

    def give_up(self, failure: CallFailed) -> None:
        """The call is over for the handler. The answer goes out when it has stopped, or has taken too long for that."""
        with self.session.lock:
            if self.over:
                return
            failure.maybe_executed = self.began
            if self.items_in and not self.items_in.ended:
                self._stop()
            self._forget_partial()
            self.cancelled = failure
            self.session.changed.notify_all()
            if self.began:
                self._after(HANDLER_STOP_S, lambda: self.fail(failure))
            else:
                self.fail(failure)
            self.session.finish_when_idle()

    # The answer.

    def _run(self) -> None:
        try:
            returned = self.procedure.handler(self)
            self._check()
            self._answer(returned)
        except CallFailed as failure:
            self.fail(self.cancelled or failure)
        except HandlerStopped:
            if self.cancelled:
                self.fail(self.cancelled)
        except Exception as error:
            self.fail(self.cancelled or CallFailed("INTERNAL", type(error).__name__, maybe_executed=True))

    def _answer(self, returned: Any) -> None:
        try:
            answer = returned if isinstance(returned, Answer) else Answer(body_of(returned))
        except InvalidJson as error:
            raise CallFailed("INTERNAL", str(error), maybe_executed=True) from None
        if self.items_out is not None:
            self._finish(e.End(call_id=self.id, metadata=answer.metadata), NOTHING)
        else:
            self.session.check_length(answer.body)
            self._finish(e.Result(call_id=self.id, metadata=answer.metadata), answer.body)

    def fail(self, failure: CallFailed) -> None:
        head = e.Failure(
            call_id=self.id,
            code=failure.code,
            text=cut_text(failure.text),
            maybe_executed=failure.maybe_executed,
            retry_after_ms=failure.retry_after_ms,
            metadata=failure.metadata,
        )
        fits = len(failure.data.data) + 4096 <= self.session.peer.frame_bytes_max
        self._finish(head, failure.data if fits else NOTHING)

    def _finish(self, head: Any, body: Body) -> None:
        """Sends the answer, once. The first one stands."""
        if isinstance(head, e.Failure):
            head.encoding, head.body = body.encoding, body.data
            pieces = [head]
        else:
            pieces = self.session.split(head, body)
        with self.session.lock:
            if self.answering or self.session.ended:
                return
            self.answering = True
            for timer in self.timers:
                timer.cancel()
            self._forget_partial()
            self.session.changed.notify_all()
            self.session.send(pieces[0], None if pieces[0].goes_on else self.session.free_slot)
            if not pieces[0].goes_on:
                self._leave()
        self.send_rest(pieces[1:], lambda: self.session.ended is None, self.session.free_slot, self._leave)

    def _leave(self) -> None:
        """Under the lock in which the last of the answer was handed over.

        The caller may answer it with a goaway and the end of the stream, and finds no open call then.
        """
        self.session.incoming.pop(self.id, None)
        self.session.finish_when_idle()

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), then)
        timer.daemon = True
        timer.start()
        self.timers.append(timer)
