"""A client or a server in Python that has the contract `kinds` and calls it at its peer.

`kinds_peer.py client PORT` connects, `kinds_peer.py server` listens and prints its port. Each input line is a command:
`case NAME` runs a case, whose last line is {"done": NAME}. `release` lets waiting handlers continue. `oneways` prints
how many oneways were dropped. `slots` waits until no call of the peer occupies a slot. `close` closes in order. `ended`
prints why the session has ended.
"""

import sys
import traceback

from frameport import envelopes as e
from frameport.client import Client
from frameport.server import Server
from frameport.session import Session
from kinds import LIMIT_S, Handlers
from kinds_cases import Cases
from lines import tell

BOTH_ROLES = 3


def main() -> None:
    handlers = Handlers()
    procedures = handlers.procedures()
    contract = e.Contract(name="kinds", version=1, roles=BOTH_ROLES, hash=b"\x07")
    session: Session | None = None
    if sys.argv[1] == "client":
        session = Client.connect(("127.0.0.1", int(sys.argv[2])), contracts=[contract], procedures=procedures)
        tell(connected=True)
    else:
        server = Server(procedures=procedures, contracts=[contract])
        tell(port=server.address[1])
    for line in iter(sys.stdin.readline, ""):
        command, _, rest = line.strip().partition(" ")
        session = session or server.session()
        try:
            obey(session, handlers, command, rest)
        except Exception:
            tell(error=traceback.format_exc())


def obey(session: Session, handlers: Handlers, command: str, rest: str) -> None:
    match command:
        case "case":
            getattr(Cases(session), rest)()
            tell(done=rest)
        case "release":
            handlers.released.set()
        case "oneways":
            session.ping()
            tell(dropped=session.oneways.dropped)
        case "slots":
            with session.lock:
                session.changed.wait_for(lambda: session._slots_given == 0, LIMIT_S)
                tell(slots=session._slots_given, incoming=len(session.incoming))
        case "close":
            session.close()
            tell(ended=session.ended and session.ended.code)
        case "ended":
            with session.lock:
                session.changed.wait_for(lambda: session.ended, LIMIT_S)
                tell(ended=session.ended and session.ended.code)
        case _:
            raise ValueError(command)


if __name__ == "__main__":
    main()
