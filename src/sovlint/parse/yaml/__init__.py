"""YAML and JSON with exact spans: our own composer over libyaml's events, since no other survives all input."""

from sovlint.parse.yaml.access import BudgetExceededError, Data, deref, elements, entry, get, items, text, to_plain
from sovlint.parse.yaml.comments import comments
from sovlint.parse.yaml.composer import MAX_DEPTH, MERGE_BUDGET
from sovlint.parse.yaml.nodes import Alias, Mapping, Node, Scalar, Sequence, YamlStream
from sovlint.parse.yaml.scalars import is_null, resolve_scalar
from sovlint.parse.yaml.stream import parse_part, parse_stream

__all__ = [
    "MAX_DEPTH",
    "MERGE_BUDGET",
    "Alias",
    "BudgetExceededError",
    "Data",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "YamlStream",
    "comments",
    "deref",
    "elements",
    "entry",
    "get",
    "is_null",
    "items",
    "parse_part",
    "parse_stream",
    "resolve_scalar",
    "text",
    "to_plain",
]
