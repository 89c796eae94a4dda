"""Serves the interop contract with the server in Python.

It prints its port, and then its observations, as lines of JSON. Each input line is a command: `publish TEXT`, `tick
TEXT`, `long LENGTH`, `drain`, `ping`, `release`, `slots`, `ended`. It ends when its input ends. The optional argument
is the description of the contract that frameport/describe returns, in JSON.
"""

import json
import sys
import threading

from frameport import envelopes as e
from frameport.body import Body, CallFailed
from frameport.description import DESCRIBE, describer, read
from frameport.envelopes import CODEC
from frameport.incoming import HandlerStopped, Procedure
from frameport.server import Server
from lines import tell

LIMIT_S = 30.0

LINE, TICK, LOBBY = "interop@1/line", "interop@1/tick", '{"room":"lobby"}'


class Handlers:
    def __init__(self) -> None:
        self.released = threading.Event()

    def procedures(self) -> dict[str, Procedure]:
        made = {
            name: Procedure(getattr(self, name))
            for name in ("echo", "invert", "refuse", "crash", "wait", "linger", "running", "release", "join", "say")
        }
        made["count"] = Procedure(self.count, items=True)
        made["watch"] = Procedure(self.watch, items=True)
        return {f"interop@1/{name}": procedure for name, procedure in made.items()}

    def echo(self, call):
        return call.value

    def invert(self, call):
        return bytes(byte ^ 0xFF for byte in call.value)

    def refuse(self, call):
        raise CallFailed("NAME_TAKEN", "That name is taken.", data=Body(CODEC, b'{"suggestion":"guest2"}'))

    def crash(self, call):
        raise ValueError("for the log only")

    def count(self, call):
        for number in range(1, call.value["to"] + 1):
            call.send(number)
            tell(sent=number)

    def watch(self, call):
        call.step()
        while not self.released.is_set():
            call.sleep(0.05)
        call.send(1)

    def wait(self, call):
        """Stops as soon as its call has ended."""
        tell(waiting=call.id, deadlineMs=bool(call.timers))
        try:
            while not self.released.is_set():
                call.sleep(0.05)
        except HandlerStopped:
            tell(stopped=call.cancelled and call.cancelled.code)
            raise
        return "released"

    def linger(self, call):
        tell(waiting=call.id)
        self.released.wait(20)
        return "released"

    def running(self, call):
        return None

    def release(self, call):
        self.released.set()

    def join(self, call):
        call.session.join("interop@1/line", json.dumps(call.value, separators=(",", ":")))

    def say(self, call):
        call.session.publish(LINE, LOBBY, Body(CODEC, b'{"text":"said"}'), None)


def main() -> None:
    handlers = Handlers()
    contract = e.Contract(name="interop", version=1, roles=1, hash=b"\x09")
    procedures = handlers.procedures()
    if len(sys.argv) > 1:
        procedures[DESCRIBE] = describer([read(json.loads(sys.argv[1]))])
    server = Server(procedures=procedures, contracts=[contract], events={LINE, TICK})
    tell(port=server.address[1])
    for line in iter(sys.stdin.readline, ""):
        command, _, rest = line.strip().partition(" ")
        session = server.session()
        match command:
            case "publish":
                server.publish(LINE, LOBBY, {"text": rest})
            case "tick":
                server.publish(TICK, LOBBY, {"text": rest})
            case "long":
                server.publish(TICK, LOBBY, {"text": "x" * int(rest)})
            case "drain":
                session.drain()
                tell(lastCallId=session.last_taken)
            case "ping":
                session.ping()
                tell(pinged=True)
            case "release":
                handlers.released.set()
            case "slots":
                with session.lock:
                    session.changed.wait_for(lambda: session._slots_given == 0, LIMIT_S)
                    tell(slots=session._slots_given, incoming=len(session.incoming))
            case "ended":
                with session.lock:
                    session.changed.wait_for(lambda: session.ended, LIMIT_S)
                    tell(ended=session.ended and session.ended.code, hello=[one.name for one in session.hello.contracts])


if __name__ == "__main__":
    main()
