"""From a place in a rendered text back to the line of the template, and to the value that decides what stands there.

Which value it is, is found by experiment: the values that could have written the text are changed into words of the
same length and shape that occur nowhere else, the chart is rendered again, and the words are looked for at the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sovlint.model.fact import Artefact, Fact, Hop
from sovlint.model.lazy import pattern
from sovlint.model.source import Location, SourceFile, Span, whole_file
from sovlint.parse.yaml import Node
from sovlint.parse.yaml.access import entry
from sovlint.resolve.helm.copies import ChartCopy
from sovlint.resolve.helm.render import SET, Chart, Leaf, Rendering, Way, leaves, merged
from sovlint.resolve.yaml_attributes import joined

RENDERED = "\0rendered/"
"""What the paths of rendered texts begin with: no file of a tree can be called that."""

MAX_SINGLY = 24
"""Values that are changed one by one where changing them together changes the structure."""

_POSITION = pattern(r"([^\s()\"':]+/templates/[^\s()\"':]+):(\d+)(?::(\d+))?")
_ACTIONS = pattern(r"\{\{.*?\}\}|\{\{.*")
_KEYED = pattern(r"[ \t]*(?:- +)*[\w./\"'-]+:[ \t]+")


class Part(NamedTuple):
    """Columns (from 0, half-open) of a rendered line that one value wrote."""

    start: int
    end: int
    leaf: Leaf


class _Place(NamedTuple):
    path: str
    line: int
    start: int
    end: int


def _laid_over(chart: ChartCopy, way: Way, depth: int = 0) -> tuple[ChartCopy, Location, int] | None:
    """The chart's own value that a `--set` is laid over, and how many steps of the way lead to that chart."""
    if chart.values is not None:
        source, node = chart.values
        found: Node | None = node
        for step in way[depth:]:
            pair = entry(found, step) if isinstance(step, str) and found is not None else None
            found = pair[1] if pair is not None else None
        if found is not None:
            return chart, chart.anchor or Span(source, found.start, found.end).location(), depth
    for child in chart.children:
        if depth < len(way) and way[depth] == child.key:
            return _laid_over(child, way, depth + 1)
    return None


class Trace:
    """Where the texts of one rendering come from.

    Args:
        chart: what was rendered.
        rendering: with which values, and what came out.
    """

    def __init__(self, chart: Chart, rendering: Rendering) -> None:
        self.chart = chart
        self.rendering = rendering
        self.sources = {path: SourceFile(RENDERED + path, text) for path, text in rendering.files.items()}
        self.leaves = leaves(chart.copy.top, merged(chart.copy.top, rendering.given))
        self._templates = {
            _called(path, chart.copy.top): number for number, (path, _, _) in enumerate(chart.copy.templates)
        }
        self._values: dict[int, tuple[ChartCopy, int]] = {}
        self._note_values(chart.copy.top, 0)
        self._parts: dict[_Place, list[Part]] = {}

    def _note_values(self, chart: ChartCopy, depth: int) -> None:
        if chart.values is not None:
            self._values.setdefault(id(chart.values[0]), (chart, depth))
        for child in chart.children:
            self._note_values(child, depth + 1)

    # --- experiments

    def find(self, facts: Iterable[Fact]) -> None:
        """Finds out which values wrote the places of facts; `explain` then says it."""
        places = {place for fact in facts if (place := self._place(fact.cause.location)) is not None}
        candidates = {
            leaf.way: leaf
            for place in places
            for leaf in self.leaves.values()
            if changeable(leaf.text) and _occurs(leaf.text, self._line(place))
        }
        if not candidates:
            return
        tokens = words(candidates.values())
        (output,) = self.chart.again(self.rendering.given, [tokens])
        open_places = [place for place in sorted(places) if not self._compare(place, output.files, tokens)]
        singly = [leaf for leaf in candidates.values() if any(leaf.text in self._line(place) for place in open_places)][
            :MAX_SINGLY
        ]
        if not singly:
            return
        for leaf, one in zip(
            singly,
            self.chart.again(self.rendering.given, [{leaf.way: tokens[leaf.way]} for leaf in singly]),
            strict=True,
        ):
            for place in open_places:
                self._compare(place, one.files, {leaf.way: tokens[leaf.way]})

    def _compare(self, place: _Place, files: dict[str, str], tokens: dict[Way, str]) -> bool:
        """Looks for changed values at a place; False if the text around it is not the same any more."""
        plain, changed = self.rendering.files[place.path].split("\n"), files.get(place.path, "").split("\n")
        if len(plain) != len(changed):
            return False
        own, other = plain[place.line - 1], changed[place.line - 1]
        found = self._parts.setdefault(place, [])
        for way, token in tokens.items():
            leaf = self.leaves[way]
            for before, after in zip(_pieces(leaf.text), _pieces(token), strict=True):
                at = other.find(after)
                while at >= 0:
                    part = Part(at, at + len(after), leaf)
                    if own[at : part.end] == before and part not in found:
                        found.append(part)
                    at = other.find(after, at + 1)
        return True

    def _place(self, location: Location) -> _Place | None:
        if not location.path.startswith(RENDERED):
            return None
        path = location.path.removeprefix(RENDERED)
        line = self.sources[path].line(location.line)
        end = location.end_column - 1 if location.end_line == location.line else len(line)
        return _Place(path, location.line, location.column - 1, end)

    def _line(self, place: _Place) -> str:
        return self.sources[place.path].line(place.line)

    # --- explanations

    def explain(self, fact: Fact, chart_name: str) -> list[Location]:
        """Gives a fact of a rendered text its cause in the chart.

        Returns:
            The places of all values that wrote the text the fact is about.
        """
        declared = self.where(fact.subject.declared_at)
        address = f"{chart_name}:{fact.subject.address}"
        fact.subject = fact.subject._replace(address=address, declared_at=declared)
        if fact.confidence == "literal":
            fact.confidence = "resolved"
        cause = fact.cause
        place = self._place(cause.location)
        if place is None:
            return []
        own = self._line(place)[place.start : place.end]
        first, last = _decisive(fact, own)
        via = tuple(hop for old in cause.via if (hop := self._hop(old)) is not None)
        parts = self._parts.get(place, ())
        where, relative, shown = self._template(place, own.strip(), own.strip("\"' "), own[first:last])
        step = Hop(where, f"{relative}: {shown}" if shown else relative)
        leaf, on_key = _deciding(parts, place, own, place.start + first, place.start + last)
        if leaf is None or leaf.item.span.file.path == SET:
            if leaf is not None:
                flag = f"--set {_dotted(leaf.way)}"
                key = _laid_over(self.chart.copy.top, leaf.way)
                if key is not None:
                    via = (Hop(key[1], flag), step, *via)
                    owner = f"{key[0].name}:{_dotted(leaf.way[key[2] :])}"
                    fact.cause = cause._replace(location=key[1], owner=owner, via=via)
                    return []
                via = (step._replace(note=f"{step.note} ({flag})"), *via)
            helper = self._in_helper(fact, own.strip("\"' ")) if leaf is None else None
            if helper is not None:
                where, via = helper, (step, *via)
            fact.cause = cause._replace(location=where, owner=f"{chart_name}:{relative}", via=via)
            return []
        location, owner = self._written(leaf, on_key=on_key)
        fact.cause = cause._replace(location=location, owner=owner, via=(step, *via))
        return [self._written(part.leaf)[0] for part in parts if place.start <= part.start < place.end]

    def _written(self, leaf: Leaf, *, on_key: bool = False) -> tuple[Location, str]:
        """Where a value is written, and the address it has there."""
        span: Span = leaf.item.span
        if on_key and leaf.item.key is not None:
            span = leaf.item.key
        chart, depth = self._values.get(id(leaf.item.layers[0].source), (self.chart.copy.top, 0))
        location = chart.anchor or span.location()
        return location, f"{chart.name}:{_dotted(leaf.way[depth:])}"

    def _in_helper(self, fact: Fact, text: str) -> Location | None:
        """Where an image stands that a definition writes out, with or without its version; None if not just once."""
        if not isinstance(fact, Artefact) or "/" not in text:
            return None
        path, slash, name = text.partition("@")[0].rpartition("/")
        for wanted in (text, path + slash + name.partition(":")[0]):
            found = [
                (source, at)
                for _, source, chart in self.chart.copy.templates
                if chart.anchor is None and (at := source.text.find(wanted)) >= 0
            ]
            if len(found) == 1 and found[0][0].text.count(wanted) == 1:
                source, at = found[0]
                return Span(source, at, at + len(wanted)).location()
        return None

    def _hop(self, hop: Hop) -> Hop | None:
        place = self._place(hop.location)
        if place is None:
            return hop
        where = self._template(place, self._line(place)[place.start : place.end])[0]
        return hop._replace(location=where)

    def declared(self, span: Span) -> Span:
        """The template line that a place in a rendered text comes from, as a place in the template."""
        line, column = span.file.position(span.start)
        place = _Place(span.file.path.removeprefix(RENDERED), line, column - 1, column)
        number, found = self._mark(place, "")
        _, source, chart = self.chart.copy.templates[number]
        if chart.anchor is not None:
            where = chart.anchor
            return Span(SourceFile(where.path, ""), 0, 0)
        text = source.line(found)
        start = source.line_starts[found - 1]
        return Span(source, start + len(text) - len(text.lstrip()), start + len(text.rstrip()))

    def _template(self, place: _Place, *texts: str) -> tuple[Location, str, str]:
        """The place in the template a rendered line comes from, the template's path in its chart, and its line.

        The place is the first of some texts that stands there, else what the line says after its key.
        """
        number, line = self._mark(place, texts[-1] if texts else "")
        path, source, chart = self.chart.copy.templates[number]
        relative = path.removeprefix(chart.inside)
        text = source.line(line)
        if chart.anchor is not None:
            return chart.anchor, f"{relative}:{line} in {chart.name or chart.inside}", " ".join(text.split())[:80]
        start, length = next(((at, len(t)) for t in texts if t and (at := text.find(t)) >= 0), (-1, 0))
        if start < 0:
            match = _KEYED.match(text)
            start = match.end() if match is not None else len(text) - len(text.lstrip())
            length = max(0, len(text.rstrip()) - start)
        where = Location(source.path, line, start + 1, line, start + length + 1)
        return where, relative, " ".join(text.split())[:80]

    def _mark(self, place: _Place, decisive: str) -> tuple[int, int]:
        """File number and line of the template; of several lines the one that has the text, else the outermost."""
        marks = self.rendering.marks[place.path][place.line - 1]
        for mark in marks:
            if decisive and decisive in self.chart.copy.templates[mark.file][1].line(mark.line):
                return mark.file, mark.line
        number = marks[-1].file if marks else self._templates.get(place.path, 0)
        text = self.chart.copy.templates[number][1].text
        if not marks and decisive and text.count(decisive) == 1:
            return number, text.count("\n", 0, text.find(decisive)) + 1
        return (number, marks[-1].line) if marks else (number, 1)

    def where(self, location: Location) -> Location:
        """The template line of a place in a rendered text; other places as they are."""
        place = self._place(location)
        return location if place is None else self._template(place)[0]

    def position(self, message: str, folder: str) -> Location:
        """Where an error of the engine stands in the tree; the chart where it does not say."""
        for match in _POSITION.finditer(message):
            number = self._templates.get(match[1])
            if number is not None:
                _, source, chart = self.chart.copy.templates[number]
                line, column = int(match[2]), int(match[3] or 0) + 1
                return chart.anchor or Location(source.path, line, column, line, column + 1)
        return whole_file(f"{folder}/Chart.yaml" if folder else "Chart.yaml")


def _called(path: str, top: ChartCopy) -> str:
    """The path of a template as Helm calls it: by the names of the charts, not by those of their folders."""
    chart, names = top, top.name
    found = True
    while found:
        found = False
        for child in chart.children:
            if path.startswith(child.inside):
                chart, names, found = child, f"{names}/charts/{child.key or child.name}", True
                break
    return f"{names}/{path.removeprefix(chart.inside)}"


def _deciding(parts: Sequence[Part], place: _Place, own: str, start: int, end: int) -> tuple[Leaf | None, bool]:
    """The value that wrote most of the decisive columns; for a key the value that stands under it."""
    best: tuple[int, Leaf] | None = None
    for part in sorted(parts, key=lambda p: p.start):
        overlap = min(part.end, end) - max(part.start, start)
        if overlap > 0 and (best is None or overlap > best[0]):
            best = (overlap, part.leaf)
    if best is not None:
        return best[1], False
    name = own.strip("\"' ")
    for part in parts:
        if part.start >= place.end and part.leaf.way[-1] == name:
            return part.leaf, True
    return None, False


def _decisive(fact: Fact, text: str) -> tuple[int, int]:
    """Which characters of the value a fact stands on: the host, what names the image, or all without quotes."""
    start = len(text) - len(text.lstrip("\"' "))
    end = max(start, len(text.rstrip("\"' ")))
    host = getattr(fact, "host", "")
    at = text.lower().find(host) if host else -1
    if at >= 0:
        return at, at + len(host)
    if isinstance(fact, Artefact):
        stop = re.search(r"[:@]", text[start:end])
        return start, start + stop.start() if stop is not None else end
    return start, end


def changeable(text: str) -> bool:
    """Whether a value can be changed into a word that is recognised: it has letters, and is one line."""
    return "\n" not in text and text not in _WORDS and any(map(str.isalpha, "".join(_pieces(text))))


_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off"})


def _pieces(text: str) -> list[str]:
    """What is literal in a value that may itself be a template."""
    return [piece for piece in _ACTIONS.split(text) if piece] if "{{" in text else [text]


def _occurs(text: str, line: str) -> bool:
    """Whether a value may have written a part of a line: all of it, or the longest literal of a template."""
    return max(_pieces(text), key=len, default="") in line


def words(chosen: Iterable[Leaf]) -> dict[Way, str]:
    """For each leaf another text of the same length and shape: other letters, the rest as it is."""
    out: dict[Way, str] = {}
    taken: set[str] = set()
    for leaf in sorted(chosen, key=lambda one: [str(key) for key in one.way]):
        for attempt in range(20):
            state = sum((i + 1) * ord(c) for i, c in enumerate(repr(leaf.way))) * 7919 + attempt * 104729
            letters: list[str] = []
            kept = [range(*match.span()) for match in _ACTIONS.finditer(leaf.text)] if "{{" in leaf.text else []
            for at, letter in enumerate(leaf.text):
                state = (state * 1103515245 + 12345) % 2**31
                if letter.isascii() and letter.isalpha() and not any(at in span for span in kept):
                    # Letters of no unit, number or truth value; never the letter itself.
                    pool = [c for c in "bcdfghjkqvwxz" if c != letter.lower()]
                    other = pool[(state >> 16) % len(pool)]
                    letters.append(other.upper() if letter.isupper() else other)
                else:
                    letters.append(letter)
            if (text := "".join(letters)) not in taken:
                break
        taken.add(text)
        out[leaf.way] = text
    return out


def _dotted(way: Way) -> str:
    path = ""
    for key in way:
        path = f"{path}[{key}]" if isinstance(key, int) else joined(path, key)
    return path
