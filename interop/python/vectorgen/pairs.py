"""Few combinations of options in which every pair of options comes together at least once."""

from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import Any

Row = dict[str, Any]


def pairs_of(row: Row) -> set:
    return {frozenset(pair) for pair in combinations(((key, repr(value)) for key, value in row.items()), 2)}


def pairwise(options: dict[str, list], allowed: Callable[[Row], bool]) -> Iterator[Row]:
    """Takes the row that brings the most new pairs until none brings one. Always the same rows in the same order."""
    rows = [dict(zip(options, values)) for values in product(*options.values())]
    rows = [row for row in rows if allowed(row)]
    if len(options) == 1:
        yield from rows
        return
    open_pairs: set = set().union(*map(pairs_of, rows))
    sets = [(row, pairs_of(row)) for row in rows]
    while open_pairs:
        row, found = max(sets, key=lambda one: len(one[1] & open_pairs))
        open_pairs -= found
        yield row
