"""Spans of comments, for files known to contain one that matters (a waiver marker)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sovlint.model.source import SourceFile
from sovlint.parse.yaml.nodes import Mapping, Node, Scalar, Sequence, YamlStream
from sovlint.parse.yaml.stream import parse_stream

# libyaml takes a `#` for a comment wherever a token may start, so after brackets and quotes no space is needed.
_COMMENT = re.compile(r"(?:^|(?<=[\s,\[\]{}\"']))#[^\r\n\x85\u2028\u2029]*+", re.MULTILINE)
_HEADER_COMMENT = re.compile(r"[|>][-+0-9]*+[ \t]++(#[^\r\n\x85\u2028\u2029]*+)")


def comments(source: SourceFile, stream: YamlStream | None = None) -> Iterator[tuple[int, int]]:
    """Spans (start, end) of all `#` comments in source order, from the `#` to the end of the line.

    Right in the presence of quoted, multi-line and block scalars. In a document that could not be read every `#` after
    a space counts, since nobody knows what is quoted there.

    Args:
        source: the text.
        stream: what `parse_stream` gave for it, if that is at hand; the text is parsed otherwise.
    """
    stream = stream or parse_stream(source)
    text = source.text
    at = 0
    for scalar in _scalars(stream.documents):
        if scalar.start < at:
            continue
        yield from _between(text, at, scalar.start)
        at = scalar.end
        if scalar.style in {"|", ">"} and (header := _HEADER_COMMENT.match(text, scalar.start)):
            yield header.span(1)
            # An empty block scalar ends before its comment.
            at = max(at, header.end(1))
    yield from _between(text, at, len(text))


def _between(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _COMMENT.finditer(text, start, end):
        yield match.span()


def _scalars(roots: list[Node]) -> Iterator[Scalar]:
    """Scalars in source order; aliases are not followed."""
    todo = roots[::-1]
    while todo:
        node = todo.pop()
        if type(node) is Scalar:
            yield node
        elif type(node) is Mapping:
            for key, value in reversed(node.entries):
                todo.append(value)
                todo.append(key)
        elif type(node) is Sequence:
            todo.extend(reversed(node.items))
