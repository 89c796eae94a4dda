"""Handlers of the contract `kinds`, the same for a client and a server."""

import hashlib
import threading
from collections.abc import Callable

from frameport.body import Body, CallFailed
from frameport.envelopes import CODEC
from frameport.incoming import HandlerStopped, Procedure
from lines import tell

LIMIT_S = 30.0


class Handlers:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self.given_up: list[str] = []
        self.released = threading.Event()

    def procedures(self) -> dict[str, Procedure]:
        unary = ("echo", "refuse", "wait", "saw", "release")
        uploads = ("sum", "store", "find", "enough", "quota", "hold", "leave")
        made = {name: Procedure(getattr(self, name)) for name in unary}
        made |= {name: Procedure(getattr(self, name), upload=True) for name in uploads}
        made["count"] = Procedure(self.count, items=True)
        made["shout"] = Procedure(self.shout, items=True, upload=True)
        made["reverse"] = Procedure(self.reverse, items=True, upload=True)
        made["seen"] = Procedure(self.see, oneway=True)
        return {f"kinds@1/{name}": procedure for name, procedure in made.items()}

    def echo(self, call):
        return call.value

    def refuse(self, call):
        raise CallFailed("NAME_TAKEN", "That name is taken.", data=Body(CODEC, b'{"suggestion":"guest2"}'))

    def wait(self, call):
        tell(running="wait")
        return self._until_given_up(call, lambda: call.sleep(60))

    def count(self, call):
        for number in range(1, call.value["to"] + 1):
            call.send(number)

    def sum(self, call):
        return self._until_given_up(call, lambda: sum(number_of(item) for item in call))

    def store(self, call):
        stored = b"".join(item.data for item in call)
        return {"name": call.value["name"], "bytes": len(stored), "sha256": hashlib.sha256(stored).hexdigest()}

    def find(self, call):
        for taken, item in enumerate(call, 1):
            if item.value == call.value:
                call.stop()
                return taken
        return 0

    def enough(self, call):
        return "enough"

    def quota(self, call):
        next(iter(call))
        raise CallFailed("QUOTA", "enough of it", data=Body(CODEC, b"7"))

    def hold(self, call):
        tell(running="hold")

        def take() -> int:
            while not self.released.is_set():
                call.sleep(0.02)
            return sum(1 for _ in call)

        return self._until_given_up(call, take)

    def leave(self, call):
        first = next(iter(call)).value
        call.stop()
        self.released.wait(LIMIT_S)
        return first

    def shout(self, call):
        for item in call:
            call.send({"text": item.value["text"].upper()})

    def reverse(self, call):
        call.send(0)
        for value in reversed([item.value for item in call]):
            call.send(value)

    def see(self, call):
        self.seen.append(call.value["text"])
        if call.value["text"] == "slow":
            call.sleep(60)

    def saw(self, call):
        return {"seen": self.seen, "givenUp": self.given_up}

    def release(self, call):
        self.released.set()

    def _until_given_up(self, call, action: Callable):
        try:
            return action()
        except HandlerStopped:
            self.given_up.append(call.cancelled.code if call.cancelled else "ENDED")
            tell(givenUp=self.given_up[-1])
            raise


def number_of(item: Body) -> float:
    if not isinstance(item.value, (int, float)):
        raise CallFailed("INVALID_ARGUMENT", "an item is no number", maybe_executed=True)
    return item.value
