"""Cases of the frame layer: chunks of a stream, and the payloads or the error that must come of them.

A case with a code has in `payloads` what came before the error. TRUNCATED is what the end of the stream means after the
last chunk.
"""

from typing import Any

TOO_LONG, TRUNCATED = "FRAME_TOO_LONG", "TRUNCATED"


def frame(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


def case(name: str, chunks: list[bytes], payloads: list[bytes], code: str | None = None, most: int = 4096) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "chunks": [chunk.hex() for chunk in chunks], "frameBytesMax": most}
    made["payloads"] = [payload.hex() for payload in payloads]
    if code:
        made["code"] = code
    return made


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def frame_cases() -> list[dict[str, Any]]:
    ping, ack = bytes.fromhex("460001"), bytes.fromhex("4800ac02")
    two = frame(ping) + frame(ack)
    long = bytes(range(256)) * 2
    made = [
        case("nothing", [], []),
        case("one frame", [frame(ping)], [ping]),
        case("two frames in a chunk", [two], [ping, ack]),
        case("a chunk of no bytes between", [frame(ping), b"", frame(ack)], [ping, ack]),
        case("two frames, byte by byte", bytewise(two), [ping, ack]),
        case("header and payload apart", [frame(ping)[:4], ping], [ping]),
        case("end of one and begin of the next together", [two[:5], two[5:9], two[9:]], [ping, ack]),
        case("a frame of 512 bytes in three chunks", [frame(long)[:100], frame(long)[100:300], frame(long)[300:]], [long]),
        case("a payload of zero bytes", [frame(b"")], [b""]),
        case("a payload of zero bytes between", [frame(ping) + frame(b"") + frame(ack)], [ping, b"", ack]),
        case("exactly the limit", [frame(bytes(4096))[:5], bytes(4095)], [bytes(4096)]),
        case("one over the limit, header only", [bytes.fromhex("00001001")], [], TOO_LONG),
        case("one over the limit, the header byte by byte", bytewise(bytes.fromhex("00001001")), [], TOO_LONG),
        case("over the limit after a good frame", [frame(ping) + bytes.fromhex("00001001ff")], [ping], TOO_LONG),
        case("2^30 - 1 at a limit of 4096", [bytes.fromhex("3fffffff")], [], TOO_LONG),
        case("first reserved bit", [bytes.fromhex("80000003460001")], [], TOO_LONG, 2**30 - 1),
        case("second reserved bit", [bytes.fromhex("40000003460001")], [], TOO_LONG, 2**30 - 1),
        case("both reserved bits", [bytes.fromhex("ffffffff")], [], TOO_LONG, 2**30 - 1),
        case("an HTTP request", [b"GET / HTTP/1.1\r\n"], [], TOO_LONG, 2**30 - 1),
        case("a length in the wrong byte order", [bytes.fromhex("03000000460001")], [], TOO_LONG),
        case("the end inside a payload", [frame(ping)[:-1]], [], TRUNCATED),
        case("the end inside a header", [b"\x00"], [], TRUNCATED),
        case("the end after a header", [frame(ping)[:4]], [], TRUNCATED),
        case("the end inside the second frame", [two[:-2]], [ping], TRUNCATED),
        case("the longest length that is allowed, cut", [bytes.fromhex("3fffffff00")], [], TRUNCATED, 2**30 - 1),
    ]
    for split in range(1, len(two)):
        made.append(case(f"two frames, split after {split} bytes", [two[:split], two[split:]], [ping, ack]))
    return made
