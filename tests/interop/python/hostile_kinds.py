"""Breaks the rules of calls, envelope by envelope, on both sides of a connection and of a call.

Each input line is a case: `dial PORT CASE` connects as a client, `serve CASE` accepts a connection as a server, whose
port is in the first output line. A case of Caller calls procedures of the contract `kinds`. A case of Callee first
waits for a call. Each case prints {"goaway": code or null, "came": kinds, "codes": codes of the failures}: the
envelopes received before the goaway, or before the pong to the ping that is sent at the end. Credit is not listed,
because the peer may grant it at any time.
"""

import sys
import traceback

from by_hand import ByHand
from frameport import envelopes as e
from frameport.frames import frame
from frameport.rawpeer import RawPeer, RawServer
from lines import tell

JSON = {"encoding": e.CODEC, "body": b"1"}
RAW = {"encoding": e.RAW, "body": b"x"}


class Caller(ByHand):
    """Cases of the calling side."""

    def call(self, name: str, call_id: int = 0, **fields) -> e.Call:
        return e.Call(call_id=call_id or self.own, procedure=f"kinds@1/{name}", **fields)

    def upload(self, name: str = "hold", **fields) -> e.Call:
        return self.call(name, upload=True, **fields)

    def item(self, sequence: int, **fields) -> e.Item:
        return e.Item(call_id=self.own, sequence=sequence, **(fields or JSON))

    def end(self, **fields) -> e.End:
        return e.End(call_id=self.own, **fields)

    def items_of_the_credit(self) -> None:
        """Sends as many items as the settings allow at first, directly after the call. This is valid."""
        self.send(self.upload(), *map(self.item, range(16)), self.end())

    def item_without_credit(self) -> None:
        self.send(self.upload(), *map(self.item, range(17)))

    def bytes_without_credit(self) -> None:
        self.send(self.upload(), self.item(0, encoding=e.RAW, body=bytes(65536)), self.item(1))

    def item_after_the_end(self) -> None:
        self.send(self.upload(), self.item(0), self.end(), self.item(1))

    def second_end(self) -> None:
        self.send(self.upload(), self.end(), self.end())

    def item_out_of_sequence(self) -> None:
        self.send(self.upload(), self.item(0), self.item(2))

    def item_of_a_unary_call(self) -> None:
        self.send(self.call("wait"), self.item(0))

    def item_of_a_stream(self) -> None:
        """The items of a stream go in the other direction."""
        self.send(self.call("count", credit=e.Grant(0, 0), encoding=e.CODEC, body=b'{"to":3}'), self.item(0))

    def end_of_a_unary_call(self) -> None:
        self.send(self.call("wait"), self.end())

    def end_inside_of_an_item(self) -> None:
        self.send(self.upload(), self.item(0, **RAW, goes_on=True), self.end())

    def item_inside_of_the_input(self) -> None:
        self.send(self.upload("store", encoding=e.CODEC, body=b'{"na', goes_on=True), self.item(0))

    def piece_without_an_item(self) -> None:
        self.send(self.upload(), e.More(call_id=self.own, **RAW))

    def piece_of_another_encoding(self) -> None:
        self.send(self.upload(), self.item(0, **RAW, goes_on=True), e.More(call_id=self.own, **JSON))

    def stop_of_the_caller(self) -> None:
        self.send(self.upload(), e.Stop(call_id=self.own))

    def credit_for_its_own_upload(self) -> None:
        self.send(self.upload(), e.Credit(call_id=self.own, items=1, bytes=1))

    def used_id(self) -> None:
        self.send(self.upload(), self.upload())

    def item_of_a_oneway(self) -> None:
        """A oneway has no id, so the item refers to a call that was never made."""
        self.send(e.Oneway(procedure="kinds@1/seen", encoding=e.CODEC, body=b'{"text":"x"}'), self.item(0))

    def oneway_in_pieces(self) -> None:
        self.peer.write(frame(b"\x22\x09\x0ckinds@1/seen1"))

    def oneway_with_credit(self) -> None:
        self.peer.write(frame(b"\x22\x21\x0ckinds@1/seen1"))

    def oneway_with_upload(self) -> None:
        self.peer.write(frame(b"\x22\x41\x0ckinds@1/seen1"))

    def oneways_that_cannot_run(self) -> None:
        for name, fields in (("nobody", {}), ("echo", {}), ("hold", {}), ("seen", {"encoding": e.CODEC, "body": b"{"})):
            self.send(e.Oneway(procedure=f"kinds@1/{name}", **fields))
        self.send(e.Oneway(procedure="kinds@1/seen", metadata={"k": "v" * 9000}), e.Oneway(procedure="x", deadline_ms=0))

    def items_that_cross_a_stop(self) -> None:
        """Items above the credit, out of sequence, in pieces, or after the end: the peer ignores all of them."""
        self.send(self.upload("leave"), self.item(0), self.item(1, **RAW, goes_on=True))
        self.await_kind("stop")
        self.send(e.More(call_id=self.own, **RAW, goes_on=True), e.More(call_id=self.own, **RAW))
        self.send(*map(self.item, range(50)), self.end(), self.item(0), self.end())
        self.send(self.call("release", self.own + 2))
        self.await_kind("result")
        self.await_kind("result")

    def items_that_cross_an_answer(self) -> None:
        self.send(self.upload("enough"))
        self.await_kind("result")
        self.send(*map(self.item, range(50)), e.More(call_id=self.own, **RAW), self.end(), self.end())
        self.send(e.Cancel(call_id=self.own, code="CANCELLED"))

    def items_that_cross_a_cancel(self) -> None:
        self.send(self.upload(), self.item(0, **RAW, goes_on=True), e.Cancel(call_id=self.own, code="MY_REASON"))
        self.send(e.More(call_id=self.own, **RAW), *map(self.item, range(50)), self.end(), self.end())
        self.send(e.Cancel(call_id=self.own, code="ANOTHER"))
        self.await_kind("failure")

    def upload_for_nobody(self) -> None:
        self.send(self.upload("nobody", encoding=e.RAW, body=b"x", goes_on=True), e.More(call_id=self.own, **RAW))
        self.send(*map(self.item, range(50)), self.end(), self.end())
        self.await_kind("failure")

    def upload_to_a_unary_procedure(self) -> None:
        self.send(self.upload("echo"), *map(self.item, range(50)), self.end())
        self.await_kind("failure")

    def metadata_of_the_end_over_the_limit(self) -> None:
        self.send(self.upload("sum"), self.item(0), self.end(metadata={"k": "v" * 9000}))
        self.await_kind("failure")

    def upload_that_is_given_up_in_the_call(self) -> None:
        """The deadline has already passed, and the items arrive nevertheless."""
        self.send(self.upload(deadline_ms=0), *map(self.item, range(50)), self.end())
        self.await_kind("failure")


class Callee(ByHand):
    """Cases of the called side."""

    def __init__(self, peer: RawPeer, is_client: bool) -> None:
        super().__init__(peer, is_client)
        self.call = self.await_kind("call")
        self.came.clear()

    def about(self, kind: type, **fields) -> e.Envelope:
        return kind(call_id=self.call.call_id, **fields)

    def item(self, sequence: int, **fields) -> e.Envelope:
        return self.about(e.Item, sequence=sequence, **(fields or JSON))

    # A call with an upload and one result.

    def item_of_an_upload(self) -> None:
        self.send(self.item(0))

    def end_of_an_upload(self) -> None:
        self.send(self.about(e.End))

    def stop_of_a_call_that_was_never_made(self) -> None:
        self.send(e.Stop(call_id=self.their + 200))

    def stop_of_its_own_call(self) -> None:
        self.send(e.Call(call_id=self.own, procedure="kinds@1/hold", upload=True), e.Stop(call_id=self.own))

    def cancel_of_the_callee(self) -> None:
        self.send(self.about(e.Cancel, code="CANCELLED"))

    def behind_the_end_of_an_upload(self) -> None:
        """The caller ignores credit and stops that cross its end."""
        self.await_kind("end")
        self.send(self.about(e.Credit, items=5, bytes=5), self.about(e.Stop), self.about(e.Stop))
        self.send(self.about(e.Credit, items=2**53 - 1, bytes=2**53 - 1), self.about(e.Result, **JSON))

    def two_stops(self) -> None:
        self.send(self.about(e.Stop), self.about(e.Stop), self.about(e.Credit, items=5, bytes=5))
        self.send(self.about(e.Result, **JSON))

    def behind_the_answer(self) -> None:
        late = (self.about(e.Stop), self.about(e.Credit, items=1, bytes=1), self.about(e.Result), self.about(e.End))
        self.send(self.about(e.Result, **JSON), *late, self.about(e.Failure, code="INTERNAL"), self.item(7), self.about(e.Started))

    def credit_beyond_the_counters(self) -> None:
        self.send(*[self.about(e.Credit, items=2**53 - 1, bytes=2**53 - 1)] * 2, self.about(e.Stop))
        self.send(self.about(e.Result, **JSON))

    def failure_inside_of_a_result(self) -> None:
        self.send(self.about(e.Result, **RAW, goes_on=True), self.about(e.Failure, code="QUOTA"))

    def stop_inside_of_a_result(self) -> None:
        """Started, stop and credit may arrive between pieces."""
        self.send(self.about(e.Result, encoding=e.CODEC, body=b"1", goes_on=True), self.about(e.Stop))
        self.send(self.about(e.Credit, items=1, bytes=1), self.about(e.More, encoding=e.CODEC, body=b"2"))

    # A unary call.

    def stop_of_a_unary_call(self) -> None:
        self.send(self.about(e.Stop))

    def credit_for_a_unary_call(self) -> None:
        self.send(self.about(e.Credit, items=1, bytes=1))

    # A call that requests items: two, or more bytes than two items need.

    def item_without_credit(self) -> None:
        self.send(self.item(0), self.item(1), self.item(2))

    def result_instead_of_items(self) -> None:
        self.send(self.about(e.Result, **JSON))

    def credit_for_a_stream(self) -> None:
        self.send(self.about(e.Credit, items=1, bytes=1))

    def end_inside_of_an_item(self) -> None:
        self.send(self.item(0, **RAW, goes_on=True), self.about(e.End))

    def started_behind_an_item(self) -> None:
        self.send(self.item(0), self.about(e.Started))

    def item_that_is_no_json(self) -> None:
        self.send(self.item(0, encoding=e.CODEC, body=b"{"))
        self.await_kind("cancel")
        self.send(self.item(1), self.about(e.Failure, code="CANCELLED"))

    def behind_its_own_end(self) -> None:
        self.send(self.item(0), self.about(e.End), self.item(1), self.item(7), self.about(e.End), self.about(e.Result))

    # A call with items in both directions.

    def end_before_that_of_the_upload(self) -> None:
        """The end settles the call: the caller sends nothing more for it."""
        self.send(self.item(0), self.about(e.End))

    def numbers_of_the_other_direction(self) -> None:
        self.send(self.item(0), self.item(5))


def run(command: str, rest: list[str], listener: RawServer) -> None:
    *where, name = rest
    is_client = command == "dial"
    if is_client:
        peer = RawPeer.dial(("127.0.0.1", int(where[0])))
        peer.greet(contracts=[e.Contract(name="kinds", version=1, roles=3, hash=b"\x07")])
    else:
        peer = listener.accept()
        peer.receive()
        peer.send(e.Welcome())
    side, _, case = name.partition(".")
    by_hand = {"caller": Caller, "callee": Callee}[side](peer, is_client)
    getattr(by_hand, case)()
    by_hand.finish()


def main() -> None:
    listener = RawServer()
    tell(port=listener.address[1])
    for line in iter(sys.stdin.readline, ""):
        command, *rest = line.split()
        try:
            run(command, rest, listener)
        except Exception:
            tell(error=traceback.format_exc())


if __name__ == "__main__":
    main()
