"""A client or a server in Python whose session survives several connections. It has the contract `kinds`, and calls it.

`resume_peer.py client PORT` connects, `resume_peer.py server` listens and prints its port. Each input line is a
command: `mix` makes calls of all kinds at the same time (a server also publishes) and prints what was wrong. `seen`
prints the oneways received. `last` publishes the last event. `took N` waits for N events. `ping` and `counts` print
what was acknowledged. `notes BYTES` sends oneways of 1,000 bytes. `acknowledged` waits for an acknowledgement. `hold`
leaves a call open. `forget` makes a server forget its sessions. `spoil` replaces the secret of the session. `ended`
waits for the end.
"""

import sys
import threading
import traceback

from frameport import envelopes as e
from frameport.body import body_of
from frameport.client import Client
from frameport.server import Server, ServerSession
from frameport.session import Session
from frameport.settings import Settings
from kinds import Handlers
from lines import tell
from reach import reach

LIMIT_S = 20.0
TICK = "kinds@1/tick"
KEEPS = Settings(resume_bytes=65536, resume_window_ms=30000)
CREDIT = (32, 65536)
ITEMS, WORDS, CALLS, ONEWAYS, EVENTS = 1500, 400, 100, 200, 300


class Mix:
    """Calls of every kind at the same time, each in its own thread."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.wrong: list[str] = []

    def run(self) -> list[str]:
        parts = [self.unary, self.stream, self.upload, self.both_ways, self.long, self.oneways]
        if isinstance(self.session, ServerSession):
            parts.append(self.events)
        threads = [threading.Thread(target=self.part, args=(part,), daemon=True) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT_S)
        self.wrong += [f"{part.__name__} goes on" for part, thread in zip(parts, threads) if thread.is_alive()]
        return self.wrong

    def part(self, action) -> None:
        try:
            action()
        except Exception:
            self.wrong.append(traceback.format_exc())

    def check(self, right: bool, what: str) -> None:
        if not right:
            self.wrong.append(what)

    def unary(self) -> None:
        for number in range(CALLS):
            value = {"text": f"{number} {'x' * 1000}"}
            self.check(self.session.call("kinds@1/echo", value) == value, f"echo {number}")

    def stream(self) -> None:
        call = self.session.open("kinds@1/count", {"to": ITEMS}, credit=CREDIT)
        self.check([body.value for body in call] == list(range(1, ITEMS + 1)), "count")

    def upload(self) -> None:
        self.check(self.session.upload("kinds@1/sum", range(ITEMS)).value == sum(range(ITEMS)), "sum")

    def both_ways(self) -> None:
        words = [{"text": f"word {number}"} for number in range(WORDS)]
        call = self.session.exchange("kinds@1/shout", words, credit=CREDIT)
        self.check([body.value["text"] for body in call] == [one["text"].upper() for one in words], "shout")

    def long(self) -> None:
        for number in range(3):
            value = {"text": str(number) * 200_000}
            self.check(self.session.call("kinds@1/echo", value) == value, f"long echo {number}")

    def oneways(self) -> None:
        for number in range(ONEWAYS):
            self.session.oneway("kinds@1/seen", {"text": f"note {number}"})

    def events(self) -> None:
        self.session.join(TICK, "")
        for number in range(EVENTS):
            self.session.publish(TICK, "", body_of(number), None)
            if number % 10 == 9:
                self.session.call("kinds@1/echo", {"text": "in step"})


class Peer:
    def __init__(self) -> None:
        self.handlers = Handlers()
        options = {"procedures": self.handlers.procedures(), "settings": KEEPS}
        self.server: Server | None = None
        self._session: Session | None = None
        if sys.argv[1] == "client":
            self._session = Client.connect(("127.0.0.1", int(sys.argv[2])), **options)
            self.ticks = self._session.listen(TICK)
            tell(connected=self._session.name is not None)
        else:
            self.server = Server(events={TICK}, **options)
            tell(port=self.server.address[1])

    @property
    def session(self) -> Session:
        return self._session or self.server.session()

    def mix(self) -> None:
        tell(wrong=Mix(self.session).run())

    def seen(self) -> None:
        tell(seen=self.handlers.seen)

    def last(self) -> None:
        reach(self.session, LIMIT_S)
        self.session.publish(TICK, "", body_of("last"), None)
        tell(published=True)

    def took(self, count: str) -> None:
        numbers, missed = [], 0
        while len(numbers) + missed < int(count):
            happened = self.ticks.next(LIMIT_S)
            missed += happened.missed or 0
            if happened.missed is None:
                numbers.append(happened.value)
        tell(last=numbers.pop(), ordered=numbers == sorted(set(numbers)), took=len(numbers), missed=missed)

    def ping(self) -> None:
        reach(self.session, LIMIT_S)
        self.counts()

    def counts(self) -> None:
        with self.session.lock:
            one = self.session
            tell(
                kept=one.kept.bytes,
                unacknowledged=one.sent - one.peer_handled,
                acksReceived=one.acks_received,
                resumed=one.resumed,
                slots=one._slots_given,
                attempts=[str(failure) for failure in getattr(one, "attempts", [])],
            )

    def notes(self, length: str) -> None:
        for _ in range(int(length) // 1000):
            self.session.oneway("kinds@1/seen", {"text": "n" * 1000})
        tell(sent=True)

    def acknowledged(self) -> None:
        """Waits for an acknowledgement without requesting one."""
        with self.session.lock:
            self.session.changed.wait_for(lambda: self.session.acks_received > 0, LIMIT_S)
        self.counts()

    def forget(self) -> None:
        self.server.forget()
        tell(forgot=True)

    def spoil(self) -> None:
        for one in [self.session] if self.server is None else self.server.named.values():
            with one.lock:
                one.name = e.SessionName(one.name.session, bytes(16))
        tell(spoiled=True)

    def hold(self) -> None:
        """Makes a call that stays open until `release` is called."""
        self.held = self.session.open("kinds@1/hold", upload=True)
        tell(held=True)

    def ended(self) -> None:
        with self.session.lock:
            self.session.changed.wait_for(lambda: self.session.ended, LIMIT_S)
        failure = self.held.failure if hasattr(self, "held") else None
        successor = getattr(self.session, "successor", None)
        tell(
            ended=self.session.ended and self.session.ended.code,
            failed=failure and [failure.code, failure.maybe_executed],
            successor=successor and successor.call("kinds@1/echo", {"text": "new"})["text"],
        )


def main() -> None:
    peer = Peer()
    for line in iter(sys.stdin.readline, ""):
        command, *rest = line.split()
        try:
            getattr(peer, command)(*rest)
        except Exception:
            tell(error=traceback.format_exc())


if __name__ == "__main__":
    main()
