"""Sessions that go on over another connection, between the client and the server."""

import random
import threading
import time

from frameport.body import body_of
from frameport.client import Client

from .resuming import Resuming
from .support import PATIENCE_S


class GoingOn(Resuming):
    def cut(self, client: Client, times: int = 1) -> None:
        """Cuts, and waits until the session goes on."""
        for _ in range(times):
            before = client.resumed
            with client.lock:
                connection = client.connection
            connection.abandon()
            self.wait(client, lambda: client.resumed > before or client.ended)

    def cut_often(self, client: Client, until) -> int:
        generator = random.Random(47)
        cuts = 0
        while not until():
            time.sleep(generator.random() * 0.02)
            self.cut(client)
            cuts += 1
        return cuts

    def test_calls_of_both_directions(self):
        client = self.pair()
        held = client.open("t@1/hold", 1)
        self.assertTrue(self.holds.wait(PATIENCE_S))
        self.cut(client, 3)
        self.assertEqual(client.call("t@1/echo", 2), 2)
        self.assertEqual(self.session.call("t@1/ask", 3), 3)
        self.release.set()
        self.assertEqual(held.result().value, "held")
        self.assertEqual(self.ran, [1, 2])
        self.assertEqual(len(self.server.sessions), 1)
        self.assertEqual(self.session.resumed, 3)

    def test_items_and_uploads_come_once_and_in_order(self):
        client = self.pair()
        done = []

        def take():
            call = client.open("t@1/count", 3000, credit=(32, 65536))
            done.append([body.value for body in call] == list(range(3000)))

        def upload():
            done.append(client.upload("t@1/total", range(3000)).value == sum(range(3000)))

        for action in (take, upload):
            threading.Thread(target=action, daemon=True).start()
        cuts = self.cut_often(client, lambda: len(done) == 2 or client.ended)
        self.assertEqual(done, [True, True])
        self.assertGreater(cuts, 2)
        self.assertEqual(client.ended, None)

    def test_long_bodies(self):
        client = self.pair()
        done = []
        body = bytes(range(256)) * 3000

        def call():
            done.append(client.call("t@1/echo", body) == body)

        threading.Thread(target=call, daemon=True).start()
        self.cut_often(client, lambda: done)
        self.assertEqual(done, [True])

    def test_events(self):
        client = self.pair()
        ticks = client.subscribe("t@1/tick")
        for number in range(200):
            self.server.publish("t@1/tick", value=number)
            if number % 20 == 0:
                self.cut(client)
        self.assertEqual([ticks.next().value for _ in range(200)], list(range(200)))

    def test_events_that_are_too_many_become_a_gap(self):
        client = self.pair()
        ticks = client.subscribe("t@1/tick")
        self.let_in = False
        client.connection.abandon()
        self.wait(self.session, lambda: not self.session.attached)
        for _ in range(100):
            self.server.publish("t@1/tick", value="x" * 1000)
        self.let_in = True
        self.wait(client, lambda: client.resumed)
        self.session.ping()
        self.server.publish("t@1/tick", value="last")
        came = [ticks.next()]
        while came[-1].missed is not None or came[-1].value != "last":
            came.append(ticks.next())
        gaps = [one.missed for one in came if one.missed is not None]
        self.assertEqual(len(gaps), 1)
        self.assertEqual(len(came) - 2 + gaps[0], 100)

    def test_what_is_kept_is_bounded(self):
        client = self.pair()
        self.let_in = False
        client.connection.abandon()
        self.wait(client, lambda: not client.attached)
        senders = [threading.Thread(target=client.call, args=("t@1/echo", b"x" * 30000)) for _ in range(8)]
        senders.append(threading.Thread(target=client.upload, args=("t@1/total", range(3000))))
        for sender in senders:
            sender.start()
        self.wait(client, lambda: client.kept.full)
        time.sleep(0.1)
        self.assertLess(client.kept.bytes, 2 * 65536)
        self.let_in = True
        for sender in senders:
            sender.join(PATIENCE_S)
            self.assertFalse(sender.is_alive())

    def test_acknowledged_envelopes_are_forgotten(self):
        client = self.pair()
        for _ in range(200):
            client.call("t@1/echo", "x" * 1000)
        self.assertGreater(client.acks_received, 3)
        client.ping()
        self.session.ping()
        self.assertEqual((client.kept.bytes, self.session.kept.bytes), (0, 0))

    def test_time_that_is_left(self):
        client = self.pair()
        self.let_in = False
        client.connection.abandon()
        self.wait(self.session, lambda: not self.session.attached)
        gone = client.open("t@1/echo", "gone", deadline_ms=50)
        cancelled = client.open("t@1/echo", "cancelled")
        cancelled.cancel()
        waits = client.open("t@1/hold", "waits", deadline_ms=60000)
        client.oneway("t@1/note", "late", deadline_ms=20)
        self.fails("DEADLINE_EXCEEDED", gone.result)
        self.let_in = True
        self.wait(client, lambda: not (gone.open or cancelled.open))
        # It was sent last.
        self.wait(self.session, lambda: self.session.oneways.dropped)
        self.assertTrue(self.holds.wait(PATIENCE_S))
        self.assertEqual(self.ran, ["waits"])
        self.assertEqual(self.session.oneways.dropped, 1)
        self.assertTrue(waits.open)

    def test_slots_are_freed_once(self):
        client = self.pair()
        for number in range(20):
            client.call("t@1/echo", number)
            self.cut(client)
        self.wait(self.session, lambda: self.session._slots_given == 0)

    def test_the_next_hello_shows_the_credentials_that_were_taken(self):
        client = self.pair()
        client.offer_credentials(body_of("token 2"))
        self.client_is = "you"
        self.fails("PERMISSION_DENIED", client.offer_credentials, body_of("token 3"))
        self.client_is = "me"
        self.cut(client)
        self.assertEqual(self.session.hello.body, b'"token 2"')
