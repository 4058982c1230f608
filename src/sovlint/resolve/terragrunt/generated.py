"""Files that `generate` blocks write: their text is parsed, and every node leads back to where it was written.

What an interpolation puts into a string of the generated file stays a value with its provenance: the string becomes a
reference to it. So `region = "${local.aws_region}"` has its cause where the local is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.hcl import HclFile, children, comments, parse_file
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.values import reshaped, to_text, unknown_from
from sovlint.resolve.terragrunt.text import ComputedText, Piece

VALUE = "\0value"
"""Start of the names by which a generated file refers to values; no name in a file has this character."""

_STATIC = frozenset({"alias"})
"""Arguments that are read without evaluation."""


@dataclass(slots=True)
class Generated:
    """A generated file, ready to be part of a module.

    Attributes:
        bodies: its blocks, by the file they are written in.
        values: what its references mean.
        comments: places of comments in it.
        incomplete: why some of it may be missing.
    """

    bodies: list[tuple[SourceFile, n.Body]] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    comments: list[Span] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    incomplete: str = ""


def generated_file(contents: Value, span: Span, name: str, number: int) -> Generated:
    """Reads the contents of a generated file.

    Args:
        contents: the text; an unknown may have known parts.
        span: the expression that gives it.
        name: the file's name.
        number: distinguishes the generated files of a unit.
    """
    out = Generated()
    if type(contents) is Unknown and not contents.parts:
        out.incomplete = f"{name} is generated from something unknown: {contents.reason}"
        return out
    text = ComputedText(contents, span)
    source = SourceFile(name, text.text)
    parsed = _parse(source, name)
    if text.unknown:
        out.incomplete = f"{name} is generated from something unknown: {text.unknown[0].value.reason}"  # type: ignore[union-attr]
    elif parsed.problems:
        out.incomplete = f"{name} has a syntax error"
        place = span.location()
        for problem in parsed.problems[:1]:
            line, column = problem.location.line, problem.location.column
            message = f"the generated file {name} has an error in its line {line}, column {column}: {problem.message}"
            out.problems.append(Problem(place, problem.code, message))
    _Rewriter(text, source, out, number).body(parsed.body, span.file)
    if "#" in text.text or "//" in text.text:
        for start, end in comments(source):
            file = text.file_at(start)
            place_of_comment = text.span(start, end, file) if file is not None else None
            if place_of_comment is not None:
                out.comments.append(place_of_comment)
    return out


def _parse(source: SourceFile, name: str) -> HclFile:
    if name.endswith(".json"):
        from sovlint.parse.tfjson import parse_tfjson

        return parse_tfjson(source)
    return parse_file(source)


class _Rewriter:
    """Turns a tree over the generated text into trees over the files it came from."""

    def __init__(self, text: ComputedText, source: SourceFile, out: Generated, number: int) -> None:
        self.text = text
        self.source = source
        self.out = out
        self.number = number
        self._bodies: dict[str, n.Body] = {}

    def body(self, body: n.Body, file: SourceFile) -> None:
        """The file's body: every block and argument goes to the file it is written in."""
        for name, attribute in body.attributes.items():
            target = self.text.file_at(attribute.start) or file
            if self._attribute(attribute, target):
                self._body_of(target).attributes.setdefault(name, attribute)
        for block in body.blocks:
            target = self.text.file_at(block.start) or file
            if self._block(block, target):
                self._body_of(target).blocks.append(block)

    def _body_of(self, file: SourceFile) -> n.Body:
        found = self._bodies.get(file.path)
        if found is None:
            found = self._bodies[file.path] = n.Body(0, len(file.text))
            self.out.bodies.append((file, found))
        return found

    def _is_unknown(self, start: int, end: int) -> Unknown | None:
        """The first unknown that was put into a range."""
        if self.text.unknown:
            for piece in self.text.covering(start, end):
                if type(piece.value) is Unknown and piece.offsets is None:
                    return piece.value
        return None

    def _block(self, block: n.Block, file: SourceFile) -> bool:
        """Rewrites a block with all that is in it; False if its header is not known. Not recursive."""
        stack = [block]
        while stack:
            current = stack.pop()
            header = self._is_unknown(current.start, current.body.start)
            if header is not None:
                if current is block:
                    return False
                current.type = VALUE  # Matches nothing.
            body = current.body
            kept = {name: a for name, a in body.attributes.items() if self._attribute(a, file)}
            body.attributes.clear()
            body.attributes.update(kept)
            stack.extend(body.blocks)
            current.label_spans = [self._range(start, end, file) for start, end in current.label_spans]
            body.start, body.end = self._range(body.start, body.end, file)
            current.start, current.end = self._range(current.start, current.end, file)
        return True

    def _attribute(self, attribute: n.Attribute, file: SourceFile) -> bool:
        if self._is_unknown(attribute.start, attribute.start + len(attribute.name)):
            return False
        expression = attribute.expression
        if attribute.name in _STATIC and not self._is_unknown(expression.start, expression.end):
            self._move_all(expression, file)
        else:
            attribute.expression = self._expression(expression, file)
        attribute.start, attribute.end = self._range(attribute.start, attribute.end, file)
        return True

    def _range(self, start: int, end: int, file: SourceFile) -> tuple[int, int]:
        span = self.text.span(start, end, file)
        if span is None:
            return 0, 0
        return span.start, span.end

    def _move(self, node: n.Node, file: SourceFile) -> None:
        node.start, node.end = self._range(node.start, node.end, file)

    def _move_all(self, node: n.Expression, file: SourceFile) -> None:
        stack = [node]
        while stack:
            current = stack.pop()
            stack.extend(children(current))
            self._move(current, file)

    # --- expressions

    def _expression(self, node: n.Expression, file: SourceFile) -> n.Expression:
        """An expression whose nodes that hold values refer to them; the parser limits its depth."""
        if not self.text.values(node.start, node.end):
            self._move_all(node, file)
            return node
        start, end = node.start, node.end
        if isinstance(node, n.String):
            return self._string(node, file)
        pieces = self.text.covering(start, end)
        inside = pieces[0] if len(pieces) == 1 else None
        if inside is not None and inside.offsets is None:
            return self._whole_value(node, inside, file)
        unknown = self._is_unknown(start, end)
        below = children(node)
        if unknown is not None and not self._explained(node, below):
            return self._reference(unknown_from((unknown,), self._span(start, end, file)), start, end, file)
        if not below:
            self._move(node, file)
            return node
        _replace(node, lambda child: self._expression(child, file))
        self._move(node, file)
        return node

    def _explained(self, node: n.Expression, below: list[n.Expression]) -> bool:
        """Whether every unknown inside a node lies inside one of its children that can hold it."""
        holders = sorted(below, key=lambda child: child.start)
        at = 0
        for piece in self.text.covering(node.start, node.end):
            if type(piece.value) is not Unknown or piece.offsets is not None:
                continue
            while at < len(holders) and holders[at].end < piece.end:
                at += 1
            if at == len(holders) or holders[at].start > piece.start or isinstance(holders[at], n.ObjectKey):
                return False
        return True

    def _whole_value(self, node: n.Expression, piece: Piece, file: SourceFile) -> n.Expression:
        """A node that stands wholly inside what one value put there."""
        start, end = node.start, node.end
        value = piece.value
        exact = piece.start == start and piece.end == end
        if type(value) is Unknown:
            return self._reference(value if exact else unknown_from((value,), piece.places[0]), start, end, file)
        if exact and isinstance(node, n.Literal):
            return self._reference(reshaped(node.value, value), start, end, file)
        self._move_all(node, file)
        return node

    def _string(self, node: n.String, file: SourceFile) -> n.Expression:
        start, end = node.start, node.end
        source = self.source.text
        inner_start, inner_end = start, end
        if source[start : start + 1] == '"' and end - start >= 2:
            inner_start, inner_end = start + 1, end - 1
        unknown = self._is_unknown(start, end)
        if source[inner_start:inner_end] != node.value:
            # Escapes, or a heredoc: what is in it cannot be told apart by offsets.
            if unknown is not None:
                return self._reference(unknown_from((unknown,), self._span(start, end, file)), start, end, file)
            self._move(node, file)
            return node
        parts: list[n.Expression] = []
        for piece in self.text.covering(inner_start, inner_end):
            a, b = max(piece.start, inner_start), min(piece.end, inner_end)
            if piece.offsets is not None:
                part: n.Expression = n.String(a, b, source[a:b])
                self._move(part, file)
            elif (a, b) == (piece.start, piece.end):
                part = self._reference(_as_text(piece.value), a, b, file)
            elif unknown is not None:
                return self._reference(unknown_from((unknown,), self._span(start, end, file)), start, end, file)
            else:
                self._move(node, file)
                return node
            parts.append(part)
        a, b = self._range(start, end, file)
        if len(parts) == 1 and isinstance(parts[0], n.Traversal):
            parts[0].start, parts[0].end = a, b
            return parts[0]
        return n.Template(a, b, parts)

    def _span(self, start: int, end: int, file: SourceFile) -> Span:
        return Span(file, *self._range(start, end, file))

    def _reference(self, value: Value, start: int, end: int, file: SourceFile) -> n.Traversal:
        """A reference, at the place of a range of the generated text, to a value."""
        name = f"{VALUE}{self.number}.{len(self.out.values)}"
        self.out.values[name] = value
        a, b = self._range(start, end, file)
        return n.Traversal(a, b, name, [])


def _as_text(value: Value) -> Value:
    if type(value) is Known and not isinstance(value.value, str):
        return reshaped(to_text(value), value)
    return value


def _replace(node: n.Expression, change: Callable[[n.Expression], n.Expression]) -> None:
    """Puts changed expressions in the place of a node's children."""
    if isinstance(node, n.Tuple):
        node.items = [change(item) for item in node.items]
    elif isinstance(node, n.Object):
        node.items = [(change(key), change(value)) for key, value in node.items]
    elif isinstance(node, n.Call):
        node.args = [change(item) for item in node.args]
    elif isinstance(node, n.Template):
        node.parts = [change(item) for item in node.parts]
    elif isinstance(node, (n.TemplateWrap, n.Parentheses)):
        node.inner = change(node.inner)
    elif isinstance(node, n.Unary):
        node.operand = change(node.operand)
    elif isinstance(node, n.Binary):
        node.left, node.right = change(node.left), change(node.right)
    elif isinstance(node, n.Conditional):
        node.test, node.yes, node.no = change(node.test), change(node.yes), change(node.no)
    elif isinstance(node, n.IndexExpression):
        node.source, node.key = change(node.source), change(node.key)
    elif isinstance(node, n.RelativeTraversal):
        node.source = change(node.source)
    elif isinstance(node, n.Splat):
        node.source, node.each = change(node.source), change(node.each)
    elif isinstance(node, n.For):
        node.collection, node.value = change(node.collection), change(node.value)
        node.key = change(node.key) if node.key is not None else None
        node.condition = change(node.condition) if node.condition is not None else None
    elif isinstance(node, n.TemplateIf):
        node.test = change(node.test)
        node.yes, node.no = [change(item) for item in node.yes], [change(item) for item in node.no]
    elif isinstance(node, n.TemplateFor):
        node.collection, node.body = change(node.collection), [change(item) for item in node.body]
