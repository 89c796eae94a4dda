"""Sends credentials and asks for them.

`credentials_peer.py server` listens and prints its port. It challenges each hello with a nonce in bytes, and accepts a
client that returns the reversed nonce. It accepts a text that begins with `ann` as new credentials. `ask TEXT`
challenges the client with a text, and prints the answer.

`credentials_peer.py client PORT` connects with the credentials `ann 1`, and answers each challenge with the reversed
challenge. `offer TEXT` sends new credentials, and prints whether the server accepted them. `asked` prints the
challenges received so far.
"""

import sys

from frameport.body import Body, CallFailed, body_of
from frameport.client import Client
from frameport.server import HelloRefused, Server
from lines import tell

NONCE = b"nonce"


def authenticate(credentials: Body) -> Body | None:
    if credentials.value == "ann 1":
        return body_of(NONCE)
    if credentials.value == NONCE[::-1] or str(credentials.value).startswith("ann"):
        return None
    raise HelloRefused("UNAUTHENTICATED", "nobody knows you")


def serve() -> None:
    server = Server(authenticate=authenticate)
    tell(port=server.address[1])
    number = 100
    for line in iter(sys.stdin.readline, ""):
        _, _, text = line.strip().partition(" ")
        session = server.session()
        number += 1
        before = len(session.challenge_answers)
        session.challenge(number, body_of(text))
        with session.lock:
            session.changed.wait_for(lambda: len(session.challenge_answers) > before, 10)
            tell(answer=session.challenge_answers[-1].value)


def connect(port: int) -> None:
    asked: list[object] = []

    def answer(challenge: Body) -> Body:
        asked.append(challenge.value if isinstance(challenge.value, str) else list(challenge.value))
        return body_of(challenge.value[::-1])

    client = Client.connect(("127.0.0.1", port), credentials=body_of("ann 1"), answer=answer)
    tell(opened=True)
    for line in iter(sys.stdin.readline, ""):
        command, _, text = line.strip().partition(" ")
        if command == "asked":
            tell(asked=asked)
            continue
        try:
            client.offer_credentials(body_of(text))
            tell(taken=True)
        except CallFailed as failure:
            tell(taken=False, code=failure.code, text=failure.text)
    client.close(0)


if __name__ == "__main__":
    if sys.argv[1] == "server":
        serve()
    else:
        connect(int(sys.argv[2]))
