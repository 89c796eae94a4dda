"""What belongs to one connection: its threads, pings, goaway and the end."""

import threading
import time

from . import envelopes as e
from .body import ConnectionFailed, cut_text
from .codec import decode
from .codes import KNOWN_CODES, LEAVE_THE_SESSION, NEVER_SENT
from .connection import Connection
from .errors import WireError
from .flow import Violation
from .kinds import is_link
from .resume import ResumeChannel
from .settings import Settings

POLL_S = 0.2
END_S = 1.0
PINGS_AT_ONCE = 100


class Link(ResumeChannel):
    """A connection after its handshake. A Session says what its session envelopes mean."""

    def __init__(self, connection: Connection, own: Settings, peer: Settings) -> None:
        super().__init__(connection, own, peer)
        self.moving = False  # the peer's goaway, first step
        self.last_taken: int | None = None  # in the goaway that this side sent
        self.last_given: int | None = None  # in the goaway that this side received
        self._token = 0
        self._cuts = 0
        self._begin_link()

    def _begin_link(self) -> None:
        """What no connection inherits from the one before."""
        self._pings_left = float(PINGS_AT_ONCE)
        self._pinged_at = time.monotonic()
        self._pongs: set[int] = set()
        self._finished_at: float | None = None

    # What a session adds.

    def on_session(self, envelope: e.Envelope) -> None:
        raise NotImplementedError

    def on_handshake(self, envelope: e.Envelope) -> None:
        raise Violation(f"a {envelope.KIND} on an open session")

    def on_goaway(self) -> None:
        raise NotImplementedError

    def on_ended(self, failure: ConnectionFailed) -> None:
        raise NotImplementedError

    def has_open_calls(self) -> bool:
        raise NotImplementedError

    def highest_taken(self) -> int:
        raise NotImplementedError

    @property
    def window_ms(self) -> int:
        """How long the session waits for another connection."""
        return self.own.resume_window_ms

    def on_detached(self) -> None:
        """The connection was lost, and the session waits for another one."""

    def on_acknowledged(self) -> None:
        """The peer acknowledged something on this connection."""

    @property
    def sends_on(self) -> bool:
        return self._finished_at is None

    # Reading.

    def start(self) -> None:
        self._read_from(self.connection)
        threading.Thread(target=self._beat, daemon=True).start()

    def _read_from(self, connection: Connection) -> None:
        threading.Thread(target=self.read, args=(connection,), daemon=True).start()

    def read(self, connection: Connection) -> None:
        """Reads until the connection has ended, in whatever way."""
        try:
            while self._read_one(connection):
                pass
        except (WireError, Violation) as error:
            self.broken(connection, error.code, str(error))
        except OSError as error:
            self.broken(connection, "CONNECTION_LOST", str(error))
        connection.discard(END_S)
        connection.cut()

    def _read_one(self, connection: Connection) -> bool:
        try:
            payload = connection.next_payload(POLL_S)
        except TimeoutError:
            with self.lock:
                if self._finished_at is not None and time.monotonic() > self._finished_at + END_S:
                    self.end(ConnectionFailed("CLOSED"))
                return self.ended is None and self.reads(connection)
        with self.lock:
            if not self.reads(connection):
                return False
            if payload is None:
                self._end_of_stream(connection)
                return False
            self._take(payload)
            return self.ended is None and self.reads(connection)

    def _end_of_stream(self, connection: Connection) -> None:
        if self.draining and not self.has_open_calls():
            self.end(ConnectionFailed("CLOSED"))
        else:
            self.broken(connection, "CONNECTION_LOST", "the stream ended")

    def _take(self, payload: bytes) -> None:
        envelope = decode(payload, self.own.metadata_limits)
        with self.lock:
            if self.ended is not None:
                return
            if is_link(payload[0]):
                self._on_link(envelope)
                return
            if not isinstance(envelope, e.Unknown):
                self.on_session(envelope)
            self.count_handled(len(payload))

    def _on_link(self, envelope: e.Envelope) -> None:
        match envelope:
            case e.Unknown():
                return
            case e.Ping():
                self._spend_ping()
                self._on_acknowledged(envelope.received)
                self.send_link(e.Pong(token=envelope.token, received=self.told_received()))
            case e.Pong():
                self._on_acknowledged(envelope.received)
                self._pongs.discard(envelope.token)
                self.changed.notify_all()
            case e.Ack():
                self.acks_received += 1
                self._on_acknowledged(envelope.received)
            case e.Goaway():
                self._on_goaway(envelope)
            case _:
                self.on_handshake(envelope)

    def _on_acknowledged(self, received: int | None) -> None:
        self.on_received(received)
        if received is not None:
            self.on_acknowledged()

    # Heartbeats.

    def _spend_ping(self) -> None:
        now = time.monotonic()
        self._pings_left = min(PINGS_AT_ONCE, self._pings_left + now - self._pinged_at)
        self._pinged_at = now
        if self._pings_left < 1:
            raise Violation("too many pings", "LIMIT_EXCEEDED")
        self._pings_left -= 1

    def ping(self, timeout: float = 5.0) -> float:
        """Sends a ping and waits for its pong. The seconds that it took."""
        began = time.monotonic()
        with self.lock:
            connection = self.connection
            self._token += 1
            token = self._token
            self._pongs.add(token)
            self.send_link(e.Ping(token=token, received=self.told_received()))
            over = lambda: self.ended or not self.reads(connection)  # noqa: E731
            if not self.changed.wait_for(lambda: token not in self._pongs or over(), timeout):
                raise TimeoutError("no pong")
            if over():
                raise self.ended or ConnectionFailed("CONNECTION_LOST", "the connection of the ping was lost")
        return time.monotonic() - began

    def _beat(self) -> None:
        """Pings when nothing came for a while, and gives up when nothing comes after that."""
        interval, patience = self.own.heartbeat_interval_ms / 1000, self.own.heartbeat_timeout_ms / 1000
        pinged: float | None = None
        with self.lock:
            while interval and not self.changed.wait_for(lambda: self.ended, min(interval, patience) / 4):
                if not self.attached:
                    pinged = None
                    continue
                now, heard = time.monotonic(), self.connection.last_received
                if pinged is not None and heard > pinged:
                    pinged = None
                if pinged is not None and now > pinged + patience:
                    self.broken(self.connection, "HEARTBEAT_TIMEOUT", "silence")
                elif pinged is None and now > heard + interval:
                    pinged = now
                    self._token += 1
                    self.send_link(e.Ping(token=self._token, received=self.told_received()))

    # Goaway and the end.

    @property
    def draining(self) -> bool:
        return self.last_taken is not None or self.last_given is not None

    def move_away(self, retry_after_ms: int | None = None) -> None:
        """The first step: asks the peer to make new calls elsewhere."""
        self.send_link(e.Goaway(code="CLOSED", retry_after_ms=retry_after_ms))

    def drain(self, retry_after_ms: int | None = None) -> None:
        """The second step: this side takes no more calls."""
        with self.lock:
            if not self.attached:
                self.end(ConnectionFailed("CLOSED", "closed without a connection"))
            elif self.last_taken is None:
                self.last_taken = self.highest_taken()
                self.send_link(e.Goaway(code="CLOSED", last_call_id=self.last_taken, retry_after_ms=retry_after_ms))
                self.finish_when_idle()

    def close(self, limit: float = 5.0) -> None:
        """Drains, and waits for what is open. What is still open after the limit fails."""
        with self.lock:
            self.drain()
            if not self.changed.wait_for(lambda: self.ended, limit):
                self.end(ConnectionFailed("CLOSED"))

    def _on_goaway(self, envelope: e.Goaway) -> None:
        if envelope.code != "CLOSED":
            code = envelope.code if envelope.code in KNOWN_CODES else "CONNECTION_LOST"
            if envelope.last_call_id is not None:
                self.last_given = envelope.last_call_id
                self.on_goaway()
            failure = ConnectionFailed(code, envelope.text, envelope.retry_after_ms)
            if envelope.code not in LEAVE_THE_SESSION or not self.detach(failure):
                self.end(failure)
        elif envelope.last_call_id is None:
            self.moving = True
        else:
            last = envelope.last_call_id
            self.last_given = last if self.last_given is None else min(last, self.last_given)
            self.on_goaway()
            self.finish_when_idle()
        self.changed.notify_all()

    def finish_when_idle(self) -> None:
        if self.draining and self._finished_at is None and not self.has_open_calls():
            self._finished_at = time.monotonic()
            self.connection.finish()

    def broken(self, connection: Connection, code: str, text: str) -> None:
        """The session lives on without this connection when it may. Otherwise it ends with it."""
        with self.lock:
            if not self.reads(connection):
                return
            if code not in LEAVE_THE_SESSION or not self.detach(ConnectionFailed(code, text)):
                self.fail(code, text)

    def detach(self, failure: ConnectionFailed) -> bool:
        """Whether the session waits for another connection. One whose end was announced does not."""
        if self.name is None or self.draining or self.ended is not None:
            return False
        self.leave_connection()
        self._cuts += 1
        cut = self._cuts

        def give_up() -> None:
            with self.lock:
                if self._cuts == cut and not self.attached:
                    self.end(failure)

        timer = threading.Timer(min(self.window_ms / 1000, threading.TIMEOUT_MAX), give_up)
        timer.daemon = True
        timer.start()
        self.on_detached()
        return True

    def go_on(self, connection: Connection, received: int) -> None:
        with self.lock:
            self._begin_link()
            super().go_on(connection, received)
            self._read_from(connection)

    def fail(self, code: str, text: str = "") -> None:
        """This side found an error: says so and ends."""
        with self.lock:
            if code not in NEVER_SENT:
                self.send_link(e.Goaway(code=code, text=cut_text(text)))
            self.end(ConnectionFailed(code, text))

    def end(self, failure: ConnectionFailed) -> None:
        with self.lock:
            if self.ended is None:
                self.ended = failure
                self.connection.finish()
                self.on_ended(failure)
                self.changed.notify_all()
