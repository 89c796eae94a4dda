"""A client in Python that calls our server by a schedule from a seed, while the test cuts its connections.

`schedule_peer.py PORT SEED ACTS` prints the result of each act, the events received, and what is left after the last
act. Every act has its own number, so that a model can determine what may have happened at the server.
"""

import queue
import random
import sys
import threading
import time
import traceback

from frameport.body import CallFailed
from frameport.client import Client
from frameport.settings import Settings
from lines import tell
from reach import reach

LIMIT_S = 30.0
PAUSE_S_MAX = 0.02
THREADS = 4
KEEPS = Settings(resume_bytes=65536, resume_window_ms=60000)
CREDITS = ((1, 1000), (3, 100), (32, 65536))
TICK = "schedule@1/tick"
KINDS = ("put", "put", "note", "list", "store", "talk", "give_up", "hurry")


class Acts:
    """The acts of a client. Each returns what its caller received."""

    def __init__(self, client: Client, draw: random.Random) -> None:
        self.client = client
        self.draw = draw

    def pad(self) -> str:
        return "x" * self.draw.choice((0, 10, 300, 3000, 40_000))

    def put(self, number: int, pad: str) -> dict:
        return {"result": self.client.call("schedule@1/put", {"number": number, "text": pad})}

    def note(self, number: int, pad: str) -> dict:
        self.client.oneway("schedule@1/note", {"number": number, "text": pad[:1000]})
        return {}

    def list(self, number: int, pad: str) -> dict:
        to, credit = number % 60, CREDITS[number % 3]
        call = self.client.open("schedule@1/list", {"number": number, "to": to}, credit=credit)
        return {"items": [body.value for body in call], "to": to}

    def store(self, number: int, pad: str) -> dict:
        to = number % 90
        items = ({"number": item, "text": pad[:2000]} for item in range(to))
        return {"result": self.client.upload("schedule@1/store", items, {"number": number}).value, "to": to}

    def talk(self, number: int, pad: str) -> dict:
        to, credit = number % 40, CREDITS[number % 3]
        items = ({"number": item, "text": pad[:500]} for item in range(to))
        call = self.client.exchange("schedule@1/talk", items, {"number": number}, credit=credit)
        return {"items": [body.value for body in call], "to": to}

    def give_up(self, number: int, pad: str) -> dict:
        """Cancels a call. Its handler may have run, but only once."""
        call = self.client.open("schedule@1/put", {"number": number, "text": pad})
        if number % 2:
            time.sleep(PAUSE_S_MAX * (number % 5) / 5)
        call.cancel()
        return {"settled": self.outcome(call.result)}

    def hurry(self, number: int, pad: str) -> dict:
        """Makes a call whose deadline may pass or not."""
        value = {"number": number, "text": pad}
        return {"settled": self.outcome(lambda: self.client.call("schedule@1/put", value, deadline_ms=number % 30))}

    def outcome(self, result) -> str:
        try:
            result()
            return "OK"
        except CallFailed as failure:
            return failure.code


def run(client: Client, seed: int, count: int) -> list[dict]:
    draw = random.Random(seed)
    acts = Acts(client, draw)
    # Drawn in advance, so that the schedule does not depend on the order of the threads.
    schedule = [(number, draw.choice(KINDS), acts.pad(), draw.random()) for number in range(1, count + 1)]
    waiting: queue.SimpleQueue = queue.SimpleQueue()
    for act in schedule:
        waiting.put(act)
    told: list[dict] = []
    # Oneways reach the server in the order in which `oneway` was called.
    in_order = threading.Lock()

    def work() -> None:
        while True:
            try:
                with in_order:
                    number, kind, pad, pause = waiting.get_nowait()
                    facts = acts.note(number, pad) if kind == "note" else None
            except queue.Empty:
                return
            try:
                if facts is None:
                    facts = getattr(acts, kind)(number, pad)
                told.append({"number": number, "kind": kind} | facts)
            except Exception:
                told.append({"number": number, "kind": kind, "wrong": traceback.format_exc()})
            time.sleep(PAUSE_S_MAX * pause)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + LIMIT_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        told.append({"number": 0, "kind": "none", "wrong": "acts go on"})
    return told


def main() -> None:
    port, seed, count = (int(argument) for argument in sys.argv[1:])
    try:
        client = Client.connect(("127.0.0.1", port), settings=KEEPS)
        ticks = client.subscribe(TICK)
        tell(connected=client.name is not None)
        told = run(client, seed, count)
        reach(client, LIMIT_S)
        tell(acts=told)
        # The test writes a line when it has published the last event.
        sys.stdin.readline()
        heard = []
        while not heard or heard[-1] != ["tick", 0]:
            happened = ticks.next(LIMIT_S)
            heard.append(["gap", happened.missed] if happened.missed is not None else ["tick", happened.value])
        with client.lock:
            # The handler of a cancelled call answers when it has stopped.
            client.changed.wait_for(lambda: not client.outgoing, LIMIT_S)
        reach(client, LIMIT_S)
        with client.lock:
            tell(
                heard=heard,
                resumed=client.resumed,
                ended=client.ended and client.ended.code,
                open=len(client.outgoing),
                kept=client.kept.bytes,
                unacknowledged=client.sent - client.peer_handled,
                attempts=[f"{type(failure).__name__}: {failure}" for failure in client.attempts],
            )
        client.close()
    except Exception:
        tell(error=traceback.format_exc())


if __name__ == "__main__":
    main()
