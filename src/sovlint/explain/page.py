"""What an explanation looks like: a title, sections, aligned facts; wrapped to the width of the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

NARROWEST = 40
"""Columns below which nothing is wrapped any narrower."""

_LABEL_ROOM = 26
"""Columns that labels may take in front of their text; a longer one stands on a line of its own."""


class Screen(Protocol):
    """Where text is shown: how wide it is, what may be written there. The command line provides it."""

    @property
    def width(self) -> int:
        """Columns."""
        ...

    def paint(self, text: str, kind: str) -> str:
        """The text in the colour of a kind (`strong`, `faint`, a severity)."""
        ...

    def visible(self, text: str) -> str:
        """The text with everything escaped that a terminal would obey."""
        ...

    def columns(self, text: str) -> int:
        """Columns that the text takes."""
        ...

    def wrap(self, text: str, first: int, rest: int) -> list[str]:
        """The text broken at spaces."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One fact. Without label it is a paragraph; without text the label heads the deeper rows that follow."""

    label: str
    text: str = ""
    depth: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing explained.

    Attributes:
        kind: `rule`, `type`, `service`, `place`, `operator` or `host`.
        id: its name in the catalogue.
        subtitle: one line below the name.
        sections: for people.
        data: the same for programs.
    """

    kind: str
    id: str
    subtitle: str
    sections: tuple[Section, ...]
    data: dict[str, Any]


def render(entries: Sequence[Entry], screen: Screen) -> str:
    """The entries as text, one after the other; ends with a newline."""
    width = max(screen.width, NARROWEST)
    return "\n\n".join("\n".join(_entry(entry, screen, width)) for entry in entries) + "\n"


def _entry(entry: Entry, screen: Screen, width: int) -> Iterator[str]:
    yield screen.paint(screen.visible(entry.id), "strong") + screen.paint(f"  {entry.kind}", "faint")
    if entry.subtitle:
        yield from screen.wrap(screen.visible(entry.subtitle), width, width)
    for section in entry.sections:
        if not section.rows:
            continue
        yield ""
        yield screen.paint(screen.visible(section.title), "frame")
        yield from _rows(section.rows, screen, width)


def _rows(rows: Sequence[Row], screen: Screen, width: int) -> Iterator[str]:
    labels: dict[int, int] = {}
    for row in rows:
        size = screen.columns(screen.visible(row.label))
        if row.text and size <= _LABEL_ROOM:
            labels[row.depth] = max(labels.get(row.depth, 0), size)
    for row in rows:
        indent = 2 + 2 * row.depth
        label, text = screen.visible(row.label), screen.visible(row.text)
        if not label or not text:
            kind = row.kind or ("strong" if label else "")
            for part in screen.wrap(label or text, width - indent, width - indent):
                yield " " * indent + (screen.paint(part, kind) if kind else part)
            continue
        hang = indent + labels.get(row.depth, 0) + 2
        size = screen.columns(label)
        lead = " " * indent + screen.paint(label, "faint")
        if size > _LABEL_ROOM:
            yield lead
            lead = " " * hang
        else:
            lead += " " * (hang - indent - size)
        parts = screen.wrap(text, width - hang, width - hang)
        yield lead + (screen.paint(parts[0], row.kind) if row.kind else parts[0])
        for part in parts[1:]:
            yield " " * hang + (screen.paint(part, row.kind) if row.kind else part)


def provenance(data: dict[str, Any]) -> Row:
    """The row that says where a fact comes from, and when it was looked up."""
    text = f"{data.get('source') or 'not recorded'}"
    if data.get("as_of"):
        text += f" ({data['as_of']})"
    if data.get("confidence") == "assumed":
        text += "; assumed: to be checked there"
    return Row("source", text)


def origin(data: dict[str, Any]) -> dict[str, Any]:
    """Source, date and confidence of an entry for programs."""
    return {
        "source": data.get("source", ""),
        "as_of": data.get("as_of", ""),
        "assumed": data.get("confidence") == "assumed",
    }
