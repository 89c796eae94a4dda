"""The output of scripts for the test that runs them: lines of JSON."""

import json
import sys
from collections.abc import Callable

from frameport.body import CallFailed


def tell(**facts) -> None:
    # A single write, because several threads call this, and print() writes the line end separately.
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def failure_of(action: Callable, *args, **options) -> dict:
    try:
        action(*args, **options)
    except CallFailed as failure:
        return {
            "code": failure.code,
            "text": failure.text,
            "maybeExecuted": failure.maybe_executed,
            "data": failure.data.value,
        }
    return {"code": None}
