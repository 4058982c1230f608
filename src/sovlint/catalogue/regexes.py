"""Regular expressions of the user's own: refused where a text could make them run for very long.

Python's engine tries one way after the other. The number of ways is bounded by what this module counts, so that what it
accepts ends soon for every text of at most `LONGEST` characters.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

from sovlint.catalogue.catalogue import LONGEST_HOST

LONGEST = LONGEST_HOST
"""Characters of what they are tried on; names of places are shorter."""

MAX_PATTERN = 300
MAX_WAYS = 20_000_000
"""Ways to try: room for three repeats without an end, whose combinations with one another are fewer."""


def flaw(pattern: str, group: str = "") -> str:
    """What is wrong with an expression, as a clause; empty for nothing.

    Args:
        pattern: as it is written.
        group: a named group that it must have.
    """
    if len(pattern) > MAX_PATTERN:
        return f"longer than {MAX_PATTERN} characters"
    try:
        compiled = re.compile(pattern)
        tree = importlib.import_module("re._parser").parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"no regular expression: {error}"
    if group and group not in compiled.groupindex:
        return f"has no group (?P<{group}>…)"
    ways = _ways(tree, repeated=False)
    if ways is None:
        return (
            "could take very long: no repeats or alternatives inside a repeat, no look-around and no back-references; "
            "[a-z0-9-]+ does for ([a-z0-9]+-?)+"
        )
    return "" if ways <= MAX_WAYS else "could take very long: at most three repeats without an end"


def _ways(tree: Any, *, repeated: bool) -> int | None:
    """How many ways there are through a sequence at most; None where that is exponential or not known."""
    ways = 1
    for operation, argument in tree:
        name = str(operation)
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"):
            continue
        if name == "SUBPATTERN":
            inner = _ways(argument[3], repeated=repeated)
        elif name == "BRANCH":
            inner = None if repeated else _sum([_ways(branch, repeated=False) for branch in argument[1]])
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, body = argument
            fixed = least == most
            once = int(most) == 1
            inner = None if repeated and not fixed else _ways(body, repeated=not once)
            if inner is not None and once:
                inner += int(not fixed)  # what may be missing is one more way
            elif inner is not None and not fixed:
                inner *= min(int(most) - int(least), LONGEST) + 1
        else:
            return None
        if inner is None:
            return None
        ways *= inner
    return ways


def _sum(parts: list[int | None]) -> int | None:
    total = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total
