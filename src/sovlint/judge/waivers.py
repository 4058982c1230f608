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
_CODE = pattern(r"[A-Z]{2,8}[0-9]{1,3}")


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
        yield Waiver(location, (), "", "", "", _defect((), "", "", ""), covers=covers, within=within)
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
    """The waivers of a run; those in files by the line they cover. Remembers which of them covered something.

    Args:
        waivers: as parsed, and those of the configuration.
        today: the day on which they must still hold (inclusive, UTC), YYYY-MM-DD.
    """

    def __init__(self, waivers: Iterable[Waiver], today: str) -> None:
        self._by_line: dict[tuple[str, int], list[Waiver]] = {}
        self._configured: list[Waiver] = []
        self._used: dict[Waiver, set[str]] = {}
        self.all = tuple(waivers)
        self.today = today
        self._by_object: dict[Location, list[Waiver]] = {}
        for waiver in self.all:
            if waiver.defect or self.expired(waiver):
                continue
            if waiver.configured:
                self._configured.append(waiver)
                continue
            if waiver.covers is not None:
                self._by_object.setdefault(waiver.covers, []).append(waiver)
                continue
            # On the same line, or on the line above what it waives.
            for line in (waiver.location.line, waiver.location.end_line + 1):
                self._by_line.setdefault((waiver.location.path, line), []).append(waiver)

    def __bool__(self) -> bool:
        return bool(self._by_line or self._by_object or self._configured)

    def expired(self, waiver: Waiver) -> bool:
        """Whether its last day is over."""
        return waiver.until < self.today

    def used(self, waiver: Waiver) -> bool:
        """Whether it covered something."""
        return waiver in self._used

    def covered(self, waiver: Waiver) -> int:
        """How many atoms it covered."""
        return len(self._used.get(waiver, ()))

    def covering(self, atom: Atom) -> Waiver | None:
        """The waiver that covers an atom: at its cause, above or in what declares its subject, or configured."""
        for location in (atom.cause.location, atom.subject.declared_at):
            for waiver in self._by_line.get((location.path, location.line), ()):
                if any(atom.rule.startswith(rule) for rule in waiver.rules):
                    self._used.setdefault(waiver, set()).add(atom.fingerprint)
                    return waiver
        for waiver in self._by_object.get(atom.subject.declared_at, ()):
            if atom.attribute.startswith(waiver.within) and any(atom.rule.startswith(rule) for rule in waiver.rules):
                self._used.setdefault(waiver, set()).add(atom.fingerprint)
                return waiver
        for waiver in self._configured:
            if _applies(waiver, atom):
                self._used.setdefault(waiver, set()).add(atom.fingerprint)
                return waiver
        return None


def _applies(waiver: Waiver, atom: Atom) -> bool:
    """Whether a configured waiver covers an atom; each kind of glob that it has must match."""
    from sovlint.model.globs import covers, names

    if not any(atom.rule.startswith(rule) for rule in waiver.rules):
        return False
    paths = (atom.cause.location.path, atom.subject.declared_at.path)
    if waiver.paths and not any(covers(waiver.paths, path) for path in paths):
        return False
    return not waiver.addresses or names(waiver.addresses, atom.subject.address)
