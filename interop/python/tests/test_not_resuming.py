"""Sessions that do not go on, what a hello must show, and peers that break the rules of it."""

import threading

from frameport import envelopes as e
from frameport.body import ConnectionFailed
from frameport.client import Client
from frameport.rawpeer import RawPeer, RawServer
from frameport.settings import Settings

from .resuming import CONTRACT, KEEPS, Resuming


class Shown(Resuming):
    """Hellos that are written by hand."""

    def raw(self) -> tuple[RawPeer, e.Welcome]:
        peer = RawPeer.dial(self.server.address)
        self.addCleanup(peer.close)
        return peer, peer.greet(KEEPS.pairs(), contracts=[CONTRACT])

    def show(self, name: e.SessionName, received: int = 0, **fields) -> tuple[RawPeer, e.Envelope]:
        peer = RawPeer.dial(self.server.address)
        self.addCleanup(peer.close)
        resume = e.Resume(name.session, name.secret, received)
        options = {"settings": KEEPS.pairs(), "contracts": [CONTRACT]} | fields
        return peer, peer.greet(options.pop("settings"), resume=resume, **options)


class NotGoingOn(Shown):
    def lost(self, client: Client):
        held = client.open("t@1/hold", 1)
        self.wait(self.session, lambda: self.session.incoming)
        return held

    def test_too_little_is_kept(self):
        for own, server in ((Settings(resume_bytes=65535), KEEPS), (KEEPS, Settings(resume_bytes=65535, resume_window_ms=9))):
            client = self.pair(own, server)
            self.assertIsNone(client.welcome.session)

    def test_window(self):
        client = self.pair(Settings(resume_bytes=65536, resume_window_ms=100))
        held = self.lost(client)
        self.let_in = False
        client.connection.abandon()
        self.wait(client, lambda: client.ended)
        self.assertTrue(self.fails("UNAVAILABLE", held.result).maybe_executed)
        self.assertIsNone(self.session.ended)

    def test_calls_that_were_not_sent_have_not_run(self):
        # Long enough for a call to be made in it.
        client = self.pair(Settings(resume_bytes=65536, resume_window_ms=2_000))
        held = self.lost(client)
        self.let_in = False
        client.connection.abandon()
        self.wait(client, lambda: not client.attached)
        late = client.open("t@1/echo", "late")
        self.assertTrue(self.fails("UNAVAILABLE", held.result).maybe_executed)
        self.assertFalse(self.fails("UNAVAILABLE", late.result).maybe_executed)

    def replaced(self, client: Client, change) -> None:
        held = self.lost(client)
        change()
        client.connection.abandon()
        self.wait(client, lambda: client.ended)
        self.assertTrue(self.fails("UNAVAILABLE", held.result).maybe_executed)
        self.assertEqual(client.successor.call("t@1/echo", "new"), "new")

    def test_forgotten(self):
        client = self.pair()
        self.replaced(client, self.server.forget)

    def test_wrong_secret(self):
        client = self.pair()
        self.replaced(client, lambda: setattr(client.name, "secret", bytes(16)))
        self.assertIsNone(self.session.ended)

    def test_another_client(self):
        client = self.pair()
        self.replaced(client, lambda: setattr(self, "client_is", "somebody else"))
        self.assertIsNone(self.session.ended)

    def test_other_contracts_and_settings(self):
        self.pair().close()
        for fields in (
            {"contracts": []},
            {"contracts": [e.Contract("t", 1, 2, b"\x02")]},
            {"settings": Settings(resume_bytes=65537).pairs()},
            {"settings": Settings(resume_bytes=65536, body_bytes_max=5).pairs()},
        ):
            _, welcome = self.raw()
            _, second = self.show(welcome.session, **fields)
            self.assertIsNone(second.received)
            _, third = self.show(welcome.session, contracts=[e.Contract("t", 1, 3, b"\x01")])
            self.assertEqual(third.received, 0)

    def test_announced_ends_are_final(self):
        client = self.pair()
        held = self.lost(client)
        self.session.drain()
        self.wait(client, lambda: client.draining)
        self.session.connection.abandon()
        self.wait(client, lambda: client.ended)
        self.wait(self.session, lambda: self.session.ended)
        self.assertTrue(self.fails("UNAVAILABLE", held.result).maybe_executed)
        self.assertEqual(self.server.named, {})

    def test_errors_end_the_session(self):
        client = self.pair()
        self.session.fail("ABORTED", "no more")
        self.wait(client, lambda: client.ended)
        self.assertEqual((client.ended.code, client.resumed), ("ABORTED", 0))

    def test_silence_leaves_the_session(self):
        client = self.pair(Settings(resume_bytes=65536, resume_window_ms=20000, heartbeat_interval_ms=50, heartbeat_timeout_ms=50))
        with self.session.lock:
            self.wait(client, lambda: not client.attached)
        self.wait(client, lambda: client.resumed)
        self.assertEqual(client.call("t@1/echo", 1), 1)


class Secrets(Shown):
    def test_welcomes_that_are_lost(self):
        """The secret that was shown stays good, several times running; it goes with the first acknowledgement."""
        self.pair()
        _, welcome = self.raw()
        for _ in range(3):
            peer, again = self.show(welcome.session)
            self.assertEqual(again.received, 0)
            self.assertNotEqual(again.session.secret, welcome.session.secret)
        peer.send(e.Call(call_id=1, procedure="t@1/echo", encoding=1, body=b"1"), e.Ping(token=1, received=0))
        self.assertIsInstance(peer.receive(), (e.Pong, e.Result))
        peer.receive()
        _, unknown = self.show(welcome.session)
        self.assertIsNone(unknown.received)
        _, known = self.show(again.session)
        self.assertEqual(known.received, 1)

    def test_impossible_counts(self):
        self.pair()
        _, welcome = self.raw()
        _, answer = self.show(welcome.session, received=1)
        self.assertEqual((answer.KIND, answer.code), ("goaway", "PROTOCOL_VIOLATION"))
        _, answer = self.show(welcome.session)
        self.assertEqual(answer.received, 0)

    def test_refused(self):
        self.pair()
        _, welcome = self.raw()
        self.let_in = False
        _, refused = self.show(welcome.session)
        self.assertEqual(refused.KIND, "refused")
        self.let_in = True
        _, answer = self.show(welcome.session)
        self.assertEqual(answer.received, 0)

    def test_the_old_connection_is_told(self):
        self.pair()
        peer, welcome = self.raw()
        self.show(welcome.session)
        goaway = peer.receive()
        self.assertEqual((goaway.KIND, goaway.code), ("goaway", "REPLACED"))


class Welcomes(Resuming):
    """A server that is played by hand, and what the client says to its second welcome."""

    NAME = e.SessionName(b"s", bytes(16))

    def setUp(self):
        super().setUp()
        self.raw_server = RawServer()
        self.addCleanup(self.raw_server.close)

    def connect_by_hand(self) -> tuple[Client, RawPeer]:
        began = threading.Thread(target=self.begin)
        began.start()
        client = Client.connect(self.raw_server.address, settings=KEEPS)
        self.addCleanup(client.close, 0)
        began.join()
        return client, self.peer

    def begin(self):
        self.peer = self.raw_server.accept()
        self.addCleanup(self.peer.close)
        self.peer.receive()
        self.peer.send(e.Welcome(settings=KEEPS.pairs(), session=self.NAME))

    def shown(self, peer: RawPeer) -> tuple[RawPeer, e.Hello]:
        peer.close()
        self.peer = self.raw_server.accept()
        self.addCleanup(self.peer.close)
        return self.peer, self.peer.receive()

    def answered(self, **fields) -> e.Envelope:
        """What the client says to this welcome."""
        client, peer = self.connect_by_hand()
        peer, hello = self.shown(peer)
        self.assertEqual((hello.resume.session, hello.resume.secret), (self.NAME.session, self.NAME.secret))
        peer.send(e.Welcome(**{"settings": KEEPS.pairs(), "session": self.NAME, "received": client.sent} | fields))
        answer = peer.receive()
        if answer.KIND == "goaway":
            self.wait(client, lambda: client.ended)
        return answer

    def test_good(self):
        self.assertEqual(self.answered().KIND, "ack")

    def test_impossible_counts(self):
        answer = self.answered(received=99)
        self.assertEqual((answer.KIND, answer.code), ("goaway", "PROTOCOL_VIOLATION"))

    def test_other_settings(self):
        answer = self.answered(settings=Settings(resume_bytes=65536, upload_items=3).pairs())
        self.assertEqual((answer.KIND, answer.code), ("goaway", "PROTOCOL_VIOLATION"))

    def test_other_contracts(self):
        answer = self.answered(contracts=[e.Contract("t", 1, 1, b"x")])
        self.assertEqual((answer.KIND, answer.code), ("goaway", "PROTOCOL_VIOLATION"))

    def test_resumed_without_being_asked(self):
        thread = threading.Thread(target=self.greet_unasked)
        thread.start()
        with self.assertRaises(ConnectionFailed) as caught:
            Client.connect(self.raw_server.address, settings=KEEPS)
        self.assertEqual(caught.exception.code, "PROTOCOL_VIOLATION")
        thread.join()

    def greet_unasked(self):
        peer = self.raw_server.accept()
        self.addCleanup(peer.close)
        peer.receive()
        peer.send(e.Welcome(settings=KEEPS.pairs(), session=self.NAME, received=0))
        while peer.receive():
            pass

    def test_names_that_are_of_no_use(self):
        """A client that keeps too little passes over the name that it was given."""
        began = threading.Thread(target=self.begin)
        began.start()
        client = Client.connect(self.raw_server.address)
        self.addCleanup(client.close, 0)
        began.join()
        self.assertIsNone(client.name)
        self.peer.close()
        self.wait(client, lambda: client.ended)

    def test_counts_that_go_back(self):
        client, peer = self.connect_by_hand()
        for _ in range(2):
            client.oneway("t@1/note", 1)
        peer.send(e.Ack(received=client.sent), e.Ack(received=client.sent - 1))
        self.wait(client, lambda: client.ended)
        self.assertEqual(client.ended.code, "PROTOCOL_VIOLATION")
