"""Which places of a chart never come out, whatever it is rendered with.

A value is changed and the chart rendered again: if not a character is different, the value decides nothing. A line of a
template is dead if its mark never came out, and neither did its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sovlint.model.fact import Cause
from sovlint.model.source import Location, SourceFile
from sovlint.parse.yaml import Node
from sovlint.resolve.helm.copies import ChartCopy
from sovlint.resolve.helm.markers import Mark
from sovlint.resolve.helm.render import Chart, Leaf, Rendering, Way, scalars
from sovlint.resolve.helm.trace import MAX_SINGLY, Trace, changeable, words


def dead_places(
    chart: Chart, traces: Sequence[Trace], causes: Sequence[Cause], images: Mapping[Location, frozenset[str]]
) -> set[Location]:
    """The places among those of some causes that no rendering shows; all renderings must have succeeded.

    Args:
        chart: what was rendered.
        traces: the renderings.
        causes: whose places are asked for.
        images: the names, without registry and version, of images that are decided at some of these places.
    """
    wanted = {cause.location: cause for cause in causes}
    alive: set[Location] = set()
    tested: set[Location] = set()
    used: set[Location] = set()
    for trace in traces:
        places: dict[Way, Location] = {}
        for leaf in trace.leaves.values():
            location = leaf.item.span.location() if leaf.item.span.file.path in _paths(wanted) else None
            if location is None or location not in wanted:
                continue
            used.add(location)
            if location not in alive:
                if changeable(leaf.text):
                    tested.add(location)
                    places[leaf.way] = location
                else:
                    alive.add(location)
        named = {way: images[place] for way, place in places.items() if place in images}
        alive.update(places[way] for way in _alive(chart, trace, [trace.leaves[way] for way in places], named))
    dead = tested - alive
    files = {source.path: number for number, (_, source, _) in enumerate(chart.copy.templates)}
    emitted = {mark for trace in traces for mark in trace.rendering.emitted}
    texts = [text for trace in traces for text in trace.rendering.files.values()]
    # What is laid over everywhere, or deleted, is no value of any rendering.
    for place, (text, ways) in (_written(chart, traces) if wanted else {}).items():
        if place in wanted and place not in used:
            elsewhere = all(way in trace.leaves for way in ways for trace in traces)
            if elsewhere or not any(text in out for out in texts):
                dead.add(place)
    for location, cause in wanted.items():
        number = files.get(location.path)
        if number is None or Mark(number, location.line) in emitted:
            continue
        if cause.value and not any(cause.value in text for text in texts):
            dead.add(location)
    return dead


def _written(chart: Chart, traces: Sequence[Trace]) -> dict[Location, tuple[str, list[Way]]]:
    """All scalars in the values files that take part: their places, texts and ways from the top chart's values."""
    out: dict[Location, tuple[str, list[Way]]] = {}
    documents: list[tuple[Way, SourceFile, Node]] = [
        ((), *layer) for trace in traces for layer in trace.rendering.given.layers
    ]
    todo: list[tuple[Way, ChartCopy]] = [((), chart.copy.top)]
    while todo:
        way, one = todo.pop()
        if one.values is not None:
            documents.append((way, *one.values))
        todo.extend(((*way, child.key), child) for child in one.children)
    for way, source, node in documents:
        for leaf in scalars(source, node):
            out.setdefault(leaf.item.span.location(), (leaf.text, []))[1].append((*way, *leaf.way))
    return out


def _paths(wanted: dict[Location, Cause]) -> set[str]:
    return {location.path for location in wanted}


def _alive(chart: Chart, trace: Trace, tested: list[Leaf], images: Mapping[Way, frozenset[str]]) -> set[Way]:
    """Those of some values that decide anything in a rendering; `images` are the names of those that decide one."""
    if not tested:
        return set()
    tokens = words(tested)
    base = trace.rendering
    control, together = chart.again(base.given, [{}, tokens])
    noise = _different(base, control.files)
    if (together.error or noise is None) and images:
        # Some charts check their images and refuse any other: then what they print tells whether they use them.
        others = [leaf for leaf in tested if leaf.way not in images]
        printed = {way for way, names in images.items() if _printed(names, base.files.values())}
        return printed | _alive(chart, trace, others, {})
    if together.error or noise is None:
        return set(tokens)
    if _different(base, together.files, noise) == set():
        return set()
    out = {way for way, token in tokens.items() if any(token in text for text in together.files.values())}
    rest = [leaf for leaf in tested if leaf.way not in out]
    out.update(leaf.way for leaf in rest[MAX_SINGLY:])
    rest = rest[:MAX_SINGLY]
    answers = chart.again(base.given, [{leaf.way: tokens[leaf.way]} for leaf in rest]) if rest else []
    for leaf, answer in zip(rest, answers, strict=True):
        if answer.error or _different(base, answer.files, noise) != set():
            out.add(leaf.way)
    return out


def _printed(names: frozenset[str], texts: Iterable[str]) -> bool:
    return any(name in text for text in texts for name in names)


def _different(
    base: Rendering, files: dict[str, str], noise: set[tuple[str, int]] | None = None
) -> set[tuple[str, int]] | None:
    """Lines that are not as they were, apart from noise; None if the structure is another one."""
    out: set[tuple[str, int]] = set()
    if any(path not in base.files for path in files if not path.endswith("/NOTES.txt")):
        return None
    for path, text in base.files.items():
        other = files.get(path)
        if other == text:
            continue
        before, after = text.split("\n"), (other or "").split("\n")
        if other is None or len(before) != len(after):
            return None
        out.update((path, i) for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b)
    return out - (noise or set())
