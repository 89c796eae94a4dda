"""What the server does when a client, played by hand, breaks the rules or the connection."""

import threading

from frameport import envelopes as e
from frameport.codec import encode
from frameport.frames import frame
from frameport.incoming import Procedure
from frameport.rawpeer import RawPeer
from frameport.settings import Settings

from .support import PATIENCE_S, Loopback


def echo(call):
    return call.value


def drain_items(call):
    return len(list(call))


def one_item(call):
    call.send(0)


class Server(Loopback):
    def setUp(self):
        self.settings = Settings(upload_items=2, upload_bytes=10)
        self.release = threading.Event()
        self.addCleanup(self.release.set)

        def stops(call):
            call.stop()
            self.release.wait(PATIENCE_S)

        self.server = self.serve(
            procedures={
                "t@1/echo": Procedure(echo),
                "t@1/sum": Procedure(drain_items, upload=True),
                "t@1/one": Procedure(one_item, items=True),
                "t@1/hold": Procedure(lambda call: call.sleep(PATIENCE_S), upload=True),
                "t@1/stops": Procedure(stops, upload=True),
                "t@1/wait": Procedure(lambda call: call.sleep(PATIENCE_S)),
            },
            settings=self.settings,
            hello_timeout=PATIENCE_S,
        )
        self.peer = RawPeer.dial(self.server.address)
        self.addCleanup(self.peer.close)

    def ends_with(self, code):
        while (envelope := self.peer.receive()) is not None:
            if isinstance(envelope, e.Goaway):
                self.assertEqual(envelope.code, code)
                self.assertIsNone(self.peer.receive())
                return
        self.assertIsNone(code)

    def violates(self, *envelopes, code="PROTOCOL_VIOLATION"):
        self.peer.greet()
        self.peer.send(*envelopes)
        self.ends_with(code)

    def call(self, call_id=1, procedure="t@1/wait", **fields):
        return e.Call(call_id=call_id, procedure=procedure, **fields)

    def test_another_protocol(self):
        self.peer.write(b"GET / HTTP/1.1\r\n\r\n")
        self.ends_with(None)

    def test_no_hello(self):
        self.peer.send(e.Ping(token=1))
        self.ends_with(None)

    def test_wrong_magic(self):
        self.peer.write(frame(encode(e.Hello()).replace(b"FRPT", b"FRPX")))
        self.ends_with(None)

    def test_malformed_hello(self):
        self.peer.write(frame(encode(e.Hello()) + b"\x00"))
        self.ends_with("MALFORMED_ENVELOPE")

    def test_first_frame_too_long(self):
        self.peer.write(bytes.fromhex("00010001"))
        self.ends_with("FRAME_TOO_LONG")

    def test_no_common_version(self):
        self.peer.send(e.Hello(version_min=2, version_max=3, codecs=["json"]))
        self.ends_with("VERSION_UNSUPPORTED")

    def test_no_common_codec(self):
        self.peer.send(e.Hello(codecs=["cbor"]))
        self.ends_with("HELLO_REFUSED")

    def test_frame_too_long(self):
        self.peer.greet()
        self.peer.write((1048577).to_bytes(4, "big"))
        self.ends_with("FRAME_TOO_LONG")

    def test_empty_frame(self):
        self.peer.greet()
        self.peer.write(bytes(4))
        self.ends_with("MALFORMED_ENVELOPE")

    def test_unknown_kind(self):
        self.peer.greet()
        self.peer.write(frame(b"\x24\x00"))
        self.ends_with("UNKNOWN_KIND")

    def test_second_hello(self):
        self.violates(e.Hello(codecs=["json"]))

    def test_used_id(self):
        self.violates(self.call(3), self.call(3))

    def test_lower_id(self):
        self.violates(self.call(3), self.call(1))

    def test_parity(self):
        self.violates(self.call(2))

    def test_answer_to_no_call(self):
        self.violates(e.Result(call_id=2))

    def test_answer_from_the_caller(self):
        self.violates(self.call(1), e.Result(call_id=1))

    def test_cancel_of_no_call(self):
        self.violates(e.Cancel(call_id=1, code="CANCELLED"))

    def test_cancel_from_the_callee(self):
        self.violates(e.Cancel(call_id=2, code="CANCELLED"))

    def test_item_without_upload(self):
        self.violates(self.call(), e.Item(call_id=1, sequence=0))

    def test_item_out_of_sequence(self):
        self.violates(self.call(procedure="t@1/sum", upload=True), e.Item(call_id=1, sequence=1))

    def test_items_without_credit(self):
        items = [e.Item(call_id=1, sequence=0, encoding=e.RAW, body=bytes(100), goes_on=True)]
        items += [e.More(call_id=1, encoding=e.RAW, body=b"x"), e.Item(call_id=1, sequence=1)]
        self.violates(self.call(procedure="t@1/hold", upload=True), *items)

    def test_item_after_the_end(self):
        self.violates(
            self.call(procedure="t@1/hold", upload=True), e.End(call_id=1), e.Item(call_id=1, sequence=0)
        )

    def test_second_end(self):
        self.violates(self.call(procedure="t@1/hold", upload=True), e.End(call_id=1), e.End(call_id=1))

    def test_end_without_upload(self):
        self.violates(self.call(), e.End(call_id=1))

    def test_end_inside_of_an_item(self):
        half = e.Item(call_id=1, sequence=0, encoding=e.RAW, body=b"x", goes_on=True)
        self.violates(self.call(procedure="t@1/hold", upload=True), half, e.End(call_id=1))

    def test_stop_from_the_caller(self):
        self.violates(self.call(procedure="t@1/hold", upload=True), e.Stop(call_id=1))

    def test_stop_of_no_call(self):
        self.violates(e.Stop(call_id=2))

    def test_credit_of_the_caller_for_its_own_upload(self):
        self.violates(self.call(procedure="t@1/hold", upload=True), e.Credit(call_id=1, items=1, bytes=1))

    def test_item_of_a_oneway(self):
        self.violates(e.Oneway(procedure="t@1/echo"), e.Item(call_id=1, sequence=0))

    def test_what_crosses_a_stop_or_an_answer_is_passed_over(self):
        self.peer.greet()
        self.peer.send(self.call(procedure="t@1/stops", upload=True))
        self.assertEqual(self.peer.receive().KIND, "stop")
        items = [e.Item(call_id=1, sequence=number, encoding=e.RAW, body=b"x", goes_on=True) for number in range(5)]
        self.peer.send(*items, e.End(call_id=1), e.Ping(token=3))
        self.assertEqual(self.peer.receive().token, 3)
        self.release.set()
        self.assertEqual(self.peer.receive().KIND, "result")
        self.peer.send(*items, e.End(call_id=1), e.Ping(token=4))
        self.assertEqual(self.peer.receive().token, 4)

    def test_upload_of_what_nobody_has_is_passed_over(self):
        self.peer.greet()
        self.peer.send(self.call(procedure="t@1/nobody", upload=True), e.Item(call_id=1, sequence=0), e.End(call_id=1))
        self.assertEqual(self.peer.receive().code, "UNIMPLEMENTED")
        self.peer.send(e.Ping(token=1))
        self.assertEqual(self.peer.receive().token, 1)

    def test_piece_without_a_beginning(self):
        self.violates(self.call(), e.More(call_id=1, encoding=e.RAW, body=b"x"))

    def test_piece_of_another_encoding(self):
        begun = self.call(encoding=e.CODEC, body=b"[", goes_on=True)
        self.violates(begun, e.More(call_id=1, encoding=e.RAW, body=b"]"))

    def test_credit_without_items(self):
        self.violates(self.call(), e.Credit(call_id=1, items=1, bytes=1))

    def test_received_too_much(self):
        self.violates(e.Ack(received=1))

    def test_received_less_than_before(self):
        self.peer.greet()
        self.peer.send(self.call(procedure="t@1/echo"))
        self.assertIsInstance(self.peer.receive(), e.Result)
        self.peer.send(e.Ack(received=1), e.Ping(token=1, received=0))
        self.ends_with("PROTOCOL_VIOLATION")

    def test_about_calls_that_ended(self):
        self.peer.greet()
        self.peer.send(self.call(5, "t@1/echo"))
        self.assertIsInstance(self.peer.receive(), e.Result)
        late = [e.Cancel(call_id=5, code="A"), e.Credit(call_id=5, items=1, bytes=1), e.End(call_id=3)]
        late += [e.More(call_id=5, encoding=e.RAW, body=b"x"), e.Item(call_id=5, sequence=9), e.Pong(token=99)]
        self.peer.send(*late, e.Ping(token=7))
        self.assertEqual(self.peer.receive().token, 7)

    def test_cancel_drops_a_half_body(self):
        self.peer.greet()
        self.peer.send(self.call(encoding=e.RAW, body=b"[", goes_on=True), e.Cancel(call_id=1, code="CANCELLED"))
        failure = self.peer.receive()
        self.assertEqual((failure.code, failure.maybe_executed), ("CANCELLED", False))
        self.assertEqual(self.server.session().partial_bytes, 0)

    def test_cancel_is_answered_with_its_code(self):
        self.peer.greet()
        self.peer.send(self.call(), e.Cancel(call_id=1, code="MY_REASON", text="t"))
        failure = self.peer.receive()
        self.assertEqual((failure.code, failure.text), ("MY_REASON", "t"))

    def test_deadline_runs_from_the_first_piece(self):
        self.peer.greet()
        self.peer.send(self.call(deadline_ms=100, encoding=e.RAW, body=b"x", goes_on=True))
        failure = self.peer.receive()
        self.assertEqual((failure.code, failure.maybe_executed), ("DEADLINE_EXCEEDED", False))

    def test_end_of_stream_aborts_handlers(self):
        began, stopped = threading.Event(), threading.Event()

        def wait(call):
            began.set()
            try:
                call.sleep(2 * PATIENCE_S)
            finally:
                stopped.set()

        self.server.procedures["t@1/wait"] = Procedure(wait)
        self.peer.greet()
        self.peer.send(self.call())
        self.assertTrue(began.wait(PATIENCE_S))
        self.peer.close()
        self.assertTrue(stopped.wait(PATIENCE_S))

    def test_items_are_credited(self):
        self.peer.greet()
        self.peer.send(self.call(procedure="t@1/one", credit=e.Grant(0, 1)))
        self.peer.send(e.Credit(call_id=1, items=1, bytes=0))
        self.assertEqual(self.peer.receive().sequence, 0)
        self.assertIsInstance(self.peer.receive(), e.End)


class NoHello(Loopback):
    def test_no_hello_in_time(self):
        peer = RawPeer.dial(self.serve(hello_timeout=0.2).address)
        self.addCleanup(peer.close)
        self.assertEqual(peer.receive().code, "HELLO_TIMEOUT")
        self.assertIsNone(peer.receive())
