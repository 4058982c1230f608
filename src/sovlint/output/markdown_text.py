"""Text of the scanned files inside Markdown, such that it is shown and nothing else.

Names and values may hold pipes that end a table cell, backticks, HTML, links to anywhere, and `@names`, `#numbers` and
`owner/name#1` that a host turns into notifications and references. A backslash does not help against the last ones:
they are looked for after Markdown is done.
"""

from __future__ import annotations

import re
from typing import Final

from sovlint.output.terminal import visible

_RUN: Final = re.compile("`+")
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>|~&\"'$^]")
"""Characters with a meaning in Markdown, GitHub's mathematics or HTML, wherever they stand in a line."""
_LINKING: Final = re.compile(r"(?<=[@#])|(?<=://)|(?<=\bwww)(?=\.)|(?<=\bGH)(?=-\d)|(?<=:)(?=[\w+-]+:)", re.IGNORECASE)
"""Where a zero-width space ends what would become a mention, a reference, a link or an emoji."""
_LEADING: Final = re.compile(r"^([-+=#>]|\d+[.)])")
_ALL: Final = re.compile(r"[^A-Za-z0-9 ]")
_BREAK: Final = "\u200b"


def code(text: str, table: bool = False) -> str:
    """`text` in code style, where no host looks for mentions and links.

    Args:
        text: one line, or what is shown as one.
        table: inside a table, where a pipe ends a cell even in code, and a backslash before it does not always help.
    """
    shown = visible(text)
    if not shown.strip():
        return "<code> </code>"
    if table and "|" in shown:
        return f"<code>{_ALL.sub(_entity, shown)}</code>"
    longest = max((len(run) for run in _RUN.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str) -> str:
    """`text` as running text, without spaces around it: it is what it looks like, and nobody is mentioned."""
    shown = _LINKING.sub(_BREAK, visible(text).strip())
    shown = _SPECIAL.sub(_entity, shown)
    return _LEADING.sub(lambda found: "".join(map(_numbered, found[1])), shown)


def _entity(found: re.Match[str]) -> str:
    return _numbered(found[0])


def _numbered(char: str) -> str:
    """A character as a numeric reference, which Markdown never takes for syntax."""
    return f"&#{ord(char)};"
