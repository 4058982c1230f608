r"""JSON that libyaml rejects (tabs, `\ud83d\ude00`, keys beyond 1,024 characters), read into the same nodes.

Strict JSON, without recursion. Only used when the YAML parser has refused a file whose path ends in `.json`.
"""

from __future__ import annotations

import json
import re

from sovlint.model.source import SourceFile
from sovlint.parse.yaml.composer import MAX_DEPTH, Problems, check_mapping
from sovlint.parse.yaml.nodes import Mapping, Node, Scalar, Sequence, YamlStream

_SPACE = re.compile(r"[ \t\r\n]*+")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\.)*+"')
_LITERAL = re.compile(r"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][-+]?\d++)?(?![\w.])|(?:true|false|null)(?!\w)", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_json(source: SourceFile) -> YamlStream | None:
    """Read a JSON text as one document; None when it is not JSON or nested deeper than `MAX_DEPTH`. Never raises."""
    text = source.text
    size = len(text)
    problems = Problems(source)
    stack: list[tuple[Mapping | Sequence, list[Node]]] = []
    root: Node | None = None
    at = _skip(text, 0)
    value_must_follow = True  # at the start, after `[`, `:` and `,`
    while at < size:
        character = text[at]
        if value_must_follow and character in "{[":
            if len(stack) >= MAX_DEPTH:
                return None
            opened = Mapping(at, -1, []) if character == "{" else Sequence(at, -1, [])
            stack.append((opened, []))
            at = _skip(text, at + 1)
            if text[at : at + 1] not in {"}", "]"}:
                continue
            # An empty container: its closing bracket is handled below.
            character = text[at]
            value_must_follow = False
        node: Node
        if value_must_follow:
            scalar = _scalar(text, at)
            if scalar is None:
                return None
            node, at = scalar, scalar.end
        else:
            if not stack or character != ("}" if type(stack[-1][0]) is Mapping else "]"):
                return None
            node = _closed(stack, at + 1, problems)
            at += 1
        if not stack:
            root = node
            at = _skip(text, at)
            break
        container, children = stack[-1]
        children.append(node)
        at = _skip(text, at)
        is_key = type(container) is Mapping and len(children) % 2 == 1
        if is_key and not (type(node) is Scalar and node.style):
            return None
        follows = text[at : at + 1]
        value_must_follow = follows == (":" if is_key else ",")
        if value_must_follow:
            at = _skip(text, at + 1)
        elif is_key:
            return None
    if root is None or at < size:
        return None
    return YamlStream(source, [root], [0], problems.sorted())


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _scalar(text: str, at: int) -> Scalar | None:
    if text[at] != '"':
        match = _LITERAL.match(text, at)
        return Scalar(at, match.end(), match[0]) if match else None
    match = _STRING.match(text, at)
    if match is None:
        return None
    try:
        value: str = json.loads(match[0])
    except ValueError:  # an unknown escape
        return None
    # Half a surrogate pair cannot be printed; Go's JSON decoder replaces it in the same way.
    return Scalar(at, match.end(), _SURROGATE.sub("\ufffd", value), '"')


def _closed(stack: list[tuple[Mapping | Sequence, list[Node]]], end: int, problems: Problems) -> Node:
    node, children = stack.pop()
    node.end = end
    if type(node) is Mapping:
        node.entries = list(zip(children[::2], children[1::2], strict=True))
        check_mapping(node, problems)
    elif type(node) is Sequence:
        node.items = children
    return node
