r"""Text in a terminal: what is safe to write there, and how many columns it takes.

The scanned files are not ours. Their names and lines may hold escape sequences that move the cursor or rewrite what was
printed, line ends that forge a second finding, or bidirectional overrides that show code in another order than it has.
Everything of the kind is shown as an escape (`\x1b`, `\u202e`) instead of being written.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from sovlint.model.lazy import pattern

TAB_WIDTH: Final = 4
"""Columns of a tab in shown source lines; tabs are written as spaces, so it does not depend on the terminal."""

_ZWJ: Final = "\u200d"
_EMOJI_PRESENTATION: Final = "\ufe0f"
_JOINERS: Final = frozenset({"\u200c", _ZWJ})
_NAMED: Final[dict[str, str]] = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SOFT_HYPHEN: Final = "\u00ad"


def _hidden(char: str) -> bool:
    """Whether a character must not reach the terminal as it is."""
    return unicodedata.category(char) in _HIDDEN_CATEGORIES and char not in _JOINERS and char != _SOFT_HYPHEN


def _escape(char: str) -> str:
    """A visible spelling of a hidden character."""
    if char in _NAMED:
        return _NAMED[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str) -> str:
    """`text` with everything a terminal would obey instead of showing (control, bidi, lone surrogates) escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(char) if _hidden(char) else char for char in text)


_JSON_UNSAFE: Final = pattern("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def json_safe(document: str) -> str:
    r"""A JSON document with C1 controls, bidirectional controls and lone surrogates as `\uXXXX`; its meaning stays.

    JSON itself escapes only below U+0020. Lone surrogates come from file names that are not UTF-8; written as they are
    they could not be encoded.
    """
    # The ellipsis of cut lists is our own; a search with the pattern takes ten times as long as both of these.
    if document.replace("…", "").isascii() and "\x7f" not in document:
        return document
    return _JSON_UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", document)


def cells(line: str) -> list[tuple[str, int]]:
    """What each code point of a source line becomes on screen, and the columns it takes.

    Tabs become spaces up to the next stop, hidden characters their escape, combining marks take no column, wide East
    Asian characters and emoji two. An emoji sequence (joined, with skin tone, with variation selector) counts as one
    picture of two columns, as current terminals draw it.
    """
    if line.isascii() and line.isprintable():
        return [(char, 1) for char in line]
    shown: list[tuple[str, int]] = []
    column = 0
    previous = ""
    for char in line:
        text, width = _cell(char, previous, column, shown)
        shown.append((text, width))
        column += width
        previous = char
    return shown


def _cell(char: str, previous: str, column: int, shown: list[tuple[str, int]]) -> tuple[str, int]:
    """One code point of `cells`; the variation selector widens the cell before it by taking a column itself."""
    if char == "\t":
        width = TAB_WIDTH - column % TAB_WIDTH
        return " " * width, width
    if _hidden(char):
        text = _escape(char)
        return text, len(text)
    if char == _EMOJI_PRESENTATION:
        return char, 1 if shown and shown[-1][1] == 1 and unicodedata.category(previous) == "So" else 0
    if char in _JOINERS or unicodedata.category(char) in {"Mn", "Me"} or "\u1160" <= char <= "\u11ff":
        return char, 0
    if "\U0001f3fb" <= char <= "\U0001f3ff" and shown and shown[-1][1] == 2:
        return char, 0
    if previous == _ZWJ and unicodedata.category(char) == "So":
        return char, 0
    return char, 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def columns(text: str) -> int:
    """Columns that a text takes on screen."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(width for _, width in cells(text))


def wrap(text: str, first: int, rest: int) -> list[str]:
    """Breaks a text at spaces: `first` columns on the first line, `rest` on the others.

    A word that is too long (a path, an address) is never broken: it has to be copied in one piece.
    """
    lines: list[str] = []
    current = ""
    used = 0
    for word in text.split(" "):
        width = columns(word)
        if not current:
            current, used = word, width
        elif used + 1 + width <= (rest if lines else first):
            current, used = f"{current} {word}", used + 1 + width
        else:
            lines.append(current.rstrip())
            current, used = word, width
    lines.append(current)
    return lines
