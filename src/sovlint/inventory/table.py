"""The inventory as a table for people, fitted to the width of the screen, and its totals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from sovlint.inventory.build import Inventory, PlaceRow, Row
from sovlint.model.fact import Place

_GAP = "  "
_HEADS = ("ADDRESS", "SERVICE", "PLACE", "OPERATOR", "LOCK-IN")
_LEAST = (16, 11, 10, 8, 7)
"""Columns below which a cell says nothing any more."""

_COLOURS = {"inside": "good", "outside": "critical", "straddles": "critical", "global": "high", "undetermined": "note"}
_FLAWS = {"global": "global", "outside": "outside", "straddles": "partly outside", "undetermined": "undetermined"}
_CONTROL = {"inside": "good", "private": "good", "nexus": "low", "attested": "medium", "outside": "medium"}
_VERDICTS = {
    "inside": "inside",
    "outside": "outside",
    "straddles": "partly outside",
    "global": "global",
    "undetermined": "undetermined",
    "unplaced": "without a place",
}

_PIECES = re.compile(r"[^./:\[ ]*[./:\[ ]?")
"""Where an address, a service or a sentence may be broken: after a separator."""

_SMALLER_PIECES = re.compile(r"[^_-]*[_-]?")
"""Where what is still too long may be broken."""

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
        inventory: the rows; they are shown by unit, sorted by address.
        screen: where it is shown.
        whole: one line a place, however wide the table becomes.
    """
    lines: list[str] = []
    rows = sorted(inventory.rows, key=lambda row: (row.subject.unit, row.subject.address, row.location))
    if rows:
        bodies = [_cells(row) for row in rows]
        widths = _widths(bodies, screen, whole)
        lines.append(_line([(head, "faint") for head in _HEADS], widths, screen))
        several = len({row.subject.unit for row in rows}) > 1
        unit: str | None = None
        for row, body in zip(rows, bodies, strict=True):
            if several and row.subject.unit != unit:
                unit = row.subject.unit
                lines += ["", screen.paint(screen.visible(unit or "."), "frame")]
            columns = [_folded(cells, width, screen) for cells, width in zip(body, widths, strict=True)]
            for number in range(max(len(column) for column in columns)):
                lines.append(_line([c[number] if number < len(c) else ("", "") for c in columns], widths, screen))
        lines.append("")
    lines += _totals(inventory, screen)
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> list[list[Cell]]:
    """The cells of a row; those with several lines have one entry a line."""
    subject = row.subject
    address = subject.address
    if subject.mode == "values":
        # The layers of a chart say the same key once each.
        address += f" ({row.location.path.removeprefix(subject.unit).lstrip('/') or row.location.path})"
    service = subject.service or subject.provider or subject.kind
    operators: list[Cell] = []
    if row.operator:
        operators.append((_with_country(row.operator_name, row.country), _CONTROL.get(row.control, "")))
    pulled = {(artefact.host, artefact.country, artefact.control) for artefact in row.artefacts}
    for host, country, control in sorted(pulled):
        operators.append((_with_country(host, country), _CONTROL.get(control, "")))
    lock_in: Cell = ("-", "faint") if row.lock_in is None else (str(row.lock_in), _lock_in_colour(row.lock_in))
    kind = "" if row.role == "primary" else "faint"
    places = _places(row.places) or [("-", "faint")]
    return [[(address, kind)], [(service, kind)], places, operators or [("-", "faint")], [lock_in]]


def _with_country(name: str, country: str) -> str:
    return f"{name} {country}" if country else name


def _places(rows: Sequence[PlaceRow]) -> list[Cell]:
    """A line for each attribute; the candidates of one share it."""
    groups: dict[tuple[str, str], list[PlaceRow]] = {}
    for row in rows:
        groups.setdefault((row.role, row.attribute), []).append(row)
    cells = (_place(group[0].role, group[0].verdict, [r.place for r in group if r.place]) for group in groups.values())
    return list(dict.fromkeys(cells))


def _place(role: str, verdict: str, places: Sequence[Place]) -> Cell:
    """`eu-west-1 IE`, with the role where it is not the primary place and what is wrong with it."""
    parts = [] if role == "primary" else [f"{role}:"]
    if places:
        names = list(dict.fromkeys(place.name for place in places))
        parts.append(" or ".join(names[:2]) + (" or …" if len(names) > 2 else ""))
        countries = sorted({country for place in places for country in place.countries})
        parts.append("/".join(countries) if len(countries) < 4 else f"{len(countries)} countries")
    if verdict in _FLAWS:
        parts.append(_FLAWS[verdict])
    return " ".join(filter(None, parts)), _COLOURS[verdict]


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
        shrinkable = [n for n in range(len(widths)) if widths[n] > _LEAST[n]]
        if not shrinkable:
            break
        # The address gives way first, but keeps two fifths.
        others = [n for n in shrinkable if n]
        if others and widths[0] <= max(room * 2 // 5, _LEAST[0]):
            number = max(others, key=lambda n: widths[n] - _LEAST[n])
        else:
            number = shrinkable[0]
        widths[number] -= 1
    return widths


def _line(cells: Sequence[Cell], widths: Sequence[int], screen: Screen) -> str:
    out = []
    for (text, kind), width in zip(cells, widths, strict=True):
        pad = " " * (width - screen.columns(text))
        out.append((screen.paint(text, kind) if kind else text) + pad)
    return _GAP.join(out).rstrip()


def _folded(cells: Sequence[Cell], width: int, screen: Screen) -> list[Cell]:
    """Cells broken to a width, further lines set in by one column: nothing is left out."""
    out: list[Cell] = []
    for text, kind in cells:
        line = ""
        for piece in _pieces(screen.visible(text), width - 1, screen):
            if line.strip() and screen.columns(line + piece.rstrip()) > width:
                out.append((line.rstrip(), kind))
                line = " "
            line += piece
        out.append((line.rstrip(), kind))
    return out


def _pieces(text: str, width: int, screen: Screen) -> Iterator[str]:
    """What must stay together, as far as that is narrower than the width."""
    for piece in _PIECES.findall(text):
        if screen.columns(piece) <= width:
            yield piece
            continue
        for part in _SMALLER_PIECES.findall(piece):
            if screen.columns(part) <= width:
                yield part
            else:
                yield from part


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
        ("by registry", inventory.hosts()),
        ("by lock-in", dict(sorted(inventory.by("lock_in").items()))),
        (f"by place, {inventory.zone_title}", {_VERDICTS[key]: count for key, count in ordered.items()}),
    ):
        if not counts:
            continue
        listed = (f"{'none known' if key == 'unknown' else key}: {count}" for key, count in counts.items())
        text = screen.visible(f"{title}  {', '.join(listed)}")
        first, *rest = screen.wrap(text, max(screen.width, 40) - 2, max(screen.width, 40) - 4)
        lines += [f"  {first}", *(f"    {part}" for part in rest)]
    return lines
