"""How a report is shown: the reader's choices, and colour."""

from typing import Final, NamedTuple

_RESET: Final = "\x1b[0m"
_CODES: Final[dict[str, str]] = {
    "critical": "\x1b[1;35m",
    "high": "\x1b[1;31m",
    "medium": "\x1b[1;33m",
    "low": "\x1b[1;36m",
    "note": "\x1b[1;34m",
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "info": "\x1b[1;34m",
    "good": "\x1b[32m",
    "strong": "\x1b[1m",
    "frame": "\x1b[34m",
    "faint": "\x1b[2m",
}
"""Words for kinds of text → ANSI codes of the 16 colours that every terminal theme adapts."""


class Style(NamedTuple):
    """What the reader asked for.

    Attributes:
        color: write ANSI colours.
        width: columns of the terminal; lines are wrapped or cut to it where that can be done without loss of meaning.
        show_waived: show findings that a waiver covers.
        verbose: no lists cut short, and the register of waivers.
        statistics: how often each rule was found.
    """

    color: bool = False
    width: int = 100
    show_waived: bool = False
    verbose: bool = False
    statistics: bool = False

    def paint(self, text: str, kind: str) -> str:
        """`text` in the colour of `kind` (a severity, `error`, `frame`, …), or unchanged without colour."""
        if not self.color or not text:
            return text
        return f"{_CODES[kind]}{text}{_RESET}"
