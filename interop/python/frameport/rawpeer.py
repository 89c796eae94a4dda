"""A peer that is played by hand: it sends and receives single envelopes and keeps no rule."""

import socket

from . import envelopes as e
from .codec import decode, encode
from .frames import FrameDecoder, frame
from .kinds import is_link


PATIENCE_S = 30  # for what is bound to come, on a busy machine


class RawPeer:
    """Sends and receives single envelopes over a socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(PATIENCE_S)
        self.frames = FrameDecoder(2**30 - 1)
        self.received = 0  # session envelopes, of which some may be left out here

    @classmethod
    def dial(cls, address) -> "RawPeer":
        return cls(socket.create_connection(address, PATIENCE_S))

    def write(self, data: bytes) -> None:
        self.sock.sendall(data)

    def send(self, *envelopes: e.Envelope) -> None:
        for envelope in envelopes:
            self.write(frame(encode(envelope)))

    def receive(self) -> e.Envelope | None:
        """The next envelope, or None at the end of the stream. Grease is left out."""
        while True:
            for payload in self.frames.payloads():
                envelope = decode(payload)
                self.received += not is_link(payload[0])
                if not isinstance(envelope, e.Unknown):
                    return envelope
                break
            else:
                data = self.sock.recv(65536)
                if not data:
                    return None
                self.frames.feed(data)

    def greet(self, settings=(), **fields) -> e.Envelope:
        self.send(e.Hello(codecs=["json"], settings=list(settings), **fields))
        return self.receive()

    def close(self) -> None:
        self.sock.close()


class RawServer:
    """Listens for one client and hands out the raw peer."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()

    def accept(self) -> RawPeer:
        sock, _ = self.listener.accept()
        return RawPeer(sock)

    def close(self) -> None:
        self.listener.close()
