"""YAML inside the strings of other YAML: patches in a kustomization, Helm values in an Argo CD application.

The text of a literal block scalar (`|`) is read where it stands: the block's lines with their indentation are YAML
themselves, so all offsets are exact. Folded and quoted scalars do not keep their characters in place: what is read in
them stands on the whole scalar.
"""

from __future__ import annotations

from sovlint.model.lazy import pattern
from sovlint.model.problem import Problem
from sovlint.model.source import Location, SourceFile
from sovlint.parse.yaml import Alias, Mapping, Node, Scalar, Sequence, parse_part, parse_stream

_HEADER = pattern(r"[|>][^\n]*\n?")
# What may stand above the first line with content; an indented `---` would be read as a scalar.
_ABOVE = pattern(r"(?:[ \t]*(?:---[ \t]*|#[^\n]*)?\r?\n)+")


class Embedded:
    """Reads scalars of one file as YAML, each once however often it is used through aliases."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self._read: dict[int, tuple[list[Node], list[Problem]]] = {}

    def read(self, scalar: Scalar) -> tuple[list[Node], list[Problem]]:
        """The documents in a scalar and what could not be read. Problems are told the first time only."""
        known = self._read.get(id(scalar))
        if known is not None:
            return known[0], []
        found = self._parse(scalar)
        self._read[id(scalar)] = found
        return found

    def _parse(self, scalar: Scalar) -> tuple[list[Node], list[Problem]]:
        text = self.source.text
        if scalar.style == "|":
            header = _HEADER.match(text, scalar.start)
            start = header.end() if header else scalar.start
            above = _ABOVE.match(text, start, scalar.end)
            start = above.end() if above else start
            stream = parse_part(self.source, start, max(start, scalar.end))
            return stream.documents, list(stream.problems)
        stream = parse_stream(SourceFile("", scalar.text))
        where = Location(
            self.source.path, *self.source.position(scalar.start), *self.source.position(max(scalar.end, scalar.start))
        )
        problems = [Problem(where, p.code, p.message, p.level) for p in stream.problems]
        for document in stream.documents:
            move(document, scalar.start, scalar.end)
        return stream.documents, problems


def move(node: Node, start: int, end: int) -> None:
    """Puts a node and all below it on one place; every node once, so that aliases cost nothing."""
    todo = [node]
    seen: set[int] = set()
    while todo:
        current = todo.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        current.start, current.end = start, end
        if type(current) is Mapping:
            for key, value in current.entries:
                todo += (key, value)
        elif type(current) is Sequence:
            todo += current.items
        elif type(current) is Alias:
            todo.append(current.target)
