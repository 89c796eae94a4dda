"""A socket that carries frames: a queue and a thread for what goes out, and one payload after the other of what comes in."""

import queue
import select
import socket
import threading
import time
from collections.abc import Callable

from .codec import encode
from .envelopes import Envelope
from .errors import FRAME_TOO_LONG, WireError
from .frames import FrameDecoder, frame

READ_BYTES = 65536
QUEUE_BYTES_MAX = 262144
FRAME_TIMEOUT_S = 30.0


class Connection:
    def __init__(self, sock: socket.socket, frame_bytes_max: int) -> None:
        self._sock = sock
        self._sock.setblocking(True)
        self.frames = FrameDecoder(frame_bytes_max)
        self._queue: queue.SimpleQueue = queue.SimpleQueue()
        self._room = threading.Condition()
        self._queued_bytes = 0
        self._broken = False
        self._frame_began = 0.0
        self.last_received = time.monotonic()
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    @staticmethod
    def length(envelope: Envelope) -> int:
        """The bytes of its payload."""
        return len(encode(envelope))

    def send(self, envelope: Envelope, written: Callable[[], None] | None = None) -> int:
        """Puts an envelope into the queue and returns its bytes. `written` is called when the kernel has taken all of it."""
        payload = encode(envelope)
        with self._room:
            self._queued_bytes += len(payload)
        self._queue.put((frame(payload), len(payload), written))
        return len(payload)

    def wait_for_room(self) -> None:
        """Blocks a thread that sends a lot. What the reading thread sends never waits."""
        with self._room:
            self._room.wait_for(lambda: self._queued_bytes < QUEUE_BYTES_MAX or self._broken)

    def finish(self) -> None:
        """Ends this direction of the stream after what is queued."""
        self._queue.put(None)

    def _write(self) -> None:
        while (entry := self._queue.get()) is not None:
            data, length, written = entry
            try:
                self._sock.sendall(data)
            except OSError:
                break
            with self._room:
                self._queued_bytes -= length
                self._room.notify_all()
            if written:
                written()
        with self._room:
            self._broken = True
            self._room.notify_all()
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def next_payload(self, timeout: float | None = None) -> bytes | None:
        """The next payload, or None at the end of the stream. Raises TimeoutError, OSError and WireError."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            for payload in self.frames.payloads():
                self._frame_began = time.monotonic()
                return payload
            data = self._receive(until)
            if not data:
                if self.frames.inside_frame:
                    raise WireError("TRUNCATED", "the stream ended inside a frame")
                return None
            self.last_received = time.monotonic()
            if not self.frames.inside_frame:
                self._frame_began = self.last_received
            self.frames.feed(data)

    def _receive(self, until: float | None) -> bytes:
        ends = [until] if until is not None else []
        if self.frames.inside_frame:
            ends.append(self._frame_began + FRAME_TIMEOUT_S)
        wait = max(0.0, min(ends) - time.monotonic()) if ends else None
        if select.select([self._sock], [], [], wait)[0]:
            return self._sock.recv(READ_BYTES)
        if until is not None and time.monotonic() >= until:
            raise TimeoutError
        raise WireError("FRAME_TIMEOUT", "a frame did not arrive in time")

    def discard(self, seconds: float) -> None:
        """Reads and throws away until the peer has ended or the time is over."""
        until = time.monotonic() + seconds
        try:
            while (left := until - time.monotonic()) > 0:
                if not select.select([self._sock], [], [], left)[0] or not self._sock.recv(READ_BYTES):
                    return
        except (OSError, ValueError):
            return

    def abandon(self) -> None:
        """Ends both directions at once: threads that read or write stop. Nothing tells the peer why."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._queue.put(None)

    def cut(self) -> None:
        self._queue.put(None)
        self._writer.join(timeout=1)
        self._sock.close()


def is_foreign(error: WireError, first: bytes) -> bool:
    """Whether a frame that is too long is another protocol: its header sets reserved bits."""
    return error.code == FRAME_TOO_LONG and bool(first) and first[0] >= 0x40
