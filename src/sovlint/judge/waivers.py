"""Inline waivers: accepted risks, recorded beside what they accept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sovlint.model.finding import Atom, Waiver
from sovlint.model.lazy import pattern
from sovlint.model.source import Location

MARKER = "sovlint:waive"

_FORM = pattern(r"sovlint:waive\s+(?P<rules>\S+)(?P<rest>[^\n]*)")
_DAY = pattern(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CODE = pattern(r"SOV\d{1,3}")


def parse_waivers(text: str, location: Location) -> Iterator[Waiver]:
    """The waivers in a comment's text (several may stand on one line); `defect` says what is not in order."""
    starts = [match.start() for match in re.finditer(re.escape(MARKER), text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        match = _FORM.match(text, start, end)
        if match is not None:
            yield _waiver(match, location)


def parse_annotation(text: str, location: Location, covers: Location, within: str) -> Iterator[Waiver]:
    """The waivers in an annotation's value, one a line, with or without the marker of comments.

    Args:
        text: the value.
        location: where it stands.
        covers: where the object is declared that carries it.
        within: beginning of the attribute paths it covers.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        yield Waiver(location, (), "", "", "", _defect((), "", "", ""), covers, within)
    for line in lines:
        marked = line if MARKER in line else f"{MARKER} {line.strip()}"
        for waiver in parse_waivers(marked, location):
            yield waiver._replace(covers=covers, within=within)


def _waiver(match: re.Match[str], location: Location) -> Waiver:
    import shlex  # here and below: most runs meet no waiver, and start-up counts

    rest = match["rest"].replace("*/}}", "").replace("*/", "").replace("-->", "").rstrip()
    rules = tuple(match["rules"].split(","))
    try:
        words = shlex.split(rest)
    except ValueError:
        return Waiver(location, rules, "", "", "", "a quotation mark is not closed")
    fields = dict(word.split("=", 1) for word in words if "=" in word)
    until, owner, reason = fields.get("until", ""), fields.get("owner", ""), fields.get("reason", "")
    return Waiver(location, rules, until, owner, reason, _defect(rules, until, owner, reason))


def _defect(rules: tuple[str, ...], until: str, owner: str, reason: str) -> str:
    if not rules or not all(_CODE.fullmatch(rule) for rule in rules):
        return "it names no rule (SOV101, or a prefix such as SOV1)"
    missing = [name for name, value in (("until", until), ("owner", owner), ("reason", reason)) if not value.strip()]
    if missing:
        return f"{' and '.join(missing)} missing"
    return "" if _DAY.fullmatch(until) and _is_day(until) else f"until={until} is no date (YYYY-MM-DD)"


def _is_day(text: str) -> bool:
    import datetime

    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


class Waivers:
    """The inline waivers of a run, by the line they cover.

    Args:
        waivers: as parsed.
        today: the day on which they must still hold (inclusive, UTC), YYYY-MM-DD.
    """

    def __init__(self, waivers: Iterable[Waiver], today: str) -> None:
        self._by_line: dict[tuple[str, int], list[Waiver]] = {}
        self._by_object: dict[Location, list[Waiver]] = {}
        for waiver in waivers:
            if waiver.defect or waiver.until < today:
                continue
            if waiver.covers is not None:
                self._by_object.setdefault(waiver.covers, []).append(waiver)
                continue
            # On the same line, or on the line above what it waives.
            for line in (waiver.location.line, waiver.location.end_line + 1):
                self._by_line.setdefault((waiver.location.path, line), []).append(waiver)

    def __bool__(self) -> bool:
        return bool(self._by_line or self._by_object)

    def covering(self, atom: Atom) -> Waiver | None:
        """The waiver that covers an atom: at its cause, above the block that declares its subject, or in it."""
        for location in (atom.cause.location, atom.subject.declared_at):
            for waiver in self._by_line.get((location.path, location.line), ()):
                if any(atom.rule.startswith(rule) for rule in waiver.rules):
                    return waiver
        for waiver in self._by_object.get(atom.subject.declared_at, ()):
            if atom.attribute.startswith(waiver.within) and any(atom.rule.startswith(rule) for rule in waiver.rules):
                return waiver
        return None
