"""The server's side of the handshake: from the first byte of a client to the welcome."""

import time
from typing import TYPE_CHECKING

from . import envelopes as e
from .body import Body, ConnectionFailed
from .codec import decode, encode
from .connection import Connection, is_foreign
from .errors import WireError
from .flow import Violation
from .greeting import dismiss
from .settings import Settings, from_pairs

if TYPE_CHECKING:
    from .server import Server

HELLO_TIMEOUT_S = 10.0
HELLO_BYTES_MAX = 65536
MAGIC = b"FRPT"


class HelloRefused(Exception):
    """The hello is not taken: the code and text of the refused envelope."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code)
        self.refused = e.Refused(code=code, text=text)


def first_frame_bytes_max(settings: Settings) -> int:
    return min(HELLO_BYTES_MAX, settings.frame_bytes_max)


class Handshake:
    """Ends with a session of the server that has the connection, or without the connection."""

    def __init__(self, server: "Server", connection: Connection) -> None:
        self.server = server
        self.connection = connection
        self.until = time.monotonic() + server.hello_timeout
        self.challenges = 0

    def run(self) -> None:
        try:
            hello = self.read_hello()
            self.negotiate(hello)
            client = self.server.identify(self.check_credentials(Body(hello.encoding, hello.body)))
            if not (hello.resume and self.resume(hello, client)):
                self.welcome(hello, client)
            return
        except HelloRefused as error:
            self.connection.send(error.refused)
        except TimeoutError:
            self.connection.send(e.Goaway(code="HELLO_TIMEOUT"))
        except (WireError, Violation) as error:
            if error.code not in ("NOT_FRAMEPORT", "TRUNCATED"):
                self.connection.send(e.Goaway(code=error.code, text=str(error)))
        except (OSError, ConnectionFailed):
            pass
        dismiss(self.connection)

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

    def check_credentials(self, credentials: Body) -> Body:
        """Those that were taken in the end."""
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
        return credentials

    def resume(self, hello: e.Hello, client: object) -> bool:
        """Whether the session that the hello shows goes on here."""
        session = self.server.named.get(hello.resume.session)
        if session is None:
            return False
        with session.lock:
            if not session.knows(hello, client):
                return False
            session.take_up(self.connection, hello, lambda name, received: self.welcome_to(hello, name, received))
        return True

    def welcome(self, hello: e.Hello, client: object) -> None:
        welcome = self.welcome_to(hello, self.server.new_name(hello))
        self.server.begin(self.connection, hello, client, welcome)

    def welcome_to(self, hello: e.Hello, name: e.SessionName | None, received: int | None = None) -> e.Welcome:
        names = {contract.name for contract in hello.contracts}
        welcome = e.Welcome(
            settings=self.server.settings.pairs(),
            contracts=[contract for contract in self.server.contracts if contract.name in names],
            session=name,
            received=received,
            metadata=self.server.metadata,
        )
        if len(encode(welcome)) > from_pairs(hello.settings).frame_bytes_max:
            raise HelloRefused("RESOURCE_EXHAUSTED", "the welcome does not fit")
        return welcome
