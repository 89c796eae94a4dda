"""A server with its client."""

import unittest

from frameport.body import CallFailed
from frameport.client import Client
from frameport.server import Server


class Loopback(unittest.TestCase):
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
