"""A slow network between a client and a server, as a TCP proxy.

It carries each direction of a connection at a given rate: a receive buffer that the kernel keeps small, one piece in
the hand, and a token bucket as deep as a piece. What does not fit waits at the sender, as before a slow line.

Usage: limiter.py HOST PORT BITS_PER_SECOND RECEIVE_BUFFER_BYTES PIECE_BYTES
The first line that it prints is {"port": N}. It ends when its input ends, after {"bytes": [up, down]}.
"""

import json
import socket
import sys
import threading
import time


class TokenBucket:
    def __init__(self, bytes_per_second: float, depth: int) -> None:
        self._rate = bytes_per_second
        self._depth = depth
        self._tokens = float(depth)
        self._filled_at = time.monotonic()

    def take(self, count: int) -> None:
        """Returns when the bucket has held `count` bytes, which is at most its depth."""
        self._fill()
        while self._tokens < count:
            time.sleep((count - self._tokens) / self._rate)
            self._fill()
        self._tokens -= count

    def _fill(self) -> None:
        now = time.monotonic()
        self._tokens = min(self._depth, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now


class Carried:
    """Bytes that went through, up and down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.bytes = [0, 0]

    def add(self, direction: int, count: int) -> None:
        with self._lock:
            self.bytes[direction] += count


def carry(source: socket.socket, target: socket.socket, bucket: TokenBucket, piece: int, count) -> None:
    try:
        while data := source.recv(piece):
            bucket.take(len(data))
            target.sendall(data)
            count(len(data))
        target.shutdown(socket.SHUT_WR)
    except OSError:
        # One side is gone: so is the other.
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def limited_socket(receive_buffer: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Before the handshake, which fixes how large a window can be; accepted sockets inherit it.
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def serve(listener: socket.socket, target: tuple[str, int], rate: float, receive_buffer: int, piece: int,
          carried: Carried) -> None:
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = limited_socket(receive_buffer)
        server.connect(target)
        for direction, (source, sink) in enumerate(((client, server), (server, client))):
            arguments = (source, sink, TokenBucket(rate, piece), piece, lambda n, d=direction: carried.add(d, n))
            threading.Thread(target=carry, args=arguments, daemon=True).start()


def main() -> None:
    host, port, bits_per_second, receive_buffer, piece = sys.argv[1], *map(int, sys.argv[2:])
    carried = Carried()
    listener = limited_socket(receive_buffer)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    arguments = (listener, (host, port), bits_per_second / 8, receive_buffer, piece, carried)
    threading.Thread(target=serve, args=arguments, daemon=True).start()
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    sys.stdin.read()
    print(json.dumps({"bytes": carried.bytes}), flush=True)


if __name__ == "__main__":
    main()
