"""What may follow an operand: attributes, indices, splats."""

from __future__ import annotations

import re

from sovlint.parse.hcl import patterns
from sovlint.parse.hcl.nodes import (
    Expression,
    Index,
    IndexExpression,
    Literal,
    RelativeTraversal,
    Splat,
    SplatItem,
    Steps,
    String,
    Traversal,
)
from sovlint.parse.hcl.reader import MAX_HEIGHT
from sovlint.parse.hcl.templates import TemplateReader


def stepped(node: Expression, step: str | Index, end: int) -> Expression:
    """`node` with one more step; traversals are extended in place, which keeps long chains linear."""
    if isinstance(node, (Traversal, RelativeTraversal)):
        node.steps.append(step)
        node.end = end
        return node
    return RelativeTraversal(node.start, end, node, [step])


class TraversalReader(TemplateReader):
    """Reads the steps after an operand."""

    def traversed(self, node: Expression, newlines: bool, found: re.Match[str] | None) -> Expression:
        """`node` with all steps that follow it; `found` is the start of the first.

        A full splat takes all later steps into its `each`. They are therefore collected first and closed at the end,
        innermost first, which gives the nesting of `x[*][*].y` without recursion.
        """
        text = self.text
        follows = patterns.follows_anywhere if newlines else patterns.follows_inline
        sources: list[Expression] = []
        layers = 0
        while found and found.lastindex in patterns.STEPS:
            at = self.skip(found.end(), newlines)
            star = text[at : at + 1] == "*"
            if found.lastindex == patterns.STEP_DOT and not star:
                step, end = self._attribute(at)
                if type(node) is not Traversal and type(node) is not RelativeTraversal:
                    layers += 1
                node = stepped(node, step, end)
                found = follows(text, end)
                continue
            if found.lastindex == patterns.STEP_DOT:
                node = self._attribute_splat(node, found.start(patterns.STEP_DOT), at + 1, newlines)
                layers += 1
            elif star:
                close = self.skip(at + 1, newlines)
                if text[close : close + 1] != "]":
                    raise self.fail(close, 'Missing close bracket on splat index: the star must be followed by "]".')
                sources.append(node)
                node = SplatItem(found.start(patterns.STEP_BRACKET), close + 1)
                layers += 1
            else:
                before = node
                node = self._indexed(node, found.end())
                layers += node is not before
            if layers > MAX_HEIGHT:
                raise self.too_deep(found.start(), MAX_HEIGHT)
            found = follows(text, node.end)
        self.wraps += layers
        while sources:
            source = sources.pop()
            node = Splat(source.start, node.end, source, node, True)
        return node

    def _attribute(self, position: int) -> tuple[str | Index, int]:
        """The step after a dot: a name, or a number (the legacy index); and the offset after it."""
        text = self.text
        end = self.identifier_end(position)
        if end > position:
            return text[position:end], end
        from sovlint.parse.hcl import rare

        token = rare.number_token(text, position)
        if token is None:
            raise self.fail(position, "Invalid attribute name: an attribute name is required after a dot.")
        if "." in token[0]:
            first, _, second = token[0].partition(".")
            message = f"Invalid legacy index syntax: write [{first[:20]}][{second[:20]}] for two indices in a row."
            raise self.fail(token.end(), message, start=position)
        return Index(self.number_value(position, token.end())), token.end()

    def _attribute_splat(self, node: Expression, dot: int, position: int, newlines: bool) -> Splat:
        """`node.*` with the attributes that follow; `position` is after the star. An index ends it."""
        text = self.text
        follows = patterns.follows_anywhere if newlines else patterns.follows_inline
        item = SplatItem(dot, position)
        steps: Steps = []
        while (found := follows(text, position)) and found.lastindex == patterns.STEP_DOT:
            at = self.skip(found.end(), newlines)
            if text[at : at + 1] == "*":
                message = "Nested splat expression not allowed: .* cannot be used inside another .*; use [*] instead."
                raise self.fail(at, message)
            step, position = self._attribute(at)
            steps.append(step)
        each = RelativeTraversal(dot, position, item, steps) if steps else item
        return Splat(node.start, position, node, each, False)

    def _indexed(self, node: Expression, position: int) -> Expression:
        """`node[key]`; `position` is after the bracket. A literal key makes a step, any other an index expression."""
        key = self.expression(position, True)
        close = self.skip(key.end, True)
        if self.text[close : close + 1] != "]":
            raise self.fail(close, 'Missing close bracket on index: the index operator must end with "]".')
        if isinstance(key, (Literal, String)):
            return stepped(node, Index(key.value), close + 1)
        return IndexExpression(node.start, close + 1, node, key)
