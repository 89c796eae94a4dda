"""One side of resumed sessions, driven envelope by envelope. It reports what the other side sends.

Each input line is a case: `dial PORT CASE` connects as a client, `serve CASE` accepts connections as a server, whose
port is in the first output line. Each case prints what it received, and finally {"done": CASE}.
"""

import sys
import time
import traceback

from frameport import envelopes as e
from frameport.codec import encode
from frameport.rawpeer import RawPeer, RawServer
from frameport.settings import Settings
from lines import tell

KEEPS = Settings(resume_bytes=65536, resume_window_ms=30000)
CONTRACT = e.Contract("t", 1, 2, b"\x01")
JSON = {"encoding": e.CODEC, "body": b'{"text":"a"}'}
PAUSE_S = 0.1


def until(peer: RawPeer, *kinds: str) -> e.Envelope | None:
    """Returns the next envelope of these kinds, or None at the end of the stream."""
    while (envelope := peer.receive()) is not None and envelope.KIND not in kinds:
        pass
    return envelope


def code_of_the_end(peer: RawPeer) -> str | None:
    """Returns the code of the goaway with which the other side ends the connection, or None without a goaway."""
    try:
        goaway = until(peer, "goaway")
    except ConnectionError:
        return None
    return goaway and goaway.code


class Dialer:
    """Cases of a client, against our server."""

    def __init__(self, port: int) -> None:
        self.address = ("127.0.0.1", port)

    def begin(self) -> tuple[RawPeer, e.Welcome]:
        peer = RawPeer.dial(self.address)
        return peer, peer.greet(KEEPS.pairs(), contracts=[CONTRACT])

    def show(self, name: e.SessionName, received: int = 0, **fields) -> tuple[RawPeer, e.Envelope]:
        peer = RawPeer.dial(self.address)
        options = {"settings": KEEPS.pairs(), "contracts": [CONTRACT]} | fields
        return peer, peer.greet(resume=e.Resume(name.session, name.secret, received), **options)

    def called(self) -> tuple[RawPeer, e.Welcome, e.Result]:
        """Makes a call and returns its answer."""
        peer, welcome = self.begin()
        peer.send(e.Call(call_id=1, procedure="kinds@1/echo", **JSON))
        return peer, welcome, until(peer, "result")

    def again(self) -> None:
        """An answer is sent again without changes if it was not acknowledged, and otherwise not."""
        peer, welcome, result = self.called()
        peer.close()
        peer, second = self.show(welcome.session)
        repeated = until(peer, "result")
        peer.send(e.Call(call_id=3, procedure="kinds@1/echo", **JSON))
        third = until(peer, "result")
        received = peer.received
        peer.send(e.Ack(received=received))
        peer.close()
        peer, last = self.show(second.session, received)
        peer.send(e.Ping(token=5))
        behind = until(peer, "result", "pong")
        tell(
            received=[second.received, last.received],
            repeated=repeated == result,
            others=third.call_id,
            behind=behind.KIND,
        )

    def skipped(self) -> None:
        """A skip counts as a session envelope, like any other."""
        peer, welcome, _ = self.called()
        peer.close()
        peer, second = self.show(welcome.session, 1)
        peer.send(e.Skip(), e.Unknown(code=0x8A, payload=b"\x8a"), e.Ping(token=5))
        tell(received=[second.received, until(peer, "pong").received])

    def secrets(self) -> None:
        """A secret stays valid until this side sends an acknowledgement on the connection that has the next secret."""
        _, welcome, _ = self.called()
        answers = [self.show(welcome.session) for _ in range(3)]
        peer, newest = answers[-1]
        good = [answer.received for _, answer in answers]
        different = len({answer.session.secret for _, answer in answers} | {welcome.session.secret})
        peer.send(e.Ack(received=0), e.Ping(token=5))
        until(peer, "pong")
        _, old = self.show(welcome.session)
        _, last = self.show(newest.session)
        tell(good=good, different=different, old=old.received, newest=last.received)

    def not_the_same(self) -> None:
        """A client with another secret, contract or setting gets a new session, and the previous one stays alive."""
        _, welcome, _ = self.called()
        stranger = e.SessionName(welcome.session.session, bytes(16))
        nobody = e.SessionName(b"nobody", welcome.session.secret)
        hellos = [
            self.show(stranger),
            self.show(nobody),
            self.show(welcome.session, contracts=[]),
            self.show(welcome.session, contracts=[e.Contract("t", 1, 2, b"\x02")]),
            self.show(welcome.session, settings=Settings(resume_bytes=65537, resume_window_ms=30_000).pairs()),
            self.show(welcome.session, settings=Settings(resume_bytes=65536, resume_window_ms=30_000, upload_items=3).pairs()),
            self.show(stranger, 99),
        ]
        _, same = self.show(
            welcome.session,
            contracts=[e.Contract("t", 1, 3, b"\x01")],
            settings=Settings(resume_bytes=65536, resume_window_ms=30_000, heartbeat_interval_ms=9000).pairs(),
        )
        tell(others=[answer.received for _, answer in hellos], same=same.received)

    def impossible(self) -> None:
        """An impossible count is a protocol error on the new connection, and does not end the session."""
        _, welcome, _ = self.called()
        peer, _ = self.show(welcome.session, 99)
        _, answer = self.show(welcome.session, 1)
        refused = self.show(answer.session, 0)[1]
        _, last = self.show(answer.session, 1)
        tell(code=getattr(refused, "code", None), received=[answer.received, last.received])

    def ack_too_high(self) -> None:
        peer, _, _ = self.called()
        peer.send(e.Ack(received=99))
        tell(code=code_of_the_end(peer))

    def ack_too_low(self) -> None:
        peer, _, _ = self.called()
        peer.send(e.Ack(received=1), e.Ping(token=5, received=0))
        tell(code=code_of_the_end(peer))

    def too_little(self) -> None:
        peer = RawPeer.dial(self.address)
        welcome = peer.greet(Settings(resume_bytes=65535).pairs())
        tell(named=welcome.session is not None)

    def final_goaway(self) -> None:
        """A session can be resumed after a goaway that only moves new calls elsewhere, but not after a final one."""
        peer, welcome, _ = self.called()
        peer.send(e.Goaway(code="CLOSED"), e.Ping(token=5))
        until(peer, "pong")
        peer.close()
        peer, second = self.show(welcome.session)
        peer.send(e.Call(call_id=3, procedure="kinds@1/wait"), e.Goaway(code="CLOSED", last_call_id=0), e.Ping(token=6))
        until(peer, "pong")
        peer.close()
        _, third = self.show(second.session)
        tell(first=second.received, final=third.received)


class Listener:
    """Cases of a server, against our client."""

    NAME = e.SessionName(b"name", b"first secret of it")

    def __init__(self) -> None:
        self.server = RawServer()
        tell(port=self.server.address[1])

    def accept(self) -> tuple[RawPeer, e.Hello]:
        peer = self.server.accept()
        return peer, peer.receive()

    def welcome(self, peer: RawPeer, **fields) -> None:
        peer.send(e.Welcome(**{"settings": KEEPS.pairs(), "session": self.NAME} | fields))

    def begin(self) -> RawPeer:
        peer, _ = self.accept()
        self.welcome(peer)
        return peer

    def answer(self, peer: RawPeer, call: e.Call) -> None:
        peer.send(e.Result(call_id=call.call_id, **JSON))

    def time_left(self) -> None:
        """A call loses its connection twice. It is sent again with the rest of its time."""
        peer = self.begin()
        call = until(peer, "call")
        calls = [call]
        shown = []
        for _ in range(2):
            time.sleep(PAUSE_S)
            peer.close()
            peer, hello = self.accept()
            shown.append(hello.resume.received)
            self.welcome(peer, received=0)
            calls.append(until(peer, "call"))
        self.answer(peer, calls[-1])
        left = [one.deadline_ms for one in calls]
        same = all((one.call_id, one.body) == (call.call_id, call.body) for one in calls)
        tell(left=left, shown=shown, same=same, pauseMs=PAUSE_S * 1000)

    def given_up(self) -> None:
        """A call that was cancelled without a connection is sent with no time left, and followed by its cancel."""
        peer = self.begin()
        call = until(peer, "call")
        peer.close()
        tell(cut=True)
        sys.stdin.readline()
        peer, _ = self.accept()
        self.welcome(peer, received=0)
        again, cancel = until(peer, "call"), until(peer, "cancel")
        peer.send(e.Failure(call_id=call.call_id, code="DEADLINE_EXCEEDED", text=""))
        tell(before=call.deadline_ms, left=again.deadline_ms, cancelled=cancel.call_id == call.call_id)

    def once(self) -> None:
        """The first of three calls was handled: only the other two are sent again, in order."""
        peer = self.begin()
        calls = [until(peer, "call")]
        received = peer.received
        calls += [until(peer, "call"), until(peer, "call")]
        peer.close()
        peer, _ = self.accept()
        self.welcome(peer, received=received)
        again = [until(peer, "call"), until(peer, "call")]
        for call in calls:
            self.answer(peer, call)
        peer.send(e.Ping(token=6))
        tell(same=again == calls[1:], behind=until(peer, "call", "pong").KIND)

    def full_frame(self) -> None:
        """As `given_up`, with a call whose first piece fills a frame: the frame has no byte left for the time 0."""
        settings = Settings(frame_bytes_max=4096, resume_bytes=65536, resume_window_ms=30000).pairs()
        peer, _ = self.accept()
        self.welcome(peer, settings=settings)
        call = until(peer, "call")
        peer.close()
        tell(cut=True)
        sys.stdin.readline()
        peer, _ = self.accept()
        self.welcome(peer, settings=settings, received=0)
        again = until(peer, "call", "goaway")
        tell(bytes=len(encode(call)), again=again and again.KIND, bytesAgain=again and len(encode(again)), left=getattr(again, "deadline_ms", None))

    def metadata(self) -> None:
        """The client sends a call again unchanged, even with metadata that it would not accept itself."""
        peer = self.begin()
        call = until(peer, "call")
        peer.close()
        peer, _ = self.accept()
        self.welcome(peer, received=0)
        again = until(peer, "call", "goaway")
        self.answer(peer, call)
        tell(first=call.metadata, again=getattr(again, "metadata", again and again.KIND))

    def impossible(self) -> None:
        peer = self.begin()
        until(peer, "call")
        peer.close()
        peer, _ = self.accept()
        self.welcome(peer, received=99)
        tell(code=code_of_the_end(peer))

    def unasked(self) -> None:
        peer, hello = self.accept()
        self.welcome(peer, received=0)
        tell(shown=hello.resume is not None, code=code_of_the_end(peer))

    def other_settings(self) -> None:
        """The client does not resume with a server whose settings have changed."""
        peer = self.begin()
        until(peer, "call")
        peer.close()
        peer, _ = self.accept()
        self.welcome(peer, received=0, settings=Settings(resume_bytes=65536, resume_window_ms=30_000, upload_items=3).pairs())
        tell(code=code_of_the_end(peer))

    def other_version(self) -> None:
        """A wrong welcome does not end the session if no goaway ends it."""
        peer = self.begin()
        call = until(peer, "call")
        peer.close()
        peer, _ = self.accept()
        self.welcome(peer, received=0, version=2)
        code = code_of_the_end(peer)
        peer.close()
        peer, hello = self.accept()
        self.welcome(peer, received=0)
        self.answer(peer, until(peer, "call"))
        tell(code=code, shown=hello.resume is not None)

    def ack_too_high(self) -> None:
        peer = self.begin()
        until(peer, "call")
        peer.send(e.Ack(received=99))
        tell(code=code_of_the_end(peer))

    def ack_too_low(self) -> None:
        peer = self.begin()
        until(peer, "call")
        peer.send(e.Ack(received=1), e.Pong(token=5, received=0))
        tell(code=code_of_the_end(peer))

    def refused_and_ended(self) -> None:
        """Neither a refused hello nor a goaway in place of a welcome ends the session."""
        peer = self.begin()
        call = until(peer, "call")
        peer.close()
        shown = []
        for answer in (e.Refused(code="UNAVAILABLE", text=""), e.Goaway(code="OVERLOADED"), e.Goaway(code="HELLO_TIMEOUT")):
            peer, hello = self.accept()
            shown.append(hello.resume.secret == self.NAME.secret)
            peer.send(answer)
            peer.close()
        peer, _ = self.accept()
        self.welcome(peer, received=0)
        again = until(peer, "call")
        self.answer(peer, again)
        tell(shown=shown, same=again.call_id == call.call_id)

    def replaced(self) -> None:
        """Another connection has resumed the session."""
        peer = self.begin()
        until(peer, "call")
        peer.send(e.Goaway(code="REPLACED"))
        tell(ended=until(peer) is None)


def main() -> None:
    for line in iter(sys.stdin.readline, ""):
        side, *rest = line.split()
        try:
            player = Dialer(int(rest[0])) if side == "dial" else Listener()
            getattr(player, rest[-1])()
            tell(done=rest[-1])
        except Exception:
            tell(error=traceback.format_exc())


if __name__ == "__main__":
    main()
