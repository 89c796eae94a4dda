"""Calls without an answer: who sends one learns nothing of what became of it."""

import threading
import time
from typing import TYPE_CHECKING, Any

from . import envelopes as e
from .body import Body
from .incoming import HandlerStopped, Procedure
from .jsoncodec import InvalidJson

if TYPE_CHECKING:
    from .session import Session

RUNNING_MAX = 256  # handlers at once; what is over it is dropped


class IncomingOneway:
    """What the handler of a one-way procedure gets."""

    def __init__(self, session: "Session", envelope: e.Oneway) -> None:
        self.session = session
        self.metadata = envelope.metadata
        self.input = Body(envelope.encoding, envelope.body)
        self.until = None
        if envelope.deadline_ms is not None:
            self.until = time.monotonic() + envelope.deadline_ms / 1000

    @property
    def value(self) -> Any:
        return self.input.value

    @property
    def over(self) -> bool:
        return bool(self.session.ended or (self.until is not None and time.monotonic() >= self.until))

    def sleep(self, seconds: float) -> None:
        """Waits, and gives up when the deadline has passed or the connection has ended."""
        until = time.monotonic() + seconds
        if self.until is not None:
            until = min(until, self.until)
        with self.session.lock:
            self.session.changed.wait_for(lambda: self.over, max(0.0, until - time.monotonic()))
        if self.over:
            raise HandlerStopped


class Oneways:
    """Runs the one-way calls of a peer, and counts what it cannot run and what failed."""

    def __init__(self, session: "Session", procedures: dict[str, Procedure]) -> None:
        self.session = session
        self.procedures = procedures
        self.running = 0
        self.dropped = 0
        self.failed = 0

    def take(self, envelope: e.Oneway) -> None:
        """Under the lock of the session."""
        procedure = self.procedures.get(envelope.procedure)
        if procedure is None or not self._runnable(procedure, envelope):
            self.dropped += 1
            return
        self.running += 1
        call = IncomingOneway(self.session, envelope)
        threading.Thread(target=self._run, args=(procedure, call), daemon=True).start()

    def _runnable(self, procedure: Procedure, envelope: e.Oneway) -> bool:
        if not procedure.oneway or envelope.metadata_over_limit or envelope.deadline_ms == 0:
            return False
        if self.session.last_taken is not None or self.running >= RUNNING_MAX:
            return False
        if len(envelope.body) > self.session.own.body_bytes_max:
            return False
        try:
            Body(envelope.encoding, envelope.body).value
        except InvalidJson:
            return False
        return True

    def _run(self, procedure: Procedure, call: IncomingOneway) -> None:
        failed = 0
        try:
            procedure.handler(call)
        except HandlerStopped:
            pass
        except Exception:
            failed = 1
        with self.session.lock:
            self.failed += failed
            self.running -= 1
            self.session.changed.notify_all()
