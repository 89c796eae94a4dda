"""A client: connects, shakes hands, calls, subscribes. Every method blocks until it is done."""

import socket
import time
from collections.abc import Callable

from . import envelopes as e
from .body import NOTHING, Body, CallFailed, ConnectionFailed, body_of
from .codec import decode
from .connection import Connection, is_foreign
from .errors import WireError
from .events import Happened, Subscription
from .flow import Violation
from .incoming import Procedure
from .link import KNOWN_CODES
from .session import Session
from .settings import Settings, from_pairs

HELLO_TIMEOUT_S = 10.0
FIRST_KINDS = (0x41, 0x42, 0x43, 0x49)
Answerer = Callable[[Body], Body]


def no_credentials(challenge: Body) -> Body:
    return NOTHING


class Client(Session):
    def __init__(self, connection: Connection, own: Settings, welcome: e.Welcome, procedures, answer: Answerer) -> None:
        super().__init__(connection, own, from_pairs(welcome.settings), True, procedures)
        self.welcome = welcome
        self.subscriptions: dict[tuple[str, str], Subscription] = {}
        self._answer = answer
        self._verdicts: dict[int, list[e.Verdict]] = {}

    @classmethod
    def connect(
        cls,
        address: tuple[str, int],
        *,
        contracts: list[e.Contract] = (),
        settings: Settings | None = None,
        metadata: dict[str, str] | None = None,
        credentials: Body = NOTHING,
        answer: Answerer = no_credentials,
        procedures: dict[str, Procedure] | None = None,
        timeout: float = HELLO_TIMEOUT_S,
    ) -> "Client":
        """`credentials` go into the hello; `answer` gives those that a challenge asks for."""
        own = settings or Settings()
        sock = socket.create_connection(address, timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock, own.frame_bytes_max)
        hello = e.Hello(
            codecs=["json"],
            settings=own.pairs(),
            contracts=list(contracts),
            metadata=metadata or {},
            encoding=credentials.encoding,
            body=credentials.data,
        )
        try:
            connection.send(hello)
            welcome = shake_hands(connection, own, answer, time.monotonic() + timeout)
        except Exception:
            connection.finish()
            connection.discard(1.0)
            connection.cut()
            raise
        client = cls(connection, own, welcome, procedures or {}, answer)
        client.start()
        client.send_grease()
        return client

    # Events.

    def subscribe(self, event: str, topic: str = "", position: e.Position | None = None) -> Subscription:
        """Events may come before the answer, so they are taken from the start. Raises CallFailed."""
        subscription = self.listen(event, topic)
        try:
            self._ask(lambda call_id: e.Subscribe(call_id=call_id, event=event, topic=topic, position=position))
        except CallFailed:
            self.subscriptions.pop((event, topic), None)
            raise
        return subscription

    def listen(self, event: str, topic: str = "") -> Subscription:
        """Takes the events of a topic that a handler of the server subscribes this connection to."""
        with self.lock:
            return self.subscriptions.setdefault((event, topic), Subscription(event, topic))

    def unsubscribe(self, subscription: Subscription) -> None:
        event, topic = subscription.event, subscription.topic
        self._ask(lambda call_id: e.Unsubscribe(call_id=call_id, event=event, topic=topic))
        with self.lock:
            self.subscriptions.pop((event, topic), None)

    def _ask(self, head_of) -> None:
        self._begin(head_of, NOTHING, None).result()

    def on_event(self, envelope: e.Event) -> None:
        subscription = self.subscriptions.get((envelope.event, envelope.topic))
        if subscription and not envelope.metadata_over_limit:
            body = Body(envelope.encoding, envelope.body)
            subscription.put(Happened(body, envelope.metadata, envelope.position))

    def on_gap(self, envelope: e.Gap) -> None:
        subscription = self.subscriptions.get((envelope.event, envelope.topic))
        if subscription:
            subscription.put(Happened(position=envelope.position, missed=envelope.events))

    # Credentials on an open session.

    def offer_credentials(self, credentials: Body, timeout: float = 5.0) -> None:
        """Gives new ones, not asked for, and waits for the verdict. Raises CallFailed when they are refused."""
        body = body_of(credentials)
        with self.lock:
            self.send_link(e.Credentials(id=0, encoding=body.encoding, body=body.data))
            verdicts = self._verdicts.setdefault(0, [])
            if not self.changed.wait_for(lambda: verdicts or self.ended, timeout):
                raise TimeoutError("no verdict")
            if self.ended:
                raise self.ended
            refusal = verdicts.pop(0).refusal
        if refusal:
            raise CallFailed(refusal.code, refusal.text)

    def on_handshake(self, envelope: e.Envelope) -> None:
        match envelope:
            case e.Challenge():
                body = self._answer(Body(envelope.encoding, envelope.body))
                self.send_link(e.Credentials(id=envelope.id, encoding=body.encoding, body=body.data))
            case e.Verdict():
                self._verdicts.setdefault(envelope.id, []).append(envelope)
                self.changed.notify_all()
            case _:
                super().on_handshake(envelope)


def shake_hands(connection: Connection, own: Settings, answer: Answerer, until: float) -> e.Welcome:
    """From the hello, which is sent, to the welcome. Raises ConnectionFailed, after the goaway that says why."""
    try:
        return await_welcome(connection, own, answer, until)
    except TimeoutError:
        code, text = "HELLO_TIMEOUT", "no welcome in time"
    except OSError as error:
        raise ConnectionFailed("CONNECTION_LOST", str(error)) from None
    except (WireError, Violation) as error:
        code, text = error.code, str(error)
    if code not in ("NOT_FRAMEPORT", "TRUNCATED"):
        connection.send(e.Goaway(code=code, text=text))
    raise ConnectionFailed(code, text)


def await_welcome(connection: Connection, own: Settings, answer: Answerer, until: float) -> e.Welcome:
    first = True
    while True:
        try:
            payload = connection.next_payload(max(0.0, until - time.monotonic()))
        except WireError as error:
            raise foreign() if first and is_foreign(error, connection.frames.head) else error
        if payload is None:
            raise ConnectionFailed("CONNECTION_LOST", "the server ended before a welcome")
        if first and (not payload or payload[0] not in FIRST_KINDS):
            raise foreign()
        first = False
        envelope = decode(payload, own.metadata_limits)
        match envelope:
            case e.Welcome():
                return check_welcome(envelope)
            case e.Refused():
                text = f"{envelope.code}: {envelope.text}"
                raise ConnectionFailed("HELLO_REFUSED", text, envelope.retry_after_ms)
            case e.Goaway():
                code = envelope.code if envelope.code in KNOWN_CODES else "CONNECTION_LOST"
                raise ConnectionFailed(code, envelope.text, envelope.retry_after_ms)
            case e.Challenge():
                body = answer(Body(envelope.encoding, envelope.body))
                connection.send(e.Credentials(id=envelope.id, encoding=body.encoding, body=body.data))
            case _:
                raise Violation(f"a {envelope.KIND} before the welcome")


def foreign() -> WireError:
    return WireError("NOT_FRAMEPORT", "the peer speaks another protocol")


def check_welcome(welcome: e.Welcome) -> e.Welcome:
    if welcome.version != 1:
        raise WireError("VERSION_UNSUPPORTED", f"version {welcome.version} was not offered")
    if welcome.codec != "json":
        raise WireError("HELLO_REFUSED", f"codec {welcome.codec} was not offered")
    if welcome.received is not None:
        raise Violation("resumed a session that was not shown")
    if welcome.metadata_over_limit:
        raise WireError("LIMIT_EXCEEDED", "metadata of the welcome over the limit")
    return welcome
