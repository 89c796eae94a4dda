"""A server with its client."""

import unittest

from frameport.body import CallFailed
from frameport.client import Client
from frameport.server import Server


# How long what is bound to happen may take on a busy machine.
PATIENCE_S = 30


class Loopback(unittest.TestCase):
    def wait(self, session, predicate) -> None:
        """Waits for what a session notifies of."""
        with session.lock:
            self.assertTrue(session.changed.wait_for(predicate, PATIENCE_S))

    def serve(self, **options) -> Server:
        server = Server(**options)
        self.addCleanup(server.close)
        return server

    def connect(self, server: Server, **options) -> Client:
        client = Client.connect(server.address, **options)
        self.addCleanup(client.close, 0)
        return client

    def fails(self, code: str, action, *args, **options) -> CallFailed:
        with self.assertRaises(CallFailed) as caught:
            action(*args, **options)
        self.assertEqual(caught.exception.code, code)
        return caught.exception
