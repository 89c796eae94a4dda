"""Cases that call the contract `kinds` at the peer, the same for a client and a server."""

import hashlib
import itertools
import threading
import time
from collections.abc import Iterator

from frameport import envelopes as e
from frameport.body import Body
from frameport.envelopes import CODEC
from frameport.session import Session
from lines import failure_of, tell

LIMIT_S = 30.0
# Enough time for a handler to start before its deadline.
HANDLER_BEGINS_MS = 1_000


class Watch:
    """Records the envelopes of calls that a session receives, in order."""

    def __init__(self, session: Session) -> None:
        self.came: list[e.Envelope] = []
        take = session.on_session

        def watch(envelope: e.Envelope) -> None:
            self.came.append(envelope)
            take(envelope)

        session.on_session = watch

    def count(self, kind: str, call_id: int | None = None) -> int:
        return sum(one.KIND == kind and call_id in (None, getattr(one, "call_id", None)) for one in self.came)


class Cases:
    """Each method is a case, and prints its results."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.watch = Watch(session)

    def call(self, name: str, value=None, **options):
        return self.session.call(f"kinds@1/{name}", value, **options)

    def open(self, name: str, value=None, **options):
        return self.session.open(f"kinds@1/{name}", value, **options)

    def upload(self, name: str, items, value=None, **options):
        return self.session.upload(f"kinds@1/{name}", items, value, **options).value

    def exchange(self, name: str, items, **options) -> list:
        return [body.value for body in self.session.exchange(f"kinds@1/{name}", items, **options)]

    def settled(self, call) -> bool:
        """Waits until the callee has answered, even if the call was cancelled here."""
        with self.session.lock:
            return self.session.changed.wait_for(lambda: not call.open, LIMIT_S)

    def alive(self) -> bool:
        return self.call("echo", {"text": "alive"}) == {"text": "alive"} and self.session.ended is None

    # Kinds without an upload.

    def unary(self) -> None:
        long = {"text": "Grüße, \U0001f44b " + "x" * 300_000}
        tell(same=self.call("echo", long) == long, failure=failure_of(self.call, "refuse"))

    def given_up(self) -> None:
        """A call is cancelled by its caller, and another one by its deadline, which the callee enforces."""
        call = self.open("wait")
        self.session.ping()
        call.cancel("MY_REASON")
        self.settled(call)
        late = self.open("wait", deadline_ms=HANDLER_BEGINS_MS)
        late.deadline = None
        tell(failure=failure_of(late.result), givenUp=self.call("saw")["givenUp"], alive=self.alive())

    def items(self) -> None:
        call = self.open("count", {"to": 50}, credit=(3, 1_000_000))
        tell(same=[body.value for body in call] == list(range(1, 51)))

    # Uploads.

    def typed_items(self) -> None:
        call = self.open("sum", upload=True)
        call.feed(range(1000))
        tell(total=call.result().value, credits=self.watch.count("credit", call.id) > 0, alive=self.alive())

    def nothing(self) -> None:
        tell(total=self.upload("sum", []))

    def raw_items(self) -> None:
        """Sends raw items that are longer than the credit, empty, and short."""
        chunks = [bytes(range(256)) * 800, b"", b"x", bytes(70_000)]
        stored = self.upload("store", chunks, {"name": "a.bin"})
        tell(stored=stored, same=stored["sha256"] == hashlib.sha256(b"".join(chunks)).hexdigest())

    def stopped(self) -> None:
        given = [0]

        def words() -> Iterator[dict]:
            for number in itertools.count():
                given[0] += 1
                yield {"text": f"word {number}"}

        call = self.open("find", {"text": "word 20"}, upload=True)
        call.feed(words())
        tell(taken=call.result().value, stops=self.watch.count("stop", call.id), bounded=given[0] < 100)
        tell(alive=self.alive())

    def answered_early(self) -> None:
        tell(answer=self.upload("enough", itertools.count()))
        tell(failure=failure_of(self.upload, "quota", itertools.count()), alive=self.alive())

    def credit(self) -> None:
        """The callee reads nothing, so this side sends only as many items as the callee allows at first."""
        call = self.open("hold", upload=True)
        sender = threading.Thread(target=call.feed, args=(range(100),))
        sender.start()
        # Sleep, because a ping in each round would be too many pings if the machine delays the thread.
        while call.items_out.may_begin:
            time.sleep(0.005)
        self.alive()
        ahead = call.items_out.sequence
        self.call("release")
        taken = call.result().value
        sender.join(LIMIT_S)
        tell(ahead=ahead, announced=self.session.peer.upload_items, taken=taken)

    def source_fails(self) -> None:
        def half() -> Iterator[int]:
            yield 1
            raise OSError("the disk")

        call = self.open("sum", upload=True)
        try:
            call.feed(half())
        except OSError as error:
            tell(raised=str(error), answered=self.settled(call))
        tell(givenUp=self.call("saw")["givenUp"], alive=self.alive())

    def cancelled(self) -> None:
        call = self.open("sum", upload=True)
        call.send(1)
        call.cancel()
        answered = self.settled(call)
        failures = [(one.code, one.maybe_executed) for one in self.watch.came if one.KIND == "failure"]
        tell(answered=answered, failures=failures, givenUp=self.call("saw")["givenUp"], alive=self.alive())

    def late(self) -> None:
        """The callee enforces the deadline, sends a stop, and answers when its handler has stopped."""
        call = self.open("hold", upload=True, deadline_ms=HANDLER_BEGINS_MS)
        call.deadline = None
        tell(failure=failure_of(call.result), stops=self.watch.count("stop", call.id))
        tell(givenUp=self.call("saw")["givenUp"], alive=self.alive())

    def wrong_items(self) -> None:
        """Sends an item that is not a number, one that is not JSON, and one that is too long for the callee."""
        longest = self.session.peer.body_bytes_max
        self.session.peer.body_bytes_max = 2 * longest
        for item in ({"text": "no number"}, Body(CODEC, b"{"), bytes(longest + 1)):
            call = self.open("sum", upload=True)
            call.send(item)
            tell(failure=failure_of(call.result), stops=self.watch.count("stop", call.id))
        tell(alive=self.alive())

    def long_metadata(self) -> None:
        """The metadata of the end exceed the limit of the callee."""
        call = self.open("sum", upload=True)
        call.end({"k": "v" * self.session.peer.metadata_bytes_max})
        tell(failure=failure_of(call.result), alive=self.alive())

    def wrong_kinds(self) -> None:
        both = {"credit": (1, 1), "upload": True}
        for name, options in (("sum", {}), ("echo", {"upload": True}), ("sum", both), ("shout", {"upload": True}), ("seen", {})):
            tell(failure=failure_of(self.open(name, {"text": "x"}, **options).result))
        tell(alive=self.alive())

    # Kinds with items in both directions.

    def both_ways(self) -> None:
        words = [{"text": f"word {number}"} for number in range(100)]
        louder = self.exchange("shout", words, credit=(2, 1000))
        tell(same=louder == [{"text": word["text"].upper()} for word in words])

    def callee_first(self) -> None:
        """The callee sends before it reads, and continues after the end of the upload."""
        call = self.open("reverse", credit=(1, 1), upload=True)
        first = call.next_item().value
        call.feed([1, 2, 3])
        tell(first=first, others=[body.value for body in call], alive=self.alive())

    # One way.

    def oneway(self) -> None:
        for text in ("one", "two", "three"):
            self.session.oneway("kinds@1/seen", {"text": text}, metadata={"trace": "7"})
        # An unknown procedure, a wrong kind, a wrong input, and no time left: all are dropped without an answer.
        self.session.oneway("kinds@1/nobody", {"text": "x"})
        self.session.oneway("kinds@1/echo", {"text": "x"})
        self.session.oneway("kinds@1/seen", Body(CODEC, b"{"))
        self.session.oneway("kinds@1/seen", {"text": "late"}, deadline_ms=0)
        saw = self.call("saw")["seen"]
        tell(saw=sorted(saw), came=[one.KIND for one in self.watch.came], alive=self.alive())

    def oneway_at_the_end(self) -> None:
        """The handler of the peer still runs when this side closes. The close does not wait for it."""
        self.session.oneway("kinds@1/seen", {"text": "slow"})
        self.call("saw")
        self.session.close()
        tell(ended=self.session.ended and self.session.ended.code)
