"""A client: connects, shakes hands, calls, subscribes. Every method blocks until it is done."""

import threading
import time
from dataclasses import dataclass, replace

from . import envelopes as e
from .body import NOTHING, Body, CallFailed, ConnectionFailed, body_of
from .connection import Connection
from .events import Happened, Subscription
from .flow import Violation
from .greeting import Answerer, dismiss, greet
from .incoming import Procedure
from .resume import keep_enough, says_the_same
from .session import Session
from .settings import Settings, from_pairs

HELLO_TIMEOUT_S = 10.0
RETRY_S = 0.05


@dataclass(slots=True)
class Way:
    """How a client came to its session, and comes back to it."""

    address: tuple[str, int]
    own: Settings
    hello: e.Hello
    answer: Answerer
    procedures: dict[str, Procedure]
    timeout: float

    def again(self, name: e.SessionName, received: int) -> tuple[Connection, e.Welcome]:
        shown = e.Resume(name.session, name.secret, received)
        hello = replace(self.hello, resume=shown)
        return greet(self.address, self.own, hello, self.answer, self.timeout)


def no_credentials(challenge: Body) -> Body:
    return NOTHING


class Client(Session):
    """A session with a name goes on over another connection after a cut, by itself, as long as its window is open."""

    def __init__(self, connection: Connection, welcome: e.Welcome, way: Way) -> None:
        super().__init__(connection, way.own, from_pairs(welcome.settings), True, way.procedures)
        self.way = way
        self.welcome = welcome
        self.subscriptions: dict[tuple[str, str], Subscription] = {}
        self.resumed = 0
        self.attempts: list[Exception] = []  # why connections of a session that was cut were not taken
        self.successor: Client | None = None  # the new session, of a server that did not take this one up
        self._verdicts: dict[int, list[e.Verdict]] = {}
        if welcome.session and keep_enough(self.own, self.peer):
            self.name_it(welcome.session)

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
        hello = e.Hello(
            codecs=["json"],
            settings=own.pairs(),
            contracts=list(contracts),
            metadata=metadata or {},
            encoding=credentials.encoding,
            body=credentials.data,
        )
        way = Way(address, own, hello, answer, procedures or {}, timeout)
        return cls(*greet(address, own, hello, answer, timeout), way).begin()

    def begin(self) -> "Client":
        self.start()
        self.send_grease()
        return self

    # Another connection.

    @property
    def window_ms(self) -> int:
        """Behind the server's window nobody is there."""
        return min(self.own.resume_window_ms, self.peer.resume_window_ms)

    def on_detached(self) -> None:
        threading.Thread(target=self._resume, daemon=True).start()

    def _resume(self) -> None:
        while self.ended is None:
            try:
                connection, welcome = self.way.again(self.name, self.handled)
            except (OSError, ConnectionFailed) as failure:
                self.attempts.append(failure)
                time.sleep(RETRY_S)
                continue
            try:
                self._take_up(connection, welcome)
            except Violation as violation:
                dismiss(connection, e.Goaway(code=violation.code, text=str(violation)))
                self.end(ConnectionFailed(violation.code, str(violation)))
            return

    def _take_up(self, connection: Connection, welcome: e.Welcome) -> None:
        with self.lock:
            if self.ended is not None:
                raise Violation("the session has ended", "ABORTED")
            if welcome.received is None:
                # It is over, and the connection has a new one.
                self.successor = Client(connection, welcome, self.way).begin()
                self.end(ConnectionFailed("CONNECTION_LOST", "the server did not take the session up again"))
                return
            if not says_the_same(self.welcome, welcome):
                raise Violation("other settings or contracts than before")
            self.check_received(welcome.received)
            self.welcome = welcome
            self.name_it(welcome.session)
            self.resumed += 1
            self.go_on(connection, welcome.received)
            self.acknowledge()  # so that the server forgets the secret of before

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
        """Gives new ones, not asked for, and waits for the verdict: the next hello shows them. Raises CallFailed when they are refused."""
        body = body_of(credentials)
        with self.lock:
            self.send_link(e.Credentials(id=0, encoding=body.encoding, body=body.data))
            verdicts = self._verdicts.setdefault(0, [])
            if not self.changed.wait_for(lambda: verdicts or self.ended, timeout):
                raise TimeoutError("no verdict")
            if self.ended:
                raise self.ended
            refusal = verdicts.pop(0).refusal
            if not refusal:
                self.way.hello = replace(self.way.hello, encoding=body.encoding, body=body.data)
        if refusal:
            raise CallFailed(refusal.code, refusal.text)

    def on_handshake(self, envelope: e.Envelope) -> None:
        match envelope:
            case e.Challenge():
                body = self.way.answer(Body(envelope.encoding, envelope.body))
                self.send_link(e.Credentials(id=envelope.id, encoding=body.encoding, body=body.data))
            case e.Verdict():
                self._verdicts.setdefault(envelope.id, []).append(envelope)
                self.changed.notify_all()
            case _:
                super().on_handshake(envelope)
