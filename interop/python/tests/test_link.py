"""Handshake, credentials, pings, acks, goaway and the end, between the client and the server."""

import threading
import time

from frameport import envelopes as e
from frameport.body import Body, CallFailed, ConnectionFailed, body_of
from frameport.client import Client
from frameport.incoming import Procedure
from frameport.server import HelloRefused
from frameport.settings import Settings

from .support import PATIENCE_S, Loopback


def echo(call):
    return call.value


class Handshake(Loopback):
    def refused(self, server, code, **options) -> ConnectionFailed:
        with self.assertRaises(ConnectionFailed) as caught:
            self.connect(server, **options)
        self.assertEqual(caught.exception.code, code)
        return caught.exception

    def test_contracts_settings_metadata(self):
        chat = [e.Contract("chat", version, 1, bytes([version])) for version in (1, 2)]
        other = e.Contract("other", 1, 1, b"x")
        settings = Settings(frame_bytes_max=8192, calls_in_flight_max=3)
        server = self.serve(contracts=[*chat, other], settings=settings, metadata={"node": "a"})
        client = self.connect(server, contracts=[e.Contract("chat", 3, 2, b"y")], metadata={"who": "me"})
        self.assertEqual(client.welcome.contracts, chat)
        self.assertEqual(client.welcome.metadata, {"node": "a"})
        self.assertEqual(client.peer, settings)
        self.assertEqual(server.session().hello.metadata, {"who": "me"})

    def test_grease_is_sent(self):
        server = self.serve()
        self.connect(server)
        ids = [number for number, _ in server.session().hello.settings]
        self.assertEqual(len(ids), 1)
        self.assertEqual(ids[0] % 31, 27)

    def test_credentials_in_the_hello(self):
        def check(credentials):
            if credentials.value != {"token": "t"}:
                raise HelloRefused("UNAUTHENTICATED", "token")

        server = self.serve(authenticate=check)
        self.connect(server, credentials=body_of({"token": "t"}))
        failure = self.refused(server, "HELLO_REFUSED")
        self.assertIn("UNAUTHENTICATED", failure.text)

    def test_challenges(self):
        def check(credentials):
            if credentials.value == b"second":
                return None
            return body_of(b"nonce 2" if credentials.value == b"first" else b"nonce 1")

        def answer(challenge):
            return body_of({b"nonce 1": b"first", b"nonce 2": b"second"}[challenge.value])

        client = self.connect(self.serve(authenticate=check), answer=answer)
        self.assertGreater(client.ping(), 0)

    def test_metadata_over_the_limit(self):
        server = self.serve(settings=Settings(metadata_entries_max=1))
        failure = self.refused(server, "HELLO_REFUSED", metadata={"a": "", "b": ""})
        self.assertIn("RESOURCE_EXHAUSTED", failure.text)
        server = self.serve(metadata={"a": "", "b": ""})
        self.refused(server, "LIMIT_EXCEEDED", settings=Settings(metadata_entries_max=1))

    def test_welcome_too_long(self):
        server = self.serve(metadata={"a": "v" * 5000})
        failure = self.refused(server, "HELLO_REFUSED", settings=Settings(frame_bytes_max=4096))
        self.assertIn("RESOURCE_EXHAUSTED", failure.text)


class OpenSession(Loopback):
    def setUp(self):
        self.release = threading.Event()
        self.addCleanup(self.release.set)
        procedures = {"t@1/echo": Procedure(echo), "t@1/hold": Procedure(lambda call: self.release.wait(PATIENCE_S) and None)}
        self.procedures = procedures

    def pair(self, server_settings=None, **options) -> Client:
        settings = server_settings or Settings()
        self.server = self.serve(procedures=self.procedures, settings=settings, authenticate=self.authenticate)
        return self.connect(self.server, **options)

    @staticmethod
    def authenticate(credentials):
        if credentials.value == "bad":
            raise HelloRefused("UNAUTHENTICATED", "old")

    def test_new_credentials(self):
        client = self.pair()
        client.offer_credentials(body_of("good"))
        failure = self.fails("UNAUTHENTICATED", client.offer_credentials, body_of("bad"))
        self.assertEqual(failure.text, "old")

    def test_new_credentials_of_somebody_else(self):
        server = self.serve(identify=lambda credentials: credentials.value.split()[0])
        client = self.connect(server, credentials=body_of("ann 1"))
        client.offer_credentials(body_of("ann 2"))
        self.assertEqual(client.way.hello.body, b'"ann 2"')
        self.fails("PERMISSION_DENIED", client.offer_credentials, body_of("bob 1"))
        self.assertEqual(client.way.hello.body, b'"ann 2"')
        self.assertGreater(client.ping(), 0)

    def test_challenge(self):
        client = self.pair(answer=lambda challenge: body_of(challenge.value + "!"))
        session = self.server.session()
        session.challenge(5, body_of("who"))
        self.wait(session, lambda: session.challenge_answers)
        self.assertEqual(session.challenge_answers[0].value, "who!")
        self.wait(client, lambda: client._verdicts.get(5))

    def test_pings(self):
        client = self.pair()
        for _ in range(20):
            client.ping()
        self.server.session().ping()

    def test_too_many_pings(self):
        client = self.pair()
        with self.assertRaises(ConnectionFailed) as caught:
            for _ in range(1_000):
                client.ping()
        self.assertEqual(caught.exception.code, "LIMIT_EXCEEDED")

    def test_heartbeats(self):
        client = self.pair(settings=Settings(heartbeat_interval_ms=100, heartbeat_timeout_ms=30_000))
        # Each goes out when the one before was answered.
        self.wait(client, lambda: client._token > 3 or client.ended)
        self.assertIsNone(client.ended)

    def test_acks(self):
        client = self.pair(settings=Settings(resume_bytes=800))
        for number in range(40):
            client.call("t@1/echo", number)
        client.ping()
        session = self.server.session()
        self.assertGreater(client.acks_received, 1)
        self.assertEqual(client.peer_handled, client.sent)
        self.assertEqual(session.handled, client.sent)
        self.assertEqual(client.handled, session.sent)
        self.assertEqual(session.acks_received, 0)

    def test_grease_kinds_are_passed_over(self):
        client = self.pair()
        session = self.server.session()
        for _ in range(30):
            client.send_grease()
            session.send_grease()
        client.ping()
        session.ping()
        self.assertEqual((client.peer_handled, session.peer_handled), (client.sent, session.sent))

    def test_goaway_first_step(self):
        client = self.pair()
        session = self.server.session()
        session.move_away(1000)
        self.wait(client, lambda: client.moving)
        self.assertEqual(client.call("t@1/echo", 1), 1)

    def test_goaway_second_step_of_the_server(self):
        client = self.pair()
        held = client.open("t@1/hold")
        session = self.server.session()
        self.wait(session, lambda: session.incoming)
        session.drain()
        self.wait(client, lambda: client.draining)
        self.assertFalse(self.fails("UNAVAILABLE", client.call, "t@1/echo").maybe_executed)
        client.ping()
        self.release.set()
        self.assertIsNone(held.result().value)
        self.wait(client, lambda: client.ended)
        self.wait(session, lambda: session.ended)
        self.assertEqual((client.ended.code, session.ended.code), ("CLOSED", "CLOSED"))

    def test_goaway_second_step_of_the_client(self):
        client = self.pair()
        held = client.open("t@1/hold")
        threading.Timer(0.1, self.release.set).start()
        client.close()
        self.assertIsNone(held.result().value)
        self.assertEqual(client.ended.code, "CLOSED")

    def test_calls_that_cross_a_goaway(self):
        client = self.pair()
        held = client.open("t@1/hold")
        session = self.server.session()
        self.wait(session, lambda: session.incoming)
        with client.lock:
            session.drain()
            time.sleep(0.05)
            crossed = client.open("t@1/echo", "x" * 100)
        self.assertFalse(self.fails("UNAVAILABLE", crossed.result).maybe_executed)
        self.release.set()
        held.result()

    def test_close_has_a_limit(self):
        client = self.pair()
        held = client.open("t@1/hold")
        client.close(0.2)
        self.assertTrue(self.fails("UNAVAILABLE", held.result).maybe_executed)

    def test_error_of_the_server(self):
        client = self.pair()
        held = client.open("t@1/hold")
        self.server.session().fail("OVERLOADED", "memory")
        self.assertTrue(self.fails("UNAVAILABLE", held.result).maybe_executed)
        self.assertEqual((client.ended.code, client.ended.text), ("OVERLOADED", "memory"))
        with self.assertRaises(CallFailed):
            client.call("t@1/echo", Body())
