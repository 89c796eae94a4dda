"""Subscriptions, events and gaps between the client and the server."""

import queue

from frameport import envelopes as e
from frameport.incoming import Procedure
from frameport.jsoncodec import canonical
from frameport.settings import Settings

from .support import Loopback

LINE = "chat@1/line"


class Events(Loopback):
    def setUp(self):
        self.server = self.serve(events={LINE})
        self.client = self.connect(self.server, settings=Settings(frame_bytes_max=4096))

    def nothing_comes(self, subscription):
        self.client.ping()
        with self.assertRaises(queue.Empty):
            subscription.next(0.05)

    def test_events_come_in_order(self):
        lobby = canonical({"room": "lobby"})
        subscription = self.client.subscribe(LINE, lobby)
        self.server.publish(LINE, "", "another topic")
        for number in range(20):
            self.server.publish(LINE, lobby, number)
        self.assertEqual([subscription.next().value for _ in range(20)], list(range(20)))

    def test_position(self):
        position = e.Position(b"\xa1\xb2", 7)
        subscription = self.client.subscribe(LINE, position=position)
        self.server.publish(LINE, "", b"raw", position)
        happened = subscription.next()
        self.assertEqual((happened.value, happened.position), (b"raw", position))

    def test_gap(self):
        subscription = self.client.subscribe(LINE)
        for value in ("a", "x" * 5000, "x" * 6000, "b"):
            self.server.publish(LINE, "", value)
        self.assertEqual(subscription.next().value, "a")
        self.assertEqual(subscription.next().missed, 2)
        self.assertEqual(subscription.next().value, "b")

    def test_unsubscribe(self):
        subscription = self.client.subscribe(LINE)
        self.client.subscribe(LINE)
        self.server.publish(LINE, "", 1)
        self.assertEqual(subscription.next().value, 1)
        self.client.unsubscribe(subscription)
        self.client.unsubscribe(subscription)
        self.server.publish(LINE, "", 2)
        self.nothing_comes(subscription)

    def test_both_origins(self):
        subscription = self.client.subscribe(LINE)
        session = self.server.session()
        session.join(LINE, "")
        self.server.publish(LINE, "", 1)
        self.assertEqual(subscription.next().value, 1)
        self.nothing_comes(subscription)
        self.client.unsubscribe(subscription)
        again = self.client.listen(LINE)
        self.server.publish(LINE, "", 2)
        self.assertEqual(again.next().value, 2)
        session.leave(LINE, "")
        self.server.publish(LINE, "", 3)
        self.nothing_comes(again)

    def test_unknown_event(self):
        self.fails("UNIMPLEMENTED", self.client.subscribe, "chat@1/nobody")
        self.assertEqual(self.client.subscriptions, {})

    def test_subscribed_by_a_handler(self):
        self.server.procedures["chat@1/join"] = Procedure(lambda call: call.session.join(LINE, "t"))
        subscription = self.client.listen(LINE, "t")
        self.client.call("chat@1/join")
        self.server.publish(LINE, "t", "hi")
        self.assertEqual(subscription.next().value, "hi")
