"""A client whose session goes on, and what its server has."""

import threading

from frameport import envelopes as e
from frameport.client import Client
from frameport.incoming import Procedure
from frameport.server import HelloRefused
from frameport.settings import Settings

from .support import PATIENCE_S, Loopback

KEEPS = Settings(resume_bytes=65536, resume_window_ms=20000)
CONTRACT = e.Contract("t", 1, 2, b"\x01")


def echo(call):
    return call.value


def count(call):
    for number in range(call.value):
        call.send(number)


def total(call):
    return sum(item.value for item in call)


class Resuming(Loopback):
    def setUp(self):
        self.release = threading.Event()
        self.addCleanup(self.release.set)
        self.holds = threading.Event()
        self.ran = []
        self.let_in = True
        self.client_is = "me"

    def ran_with(self, call):
        self.ran.append(call.value)
        return call.value

    def hold(self, call):
        self.ran.append(call.value)
        self.holds.set()
        self.release.wait(PATIENCE_S)
        return "held"

    def authenticate(self, credentials):
        if not self.let_in:
            raise HelloRefused("UNAVAILABLE", "later")

    def pair(self, own: Settings = KEEPS, server: Settings = KEEPS) -> Client:
        procedures = {
            "t@1/echo": Procedure(self.ran_with),
            "t@1/hold": Procedure(self.hold),
            "t@1/count": Procedure(count, items=True),
            "t@1/total": Procedure(total, upload=True),
            "t@1/note": Procedure(self.ran_with, oneway=True),
        }
        self.server = self.serve(
            procedures=procedures,
            events={"t@1/tick"},
            settings=server,
            authenticate=self.authenticate,
            identify=lambda credentials: self.client_is,
        )
        client = self.connect(self.server, settings=own, contracts=[CONTRACT], procedures={"t@1/ask": Procedure(echo)})
        self.session = self.server.session()
        return client
