"""Calls a server in TypeScript: python3 greet.py PORT, with interop/python on the PYTHONPATH."""

import sys

from frameport.body import CallFailed, body_of
from frameport.client import Client

client = Client.connect(("127.0.0.1", int(sys.argv[1])), credentials=body_of({"token": "secret"}))
print(client.call("greeter@1/greet", "Ada", deadline_ms=30_000))
for item in client.open("greeter@1/count", 3, credit=(16, 65536)):
    print(item.value)
try:
    client.call("greeter@1/greet", 7)
except CallFailed as failure:
    print(failure.code)
client.close()
