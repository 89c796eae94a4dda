"""The codec `json`, with the protocol's own rules, and the canonical JSON of topics."""

import json
import math
from decimal import Decimal
from typing import Any

DEPTH_MAX = 128
TOPIC_DEPTH_MAX = 64
EXACT_MAX = 2**53


class InvalidJson(ValueError):
    """A body that is not JSON, or a value that has no JSON form."""


def dumps(value: Any) -> bytes:
    check(value, DEPTH_MAX)
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (TypeError, ValueError) as error:
        raise InvalidJson(str(error)) from None


def loads(data: bytes) -> Any:
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=no_constant, parse_int=integer)
    except (ValueError, RecursionError) as error:
        raise InvalidJson(str(error)) from None
    check(value, DEPTH_MAX)
    return value


def no_constant(name: str) -> None:
    raise InvalidJson(f"{name} is not JSON")


def integer(digits: str) -> int | float:
    """A number is the nearest double, as in every other implementation."""
    value = float(digits)
    return int(value) if abs(value) <= EXACT_MAX else value


def check(value: Any, depth: int) -> None:
    """The rules that json.loads does not know: depth, and a key that is no key."""
    if isinstance(value, int) and abs(value) > EXACT_MAX:
        raise InvalidJson("an integer beyond 2^53")
    if isinstance(value, (dict, list, tuple)):
        if depth == 0:
            raise InvalidJson("nested too deep")
        if isinstance(value, dict):
            if "__proto__" in value or not all(isinstance(key, str) for key in value):
                raise InvalidJson("an invalid key")
            value = value.values()
        for inner in value:
            check(inner, depth - 1)


def canonical(value: Any) -> str:
    """RFC 8785. The text of a topic; an event without topics has the empty text."""
    check(value, TOPIC_DEPTH_MAX)
    return written(value)


def written(value: Any) -> str:
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{quoted(key)}:{written(inner)}" for key, inner in ordered) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(float(value))
    return json.dumps(value)


def quoted(text: str) -> str:
    """DEL and everything from U+0080 stays as it is."""
    return json.dumps(text, ensure_ascii=False)


def number(value: float) -> str:
    """As ECMAScript writes a number: the shortest digits, with an exponent only from 1e21 and below 1e-6."""
    if not math.isfinite(value):
        raise InvalidJson("a number that is not finite")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + exponent  # where the point stands, counted from the first digit
    if 0 < point <= 21:
        body = text.ljust(point, "0") if exponent >= 0 else f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        body = "0." + "0" * -point + text
    else:
        mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
        body = f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return ("-" if sign else "") + body
