"""Calls and events of one connection, the same for both sides."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from . import envelopes as e
from .body import Answer, Body, CallFailed, ConnectionFailed, body_of, cut_text
from .calls import split
from .codec import encode
from .connection import Connection
from .flow import Violation
from .incoming import IncomingCall, Procedure
from .link import Link
from .oneways import Oneways
from .outgoing import OutgoingCall
from .settings import Settings, grease_kind

PIECE_BYTES = 32768
CALLEE_SENDS = (e.Result, e.Failure, e.Started, e.Stop)
CALLER_SENDS = (e.Call, e.Cancel, e.Subscribe, e.Unsubscribe)


def time_left(until: float | None) -> int | None:
    return None if until is None else max(0, round((until - time.monotonic()) * 1000))


class Session(Link):
    def __init__(
        self, connection: Connection, own: Settings, peer: Settings, is_client: bool, procedures: dict[str, Procedure]
    ) -> None:
        super().__init__(connection, own, peer)
        self.parity = 1 if is_client else 0
        self.procedures = procedures
        self.outgoing: dict[int, OutgoingCall] = {}
        self.incoming: dict[int, IncomingCall] = {}
        self.partial_bytes = 0
        self.oneways = Oneways(self, procedures)
        self._own_highest = 0
        self._peer_highest = 0
        self._slots_given = 0
        self._next_id = 1 if is_client else 2

    # For the user.

    def open(
        self,
        procedure: str,
        value: Any = None,
        *,
        deadline_ms: int | None = None,
        credit: tuple[int, int] | None = None,
        upload: bool = False,
        metadata: dict[str, str] | None = None,
        extensions: list[tuple[int, bytes]] | None = None,
    ) -> OutgoingCall:
        """Begins a call. Credit asks for items; upload says that items of this side follow."""
        body = body_of(value)
        self.check_length(body)
        until = None if deadline_ms is None else time.monotonic() + deadline_ms / 1000

        def head(call_id: int) -> e.Call:
            return e.Call(
                call_id=call_id,
                procedure=procedure,
                deadline_ms=time_left(until),
                credit=credit and e.Grant(*credit),
                upload=upload,
                metadata=metadata or {},
                extensions=extensions or [],
            )

        return self._begin(head, body, until, credit, upload)

    def call(self, procedure: str, value: Any = None, **options: Any) -> Any:
        """A unary call. Its value, or CallFailed."""
        return self.open(procedure, value, **options).result().value

    def upload(self, procedure: str, items: Iterable[Any], value: Any = None, **options: Any) -> Answer:
        """A call that uploads items. Its answer, which may come before the end of the items, or CallFailed."""
        call = self.open(procedure, value, upload=True, **options)
        call.feed(items)
        return call.result()

    def exchange(
        self, procedure: str, items: Iterable[Any], value: Any = None, *, credit: tuple[int, int], **options: Any
    ) -> OutgoingCall:
        """A call both ways. Another thread uploads the items while this one takes those of the callee."""
        call = self.open(procedure, value, credit=credit, upload=True, **options)

        def feed() -> None:
            try:
                call.feed(items)
            except Exception:
                pass  # Whoever takes the items of the callee gets the failure of the call.

        threading.Thread(target=feed, daemon=True).start()
        return call

    def oneway(
        self,
        procedure: str,
        value: Any = None,
        *,
        deadline_ms: int | None = None,
        metadata: dict[str, str] | None = None,
    ) -> None:
        """Hands over a call without an answer. Raises CallFailed when it cannot go out."""
        body = body_of(value)
        self.check_length(body)
        until = None if deadline_ms is None else time.monotonic() + deadline_ms / 1000
        envelope = e.Oneway(
            procedure=procedure,
            deadline_ms=deadline_ms,
            metadata=metadata or {},
            encoding=body.encoding,
            body=body.data,
        )
        if len(encode(envelope)) > self.peer.frame_bytes_max:
            raise CallFailed("RESOURCE_EXHAUSTED", "it does not fit into a frame of the peer")
        with self.lock:
            self.changed.wait_for(lambda: self.ended or self.draining or not self.kept.full)
            if self.ended or self.draining:
                raise CallFailed("UNAVAILABLE", "the connection takes no more calls")
            self.send(envelope, renew=lambda: replace(envelope, deadline_ms=time_left(until)))

    def send_grease(self) -> None:
        """An envelope of a kind that means nothing. Only those of the session are counted."""
        kind = grease_kind()
        envelope = e.Unknown(code=kind, payload=bytes((kind, 0xFF, 0)))
        (self.send_link if kind & 0x40 else self.send)(envelope)

    def _begin(self, head_of: Callable, body: Body, until: float | None, credit=None, upload=False) -> OutgoingCall:
        with self.lock:
            self._wait_for_slot(until)
            call = OutgoingCall(self, self._next_id, credit, upload)
            first, *rest = self.split(head_of(call.id), body)
            call.deadline = until
            self._own_highest = call.id
            self._next_id += 2
            self.outgoing[call.id] = call

            def renew() -> e.Envelope:
                """Nobody waits for a call that is settled here: the callee need not begin with it."""
                return replace(first, deadline_ms=0 if call.settled else time_left(until))

            self.send(first, renew=renew if isinstance(first, e.Call) else None)
            call.number = self.sent
        self.send_rest(call, rest)
        return call

    def send_rest(self, call: OutgoingCall, rest: list[e.Envelope]) -> None:
        call.send_rest(rest, lambda: call.open and not call.settled)

    def _wait_for_slot(self, until: float | None) -> None:
        most = self.peer.calls_in_flight_max
        if most == 0:
            raise CallFailed("RESOURCE_EXHAUSTED", "the peer takes no calls")
        left = None if until is None else max(0.0, until - time.monotonic())
        refusing = lambda: self.ended or self.draining  # noqa: E731
        if not self.changed.wait_for(lambda: refusing() or (len(self.outgoing) < most and not self.kept.full), left):
            raise CallFailed("DEADLINE_EXCEEDED", "no slot in time")
        if refusing():
            raise CallFailed("UNAVAILABLE", "the connection takes no more calls")

    # Common to calls of both directions.

    def split(self, head: Any, body: Body) -> list[e.Envelope]:
        return split(head, body, self.peer.frame_bytes_max, PIECE_BYTES)

    def check_length(self, body: Body) -> None:
        if len(body.data) > self.peer.body_bytes_max:
            raise CallFailed("RESOURCE_EXHAUSTED", "a body over the peer's bodyBytesMax", maybe_executed=False)

    # Session envelopes.

    def on_session(self, envelope: e.Envelope) -> None:
        if not isinstance(envelope, e.CallEnvelope):
            getattr(self, f"on_{envelope.KIND}")(envelope)
            return
        own = envelope.call_id % 2 == self.parity
        if isinstance(envelope, CALLER_SENDS if own else CALLEE_SENDS):
            raise Violation(f"a {envelope.KIND} from the wrong side")
        if isinstance(envelope, (e.Call, e.Subscribe, e.Unsubscribe)):
            self._on_new(envelope)
            return
        if envelope.call_id > (self._own_highest if own else self._peer_highest):
            raise Violation(f"a {envelope.KIND} about a call that was never made")
        call = (self.outgoing if own else self.incoming).get(envelope.call_id)
        if call is not None:
            getattr(call, f"on_{envelope.KIND}")(envelope)

    def _on_new(self, envelope: e.CallEnvelope) -> None:
        if envelope.call_id <= self._peer_highest:
            raise Violation(f"call id {envelope.call_id} after {self._peer_highest}")
        self._peer_highest = envelope.call_id
        if self.last_taken is not None:
            return
        try:
            if self._slots_given >= self.own.calls_in_flight_max:
                raise CallFailed("RESOURCE_EXHAUSTED", "too many calls")
            if envelope.metadata_over_limit:
                raise CallFailed("RESOURCE_EXHAUSTED", "metadata over the limit")
            if isinstance(envelope, e.Call):
                self._on_call(envelope)
            else:
                getattr(self, f"on_{envelope.KIND}")(envelope)
                self.send(e.Result(call_id=envelope.call_id))
        except CallFailed as failure:
            self.send(e.Failure(call_id=envelope.call_id, code=failure.code, text=cut_text(failure.text)))

    def _on_call(self, envelope: e.Call) -> None:
        procedure = self.procedures.get(envelope.procedure)
        if procedure is None:
            raise CallFailed("UNIMPLEMENTED", "nobody has this procedure")
        kind = (envelope.credit is not None, envelope.upload)
        if procedure.oneway or (procedure.items, procedure.upload) != kind:
            raise CallFailed("UNIMPLEMENTED", "another kind of call")
        if envelope.deadline_ms == 0:
            raise CallFailed("DEADLINE_EXCEEDED")
        call = IncomingCall(self, envelope, procedure)
        self._slots_given += 1
        self.incoming[call.id] = call
        self.changed.notify_all()
        call.begin_body(envelope)

    def free_slot(self) -> None:
        """The kernel has taken the last byte of an answer."""
        with self.lock:
            self._slots_given -= 1
            self.changed.notify_all()

    def on_oneway(self, envelope: e.Oneway) -> None:
        self.oneways.take(envelope)

    def on_skip(self, envelope: e.Skip) -> None:
        pass

    def on_event(self, envelope: e.Event) -> None:
        pass

    def on_gap(self, envelope: e.Gap) -> None:
        pass

    def on_subscribe(self, envelope: e.Subscribe) -> None:
        raise CallFailed("UNIMPLEMENTED", "no events")

    def on_unsubscribe(self, envelope: e.Unsubscribe) -> None:
        raise CallFailed("UNIMPLEMENTED", "no events")

    # What the link asks and tells.

    def has_open_calls(self) -> bool:
        """A call that was cancelled keeps no connection open, whoever made it."""
        mine = any(not call.settled for call in self.outgoing.values())
        return mine or any(call.cancelled is None for call in self.incoming.values())

    def highest_taken(self) -> int:
        return self._peer_highest

    def on_goaway(self) -> None:
        for call in list(self.outgoing.values()):
            if call.id > self.last_given:
                call.lost(CallFailed("UNAVAILABLE", "the peer takes no more calls"))

    def on_ended(self, failure: ConnectionFailed) -> None:
        for call in list(self.outgoing.values()):
            call.lost(CallFailed("UNAVAILABLE", str(failure), maybe_executed=call.number <= self.handed_over))
        self.incoming.clear()
