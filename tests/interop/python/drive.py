"""Drives the client in Python against servers.

Each input line has the port of a server and the name of a case. The case prints its results as lines of JSON. The last
line is {"done": name} or {"error": ...}.
"""

import sys
import traceback

from frameport import envelopes as e
from frameport.body import Body
from frameport.client import Client
from frameport.codec import decode
from frameport.description import ask, differing_places
from frameport.envelopes import RAW
from lines import failure_of, tell

LIMIT_S = 30.0
OWN = e.Contract(name="interop", version=1, roles=2, hash=b"\x01\x02\x03")
STRANGE_KINDS = (0x8A, 0x9A, 0xAA, 0xBA, 0xCA, 0xDA, 0xEA, 0xFA)


class Watched:
    """A client that also records the received envelopes, in order."""

    def __init__(self, port: int, **options) -> None:
        self.came: list[e.Envelope] = []
        self.client = Client.connect(("127.0.0.1", port), contracts=[OWN], **options)
        take = self.client._take

        def watch(payload: bytes) -> None:
            envelope = decode(payload, self.client.own.metadata_limits)
            if not isinstance(envelope, e.Unknown):
                self.came.append(envelope)
            take(payload)

        self.client._take = watch

    def of(self, kind: str) -> list[e.Envelope]:
        return [envelope for envelope in self.came if envelope.KIND == kind]

    def answered(self) -> bool:
        """Waits until this side has no open call."""
        with self.client.lock:
            return self.client.changed.wait_for(lambda: not self.client.outgoing, LIMIT_S)


def alive(client: Client) -> bool:
    return client.call("interop@1/echo", {"text": "alive"}) == {"text": "alive"} and client.ended is None


def handshake(watched: Watched) -> None:
    client, welcome = watched.client, watched.client.welcome
    for kind in STRANGE_KINDS:
        envelope = e.Unknown(code=kind, payload=bytes((kind,)))
        (client.send_link if kind & 0x40 else client.send)(envelope)
    tell(
        version=welcome.version,
        codec=welcome.codec,
        contracts=[[one.name, one.version, one.roles] for one in welcome.contracts],
        strangeSettings=[number for number, _ in welcome.settings if number % 31 == 27],
        alive=alive(client),
    )


def unary(watched: Watched) -> None:
    text = "Grüße, \U0001f44b \x00 " + "x" * 100
    tell(same=watched.client.call("interop@1/echo", {"text": text}) == {"text": text})


def own_error(watched: Watched) -> None:
    tell(failure=failure_of(watched.client.call, "interop@1/refuse"), alive=alive(watched.client))


def crash(watched: Watched) -> None:
    tell(failure=failure_of(watched.client.call, "interop@1/crash"), alive=alive(watched.client))


def items(watched: Watched) -> None:
    """Reads items with a small credit in items, then in bytes, then without initial credit."""
    client = watched.client
    for credit in ((2, 1_000_000), (1000, 1)):
        call = client.open("interop@1/count", {"to": 50}, credit=credit)
        with client.lock:
            client.changed.wait_for(lambda: call.items_in.items <= 0 or call.items_in.bytes <= 0, LIMIT_S)
        alive(client)
        ahead = len(call.items_in.queue)
        tell(ahead=ahead, same=[body.value for body in call] == list(range(1, 51)))
    call = client.open("interop@1/count", {"to": 3}, credit=(0, 0))
    alive(client)
    with client.lock:
        ahead = call.items_in.sequence
        call.items_in.grant(3, 1000)
        client.send(e.Credit(call_id=call.id, items=3, bytes=1000))
    tell(ahead=ahead, same=[body.value for body in call] == [1, 2, 3])


def started(watched: Watched) -> None:
    """Requests `started` with the call, later with a credit, and not at all."""
    client = watched.client
    first = client.open("interop@1/watch", credit=(1, 1000), extensions=[(2, b"")])
    second = client.open("interop@1/watch", credit=(1, 1000))
    third = client.open("interop@1/watch", credit=(1, 1000))
    with client.lock:
        client.changed.wait_for(lambda: first.started is not None, LIMIT_S)
    alive(client)
    tell(told=[call.started for call in (first, second, third)])
    with client.lock:
        second.items_in.grant(0, 1)
        client.send(e.Credit(call_id=second.id, items=0, bytes=1, extensions=[(2, b"")]))
        client.changed.wait_for(lambda: second.started is not None, LIMIT_S)
    tell(told=[call.started for call in (first, second, third)])
    client.call("interop@1/release")
    tell(items=[[body.value for body in call] for call in (first, second, third)])


def pieces(watched: Watched) -> None:
    sent = bytes(range(256)) * 1200
    answer = watched.client.call("interop@1/invert", sent)
    tell(
        same=answer == bytes(byte ^ 0xFF for byte in sent),
        piecesReceived=len(watched.of("result") + watched.of("more")),
        wholeAt=[envelope.goes_on for envelope in watched.came if envelope.KIND == "more"].index(False) + 1,
    )


def pieces_of_items_between(watched: Watched) -> None:
    """A long body in transit does not delay a short call, in either direction."""
    client = watched.client
    body = Body(RAW, bytes(300_000))
    call = client.open("interop@1/invert", body)
    short = client.open("interop@1/echo", {"text": "short"})
    tell(short=short.result().value, long=len(call.result().value))


def cancel(watched: Watched) -> None:
    """The answer to a cancelled call arrives when the handler has stopped, and not earlier."""
    client = watched.client
    call = client.open("interop@1/linger")
    client.call("interop@1/running")
    call.cancel()
    client.ping()
    tell(settled=failure_of(call.result)["code"], answers=len(watched.of("failure")), open=call.open)
    client.call("interop@1/release")
    watched.answered()
    [failure] = watched.of("failure")
    tell(code=failure.code, maybeExecuted=failure.maybe_executed, sameCall=failure.call_id == call.id, alive=alive(client))


def deadline(watched: Watched) -> None:
    client = watched.client
    call = client.open("interop@1/wait", deadline_ms=1_000)  # time for its handler to begin
    call.deadline = None  # so that the callee decides
    tell(failure=failure_of(call.result))
    call = client.open("interop@1/wait", deadline_ms=0)
    call.deadline = None
    tell(failure=failure_of(call.result), alive=alive(client))


def ping(watched: Watched) -> None:
    for _ in range(20):
        watched.client.ping()
    tell(tokens=[pong.token for pong in watched.of("pong")])


def event(watched: Watched) -> None:
    client = watched.client
    lines = client.listen("interop@1/line", '{"room":"lobby"}')
    client.call("interop@1/join", {"room": "lobby"})
    for room, text in (("lobby", "one"), ("attic", "nobody"), ("lobby", "two")):
        client.call("interop@1/say", {"room": room, "text": text})
    tell(texts=[lines.next().value["text"], lines.next().value["text"]], events=len(watched.of("event")))
    tell(failure=failure_of(client.subscribe, "interop@1/line", '{"room":"lobby"}'), alive=alive(client))


def subscribe(watched: Watched) -> None:
    client = watched.client
    ticks = client.subscribe("interop@1/tick", '{"room":"lobby"}')
    client.subscribe("interop@1/tick", '{"room":"lobby"}')
    for room, text in (("lobby", "one"), ("attic", "nobody"), ("lobby", "two")):
        client.call("interop@1/say", {"room": room, "text": text})
    tell(texts=[ticks.next().value["text"], ticks.next().value["text"]], events=len(watched.of("event")))
    client.unsubscribe(ticks)
    client.unsubscribe(ticks)
    client.call("interop@1/say", {"room": "lobby", "text": "nobody"})
    tell(events=len(watched.of("event")))
    for topic in ('{"room":"secret"}', '{ "room":"lobby"}', '{"size":1}', ""):
        tell(failure=failure_of(client.subscribe, "interop@1/tick", topic))
    tell(failure=failure_of(client.subscribe, "interop@1/nothing", ""), alive=alive(client))


def goaway(watched: Watched) -> None:
    """The server closes while a call is open: first the call ends, then both directions of the connection."""
    client = watched.client
    call = client.open("interop@1/wait")
    client.call("interop@1/running")
    tell(running=call.id)
    with client.lock:
        client.changed.wait_for(lambda: client.draining, LIMIT_S)
        tell(lastCallId=client.last_given, code=watched.of("goaway")[-1].code)
    tell(refused=failure_of(client.open, "interop@1/echo", {"text": "late"}))
    sys.stdin.readline()
    tell(result=call.result().value)
    with client.lock:
        client.changed.wait_for(lambda: client.ended, LIMIT_S)
        tell(ended=client.ended and client.ended.code)


def close_by_client(watched: Watched) -> None:
    client = watched.client
    alive(client)
    client.close()
    tell(ended=client.ended and client.ended.code)


def describe(watched: Watched) -> None:
    client = watched.client
    told = ask(client, "interop", 1)
    echo = told.outlines["procedures"]["echo"]
    newer = echo | {"input.nick?": "00000000", "output.text": "00000000"}
    unknown = failure_of(client.call, "frameport/describe", {"contract": "interop", "version": 9})
    tell(told=told.value(), places=differing_places(newer, echo), unknown=unknown, alive=alive(client))


def wrong_version(watched: Watched) -> None:
    client = watched.client
    for procedure in ("interop@7/echo", "interop@1/nothing", "nobody@1/echo", "echo"):
        tell(failure=failure_of(client.call, procedure, {"text": "x"}))
    tell(failure=failure_of(client.open("interop@1/echo", {"text": "x"}, credit=(1, 1)).result))
    tell(failure=failure_of(client.open("interop@1/echo", {"text": "x"}, upload=True).result))
    tell(failure=failure_of(client.call, "interop@1/count", {"to": 1}), alive=alive(client))


def metadata(watched: Watched) -> None:
    """Sends too many pairs, then too many bytes, next to calls within the limits."""
    client = watched.client
    waiting = client.open("interop@1/wait")
    client.call("interop@1/running")
    for pairs in ({f"k{number}": "" for number in range(65)}, {"k": "v" * 8192}):
        tell(failure=failure_of(client.open("interop@1/echo", {"text": "x"}, metadata=pairs).result))
    within = client.open("interop@1/echo", {"text": "x"}, metadata={"k": "v" * 8191}).result()
    client.call("interop@1/release")
    tell(within=within.value, waited=waiting.result().value, alive=alive(client))


def invalid_input(watched: Watched) -> None:
    client = watched.client
    for body in (Body(1, b"{"), Body(1, b""), Body(1, b'{"text":7}'), Body(1, b'{"__proto__":{}}'), Body(RAW, b"raw")):
        tell(failure=failure_of(client.call, "interop@1/echo", body))
    tell(alive=alive(client))


def run(port: int, name: str) -> None:
    watched = Watched(port)
    try:
        globals()[name](watched)
        if watched.client.ended is None:
            watched.client.close()
    finally:
        watched.client.connection.finish()


def main() -> None:
    for line in iter(sys.stdin.readline, ""):
        port, name = line.split()
        try:
            run(int(port), name)
            tell(done=name)
        except Exception:
            tell(error=traceback.format_exc())


if __name__ == "__main__":
    main()
