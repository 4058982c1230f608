"""Terraform's JSON syntax (`.tf.json`) as the same tree as native syntax.

Without a provider's schema nobody can tell a nested block from an argument whose value is an object; both are read as
arguments here, and those who walk the tree treat the two alike. Strings are templates, as in HashiCorp's JSON syntax.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span
from sovlint.parse.hcl import HclFile, children, parse_expression, parse_template
from sovlint.parse.hcl import nodes as n
from sovlint.parse.yaml import Alias, Mapping, Node, Scalar, Sequence, deref, parse_stream, resolve_scalar

_Parser = Callable[[SourceFile], tuple[n.Expression | None, tuple[Problem, ...]]]

LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "check": 1,
}
"""Block types of the top level and how many labels they have; the others have none."""

NESTED_LABELS = {
    "terraform": {"backend": 1, "cloud": 0, "required_providers": 0},
    "check": {"data": 2, "assert": 0},
    "resource": {"dynamic": 1},
    "data": {"dynamic": 1},
    "ephemeral": {"dynamic": 1},
    "provider": {"dynamic": 1},
    "dynamic": {"content": 0},
    "content": {"dynamic": 1},
}
"""Blocks inside others that must be read as blocks, and how many labels they have."""

LITERAL = {"variable": ("default", "description"), "module": ("source", "version")}
"""Arguments whose strings Terraform reads as they are: no templates inside."""


def parse_tfjson(source: SourceFile) -> HclFile:
    """Reads a `.tf.json` file; what is broken is a problem, as for native syntax."""
    stream = parse_stream(source)
    body = n.Body(0, len(source.text))
    problems = [p for p in stream.problems if p.level == "error"]
    for document in stream.documents[:1]:
        root = deref(document)
        for top in root.items if isinstance(root, Sequence) else [root]:
            if isinstance(top, Mapping):
                _top(source, top, body)
            else:
                where = Span(source, top.start, top.end).location()
                problems.append(Problem(where, "syntax", "A JSON configuration must be an object."))
    return HclFile(body, tuple(problems))


def _top(source: SourceFile, root: Mapping, body: n.Body) -> None:
    for key, value in root.entries:
        kind = key.text if isinstance(key, Scalar) else ""
        if kind and kind != "//":
            _blocks(source, key, kind, LABELS.get(kind, 0), value, [], body)


def _blocks(
    source: SourceFile, key: Node, kind: str, depth: int, value: Node, labels: list[Node], body: n.Body
) -> None:
    """The blocks a key stands for: labels are levels of objects, several blocks of one kind an array."""
    value = deref(value)
    if isinstance(value, Sequence):
        for item in value.items:
            _blocks(source, key, kind, depth, item, labels, body)
    elif isinstance(value, Mapping) and depth:
        for label, inner in value.entries:
            if isinstance(label, Scalar) and label.text != "//":
                _blocks(source, key, kind, depth - 1, inner, [*labels, label], body)
    elif isinstance(value, Mapping):
        names = [label.text for label in labels if isinstance(label, Scalar)]
        spans = [(label.start, label.end) for label in labels]
        content = _body(source, value, kind)
        body.blocks.append(n.Block(key.start + 1, value.end, kind, names, spans, content))


def _body(source: SourceFile, value: Mapping, kind: str) -> n.Body:
    body = n.Body(value.start, value.end)
    nested = NESTED_LABELS.get(kind, {})
    for key, item in value.entries:
        if not isinstance(key, Scalar) or key.text == "//":
            continue
        depth = nested.get(key.text)
        if depth is not None and _is_block(item):
            _blocks(source, key, key.text, depth, item, [], body)
            continue
        expression = _expression(source, item, literal=key.text in LITERAL.get(kind, ()))
        if kind == "variable" and key.text == "type" and type(expression) is n.String:
            expression = _reparsed(source, item, parse_expression) or expression
        body.attributes.setdefault(key.text, n.Attribute(key.start + 1, item.end, key.text, expression))
    return body


def _is_block(node: Node) -> bool:
    """Whether a node can be a block, or several; everything else is an argument of that name."""
    if isinstance(node, Sequence):
        return all(isinstance(item, Mapping) for item in node.items)
    return isinstance(node, Mapping)


def _expression(source: SourceFile, node: Node, *, literal: bool = False) -> n.Expression:
    if isinstance(node, Alias):
        return n.Literal(node.start, node.end, None)
    if isinstance(node, Sequence):
        return n.Tuple(node.start, node.end, [_expression(source, item, literal=literal) for item in node.items])
    if isinstance(node, Mapping):
        pairs = [
            (_text(source, key, literal=literal), _expression(source, value, literal=literal))
            for key, value in node.entries
        ]
        return n.Object(node.start, node.end, pairs)
    if node.style:
        return _text(source, node, literal=literal)
    value = resolve_scalar(node)
    if isinstance(value, float):
        return _number(node)
    if isinstance(value, str):
        return n.String(node.start, node.end, value)
    return n.Literal(node.start, node.end, value)


def _number(node: Scalar) -> n.Expression:
    """Every digit counts: `1.10000000000000000001` is not 1.1."""
    try:
        number = Decimal(node.text)
    except ArithmeticError:
        return n.String(node.start, node.end, node.text)
    if not number.is_finite() or abs(number.adjusted()) > 1000:
        return n.String(node.start, node.end, node.text)
    whole = number == number.to_integral_value()
    return n.Literal(node.start, node.end, int(number) if whole else number)


def _text(source: SourceFile, node: Node, *, literal: bool = False) -> n.Expression:
    if not isinstance(node, Scalar):
        return n.Literal(node.start, node.end, None)
    if literal or ("${" not in node.text and "%{" not in node.text):
        return n.String(node.start, node.end, node.text)
    found = _reparsed(source, node, parse_template)
    return found if found is not None else n.String(node.start, node.end, node.text)


def _reparsed(source: SourceFile, node: Node, parse: _Parser) -> n.Expression | None:
    """The string's content read as HCL, its offsets turned into those of the file."""
    assert isinstance(node, Scalar)
    expression, problems = parse(SourceFile(source.path, node.text))
    if expression is None or problems:
        return None
    # With escapes in the string the offsets of its content are not those of the file: then every part is the string.
    exact = source.text[node.start + 1 : node.end - 1] == node.text
    stack: list[n.Expression] = [expression]
    while stack:
        current = stack.pop()
        stack.extend(children(current))
        if exact:
            current.start += node.start + 1
            current.end += node.start + 1
        else:
            current.start, current.end = node.start, node.end
    expression.start, expression.end = node.start, node.end
    return expression
