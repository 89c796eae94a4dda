"""The client's side of the handshake: from the address to the welcome."""

import socket
import time
from collections.abc import Callable

from . import envelopes as e
from .body import Body, ConnectionFailed
from .codec import decode
from .codes import KNOWN_CODES
from .connection import Connection, is_foreign
from .errors import WireError
from .flow import Violation
from .settings import Settings

FIRST_KINDS = (0x41, 0x42, 0x43, 0x49)
Answerer = Callable[[Body], Body]


def greet(
    address: tuple[str, int], own: Settings, hello: e.Hello, answer: Answerer, timeout: float
) -> tuple[Connection, e.Welcome]:
    """Connects and shakes hands. Raises OSError and ConnectionFailed."""
    until = time.monotonic() + timeout
    sock = socket.create_connection(address, timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = Connection(sock, own.frame_bytes_max)
    try:
        return connection, shake_hands(connection, own, hello, answer, until)
    except Exception:
        dismiss(connection)
        raise


def dismiss(connection: Connection, goaway: e.Goaway | None = None) -> None:
    """Ends a connection without a session, so that the peer reads what was sent."""
    if goaway:
        connection.send(goaway)
    connection.finish()
    connection.discard(1.0)
    connection.cut()


def shake_hands(connection: Connection, own: Settings, hello: e.Hello, answer: Answerer, until: float) -> e.Welcome:
    """From the hello to the welcome. Raises ConnectionFailed, after the goaway that says why."""
    connection.send(hello)
    try:
        welcome = await_welcome(connection, own, answer, until)
        if welcome.received is not None and hello.resume is None:
            raise Violation("resumed a session that was not shown")
        return welcome
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
    if welcome.metadata_over_limit:
        raise WireError("LIMIT_EXCEEDED", "metadata of the welcome over the limit")
    return welcome
