"""The YAML tree: four kinds of node with exact spans. Aliases are never expanded, so the tree is a graph (a DAG)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile

# Nodes compare by identity: comparing by value would walk aliases, which takes exponential time on hostile input.
# They are not frozen because they are created millions of times and a frozen dataclass costs three times as much.


@dataclass(slots=True, eq=False)
class Scalar:
    """A scalar as it was written; `resolve_scalar` gives its value.

    Attributes:
        start: code point offset of the first character, the opening quote or the `|` / `>` of a block scalar. Anchor
            and tag stand before it. An empty scalar (`key:`) has `start == end` where its text would stand.
        end: offset after the last character, the closing quote, or the last line with content of a block scalar.
        text: content with quotes removed, escapes and folding applied.
        style: `""` plain, `"'"`, `'"'`, `"|"` or `">"`.
        tag: None, a local tag as written (`!Ref`), or a resolved one (`tag:yaml.org,2002:str`).
    """

    start: int
    end: int
    text: str
    style: str = ""
    tag: str | None = None


@dataclass(slots=True, eq=False)
class Mapping:
    """A mapping.

    Attributes:
        start: offset of the first key (or its `?`, or its anchor or tag), or of the opening brace.
        end: end of the last value in block style, after the closing brace in flow style.
        entries: (key, value) in source order, duplicates and merge keys (`<<`) included.
        tag: as for `Scalar`.
        index: for look-ups in large mappings: how many entries there were when it was made, the last entry of each
            key, and whether there is a merge key.
    """

    start: int
    end: int
    entries: list[tuple[Node, Node]] = field(repr=False)
    tag: str | None = None
    index: tuple[int, dict[str, tuple[Node, Node]], bool] | None = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class Sequence:
    """A sequence.

    Attributes:
        start: offset of the first `-`, or of the opening bracket.
        end: end of the last item in block style, after the closing bracket in flow style.
        items: the items in source order.
        tag: as for `Scalar`.
    """

    start: int
    end: int
    items: list[Node] = field(repr=False)
    tag: str | None = None


@dataclass(slots=True, eq=False)
class Alias:
    """A use of an anchor (`*name`).

    Attributes:
        start: offset of the `*`.
        end: offset after the name.
        name: the anchor's name without `*`.
        target: the anchored node; never an alias, and never a node that contains this alias. For an anchor that is
            unknown or that contains the alias (both are reported as problems) an empty scalar at the alias's place.
    """

    start: int
    end: int
    name: str
    target: Node = field(repr=False)


Node: TypeAlias = Scalar | Mapping | Sequence | Alias


@dataclass(slots=True, eq=False)
class YamlStream:
    """What `parse_stream` read.

    Attributes:
        source: the text that all offsets refer to.
        documents: the root node of each document that could be read and is not empty.
        indices: for each of `documents` its 0-based number in the stream; empty and broken documents count.
        problems: what could not be read, in source order.
    """

    source: SourceFile
    documents: list[Node]
    indices: list[int]
    problems: tuple[Problem, ...]
