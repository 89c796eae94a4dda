"""Fields outside of their range: lengths, counts, minima, duplicates, settings."""

from collections.abc import Iterator

from .raw import b, contract, env, hello, listed, v, welcome

FAR = v(2**53 - 1)
SECRET = bytes(16)
Case = tuple[str, bytes]


def sized(told: str, build, least: int, most: int) -> Iterator[Case]:
    """A text or blob one under, one over and far over its length. `build` puts it into an envelope."""
    if least:
        yield f"{told}: {least - 1} bytes", build(b(b"a" * (least - 1)))
    yield f"{told}: {most + 1} bytes", build(b(b"a" * (most + 1)))
    yield f"{told}: a length far over", build(FAR + b"aa")


def lengths() -> Iterator[Case]:
    end = b("")
    yield from sized("procedure of a call", lambda x: env(0x01, 0, x), 1, 1024)
    yield from sized("procedure of a oneway", lambda x: env(0x22, 0, x), 1, 1024)
    yield from sized("code of a failure", lambda x: env(0x03, 0, x, end), 1, 128)
    yield from sized("text of a failure", lambda x: env(0x03, 0, b("A"), x), 0, 1024)
    yield from sized("code of a cancel", lambda x: env(0x08, 0, x, end), 1, 128)
    yield from sized("text of a cancel", lambda x: env(0x08, 0, b("A"), x), 0, 1024)
    about_events = ((0x0B, "subscribe", b""), (0x0C, "unsubscribe", b""), (0x20, "event", b""), (0x21, "gap", v(0)))
    for code, told, tail in about_events:
        yield from sized(f"event of a {told}", lambda x: env(code, 0, x, end, tail), 1, 1024)
        yield from sized(f"topic of a {told}", lambda x: env(code, 0, b("e"), x, tail), 0, 4096)
        if code != 0x0C:
            yield from sized(f"log of a {told}", lambda x: env(code, 0x10, b("e"), end, tail, x, v(1)), 1, 32)
    for code, told in ((0x42, "refused"), (0x49, "goaway")):
        yield from sized(f"code of a {told}", lambda x: env(code, 0, x, end), 1, 128)
        yield from sized(f"text of a {told}", lambda x: env(code, 0, b("A"), x), 0, 1024)
    yield from sized("code of a verdict", lambda x: env(0x45, 0x10, v(1), x, end), 1, 128)
    yield from sized("text of a verdict", lambda x: env(0x45, 0x10, v(1), b("A"), x), 0, 1024)
    yield from sized("codec of a hello", lambda x: hello(codecs=listed(x)), 1, 128)
    yield from sized("codec of a welcome", lambda x: welcome(codec=x), 1, 128)
    yield from sized("session of a hello", lambda x: hello(0x10, tail=x + b(SECRET) + v(0)), 1, 64)
    yield from sized("secret of a hello", lambda x: hello(0x10, tail=b("s") + x + v(0)), 16, 64)
    yield from sized("session of a welcome", lambda x: welcome(0x10, tail=x + b(SECRET)), 1, 64)
    yield from sized("secret of a welcome", lambda x: welcome(0x10, tail=b("s") + x), 16, 64)
    for told, build in (("hello", hello), ("welcome", welcome)):
        yield from sized(f"contract name of a {told}", lambda x: build(contracts=b"\x01" + x + b"\x01\x01\x01h"), 1, 128)
        yield from sized(f"contract hash of a {told}", lambda x: build(contracts=b"\x01" + b("c") + b"\x01\x01" + x), 1, 32)


def minima() -> Iterator[Case]:
    yield "credit of nothing", env(0x07, 0, v(0), v(0))
    yield "challenge 0", env(0x43, 0, v(0))
    yield "versionMin 0", hello(versions=b"\x00\x01")
    yield "versions 0 to 0", hello(versions=b"\x00\x00")
    yield "versionMin over versionMax", hello(versions=b"\x02\x01")
    yield "version 0 in a welcome", welcome(version=b"\x00")
    yield "welcome that resumes without a session", welcome(0x20, tail=v(0))
    for magic in (b"frpt", b"FRPX", b"\x00RPT", b"FRTP"):
        yield f"magic {magic.hex()}", hello(magic=magic)
    for told, build in (("hello", hello), ("welcome", welcome)):
        yield f"contract version 0 in a {told}", build(contracts=listed(contract(version=b"\x00")))
        for roles in (0, 4, 5, 7, 8, 0x80, 0x81, 0xFF):
            yield f"roles {roles} in a {told}", build(contracts=listed(contract(roles=roles)))


def lists() -> Iterator[Case]:
    yield "17 codecs", hello(codecs=listed(*[b(f"c{n}") for n in range(17)]))
    yield "codecs: a count far over", hello(codecs=FAR + b("json"))
    yield "codecs: a count over the elements", hello(codecs=b"\x02" + b("json"))[:-2]
    for told, build in (("hello", hello), ("welcome", welcome)):
        yield f"65 settings in a {told}", build(settings=listed(*[v(1000 + n) + v(n) for n in range(65)]))
        yield f"settings of a {told}: a count far over", build(settings=FAR + b"\x04\x40")
        yield f"65 contracts in a {told}", build(contracts=listed(*[contract(f"c{n}") for n in range(65)]))
        yield f"contracts of a {told}: a count far over", build(contracts=FAR + contract())
        yield f"a contract twice in a {told}", build(contracts=listed(contract(), contract(roles=2, hash=b"\x02")))
        between = (contract(), contract(version=b"\x02"), contract("other"), contract())
        yield f"a contract twice in a {told}, others between", build(contracts=listed(*between))
        yield f"a known setting twice in a {told}", build(settings=listed(b"\x04\x40", b"\x04\x40"))
        yield f"an unknown setting twice in a {told}", build(settings=listed(b"\x1b\x01", b"\x04\x40", b"\x1b\x02"))


def settings() -> Iterator[Case]:
    """Known settings outside of their range."""
    wrong = [(1, 0), (1, 1), (1, 4095), (1, 2**30), (1, 2**32), (1, 2**53 - 1), (2, 0), (3, 0), (8, 0)]
    wrong += [(number, 2**53) for number in range(1, 13)]
    for told, build in (("hello", hello), ("welcome", welcome)):
        for number, value in wrong:
            yield f"setting {number} is {value} in a {told}", build(settings=listed(v(number) + v(value)))
        yield f"unknown setting over 2^53 - 1 in a {told}", build(settings=listed(v(27) + v(2**53)))
        yield f"setting id over 2^53 - 1 in a {told}", build(settings=listed(v(2**53) + v(1)))


def numbers() -> Iterator[Case]:
    """Each number of each kind, not in the fewest bytes."""
    long = b"\x80\x00"
    yield "deadlineMs of a call, long", env(0x01, 0x10, b("a"), long)
    yield "items of a call, long", env(0x01, 0x20, b("a"), long, v(0))
    yield "bytes of a call, long", env(0x01, 0x20, b("a"), v(0), long)
    yield "retryAfterMs of a failure, long", env(0x03, 0x20, b("A"), b(""), long)
    yield "sequence, long", env(0x04, 0, long)
    yield "items of a credit, long", env(0x07, 0, long, v(1))
    yield "bytes of a credit, long", env(0x07, 0, v(1), long)
    yield "number of a position, long", env(0x0B, 0x10, b("e"), b(""), b("l"), long)
    yield "events of a gap, long", env(0x21, 0, b("e"), b(""), long)
    yield "deadlineMs of a oneway, long", env(0x22, 0x10, b("a"), long)
    yield "count of codecs, long", hello(codecs=long)
    yield "count of settings, long", hello(settings=long)
    yield "count of contracts, long", hello(contracts=long)
    yield "received of a hello, long", hello(0x10, tail=b("s") + b(SECRET) + long)
    yield "received of a welcome, long", welcome(0x30, tail=b("s") + b(SECRET) + long)
    yield "id of credentials, long", env(0x44, 0, long)
    yield "id of a verdict, long", env(0x45, 0, long)
    yield "token, long", env(0x46, 0, long)
    yield "received of a pong, long", env(0x47, 0x10, v(1), long)
    yield "lastCallId, long", env(0x49, 0x10, b("A"), b(""), long)
    yield "retryAfterMs of a goaway, long", env(0x49, 0x20, b("A"), b(""), long)


def broken_fields() -> Iterator[Case]:
    yield from lengths()
    yield from minima()
    yield from lists()
    yield from settings()
    yield from numbers()
