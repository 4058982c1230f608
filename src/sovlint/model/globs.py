"""Globs over paths and addresses: `**` crosses folders, `*` and `?` do not; a pattern also covers what is below it.

Patterns come from the tree, too. What stands between two stars is therefore looked for once, from the left, and never
again (atomic groups): the first place is always as good as any later one, and a pattern of thirty stars costs no more
than a path's length for each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...], separator: str) -> re.Pattern[str]:
    below = f"(?:{re.escape(separator)}.*)?"
    return re.compile(
        "|".join(_crossing(pattern.removesuffix(separator), separator) + below for pattern in patterns), re.DOTALL
    )


def _crossing(pattern: str, separator: str) -> str:
    """A pattern, cut at its `**`."""
    first, *rest = re.split(r"(\*\*/|\*\*)", pattern)
    out = _within(first, separator)
    for number in range(0, len(rest), 2):
        cross = {"**/": f"(?:.*?{re.escape(separator)})??", "**": ".*?"}[rest[number]]
        part = cross + _within(rest[number + 1], separator)
        out += f"(?>{part})" if number + 2 < len(rest) else part
    return out


def _within(text: str, separator: str) -> str:
    """A part without `**`: stars stay inside one folder's or file's name."""
    one = f"[^{re.escape(separator)}]"
    out = []
    for name in text.split(separator):
        first, *rest = (re.escape(part).replace(r"\?", one) for part in re.split(r"\*", name))
        out.append(
            first
            + "".join(f"(?>{one}*?{part})" for part in rest[:-1])
            + "".join(f"{one}*?{part}" for part in rest[-1:])
        )
    return re.escape(separator).join(out)


def covers(patterns: Sequence[str], path: str) -> bool:
    """Whether some pattern covers a path in the tree; no patterns cover nothing."""
    return bool(patterns) and _compiled(tuple(patterns), "/").fullmatch(path) is not None


@lru_cache(maxsize=256)
def _loose(patterns: tuple[str, ...]) -> re.Pattern[str]:
    out = []
    for pattern in patterns:
        first, *rest = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*", pattern))
        out.append(first + "".join(f"(?>.*?{part})" for part in rest[:-1]) + "".join(f".*{part}" for part in rest[-1:]))
    return re.compile("|".join(out), re.DOTALL)


def names(patterns: Sequence[str], address: str) -> bool:
    """Whether some pattern names an address: `*` also stands for dots, brackets and slashes."""
    return bool(patterns) and _loose(tuple(patterns)).fullmatch(address) is not None
