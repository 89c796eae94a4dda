"""Frames: a length of four bytes, big-endian, and that many bytes of payload."""

from collections.abc import Iterator

from .errors import FRAME_TOO_LONG, WireError

HEADER_BYTES = 4
PAYLOAD_MAX = 2**30 - 1


def frame(payload: bytes) -> bytes:
    if len(payload) > PAYLOAD_MAX:
        raise WireError(FRAME_TOO_LONG, f"payload of {len(payload)} bytes")
    return len(payload).to_bytes(HEADER_BYTES, "big") + payload


class FrameDecoder:
    """Cuts a stream into payloads. Feed it bytes as they come, and take the payloads that became whole."""

    def __init__(self, frame_bytes_max: int) -> None:
        self.frame_bytes_max = frame_bytes_max
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def payloads(self) -> Iterator[bytes]:
        """Raises as soon as a header is over the limit, after the payloads before it."""
        while len(self._buffer) >= HEADER_BYTES:
            length = int.from_bytes(self._buffer[:HEADER_BYTES], "big")
            if length > min(self.frame_bytes_max, PAYLOAD_MAX):
                raise WireError(FRAME_TOO_LONG, f"frame of {length} bytes")
            end = HEADER_BYTES + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[HEADER_BYTES:end])
            del self._buffer[:end]
            yield payload

    @property
    def head(self) -> bytes:
        """The first bytes of what is not taken yet."""
        return bytes(self._buffer[:HEADER_BYTES])

    @property
    def inside_frame(self) -> bool:
        """Whether an end of the stream here would cut a frame."""
        return bool(self._buffer)
