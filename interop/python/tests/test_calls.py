"""Calls between the client and the server over loopback."""

import threading

from frameport.body import Answer, Body, CallFailed
from frameport.client import Client
from frameport.envelopes import CODEC, RAW, Credit
from frameport.incoming import HandlerStopped, Procedure
from frameport.settings import Settings

from .support import PATIENCE_S, Loopback


def echo(call):
    return Answer(call.input, call.metadata)


def count(call):
    for number in range(call.value):
        call.send(number)


def bulk(call):
    for number in range(call.value):
        call.send(bytes([number]) * 100_000)


def refuse(call):
    raise CallFailed("NAME_TAKEN", "taken", retry_after_ms=7, data=Body(CODEC, b'"guest2"'), metadata={"node": "a"})


def begins(call):
    call.sleep(0.1)
    call.step()
    call.sleep(0.1)
    call.send(1)
    call.step()


def early(call):
    call.tell_started({"node": "b"})
    return 1


class Calls(Loopback):
    def setUp(self):
        self.began = threading.Event()
        self.stopped = threading.Event()
        self.release = threading.Event()
        procedures = {
            "t@1/echo": Procedure(echo),
            "t@1/count": Procedure(count, items=True),
            "t@1/bulk": Procedure(bulk, items=True),
            "t@1/refuse": Procedure(refuse),
            "t@1/early": Procedure(early),
            "t@1/begins": Procedure(begins, items=True),
            "t@1/wait": Procedure(self.sleep),
            "t@1/hold": Procedure(self.hold),
            "t@1/forever": Procedure(self.forever, items=True),
            "t@1/break": Procedure(lambda call: 1 / 0),
            "t@1/nan": Procedure(lambda call: float("nan")),
            "t@1/raw": Procedure(lambda call: Body(CODEC, b"{")),
        }
        self.server = self.serve(procedures=procedures)
        self.client = self.connect(self.server)

    def sleep(self, call):
        self.began.set()
        try:
            call.sleep(2 * PATIENCE_S)
        except HandlerStopped:
            self.stopped.set()
            raise

    def hold(self, call):
        self.began.set()
        self.release.wait(PATIENCE_S)

    def forever(self, call):
        try:
            number = 0
            while True:
                call.send(number)
                number += 1
        except HandlerStopped:
            self.stopped.set()
            raise

    def test_unary(self):
        for value in (None, b"", b"\x00\xff", "", 0, {"a": [1, None, "ü"]}, Body(CODEC, b"null")):
            sent = value.value if isinstance(value, Body) else value
            self.assertEqual(self.client.call("t@1/echo", value), sent)

    def test_metadata_and_encoding(self):
        answer = self.client.open("t@1/echo", b"raw", metadata={"trace": "7", "frameport-x": ""}).result()
        self.assertEqual(answer.metadata, {"trace": "7", "frameport-x": ""})
        self.assertEqual(answer.body, Body(RAW, b"raw"))

    def test_failures(self):
        failure = self.fails("NAME_TAKEN", self.client.call, "t@1/refuse")
        self.assertEqual((failure.text, failure.retry_after_ms, failure.data.value), ("taken", 7, "guest2"))
        self.assertEqual(failure.metadata, {"node": "a"})
        self.assertFalse(failure.maybe_executed)
        self.assertTrue(self.fails("INTERNAL", self.client.call, "t@1/break").maybe_executed)
        self.fails("INTERNAL", self.client.call, "t@1/nan")
        self.assertTrue(self.fails("INTERNAL", self.client.call, "t@1/raw").maybe_executed)
        self.fails("INVALID_ARGUMENT", self.client.call, "t@1/echo", Body(CODEC, b'{"__proto__":1}'))
        self.fails("INVALID_ARGUMENT", self.client.call, "t@1/echo", Body(CODEC, b""))

    def test_unimplemented(self):
        self.fails("UNIMPLEMENTED", self.client.call, "t@2/echo")
        self.fails("UNIMPLEMENTED", self.client.call, "t@1/count", 1)
        self.fails("UNIMPLEMENTED", self.client.open("t@1/echo", credit=(1, 1)).result)
        self.fails("UNIMPLEMENTED", self.client.open("t@1/echo", upload=True).result)

    def test_stream_with_little_credit(self):
        for credit in ((1, 1), (3, 10), (0, 0), (2, 1_000_000), (1000, 1)):
            call = self.client.open("t@1/count", 30, credit=credit)
            if credit == (0, 0):
                call.items_in.grant(5, 5)
                self.client.send(Credit(call_id=call.id, items=5, bytes=5))
            self.assertEqual([body.value for body in call], list(range(30)))

    def test_credit_bounds_what_is_under_way(self):
        call = self.client.open("t@1/forever", credit=(5, 100))
        self.wait(self.client, lambda: len(call.items_in.queue) >= 5)
        # A sixth one would have come before the answer to a ping.
        for _ in range(3):
            self.client.ping()
        self.assertEqual(len(call.items_in.queue), 5)
        call.cancel()
        self.assertTrue(self.stopped.wait(PATIENCE_S))

    def test_long_items(self):
        bodies = [body.value for body in self.client.open("t@1/bulk", 10, credit=(4, 150_000))]
        self.assertEqual(bodies, [bytes([number]) * 100_000 for number in range(10)])

    def test_long_bodies_alternate_with_short_ones(self):
        long = bytes(1_000_000)
        results = []
        threads = [threading.Thread(target=lambda: results.append(self.client.call("t@1/echo", long))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(50):
            self.assertEqual(self.client.call("t@1/echo", number), number)
        for thread in threads:
            thread.join(PATIENCE_S)
        self.assertTrue(all(result == long for result in results) and len(results) == 3)
        self.assertEqual(self.server.session().partial_bytes, 0)
        self.assertEqual(self.client.partial_bytes, 0)

    def test_started(self):
        call = self.client.open("t@1/early")
        self.assertEqual(call.result().value, 1)
        self.assertEqual(call.started, {"node": "b"})

    def test_started_when_it_is_asked_for(self):
        for ask, told in (([(2, b"")], {}), ([(3, b"")], None), (None, None)):
            call = self.client.open("t@1/begins", credit=(10, 1000), extensions=ask)
            self.assertEqual([body.value for body in call], [1])
            self.assertEqual(call.started, told)

    def test_started_when_a_credit_asks(self):
        call = self.client.open("t@1/begins", credit=(10, 1000))
        with self.client.lock:
            call.items_in.grant(0, 1)
            self.client.send(Credit(call_id=call.id, items=0, bytes=1, extensions=[(2, b"")]))
        self.assertEqual([body.value for body in call], [1])
        self.assertEqual(call.started, {})

    def test_cancel(self):
        call = self.client.open("t@1/wait")
        self.assertTrue(self.began.wait(PATIENCE_S))
        call.cancel()
        self.assertTrue(self.fails("CANCELLED", call.result).maybe_executed)
        self.assertTrue(self.stopped.wait(PATIENCE_S))
        self.await_idle()

    def test_deadline(self):
        # Long enough for the handler to begin.
        self.fails("DEADLINE_EXCEEDED", self.client.call, "t@1/wait", deadline_ms=1_000)
        self.assertTrue(self.stopped.wait(PATIENCE_S))
        self.await_idle()

    def test_deadline_of_the_callee_is_answered_when_the_handler_has_stopped(self):
        call = self.client.open("t@1/hold", deadline_ms=1_000)
        call.deadline = None
        self.assertTrue(self.began.wait(PATIENCE_S))
        session = self.server.session()
        self.wait(session, lambda: session.incoming[call.id].cancelled)
        self.client.ping()
        self.assertFalse(call.settled)
        self.release.set()
        self.assertTrue(self.fails("DEADLINE_EXCEEDED", call.result).maybe_executed)

    def test_deadline_of_0_does_not_run(self):
        call = self.client.open("t@1/wait", deadline_ms=0)
        self.fails("DEADLINE_EXCEEDED", call.result)
        self.assertFalse(self.stopped.is_set())

    def await_idle(self):
        self.wait(self.client, lambda: not self.client.outgoing)


class Limits(Loopback):
    def pair(self, **settings) -> Client:
        self.release = threading.Event()
        self.addCleanup(self.release.set)
        procedures = {
            "t@1/echo": Procedure(echo),
            "t@1/hold": Procedure(lambda call: self.release.wait(PATIENCE_S)),
            "t@1/size": Procedure(lambda call: bytes(call.value)),
            "t@1/sizes": Procedure(lambda call: call.send(bytes(call.value)), items=True),
        }
        self.server = self.serve(procedures=procedures, settings=Settings(**settings))
        return self.connect(self.server, settings=Settings(body_bytes_max=100_000, metadata_entries_max=2))

    def test_slots(self):
        client = self.pair(calls_in_flight_max=2)
        calls = [client.open("t@1/hold") for _ in range(2)]
        self.fails("DEADLINE_EXCEEDED", client.call, "t@1/echo", deadline_ms=50)
        client.peer.calls_in_flight_max = 3
        self.assertFalse(self.fails("RESOURCE_EXHAUSTED", client.call, "t@1/echo").maybe_executed)
        self.release.set()
        for call in calls:
            call.result()
        self.assertEqual(client.call("t@1/echo", 1), 1)

    def test_body_over_the_limit(self):
        client = self.pair(body_bytes_max=70_000)
        self.fails("RESOURCE_EXHAUSTED", client.call, "t@1/echo", bytes(70_001))
        client.peer.body_bytes_max = 10**6
        self.fails("RESOURCE_EXHAUSTED", client.call, "t@1/echo", bytes(500_000))
        self.fails("RESOURCE_EXHAUSTED", client.call, "t@1/size", 100_001)
        session = self.server.session()
        session.peer.body_bytes_max = 10**6
        self.fails("RESOURCE_EXHAUSTED", client.call, "t@1/size", 500_000)
        self.fails("RESOURCE_EXHAUSTED", client.open("t@1/sizes", 500_000, credit=(1, 1)).result)
        self.assertEqual(client.call("t@1/size", 100_000), bytes(100_000))
        self.assertEqual((client.partial_bytes, session.partial_bytes), (0, 0))

    def test_partial_bodies_over_the_limit(self):
        client = self.pair(bodies_partial_bytes_max=50_000)
        self.fails("RESOURCE_EXHAUSTED", client.call, "t@1/echo", bytes(90_000))
        self.assertEqual(client.call("t@1/echo", 1), 1)
        self.assertEqual(self.server.session().partial_bytes, 0)

    def test_small_frames(self):
        client = self.pair(frame_bytes_max=4096)
        self.assertEqual(client.call("t@1/echo", bytes(50_000)), bytes(50_000))
        self.fails("RESOURCE_EXHAUSTED", client.call, "t@1/echo", 1, metadata={"k": "v" * 5000})

    def test_metadata_over_the_limit(self):
        client = self.pair(metadata_entries_max=3)
        many = {f"k{number}": "" for number in range(4)}
        self.assertFalse(self.fails("RESOURCE_EXHAUSTED", client.call, "t@1/echo", metadata=many).maybe_executed)
        del many["k0"]
        self.assertTrue(self.fails("RESOURCE_EXHAUSTED", client.call, "t@1/echo", metadata=many).maybe_executed)
        self.assertEqual(client.call("t@1/echo", 1), 1)
