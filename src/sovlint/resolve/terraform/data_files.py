"""Decoded data files as values: what `yamldecode(file(…))`, `jsondecode(file(…))` and JSON tfvars give."""

from __future__ import annotations

from collections.abc import Iterator

from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.yaml import Alias, Mapping, Node, Scalar, Sequence, deref, items, resolve_scalar
from sovlint.resolve.terraform.values import EvaluationError

MAX_NODES = 200_000
"""Nodes of one decoded file that are turned into values; aliases count each time they are used."""

MAX_DEPTH = 400
"""Values within values; only an alias to what contains it leads deeper."""


def from_yaml(node: Node, source: SourceFile, span: Span | None) -> Value:
    """A YAML or JSON node as a value; every element's place is inside the file, or `span` if given.

    Returns:
        Unknown for what cannot be a value: too large, nested in itself, `.nan`.
    """
    budget = [MAX_NODES]

    def convert(current: Node, depth: int) -> Value:
        budget[0] -= 1
        if budget[0] < 0 or depth > MAX_DEPTH:
            raise EvaluationError("the decoded file is too large")
        here = span or Span(source, current.start, current.end)
        if isinstance(current, Alias):
            return convert(deref(current), depth + 1)
        if isinstance(current, Scalar):
            plain = resolve_scalar(current)
            if not isinstance(plain, float):
                return Known(plain, here)
            return Unknown(f"{current.text} is not a finite number", here, failed=True)
        if isinstance(current, Sequence):
            return Known(tuple(convert(item, depth + 1) for item in current.items), here)
        assert isinstance(current, Mapping)
        return Known({key: convert(value, depth + 1) for key, _, value in items(current)}, here)

    try:
        return convert(node, 0)
    except EvaluationError as error:
        return Unknown(str(error), span or Span(source, node.start, node.end), failed=True)


def yaml_items(node: Node) -> Iterator[tuple[str, Node]]:
    """Keys and value nodes of a mapping; nothing for other nodes."""
    target = deref(node)
    if isinstance(target, Mapping):
        for key, _, value in items(target):
            yield key, value
