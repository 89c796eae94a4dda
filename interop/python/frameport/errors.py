"""The one exception of the codec, and the names of its codes."""

MALFORMED_ENVELOPE = "MALFORMED_ENVELOPE"
UNKNOWN_KIND = "UNKNOWN_KIND"
FRAME_TOO_LONG = "FRAME_TOO_LONG"


class WireError(Exception):
    """Bytes that break the protocol, or a value that has no bytes."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


def malformed(reason: str) -> WireError:
    return WireError(MALFORMED_ENVELOPE, reason)
