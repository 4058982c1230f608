"""`.gitignore` files: pathspec reads a line as git does; this makes sure that no line costs more than it should.

A line that git could not use is left out, as git does. Stars become atomic groups: what stands between two of them is
looked for once, from the left, since the first place is as good as any later one. Otherwise six stars in a line take
minutes on one long name.

Imported only where there is a `.gitignore`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

# What pathspec writes for `*` inside a name, for `/**` in the middle, and characters of a name one by one.
_STAR = r"\[\^/\]\*"
_FOLDERS = "(?:/.+)?"
_CHARACTER = rf"(?!{_STAR})(?:\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]|[^\\\[(/*?+|^$)])"
_BETWEEN = re.compile(rf"{_STAR}((?:{_CHARACTER})*+)(?={_STAR})", re.DOTALL)


def ignore_spec(lines: Iterable[str]) -> GitIgnoreSpec:
    """The lines of a `.gitignore` as a specification; those that are no pattern ignore nothing."""
    # Another backend, where one is installed, would not know atomic groups.
    return GitIgnoreSpec.from_lines(lines, _Pattern, backend="simple")


class _Pattern(GitIgnoreSpecPattern):
    @classmethod
    def pattern_to_regex(cls, pattern: Any) -> tuple[Any, bool | None]:
        try:
            expression, include = super().pattern_to_regex(pattern)
            if expression is None:
                return None, include
            expression = bounded(expression)
            re.compile(expression)
        except (ValueError, re.error, OverflowError):
            return None, None
        return expression, include


def bounded(expression: str) -> str:
    """The same language as an expression of pathspec's, without the many ways to look for it."""
    first, *rest = _BETWEEN.sub(r"(?>[^/]*?\1)", expression).split(_FOLDERS)
    parts = [f"(?>(?:/.+?)??{part}(?=/))" for part in rest[:-1]] + [f"(?:/.+?)??{part}" for part in rest[-1:]]
    # A name may hold a line feed.
    return "(?s)" + first + "".join(parts)
