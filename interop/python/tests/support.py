"""A server with its client, and a peer that speaks bytes by hand."""

import socket
import unittest

from frameport import envelopes as e
from frameport.body import CallFailed
from frameport.client import Client
from frameport.codec import decode, encode
from frameport.frames import FrameDecoder, frame
from frameport.server import Server


class Loopback(unittest.TestCase):
    def serve(self, **options) -> Server:
        server = Server(**options)
        self.addCleanup(server.close)
        return server

    def connect(self, server: Server, **options) -> Client:
        client = Client.connect(server.address, **options)
        self.addCleanup(client.close, 0)
        return client

    def fails(self, code: str, action, *args, **options) -> CallFailed:
        with self.assertRaises(CallFailed) as caught:
            action(*args, **options)
        self.assertEqual(caught.exception.code, code)
        return caught.exception


class RawPeer:
    """Sends and receives single envelopes over a socket, without any rules."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(5)
        self.frames = FrameDecoder(2**30 - 1)

    @classmethod
    def dial(cls, address) -> "RawPeer":
        return cls(socket.create_connection(address, 5))

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
