"""Globs over paths and addresses: `**` crosses folders, `*` and `?` do not; a pattern also covers what is below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...], separator: str) -> re.Pattern[str]:
    out = []
    within = f"[^{re.escape(separator)}]"
    for pattern in patterns:
        text = ""
        for token in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern.removesuffix(separator)):
            text += {"**/": "(?:.*/)?", "**": ".*", "*": f"{within}*", "?": within}.get(token, re.escape(token))
        out.append(text + f"(?:{re.escape(separator)}.*)?")
    return re.compile("|".join(out))


def covers(patterns: Sequence[str], path: str) -> bool:
    """Whether some pattern covers a path in the tree; no patterns cover nothing."""
    return bool(patterns) and _compiled(tuple(patterns), "/").fullmatch(path) is not None


def names(patterns: Sequence[str], address: str) -> bool:
    """Whether some pattern names an address: `*` also stands for dots, brackets and slashes."""
    if not patterns:
        return False
    loose = ("|".join(re.escape(p).replace(r"\*", ".*").replace(r"\?", ".") for p in patterns)) or "(?!)"
    return re.fullmatch(loose, address) is not None
