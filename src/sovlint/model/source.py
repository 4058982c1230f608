"""Source text and places in it.

Two kinds of place exist on purpose. A `Span` belongs to one `SourceFile` in memory and costs two integers; it lives as
long as the unit that is being evaluated. A `Location` is concrete (path, line, column) and may outlive the text,
travel between processes and be stored.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple


class SourceFile:
    """One decoded text with its path inside the tree.

    Attributes:
        path: path relative to the tree, forward slashes.
        text: the decoded text *without* a byte order mark; CRLF is kept, so offsets are those of the file.
    """

    __slots__ = ("_lines", "_places", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text[1:] if text[:1] == "\ufeff" else text
        self._lines: list[int] | None = None
        self._places: dict[tuple[int, int], Location] = {}

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r}, {len(self.text)} characters)"

    @property
    def line_starts(self) -> list[int]:
        """Offsets at which lines start; computed once, on the first question about a position."""
        if self._lines is None:
            starts = list(accumulate([len(line) + 1 for line in self.text.split("\n")], initial=0))
            # Where the line after the last one would start.
            starts.pop()
            self._lines = starts
        return self._lines

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a code point offset, both 1-based; columns count code points."""
        starts = self.line_starts
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def location(self, start: int, end: int) -> Location:
        """The concrete place of a range. Made once: what a shared module declares is a cause in hundreds of roots."""
        key = (start, end)
        found = self._places.get(key)
        if found is None:
            line, column = self.position(start)
            end_line, end_column = self.position(end)
            found = self._places[key] = Location(self.path, line, column, end_line, end_column)
        return found

    def line(self, number: int) -> str:
        """The text of a 1-based line without its line end; empty beyond the end."""
        starts = self.line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


class Span:
    """Half-open range of code point offsets in one source file. Treat as frozen (not enforced: it is created often)."""

    __slots__ = ("end", "file", "start")

    def __init__(self, file: SourceFile, start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.end = end

    def __eq__(self, other: object) -> bool:
        if type(other) is not Span:
            return NotImplemented
        return self.file is other.file and self.start == other.start and self.end == other.end

    # As a dataclass with equality has it: a span that is compared by value must not be taken for a key; `key` is one.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Span({self.file.path!r}, {self.start}, {self.end})"

    @property
    def text(self) -> str:
        """The characters covered."""
        return self.file.text[self.start : self.end]

    @property
    def key(self) -> tuple[str, int, int]:
        """Identity of the place, usable as a dictionary key."""
        return self.file.path, self.start, self.end

    def location(self) -> Location:
        """The concrete place: 1-based, end exclusive."""
        return self.file.location(self.start, self.end)


class Location(NamedTuple):
    """A concrete place: path in the tree; lines and columns 1-based, end exclusive; columns count code points."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


def whole_file(path: str) -> Location:
    """The place to name when only the file is known: its first character."""
    return Location(path, 1, 1, 1, 1)
