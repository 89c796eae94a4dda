"""What was sent and what was handled, over all connections of a session."""

import threading

from . import envelopes as e
from .body import ConnectionFailed
from .connection import Connection
from .flow import Violation
from .kept import Kept, KeptEnvelope, Renew
from .settings import Settings, from_pairs

RESUME_BYTES_MIN = 65536


def keep_enough(own: Settings, peer: Settings) -> bool:
    """Whether a session of these two can go on over another connection."""
    return min(own.resume_bytes, peer.resume_bytes) >= RESUME_BYTES_MIN


def says_the_same(before: e.Hello | e.Welcome, now: e.Hello | e.Welcome) -> bool:
    """Whether the peer says of itself what it said on the connection of before. Roles bind nobody."""

    def contracts(one: e.Hello | e.Welcome) -> list[tuple[str, int, bytes]]:
        return sorted((contract.name, contract.version, contract.hash) for contract in one.contracts)

    same_settings = from_pairs(before.settings).binding() == from_pairs(now.settings).binding()
    return same_settings and contracts(before) == contracts(now)


class ResumeChannel:
    """Counts session envelopes, and keeps those of a named session until they are acknowledged.

    A session without a name ends with its connection. One with a name is detached by a cut, until `attach` gives it
    another connection.
    """

    def __init__(self, connection: Connection, own: Settings, peer: Settings) -> None:
        self.connection = connection
        self.own = own
        self.peer = peer
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.ended: ConnectionFailed | None = None
        self.name: e.SessionName | None = None
        self.attached = True
        self.sent = 0
        self.handed_over = 0  # the last one that was given to a connection
        self.handled = 0
        self.peer_handled = 0
        self.acks_sent = 0
        self.acks_received = 0
        self.kept = Kept(0)
        self._unacked_bytes = 0

    def name_it(self, name: e.SessionName) -> None:
        """From here on what is sent is kept. Before the first session envelope, or when the session goes on."""
        self.name = name
        self.kept.bytes_max = self.own.resume_bytes

    # What a link adds.

    def end(self, failure: ConnectionFailed) -> None:
        raise NotImplementedError

    @property
    def sends_on(self) -> bool:
        """Whether this direction of the connection has not ended."""
        raise NotImplementedError

    # Sending.

    def send(self, envelope: e.Envelope, written=None, renew: Renew | None = None) -> None:
        """Sends a session envelope, and counts it. Without a connection it waits for the next one."""
        with self.lock:
            if self.ended is not None:
                return
            self.sent += 1
            if self.name is None:
                self.connection.send(envelope, written)
                self.handed_over = self.sent
                return
            kept = KeptEnvelope(self.sent, envelope, self.connection.length(envelope), written, renew)
            self.kept.add(kept)
            if self.attached:
                self._hand_over(kept)

    def _hand_over(self, kept: KeptEnvelope) -> None:
        def written() -> None:
            with self.lock:
                kept.done()

        self.connection.send(kept.envelope, written if kept.written else None)
        self.handed_over = max(self.handed_over, kept.number)

    def send_link(self, envelope: e.Envelope) -> None:
        """Sends what belongs to the connection. Without one it is dropped."""
        with self.lock:
            if self.ended is None and self.attached and self.sends_on:
                self.connection.send(envelope)

    def wait_for_room(self) -> None:
        """Blocks a thread that sends a lot. What the reading thread sends never waits."""
        self.connection.wait_for_room()
        with self.lock:
            self.changed.wait_for(lambda: self.ended or not self.kept.full)

    # Counting.

    def count_handled(self, length: int) -> None:
        self.handled += 1
        self._unacked_bytes += length
        if self.peer.resume_bytes and self._unacked_bytes * 8 >= self.peer.resume_bytes:
            self.acknowledge()

    def acknowledge(self) -> None:
        self.acks_sent += 1
        self.send_link(e.Ack(received=self.told_received()))

    def told_received(self) -> int:
        """The count that goes out now, in whatever envelope."""
        self._unacked_bytes = 0
        return self.handled

    def check_received(self, received: int) -> None:
        if not self.peer_handled <= received <= self.sent:
            raise Violation(f"{received} received after {self.peer_handled}, of {self.sent}")

    def on_received(self, received: int | None) -> None:
        """The peer said how much it has handled."""
        if received is None:
            return
        self.check_received(received)
        self.peer_handled = received
        self.kept.acknowledge(received)
        self.changed.notify_all()

    # Connections that come and go.

    def reads(self, connection: Connection) -> bool:
        """Whether what comes on this connection is still meant for the session."""
        return self.attached and self.connection is connection

    def leave_connection(self) -> None:
        """Lets go of the connection. What it still brings is not handled."""
        self.attached = False
        self.connection.abandon()
        self.changed.notify_all()

    def go_on(self, connection: Connection, received: int) -> None:
        """Takes another connection, and sends again what the peer has not handled."""
        self.on_received(received)
        self._unacked_bytes = 0  # the hello or the welcome said the count
        self.connection = connection
        self.attached = True
        for kept in self.kept.again(self.peer.frame_bytes_max):
            self._hand_over(kept)
        self.changed.notify_all()
