"""What the client does when a server, played by hand, breaks the rules or the connection."""

import socket
import threading

from frameport import envelopes as e
from frameport.body import ConnectionFailed
from frameport.client import Client
from frameport.codec import encode
from frameport.frames import frame
from frameport.rawpeer import RawServer
from frameport.settings import Settings

from .support import PATIENCE_S, Loopback


class TheClient(Loopback):
    def setUp(self):
        self.raw = RawServer()
        self.addCleanup(self.raw.close)

    def connect_to(self, *answers, **options):
        """Connects in a thread and lets the raw server read the hello and answer it."""
        outcome = []

        def run():
            try:
                outcome.append(Client.connect(self.raw.address, **options))
            except ConnectionFailed as failure:
                outcome.append(failure)

        thread = threading.Thread(target=run)
        thread.start()
        self.peer = self.raw.accept()
        self.addCleanup(self.peer.close)
        self.hello = self.peer.receive()
        for answer in answers:
            self.peer.write(answer if isinstance(answer, bytes) else frame(encode(answer)))
        if answers and not isinstance(answers[-1], e.Welcome):
            self.goodbye = self.peer.receive()
            self.peer.close()
        thread.join(PATIENCE_S)
        return outcome[0]

    def test_refusals(self):
        for answer, code in (
            (e.Refused(code="UNAUTHENTICATED"), "HELLO_REFUSED"),
            (e.Goaway(code="CLOSED"), "CLOSED"),
            (e.Goaway(code="FROM_THE_FUTURE"), "CONNECTION_LOST"),
            (b"HTTP/1.1 400 Bad Request\r\n", "NOT_FRAMEPORT"),
            (e.Ping(token=1), "NOT_FRAMEPORT"),
            (frame(b"\xca\x00"), "NOT_FRAMEPORT"),
        ):
            self.assertEqual(self.connect_to(answer).code, code)
            self.assertIsNone(self.goodbye)

    def test_refusals_that_are_told(self):
        for answers, code in (
            ([frame(encode(e.Welcome()) + b"x")], "MALFORMED_ENVELOPE"),
            ([e.Challenge(id=1), e.Ping(token=1)], "PROTOCOL_VIOLATION"),
            ([frame(encode(e.Welcome(version=2)))], "VERSION_UNSUPPORTED"),
            ([frame(encode(e.Welcome(codec="cbor")))], "HELLO_REFUSED"),
            ([bytes.fromhex("00100001")], "FRAME_TOO_LONG"),
        ):
            self.assertEqual(self.connect_to(*answers).code, code)
            if isinstance(self.goodbye, e.Credentials):
                continue
            self.assertEqual(self.goodbye.code, code)

    def test_no_welcome_in_time(self):
        self.assertEqual(self.connect_to(timeout=0.2).code, "HELLO_TIMEOUT")

    def open(self, **options) -> Client:
        client = self.connect_to(e.Welcome(**options))
        self.addCleanup(client.close, 0)
        return client

    def violates(self, *envelopes, **options):
        client = self.open()
        client.open("t@1/a", **options)
        self.peer.receive()
        self.peer.send(*envelopes)
        goaway = self.peer.receive()
        while not isinstance(goaway, e.Goaway):
            goaway = self.peer.receive()
        self.assertEqual(goaway.code, "PROTOCOL_VIOLATION")

    def test_violations(self):
        items = (5, 5)
        self.violates(e.Item(call_id=1, sequence=0))
        self.violates(e.Result(call_id=1), credit=items)
        self.violates(e.End(call_id=1))
        self.violates(e.Stop(call_id=1))
        self.violates(e.Stop(call_id=3), upload=True)
        self.violates(e.Credit(call_id=1, items=1, bytes=1))
        self.violates(e.Credit(call_id=1, items=1, bytes=1), credit=items)
        self.violates(e.Cancel(call_id=1, code="CANCELLED"), upload=True)
        self.violates(e.Item(call_id=1, sequence=0), upload=True)
        self.violates(e.Started(call_id=1), e.Started(call_id=1))
        self.violates(e.Result(call_id=3))
        self.violates(e.Call(call_id=1, procedure="a"))
        self.violates(e.Item(call_id=1, sequence=1), credit=items)
        self.violates(e.Item(call_id=1, sequence=0), credit=(0, 1))
        half = e.Item(call_id=1, sequence=0, encoding=e.RAW, body=b"x", goes_on=True)
        self.violates(half, e.Item(call_id=1, sequence=1), credit=items)
        self.violates(half, e.End(call_id=1), credit=items)

    def test_what_crosses_the_end_of_an_upload_is_passed_over(self):
        client = self.open()
        call = client.open("t@1/a", upload=True)
        call.end()
        self.peer.send(e.Credit(call_id=1, items=1, bytes=1), e.Stop(call_id=1), e.Stop(call_id=1))
        self.peer.send(e.Result(call_id=1), e.Credit(call_id=1, items=1, bytes=1), e.Stop(call_id=1), e.Ping(token=9))
        call.result()
        self.assertEqual([self.peer.receive().KIND for _ in range(3)], ["call", "end", "pong"])

    def test_item_that_is_no_json_cancels_the_call(self):
        client = self.open()
        call = client.open("t@1/a", credit=(5, 5))
        self.peer.send(e.Item(call_id=1, sequence=0, encoding=e.CODEC, body=b"{"))
        self.assertTrue(self.fails("INTERNAL", call.next_item).maybe_executed)
        long = [e.Item(call_id=1, sequence=1, encoding=e.RAW, body=b"x", goes_on=True)]
        self.peer.send(*long, e.Ping(token=1))
        self.assertEqual([self.peer.receive().KIND for _ in range(3)], ["call", "cancel", "pong"])
        self.assertEqual(client.partial_bytes, 0)
        self.peer.send(e.Failure(call_id=1, code="INTERNAL"))

    def test_cancelled_calls_keep_no_connection_open(self):
        client = self.open()
        client.open("t@1/a").cancel()
        client.drain()
        self.assertEqual([self.peer.receive().KIND for _ in range(3)], ["call", "cancel", "goaway"])
        self.assertIsNone(self.peer.receive())

    def test_failure_overtakes_a_half_result(self):
        client = self.open()
        call = client.open("t@1/a")
        half = e.Result(call_id=1, encoding=e.RAW, body=b"x", goes_on=True)
        self.peer.send(half, e.Failure(call_id=1, code="INTERNAL"))
        self.fails("INTERNAL", call.result)
        self.assertEqual(client.partial_bytes, 0)

    def test_cancel_keeps_the_slot_until_the_answer(self):
        client = self.open(settings=[(4, 1)])
        call = client.open("t@1/a")
        call.cancel()
        self.fails("DEADLINE_EXCEEDED", client.call, "t@1/b", deadline_ms=50)
        self.peer.send(e.Result(call_id=1, encoding=e.RAW, body=b"x", goes_on=True))
        self.fails("DEADLINE_EXCEEDED", client.call, "t@1/b", deadline_ms=50)
        self.peer.send(e.More(call_id=1, encoding=e.RAW, body=b"x"))
        client.open("t@1/c").cancel()
        seen = [self.peer.receive() for _ in range(4)]
        self.assertEqual([one.KIND for one in seen], ["call", "cancel", "call", "cancel"])

    def test_half_a_frame_is_truncated(self):
        client = self.open()
        self.peer.write(bytes.fromhex("0000000348"))
        self.peer.sock.shutdown(socket.SHUT_WR)
        self.wait(client, lambda: client.ended)
        self.assertEqual(client.ended.code, "TRUNCATED")

    def test_silence(self):
        client = self.connect_to(e.Welcome(), settings=Settings(heartbeat_interval_ms=50, heartbeat_timeout_ms=100))
        self.addCleanup(client.close, 0)
        self.assertIsInstance(self.peer.receive(), e.Ping)
        goaway = self.peer.receive()
        self.assertEqual(goaway.code, "HEARTBEAT_TIMEOUT")
