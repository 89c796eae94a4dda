"""Waits for the other side of a session whose connections are repeatedly cut."""

import time

from frameport.body import ConnectionFailed
from frameport.session import Session


def reach(session: Session, limit_s: float) -> None:
    """Waits until the peer has handled everything that was sent, over any number of connections."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        with session.lock:
            session.changed.wait_for(lambda: session.attached or session.ended, limit_s)
        try:
            session.ping(limit_s)
            return
        except ConnectionFailed:
            if session.ended:
                raise
    raise TimeoutError("the peer was not reached")
