"""Decoded data files as values: what `yamldecode(file(…))`, `jsondecode(file(…))` and JSON tfvars give."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Value
from sovlint.parse.yaml import Alias, Mapping, Node, Scalar, Sequence, deref, items, resolve_scalar
from sovlint.resolve.terraform.values import EvaluationError, normal_number

MAX_NODES = 200_000
"""Nodes of one decoded file that are turned into values; aliases count each time they are used."""


def from_yaml(node: Node, source: SourceFile, span: Span | None) -> Value:
    """A YAML or JSON node as a value; every element's place is inside the file, or `span` if given.

    Raises:
        EvaluationError: too large.
    """
    budget = [MAX_NODES]

    def convert(current: Node) -> Value:
        budget[0] -= 1
        if budget[0] < 0:
            raise EvaluationError("the decoded file is too large")
        here = span or Span(source, current.start, current.end)
        if isinstance(current, Alias):
            return convert(deref(current))
        if isinstance(current, Scalar):
            plain = resolve_scalar(current)
            return Known(normal_number(Decimal(repr(plain))) if isinstance(plain, float) else plain, here)
        if isinstance(current, Sequence):
            return Known(tuple(convert(item) for item in current.items), here)
        assert isinstance(current, Mapping)
        return Known({key: convert(value) for key, _, value in items(current)}, here)

    return convert(node)


def yaml_items(node: Node) -> Iterator[tuple[str, Node]]:
    """Keys and value nodes of a mapping; nothing for other nodes."""
    target = deref(node)
    if isinstance(target, Mapping):
        for key, _, value in items(target):
            yield key, value
