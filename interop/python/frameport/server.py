"""A minimal server, enough to test the client against: handlers, events, challenges, goaway."""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from . import envelopes as e
from .body import Body, CallFailed, ConnectionFailed, body_of
from .codec import decode, encode
from .connection import Connection, is_foreign
from .errors import WireError
from .flow import Violation
from .incoming import Procedure
from .session import Session
from .settings import Settings, from_pairs

HELLO_TIMEOUT_S = 10.0
HELLO_BYTES_MAX = 65536
MAGIC = b"FRPT"


class HelloRefused(Exception):
    """The hello is not taken: the code and text of the refused envelope."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code)
        self.refused = e.Refused(code=code, text=text)


def let_in(credentials: Body) -> None:
    """Takes everybody. An authenticator returns None, returns a Body to challenge, or raises HelloRefused."""


@dataclass
class Server:
    procedures: dict[str, Procedure] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)
    contracts: list[e.Contract] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    authenticate: Callable[[Body], Body | None] = let_in
    metadata: dict[str, str] = field(default_factory=dict)
    hello_timeout: float = HELLO_TIMEOUT_S

    def __post_init__(self) -> None:
        self.sessions: list[ServerSession] = []
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
        connection = Connection(sock, min(HELLO_BYTES_MAX, self.settings.frame_bytes_max))
        if (session := Handshake(self, connection).run()) is None:
            connection.finish()
            connection.discard(1.0)
            connection.cut()
            return
        with self._changed:
            self.sessions.append(session)
            self._changed.notify_all()
        session.start()

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
    def __init__(self, server: Server, connection: Connection, hello: e.Hello) -> None:
        super().__init__(connection, server.settings, from_pairs(hello.settings), False, server.procedures)
        self.server = server
        self.hello = hello
        self.challenge_answers: list[Body] = []
        self._challenges: set[int] = set()
        self._subscribed: dict[tuple[str, str], set[str]] = {}
        self._missed: dict[tuple[str, str], int] = {}

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
            if len(encode(envelope)) > self.peer.frame_bytes_max:
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
        except HelloRefused as refused:
            refusal = e.Refusal(refused.refused.code, refused.refused.text)
        self.challenge_answers.append(credentials)
        self.send_link(e.Verdict(id=envelope.id, refusal=refusal))
        self.changed.notify_all()


class Handshake:
    """From the first byte of a client to the welcome."""

    def __init__(self, server: Server, connection: Connection) -> None:
        self.server = server
        self.connection = connection
        self.until = time.monotonic() + server.hello_timeout
        self.challenges = 0

    def run(self) -> ServerSession | None:
        try:
            hello = self.read_hello()
            self.negotiate(hello)
            self.check_credentials(Body(hello.encoding, hello.body))
            return self.welcome(hello)
        except HelloRefused as error:
            self.connection.send(error.refused)
        except TimeoutError:
            self.connection.send(e.Goaway(code="HELLO_TIMEOUT"))
        except (WireError, Violation) as error:
            if error.code not in ("NOT_FRAMEPORT", "TRUNCATED"):
                self.connection.send(e.Goaway(code=error.code, text=str(error)))
        except (OSError, ConnectionFailed):
            pass
        return None

    def payload(self) -> bytes:
        payload = self.connection.next_payload(max(0.0, self.until - time.monotonic()))
        if payload is None:
            raise ConnectionFailed("CONNECTION_LOST")
        return payload

    def read_hello(self) -> e.Hello:
        try:
            payload = self.payload()
        except WireError as error:
            foreign = is_foreign(error, self.connection.frames.head)
            raise WireError("NOT_FRAMEPORT", "no frame") if foreign else error
        if payload[:1] != b"\x40" or payload[2:6] != MAGIC:
            raise WireError("NOT_FRAMEPORT", "no hello")
        self.connection.frames.frame_bytes_max = self.server.settings.frame_bytes_max
        hello = decode(payload, self.server.settings.metadata_limits)
        if hello.metadata_over_limit:
            raise HelloRefused("RESOURCE_EXHAUSTED", "metadata over the limit")
        return hello

    def negotiate(self, hello: e.Hello) -> None:
        if not hello.version_min <= 1 <= hello.version_max:
            raise WireError("VERSION_UNSUPPORTED", "this side speaks version 1")
        if "json" not in hello.codecs:
            raise WireError("HELLO_REFUSED", "this side speaks json")

    def check_credentials(self, credentials: Body) -> None:
        while (challenge := self.server.authenticate(credentials)) is not None:
            self.challenges += 1
            self.connection.send(
                e.Challenge(id=self.challenges, encoding=challenge.encoding, body=challenge.data)
            )
            envelope = decode(self.payload())
            if isinstance(envelope, e.Goaway):
                raise ConnectionFailed(envelope.code)
            if not isinstance(envelope, e.Credentials) or envelope.id != self.challenges:
                raise Violation(f"a {envelope.KIND} instead of credentials")
            credentials = Body(envelope.encoding, envelope.body)

    def welcome(self, hello: e.Hello) -> ServerSession:
        names = {contract.name for contract in hello.contracts}
        welcome = e.Welcome(
            settings=self.server.settings.pairs(),
            contracts=[contract for contract in self.server.contracts if contract.name in names],
            metadata=self.server.metadata,
        )
        session = ServerSession(self.server, self.connection, hello)
        if len(encode(welcome)) > session.peer.frame_bytes_max:
            raise HelloRefused("RESOURCE_EXHAUSTED", "the welcome does not fit")
        self.connection.send(welcome)
        return session
