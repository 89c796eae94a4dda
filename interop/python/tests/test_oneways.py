"""Calls without an answer, in both directions."""

import queue
import threading

from frameport.body import Body
from frameport.envelopes import CODEC
from frameport.incoming import HandlerStopped, Procedure
from frameport.oneways import RUNNING_MAX
from frameport.settings import Settings

from .support import PATIENCE_S, Loopback


class Oneways(Loopback):
    def setUp(self):
        self.seen: queue.SimpleQueue = queue.SimpleQueue()
        self.release = threading.Event()
        self.addCleanup(self.release.set)
        procedures = {
            "t@1/seen": Procedure(self.note, oneway=True),
            "t@1/unary": Procedure(lambda call: call.value),
            "t@1/break": Procedure(lambda call: 1 / 0, oneway=True),
            "t@1/hold": Procedure(lambda call: self.release.wait(PATIENCE_S), oneway=True),
            "t@1/sleep": Procedure(self.sleep, oneway=True),
        }
        settings = Settings(frame_bytes_max=4096)
        self.server = self.serve(procedures=procedures, settings=settings)
        self.client = self.connect(self.server, procedures=procedures, settings=settings)
        self.sides = (self.client, self.server.session())

    def note(self, call):
        self.seen.put((call.value, call.metadata))

    def sleep(self, call):
        try:
            call.sleep(2 * PATIENCE_S)
        except HandlerStopped:
            self.seen.put("stopped")
            raise

    def test_it_runs_and_takes_no_slot(self):
        for caller, callee in (self.sides, self.sides[::-1]):
            caller.peer.calls_in_flight_max = 0
            caller.oneway("t@1/seen", 7, metadata={"trace": "1"})
            self.assertEqual(self.seen.get(timeout=PATIENCE_S), (7, {"trace": "1"}))
            self.assertEqual((caller.outgoing, callee.incoming), ({}, {}))

    def test_what_cannot_run_is_dropped_and_counted(self):
        caller, callee = self.sides
        caller.oneway("t@1/nobody")
        caller.oneway("t@1/unary")
        caller.oneway("t@1/seen", Body(CODEC, b"{"))
        caller.oneway("t@1/seen", metadata={f"k{number}": "" for number in range(65)})
        caller.oneway("t@1/seen", deadline_ms=0)
        caller.ping()
        self.assertEqual(callee.oneways.dropped, 5)
        self.assertTrue(self.seen.empty())
        self.fails("UNIMPLEMENTED", caller.call, "t@1/seen", 7)

    def test_handler_that_breaks_is_counted(self):
        caller, callee = self.sides
        caller.oneway("t@1/break")
        self.wait(callee, lambda: callee.oneways.failed == 1)
        self.assertEqual(caller.call("t@1/unary", 1), 1)

    def test_too_many_at_once_are_dropped(self):
        caller, callee = self.sides
        for _ in range(RUNNING_MAX + 3):
            caller.oneway("t@1/hold")
        caller.ping()
        self.assertEqual((callee.oneways.running, callee.oneways.dropped), (RUNNING_MAX, 3))
        self.release.set()
        self.wait(callee, lambda: callee.oneways.running == 0)

    def test_deadline_and_end_stop_the_handler(self):
        caller, _ = self.sides
        caller.oneway("t@1/sleep", deadline_ms=50)
        self.assertEqual(self.seen.get(timeout=PATIENCE_S), "stopped")
        caller.oneway("t@1/sleep")
        caller.ping()
        caller.close(0)
        self.assertEqual(self.seen.get(timeout=PATIENCE_S), "stopped")

    def test_it_goes_out_in_one_piece_or_not_at_all(self):
        self.fails("RESOURCE_EXHAUSTED", self.client.oneway, "t@1/seen", bytes(4096))
        self.client.oneway("t@1/seen", bytes(4000))
        self.assertEqual(self.seen.get(timeout=PATIENCE_S), (bytes(4000), {}))

    def test_none_after_a_goaway(self):
        caller, callee = self.sides
        callee.drain()
        self.wait(caller, lambda: caller.draining)
        self.fails("UNAVAILABLE", caller.oneway, "t@1/seen")
