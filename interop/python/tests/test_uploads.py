"""Uploads and calls both ways, between the client and the server over loopback, in both directions."""

import contextlib
import threading

from frameport.body import Answer, Body, CallFailed
from frameport.envelopes import CODEC
from frameport.incoming import HandlerStopped, Procedure
from frameport.settings import Settings

from .support import PATIENCE_S, Loopback


def add_up(call):
    total = sum(item.value for item in call)
    return Answer(Body(CODEC, str(total).encode()), call.upload_metadata)


def measure(call):
    return sum(len(item.data) for item in call)


def first_two(call):
    items = iter(call)
    two = [next(items).value, next(items).value]
    call.stop()
    return two


def echo_items(call):
    for item in call:
        call.send(item)


def greet_first(call):
    """Sends before it takes, and goes on when the caller has ended."""
    call.send("ready")
    taken = [item.value for item in call]
    for value in reversed(taken):
        call.send(value)


class Uploads(Loopback):
    """Each test runs in the direction of `pair`, which the class behind this one turns round."""

    settings = Settings()

    def setUp(self):
        self.stopped = threading.Event()
        self.answered_late = threading.Event()
        self.procedures = {
            "t@1/sum": Procedure(add_up, upload=True),
            "t@1/measure": Procedure(measure, upload=True),
            "t@1/two": Procedure(first_two, upload=True),
            "t@1/both": Procedure(echo_items, items=True, upload=True),
            "t@1/greet": Procedure(greet_first, items=True, upload=True),
            "t@1/ignore": Procedure(lambda call: "enough", upload=True),
            "t@1/refuse": Procedure(self.refuse, upload=True),
            "t@1/wait": Procedure(self.take_all, upload=True),
            "t@1/slow": Procedure(self.slow, upload=True),
        }
        self.caller, self.callee = self.pair()

    def pair(self):
        server = self.serve(procedures=self.procedures, settings=self.settings)
        return self.connect(server), server.session()

    def refuse(self, call):
        next(iter(call))
        raise CallFailed("QUOTA", "enough of it", data=Body(CODEC, b"7"))

    def take_all(self, call):
        try:
            for _ in call:
                pass
            call.sleep(2 * PATIENCE_S)
        except HandlerStopped:
            self.stopped.set()
            raise

    def slow(self, call):
        """Takes nothing, and stops only when the test lets it."""
        self.answered_late.wait(PATIENCE_S)

    def test_upload_and_metadata_of_its_end(self):
        call = self.caller.open("t@1/sum", upload=True)
        for number in range(100):
            call.send(number)
        call.end({"rows": "100"})
        answer = call.result()
        self.assertEqual((answer.value, answer.metadata), (sum(range(100)), {"rows": "100"}))

    def test_upload_of_nothing(self):
        self.assertEqual(self.caller.upload("t@1/sum", []).value, 0)

    def test_raw_items_longer_than_the_credit(self):
        chunks = [bytes(200_000), b"", bytes(1), bytes(70_000)]
        self.assertEqual(self.caller.upload("t@1/measure", chunks).value, 270_001)

    def test_upload_is_stopped(self):
        taken = []
        endless = (taken.append(number) or number for number in range(10**9))
        self.assertEqual(self.caller.upload("t@1/two", endless).value, [0, 1])
        self.assertLess(len(taken), 1000)

    def test_answer_before_the_end_stops_the_upload(self):
        self.assertEqual(self.caller.upload("t@1/ignore", iter(lambda: b"x" * 1000, None)).value, "enough")

    def test_failure_before_the_end_stops_the_upload(self):
        failure = self.fails("QUOTA", self.caller.upload, "t@1/refuse", iter(lambda: b"x" * 1000, None))
        self.assertEqual((failure.text, failure.data.value), ("enough of it", 7))

    def test_both_ways(self):
        sent = [number if number % 2 else bytes(60_000 + number) for number in range(40)]
        call = self.caller.exchange("t@1/both", sent, credit=(2, 70_000))
        self.assertEqual([body.value for body in call], sent)

    def test_both_ways_the_callee_sends_first_and_last(self):
        call = self.caller.open("t@1/greet", credit=(1, 1), upload=True)
        self.assertEqual(call.next_item().value, "ready")
        call.feed([1, 2, 3])
        self.assertEqual([body.value for body in call], [3, 2, 1])

    def test_source_that_fails_cancels(self):
        def half():
            yield 1
            raise OSError("the disk")

        with self.assertRaises(OSError):
            self.caller.upload("t@1/wait", half())
        self.assertTrue(self.stopped.wait(PATIENCE_S))
        call = self.caller.exchange("t@1/both", half(), credit=(9, 999))
        self.assertEqual(self.fails("ABORTED", list, call).text, "the items failed: OSError")

    def test_cancel_between_items_stops_the_handler(self):
        call = self.caller.open("t@1/wait", upload=True)
        call.send(1)
        call.cancel("MY_REASON")
        self.fails("MY_REASON", call.send, 2)
        self.assertTrue(self.stopped.wait(PATIENCE_S))
        self.wait(self.caller, lambda: not call.open)

    def test_deadline_covers_the_upload(self):
        call = self.caller.open("t@1/slow", upload=True, deadline_ms=100)
        with self.assertRaises(CallFailed) as caught:
            while True:
                call.send(bytes(10_000))
        self.assertEqual(caught.exception.code, "DEADLINE_EXCEEDED")
        self.answered_late.set()

    def test_item_that_is_no_json_fails_the_upload_as_maybe_executed(self):
        call = self.caller.open("t@1/wait", upload=True)
        call.send(Body(CODEC, b"{"))
        self.assertTrue(self.fails("INVALID_ARGUMENT", call.result).maybe_executed)
        self.assertTrue(self.stopped.wait(PATIENCE_S))

    def test_fault_of_an_upload_stops_it_at_once_and_is_answered_when_the_handler_stops(self):
        call = self.caller.open("t@1/slow", upload=True)
        call.send(1)
        call.send(Body(CODEC, b"{"))
        self.wait(self.caller, lambda: call.stopped)
        self.assertFalse(call.send(2))
        self.caller.ping()
        self.assertFalse(call.settled)
        self.answered_late.set()
        self.fails("INVALID_ARGUMENT", call.result)

    def test_item_over_the_limit_fails_the_upload(self):
        call = self.caller.open("t@1/wait", upload=True)
        self.fails("RESOURCE_EXHAUSTED", call.send, bytes(1_048_577))
        self.caller.peer.body_bytes_max = 10**7
        with contextlib.suppress(CallFailed):  # It may fail while the pieces are still going out.
            call.send(bytes(1_500_000))
        self.assertTrue(self.fails("RESOURCE_EXHAUSTED", call.result).maybe_executed)
        self.assertEqual(self.callee.partial_bytes, 0)

    def test_stop_drops_the_half_of_an_item(self):
        self.procedures["t@1/stops"] = Procedure(lambda call: (call.stop(), self.answered_late.wait(PATIENCE_S)), upload=True)
        call = self.caller.open("t@1/stops", upload=True)
        call.send(bytes(500_000))
        self.wait(self.caller, lambda: call.stopped)
        self.caller.ping()
        self.assertEqual(self.callee.partial_bytes, 0)
        self.answered_late.set()
        call.result()

    def test_upload_waits_for_credit(self):
        call = self.caller.open("t@1/slow", upload=True)
        sender = threading.Thread(target=call.feed, args=(iter(lambda: b"", None),), daemon=True)
        sender.start()
        incoming = self.callee.incoming
        self.wait(self.callee, lambda: call.id in incoming and len(incoming[call.id].items_in.queue) == 16)
        # A seventeenth would have come before the answer to a ping.
        for _ in range(3):
            self.caller.ping()
        with self.callee.lock:
            self.assertEqual(len(self.callee.incoming[call.id].items_in.queue), 16)
        self.answered_late.set()
        sender.join(PATIENCE_S)
        self.assertFalse(sender.is_alive())


class UploadsOfTheServer(Uploads):
    """The server calls, and the client answers."""

    def pair(self):
        server = self.serve(settings=self.settings)
        client = self.connect(server, procedures=self.procedures, settings=self.settings)
        return server.session(), client


class UploadsThatBeginWithNothing(Uploads):
    """Both settings are 0: the callee grants when its handler takes items."""

    settings = Settings(upload_items=0, upload_bytes=0)

    # These take nothing, or count what came without credit of the handler.
    test_upload_waits_for_credit = None
    test_fault_of_an_upload_stops_it_at_once_and_is_answered_when_the_handler_stops = None
