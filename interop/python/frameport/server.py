"""A minimal server, enough to test the client against: handlers, events, challenges, goaway."""

import hmac
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from . import envelopes as e
from .accepting import HELLO_TIMEOUT_S, Handshake, HelloRefused, first_frame_bytes_max
from .body import Body, CallFailed, ConnectionFailed, body_of
from .codec import encode
from .connection import Connection
from .incoming import Procedure
from .resume import keep_enough, says_the_same
from .session import Session
from .settings import Settings, from_pairs

def let_in(credentials: Body) -> None:
    """Takes everybody. An authenticator returns None, returns a Body to challenge, or raises HelloRefused."""


def nobody(credentials: Body) -> None:
    """Who gave these credentials: all are the same."""


@dataclass
class Server:
    procedures: dict[str, Procedure] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)
    contracts: list[e.Contract] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    authenticate: Callable[[Body], Body | None] = let_in
    identify: Callable[[Body], object] = nobody  # of the last credentials: a session goes on for the same client only
    metadata: dict[str, str] = field(default_factory=dict)
    hello_timeout: float = HELLO_TIMEOUT_S

    def __post_init__(self) -> None:
        self.sessions: list[ServerSession] = []
        self.named: dict[bytes, ServerSession] = {}
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        Handshake(self, Connection(sock, first_frame_bytes_max(self.settings))).run()

    def new_name(self, hello: e.Hello) -> e.SessionName | None:
        """None when one of both sides does not keep enough, or this one keeps nothing without a connection."""
        if not keep_enough(self.settings, from_pairs(hello.settings)) or not self.settings.resume_window_ms:
            return None
        return e.SessionName(secrets.token_bytes(16), secrets.token_bytes(16))

    def begin(self, connection: Connection, hello: e.Hello, client: object, welcome: e.Welcome) -> None:
        session = ServerSession(self, connection, hello, client)
        # Under its lock: whoever shows its name right away waits until it has begun.
        with session.lock:
            if welcome.session:
                session.name_it(welcome.session)
                self.named[welcome.session.session] = session
            connection.send(welcome)
            session.start()
        with self._changed:
            self.sessions.append(session)
            self._changed.notify_all()

    def forget(self) -> None:
        """As if it had started anew: no session is taken up again."""
        self.named.clear()

    def session(self, number: int = 0, timeout: float = 5.0) -> "ServerSession":
        """The session of a client, in the order in which they came."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.sessions) > number, timeout):
                raise TimeoutError("no session")
            return self.sessions[number]

    def publish(self, event: str, topic: str = "", value=None, position: e.Position | None = None) -> None:
        for session in list(self.sessions):
            session.publish(event, topic, body_of(value), position)

    def close(self) -> None:
        # Wakes the thread that accepts, which a close alone would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for session in self.sessions:
            session.close(0)


class ServerSession(Session):
    def __init__(self, server: Server, connection: Connection, hello: e.Hello, client: object) -> None:
        super().__init__(connection, server.settings, from_pairs(hello.settings), False, server.procedures)
        self.server = server
        self.hello = hello
        self.client = client
        self.resumed = 0
        self._shown: bytes | None = None  # the secret of a hello, until its welcome is known to have come
        self.challenge_answers: list[Body] = []
        self._challenges: set[int] = set()
        self._subscribed: dict[tuple[str, str], set[str]] = {}
        self._missed: dict[tuple[str, str], int] = {}

    # Another connection.

    def knows(self, hello: e.Hello, client: object) -> bool:
        """Whether this hello shows a secret that is good, and comes from the client of before."""
        good = [one for one in (self.name.secret, self._shown) if one is not None]
        return (
            any(hmac.compare_digest(one, hello.resume.secret) for one in good)
            and client == self.client
            and says_the_same(self.hello, hello)
            and self.ended is None
            and not self.draining
        )

    def take_up(self, connection: Connection, hello: e.Hello, welcome_of: Callable[[e.SessionName, int], e.Welcome]) -> None:
        """Leaves the old connection for this one. Raises Violation, and then nothing has changed."""
        self.check_received(hello.resume.received)
        name = e.SessionName(self.name.session, secrets.token_bytes(16))
        welcome = welcome_of(name, self.handled)
        if self.attached:
            self.send_link(e.Goaway(code="REPLACED", text="another connection has taken over the session"))
            self.connection.finish()
        self._challenges.clear()
        self._shown = hello.resume.secret
        self.name = name
        self.hello = hello
        self.resumed += 1
        connection.send(welcome)
        self.go_on(connection, hello.resume.received)

    def on_acknowledged(self) -> None:
        self._shown = None

    def on_ended(self, failure: ConnectionFailed) -> None:
        super().on_ended(failure)
        if self.name and self.server.named.get(self.name.session) is self:
            del self.server.named[self.name.session]

    def on_subscribe(self, envelope: e.Subscribe) -> None:
        if envelope.event not in self.server.events:
            raise CallFailed("UNIMPLEMENTED", "nobody has this event")
        self.join(envelope.event, envelope.topic, "wire")

    def on_unsubscribe(self, envelope: e.Unsubscribe) -> None:
        self.leave(envelope.event, envelope.topic, "wire")

    def join(self, event: str, topic: str, origin: str = "handler") -> None:
        with self.lock:
            self._subscribed.setdefault((event, topic), set()).add(origin)

    def leave(self, event: str, topic: str, origin: str = "handler") -> None:
        with self.lock:
            origins = self._subscribed.get((event, topic), set())
            origins.discard(origin)
            if not origins:
                self._subscribed.pop((event, topic), None)
                self._missed.pop((event, topic), None)

    def publish(self, event: str, topic: str, body: Body, position: e.Position | None) -> None:
        """An event that the client cannot take is left out; a gap comes in its place before the next one."""
        envelope = e.Event(event=event, topic=topic, position=position, encoding=body.encoding, body=body.data)
        with self.lock:
            if (event, topic) not in self._subscribed:
                return
            if self.kept.full or len(encode(envelope)) > self.peer.frame_bytes_max:
                self._missed[event, topic] = self._missed.get((event, topic), 0) + 1
                return
            if missed := self._missed.pop((event, topic), 0):
                self.send(e.Gap(event=event, topic=topic, events=missed))
            self.send(envelope)

    def challenge(self, number: int, body: Body) -> None:
        with self.lock:
            self._challenges.add(number)
            self.send_link(e.Challenge(id=number, encoding=body.encoding, body=body.data))

    def on_handshake(self, envelope: e.Envelope) -> None:
        if not isinstance(envelope, e.Credentials) or envelope.id not in self._challenges | {0}:
            super().on_handshake(envelope)
        self._challenges.discard(envelope.id)
        credentials = Body(envelope.encoding, envelope.body)
        refusal = None
        try:
            self.server.authenticate(credentials)
            if self.server.identify(credentials) != self.client:
                raise HelloRefused("PERMISSION_DENIED", "the new credentials are those of somebody else")
        except HelloRefused as refused:
            refusal = e.Refusal(refused.refused.code, refused.refused.text)
        self.challenge_answers.append(credentials)
        self.send_link(e.Verdict(id=envelope.id, refusal=refusal))
        self.changed.notify_all()
