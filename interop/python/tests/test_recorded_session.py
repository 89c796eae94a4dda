"""A session that the client and the server in TypeScript had with each other, recorded between them."""

import json
import unittest
from pathlib import Path

from frameport.codec import decode, encode
from frameport.fields import to_fields

FILE = Path(__file__).resolve().parent / "data" / "recorded-session.json"
NOTHING = {"encoding": "none"}
WHOLE = {"metadata": {}, "goesOn": False}
SENT = bytes(index & 0xFF for index in range(2500))


def codec(text: str) -> dict:
    return {"encoding": "codec", "hex": text.encode().hex()}


def raw(data: bytes) -> dict:
    return {"encoding": "raw", "hex": data.hex()}


def call(call_id: int, name: str, body: dict, **more) -> dict:
    head = {"kind": "call", "callId": call_id, "procedure": f"interop@1/{name}", "upload": False}
    return head | {"body": body} | WHOLE | more


def result(call_id: int, body: dict, **more) -> dict:
    return {"kind": "result", "callId": call_id, "body": body} | WHOLE | more


def pieces(first: dict, data: bytes) -> list[dict]:
    """A body in pieces of 1024 bytes."""
    parts = [data[at : at + 1024] for at in range(0, len(data), 1024)]
    more = [{"kind": "more", "callId": first["callId"], "body": raw(part), "goesOn": True} for part in parts[1:]]
    more[-1]["goesOn"] = False
    return [first | {"body": raw(parts[0]), "goesOn": True}, *more]


def contract(roles: int, hash_hex: str) -> dict:
    return {"name": "interop", "version": 1, "roles": roles, "hashHex": hash_hex}


def expected_of_client(hash_hex: str) -> list[dict]:
    return [
        {"kind": "hello", "versionMin": 1, "versionMax": 1, "codecs": ["json"], "settings": [[2042, 32768]]}
        | {"contracts": [contract(2, hash_hex)], "metadata": {"node": "a"}, "body": codec('{"token":"t"}')},
        call(1, "echo", codec('{"text":"Grüße"}'), deadlineMs=60000, metadata={"trace": "7"}),
        call(3, "refuse", NOTHING),
        *pieces(call(5, "invert", NOTHING), SENT),
        call(7, "count", codec('{"to":5}'), credit={"items": 2, "bytes": 262144}),
        *[{"kind": "credit", "callId": 7, "items": 1, "bytes": 1}] * 4,
        call(9, "join", codec('{"room":"lobby"}')),
        call(11, "say", codec('{"room":"lobby","text":"said"}')),
        call(13, "wait", NOTHING),
        call(15, "running", NOTHING),
        {"kind": "cancel", "callId": 13, "code": "CANCELLED", "text": "the call was cancelled by its signal"},
        {"kind": "goaway", "code": "CLOSED", "text": "the session was closed in order", "lastCallId": 0, "metadata": {}},
    ]


def expected_of_server(hash_hex: str) -> list[dict]:
    taken = {"kind": "failure", "callId": 3, "code": "NAME_TAKEN", "text": "That name is taken.", "maybeExecuted": False}
    cancelled = {"kind": "failure", "callId": 13, "code": "CANCELLED", "text": "the call was cancelled by its signal"}
    return [
        {"kind": "welcome", "version": 1, "codec": "json", "settings": [[2042, 32768]]}
        | {"contracts": [contract(1, hash_hex)], "metadata": {}},
        result(1, codec('{"text":"Grüße"}')),
        taken | {"metadata": {}, "body": codec('{"suggestion":"guest2"}')},
        *pieces(result(5, NOTHING), bytes(byte ^ 0xFF for byte in SENT)),
        *[
            {"kind": "item", "callId": 7, "sequence": number, "body": codec(str(number + 1)), "goesOn": False}
            for number in range(5)
        ],
        {"kind": "end", "callId": 7, "metadata": {}},
        result(9, NOTHING),
        {"kind": "event", "event": "interop@1/line", "topic": '{"room":"lobby"}', "metadata": {}}
        | {"body": codec('{"text":"said"}')},
        result(11, NOTHING),
        result(15, NOTHING),
        cancelled | {"maybeExecuted": True, "metadata": {}, "body": NOTHING},
    ]


class Recorded(unittest.TestCase):
    def setUp(self):
        session = json.loads(FILE.read_text(encoding="utf-8"))
        self.client = [bytes.fromhex(payload) for payload in session["clientToServer"]]
        self.server = [bytes.fromhex(payload) for payload in session["serverToClient"]]

    def test_it_is_decoded_into_the_envelopes_that_were_meant(self):
        # How the hash is made is the sender's business; the two sides know the contract by the same.
        hash_hex = decode(self.client[0]).contracts[0].hash.hex()
        for payloads, expected in (
            (self.client, expected_of_client(hash_hex)),
            (self.server, expected_of_server(hash_hex)),
        ):
            decoded = [to_fields(decode(payload)) for payload in payloads]
            self.assertEqual([one["kind"] for one in decoded], [one["kind"] for one in expected])
            for one, other in zip(decoded, expected):
                self.assertEqual(one, other)

    def test_it_is_encoded_into_the_same_bytes_again(self):
        for payload in self.client + self.server:
            self.assertEqual(encode(decode(payload)), payload)
