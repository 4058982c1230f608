"""Events of libyaml to nodes, without recursion.

libyaml's own composer recurses (it crashes the process at deep nesting) and keeps no usable ends of nodes. Its *events*
are fast and their marks count code points, so only they are used. What is known of the marks (libyaml 0.2.5):

- marks of block collections' ends, of block scalars' ends and of values that are missing point at the next token;
- marks of anchored or tagged nodes start at the anchor or tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sovlint.model.problem import Problem
from sovlint.model.source import Location, SourceFile
from sovlint.parse.yaml.nodes import Alias, Mapping, Node, Scalar, Sequence

MAX_DEPTH = 200
"""Nesting levels of one document; deeper ones are reported as `too-deep`. Kubernetes objects stay below 30."""

MERGE_BUDGET = 100
"""Mappings that one lookup visits through merge keys; documents with more merge sources than this are reported."""

MAX_PROBLEMS = 500
"""Problems kept per file; a file can hold a million duplicate keys."""

MERGE_TAG = "tag:yaml.org,2002:merge"

_BLOCK_STYLES = frozenset("|>")
_SPACE = " \t\r\n\x85\u2028\u2029"
# Anchor and tag in any order with the space and comments around them. Possessive: no backtracking on hostile input.
_PROPERTIES = re.compile(
    rf"(?:(?:&[\w-]++|!<[^>\r\n]*+>|![^{_SPACE},\[\]]*+)(?:[{_SPACE}]++|(?<=[{_SPACE}])#[^\r\n\x85\u2028\u2029]*+)*+)*+"
)
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*+")
_COLON = re.compile(r"[ \t]*+:")
_LINE_END = re.compile(r"[\r\n\x85\u2028\u2029]|\Z")


class TooDeepError(Exception):
    """Internal: nesting goes beyond `MAX_DEPTH` at `offset`."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Problems:
    """Collects problems of one source by offset."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.found: list[tuple[int, Problem]] = []

    def add(
        self, offset: int, code: str, message: str, level: Literal["error", "warning"] = "error", end: int = -1
    ) -> None:
        """Note a problem at the code point offset; `end` is exclusive, one character by default."""
        if len(self.found) > MAX_PROBLEMS:
            return
        if len(self.found) == MAX_PROBLEMS:
            message = f"more than {MAX_PROBLEMS} problems in this file; the others are not listed"
        size = len(self.source.text)
        offset = min(max(offset, 0), size)
        end = min(max(end, offset + 1), size)
        location = Location(self.source.path, *self.source.position(offset), *self.source.position(end))
        self.found.append((offset, Problem(location, code, message, level)))

    def drop_from(self, offset: int) -> None:
        """Forget the problems at or after the offset: that part of the text will be read again."""
        self.found = [found for found in self.found if found[0] < offset]

    def sorted(self) -> tuple[Problem, ...]:
        """All problems in source order."""
        return tuple(problem for _, problem in sorted(self.found, key=lambda pair: pair[0]))


def check_mapping(node: Mapping, problems: Problems) -> int:
    """Report duplicate keys and impossible merge keys of a mapping; return how many sources its merge keys name."""
    seen: dict[str, Node] = {}
    merges = 0
    for key, value in node.entries:
        target = key.target if type(key) is Alias else key
        if type(target) is not Scalar:
            continue
        if is_merge_key(target):
            merges += _merge_sources(value, problems)
            continue
        name = target.text
        if name in seen:
            line = problems.source.position(seen[name].start)[0]
            shown = name if len(name) <= 60 else name[:59] + "…"
            message = f"duplicate key {shown!r}, first given on line {line}; the last one wins"
            problems.add(key.start, "duplicate-key", message, "warning", key.end)
        else:
            seen[name] = key
    return merges


def is_merge_key(key: Scalar) -> bool:
    """Whether the key is `<<` as YAML 1.1 and Kubernetes understand it: plain, or tagged `!!merge`."""
    return key.text == "<<" and (key.tag == MERGE_TAG or (not key.style and key.tag is None))


def _merge_sources(value: Node, problems: Problems) -> int:
    node = value.target if type(value) is Alias else value
    sources = node.items if type(node) is Sequence else [value]
    for source in sources:
        target = source.target if type(source) is Alias else source
        # A lost alias was reported already.
        lost = type(source) is Alias and target.start == source.start
        if type(target) is not Mapping and not lost:
            message = "a merge key (<<) takes a mapping or a list of mappings; this one is ignored"
            problems.add(value.start, "merge-key", message, "warning", value.end)
            break
    return len(sources)


class Composer:
    """Builds the documents of one text or part of a text.

    After an exception from `run` the attributes tell how far it came.

    Attributes:
        documents: the root of each complete document, None for an empty one.
    """

    def __init__(self, source: SourceFile, problems: Problems, base: int) -> None:
        self.text = source.text
        self.problems = problems
        self.base = base
        self.documents: list[Node | None] = []
        self._inside = False
        self._explicit_end = True
        self._started = base
        self._ended = base
        self._anchors: dict[str, Node] = {}
        self._stack: list[tuple[list[Node], Mapping | Sequence, bool]] = []
        self._merges = 0

    def run(self, get_event: Callable[[], Any]) -> None:
        """Read all events.

        Raises:
            TooDeepError: nesting beyond `MAX_DEPTH`.
            yaml.YAMLError: whatever the parser reports.
        """
        # The kinds that make up nearly everything are handled here and not in methods, which would take longer.
        base = self.base
        stack = self._stack
        children: list[Node] = []
        while (event := get_event()) is not None:
            kind = type(event)
            if kind is ScalarEvent:
                value = event.value
                style = event.style
                if value and style not in _BLOCK_STYLES and event.tag is None and event.anchor is None:
                    start = event.start_mark.index + base
                    children.append(Scalar(start, event.end_mark.index + base, value, style or ""))
                else:
                    children.append(self._scalar(event, children))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                start = event.start_mark.index + base
                if len(stack) >= MAX_DEPTH:
                    raise TooDeepError(start)
                own: list[Node] = []
                # An end below zero marks the node as open: an alias with such a target points at its own container.
                node: Mapping | Sequence = (
                    Mapping(start, -1, []) if kind is MappingStartEvent else Sequence(start, -1, own)
                )
                if event.tag is not None or event.anchor is not None:
                    self._add_properties(event, node)
                children.append(node)
                stack.append((children, node, event.flow_style))
                children = own
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                own = children
                children, node, flow = stack.pop()
                # A pair inside brackets (`[a: b]`) is "flow" but has no brackets: its end mark covers nothing.
                if flow and event.end_mark.index > event.start_mark.index:
                    node.end = event.end_mark.index + base
                elif own:
                    node.end = own[-1].end
                    if own[0].start < node.start:  # noqa: PLR1730 - min() would be called for every node
                        # An empty first key with an anchor of its own: that was taken for the mapping's.
                        node.start = own[0].start
                else:
                    node.end = node.start
                if kind is MappingEndEvent and own:
                    self._fill(node, own)
            elif kind is AliasEvent:
                children.append(self._alias(event))
            elif kind is DocumentStartEvent:
                self._inside = True
                # An unmarked document starts where the one before ended: its first line's indentation matters.
                self._started = event.start_mark.index + base if event.explicit else self._ended
                self._anchors = {}
                self._merges = 0
                children = []
            elif kind is DocumentEndEvent:
                self._inside = False
                self._explicit_end = bool(event.explicit)
                self._ended = event.end_mark.index + base
                self._end_document(children[0])

    def abandon(self) -> int:
        """After an exception: forget the document that is broken; return the offset at which it starts.

        A document that ended without `...` is not known to be complete: `a: 1` may end because the next line's
        indentation is wrong.
        """
        if self._inside:
            return self._started
        if self.documents and not self._explicit_end:
            self.documents.pop()
            return self._started
        return self._ended

    def _end_document(self, found: Node) -> None:
        root: Node | None = found
        if type(root) is Scalar and not root.text and not root.style and root.tag is None:
            root = None
        if self._merges > MERGE_BUDGET:
            message = (
                f"the document has {self._merges:,} merge sources; a lookup follows at most {MERGE_BUDGET:,} of them"
            )
            self.problems.add(self._started, "merge-key", message, "warning")
        self.documents.append(root)

    def _add_properties(self, event: Any, node: Mapping | Sequence) -> None:
        """Take anchor and tag from a start event, and move the start of the node behind them."""
        match = _PROPERTIES.match(self.text, node.start)
        node.start = match.end() if match else node.start
        node.tag = event.tag
        if event.anchor is not None:
            self._anchors[event.anchor] = node

    def _fill(self, node: Mapping | Sequence, own: list[Node]) -> None:
        """Pair keys and values of a mapping that has just ended."""
        assert type(node) is Mapping
        if len(own) == 2:
            node.entries = [(own[0], own[1])]
            if type(own[0]) is not Scalar or own[0].text != "<<":
                return
        else:
            children = iter(own)
            node.entries = list(zip(children, children, strict=False))
            names = {key.text if type(key) is Scalar else "<<" for key, _ in node.entries}
            if len(names) == len(node.entries) and "<<" not in names:
                return
        # Perhaps a duplicate key, perhaps an aliased, complex or merge key: the exact answer takes longer.
        self._merges += check_mapping(node, self.problems)

    def _alias(self, event: Any) -> Alias:
        start = event.start_mark.index + self.base
        end = event.end_mark.index + self.base
        name = event.anchor
        target = self._anchors.get(name)
        if target is None:
            self.problems.add(start, "unknown-anchor", f"alias *{name} has no anchor &{name} before it", end=end)
        elif target.end < 0:
            message = f"alias *{name} stands inside the node that &{name} names: it contains itself"
            self.problems.add(start, "alias-cycle", message, end=end)
            target = None
        return Alias(start, end, name, target if target is not None else Scalar(start, start, ""))

    def _scalar(self, event: Any, siblings: list[Node]) -> Scalar:
        """A scalar whose event's marks are not its exact span: empty, block, anchored or tagged."""
        text = self.text
        value = event.value
        style = event.style or ""
        start = event.start_mark.index + self.base
        end = event.end_mark.index + self.base
        empty = not value and not style
        if event.tag is not None or event.anchor is not None:
            match = _PROPERTIES.match(text, start)
            begin = match.end() if match else start
            start = start + len(text[start : min(begin, end)].rstrip(_SPACE)) if empty else begin
        elif empty and len(siblings) % 2 and type(self._stack[-1][1]) is Mapping and text[start - 1] != ":":
            # A missing value (`? key`, `{key}`, `{key: }`) is placed at the next token: put it behind its key instead.
            colon = _COLON.match(text, siblings[-1].end, start)
            start = colon.end() if colon else siblings[-1].end
        if empty:
            end = start
        elif style in _BLOCK_STYLES:
            end = self._block_end(start, end, value)
        scalar = Scalar(start, end, value, style, event.tag)
        if event.anchor is not None:
            self._anchors[event.anchor] = scalar
        return scalar

    def _block_end(self, start: int, end: int, value: str) -> int:
        text = self.text
        if not value.strip(_SPACE):
            header = _BLOCK_HEADER.match(text, start)
            return header.end() if header else end
        last = start + len(text[start:end].rstrip(_SPACE))
        # Spaces at the end of the last line belong to the content.
        line_end = _LINE_END.search(text, last)
        return min(line_end.start(), end) if line_end else end


def event_source(text: str) -> Callable[[], Any]:
    """`get_event` of libyaml's parser over the text, or of the pure Python one where libyaml is missing.

    Raises:
        yaml.YAMLError, UnicodeError: on the first read of a text with characters that YAML does not allow.
    """
    if yaml.__with_libyaml__:
        return yaml.CSafeLoader(text).get_event
    return yaml.SafeLoader(text).get_event
