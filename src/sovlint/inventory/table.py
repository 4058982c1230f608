"""The inventory as a table for people, fitted to the width of the screen, and its totals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sovlint.inventory.build import Inventory, PlaceRow, Row

_GAP = "  "
_HEADS = ("ADDRESS", "SERVICE", "PLACE", "OPERATOR", "LOCK-IN")
_LEAST = (16, 8, 10, 8, 7)
"""Columns below which a cell says nothing any more."""

_COLOURS = {"inside": "good", "outside": "critical", "straddles": "critical", "global": "high", "undetermined": "note"}
_FLAWS = {"outside": "outside", "straddles": "partly outside", "undetermined": "undetermined"}
_CONTROL = {"inside": "good", "private": "good", "nexus": "low", "attested": "medium", "outside": "medium"}
_VERDICTS = {
    "inside": "inside",
    "outside": "outside",
    "straddles": "partly outside",
    "global": "global",
    "undetermined": "undetermined",
    "unplaced": "without a place",
}

Cell = tuple[str, str]
"""Text and the kind of colour it has."""


class Screen(Protocol):
    """Where the table is shown. The command line provides it."""

    @property
    def width(self) -> int:
        """Columns."""
        ...

    def paint(self, text: str, kind: str) -> str:
        """The text in the colour of a kind."""
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


def render(inventory: Inventory, screen: Screen, *, whole: bool = False) -> str:
    """The table, a blank line, the totals; ends with a newline.

    Args:
        inventory: the rows, sorted.
        screen: where it is shown.
        whole: cuts no cell short, however wide the table becomes.
    """
    lines: list[str] = []
    if inventory.rows:
        bodies = [_cells(row) for row in inventory.rows]
        widths = _widths(bodies, screen, whole)
        lines.append(_line([(head, "faint") for head in _HEADS], widths, screen))
        for body in bodies:
            for number in range(max(len(column) for column in body)):
                cells = [column[number] if number < len(column) else ("", "") for column in body]
                lines.append(_line(cells, widths, screen))
        lines.append("")
    lines += _totals(inventory, screen)
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> list[list[Cell]]:
    """The cells of a row; those with several lines have one entry a line."""
    subject = row.subject
    service = subject.service or subject.kind
    places = [_place(place) for place in row.places] or [("-", "faint")]
    operators: list[Cell] = []
    if row.operator:
        where = f" ({row.country})" if row.country else ""
        operators.append((f"{row.operator_name}{where}", _CONTROL.get(row.control, "")))
    pulled = {(artefact.host, artefact.country, artefact.control) for artefact in row.artefacts}
    for host, country, control in sorted(pulled):
        where = f" ({country})" if country else ""
        operators.append((f"{host}{where}", _CONTROL.get(control, "")))
    lock_in: Cell = ("-", "faint") if row.lock_in is None else (str(row.lock_in), _lock_in_colour(row.lock_in))
    kind = "" if row.role == "primary" else "faint"
    return [[(subject.address, kind)], [(service, kind)], places, operators or [("-", "faint")], [lock_in]]


def _place(row: PlaceRow) -> Cell:
    """`eu-west-1 IE`, with the role where it is not the primary place and what is wrong with it."""
    parts = [] if row.role == "primary" else [f"{row.role}:"]
    if row.place is None:
        parts.append("undetermined")
    else:
        parts.append(row.place.name)
        countries = row.place.countries
        parts.append(countries[0] if len(countries) == 1 else f"{len(countries)} countries" if countries else "global")
        if row.verdict in _FLAWS:
            parts.append(_FLAWS[row.verdict])
    return " ".join(parts), _COLOURS[row.verdict]


def _lock_in_colour(level: int) -> str:
    return "medium" if level >= 4 else "low" if level == 3 else ""


def _widths(bodies: Sequence[Sequence[Sequence[Cell]]], screen: Screen, whole: bool) -> list[int]:
    """Widths of the columns: as wide as the widest cell, the widest made narrower until the line fits."""
    widths = [len(head) for head in _HEADS]
    for body in bodies:
        for number, column in enumerate(body):
            widest = max(screen.columns(screen.visible(text)) for text, _ in column)
            widths[number] = max(widths[number], widest)
    room = screen.width - len(_GAP) * (len(widths) - 1)
    while not whole and sum(widths) > room:
        # The address gives way first, as long as it takes more than a third.
        shrinkable = [n for n in range(len(widths)) if widths[n] > _LEAST[n]]
        if not shrinkable:
            break
        number = 0 if widths[0] > max(room // 3, _LEAST[0]) else max(shrinkable, key=lambda n: widths[n] - _LEAST[n])
        widths[number] -= 1
    return widths


def _line(cells: Sequence[Cell], widths: Sequence[int], screen: Screen) -> str:
    out = []
    for number, ((text, kind), width) in enumerate(zip(cells, widths, strict=True)):
        cut = _cut(screen.visible(text), width, screen, middle=number == 0)
        pad = " " * (width - screen.columns(cut))
        out.append((screen.paint(cut, kind) if kind else cut) + pad)
    return _GAP.join(out).rstrip()


def _cut(text: str, width: int, screen: Screen, *, middle: bool) -> str:
    """A text cut to a width, with `…`: in the middle for addresses, whose end tells most."""
    if screen.columns(text) <= width:
        return text
    head = width // 3 if middle else width - 1
    tail = width - 1 - head
    while True:
        cut = f"{text[:head]}…{text[len(text) - tail :] if tail else ''}"
        if screen.columns(cut) <= width or head + tail <= 1:
            return cut
        # Wide characters take two columns.
        head, tail = (head, tail - 1) if tail > head or not head else (head - 1, tail)


def _totals(inventory: Inventory, screen: Screen) -> list[str]:
    number = len(inventory.rows)
    if not number:
        return ["no resources: no Terraform, Kubernetes or Helm input was found"]
    auxiliary = sum(row.role == "auxiliary" for row in inventory.rows)
    names = {row.operator: row.operator_name for row in inventory.rows}
    verdicts = inventory.by("verdict")
    ordered = {key: verdicts[key] for key in _VERDICTS if key in verdicts}
    head = f"{number} {'resource' if number == 1 else 'resources'}"
    lines = [f"{head}, {auxiliary} of them auxiliary" if auxiliary else head]
    for title, counts in (
        ("by operator", {names.get(key, key): count for key, count in inventory.by("operator").items()}),
        ("by country", {inventory.countries.get(key, key): count for key, count in inventory.by("country").items()}),
        ("by lock-in", dict(sorted(inventory.by("lock_in").items()))),
        (f"by place, {inventory.zone_title}", {_VERDICTS[key]: count for key, count in ordered.items()}),
    ):
        text = screen.visible(f"{title}: " + ", ".join(f"{key} {count}" for key, count in counts.items()))
        first, *rest = screen.wrap(text, max(screen.width, 40) - 2, max(screen.width, 40) - 4)
        lines += [f"  {first}", *(f"    {part}" for part in rest)]
    return lines
