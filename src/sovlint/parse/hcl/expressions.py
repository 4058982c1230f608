"""Expressions: operands, operators, the conditional."""

from __future__ import annotations

import re

from sovlint.parse.hcl import patterns
from sovlint.parse.hcl.constructors import ConstructorReader, named
from sovlint.parse.hcl.nodes import (
    Binary,
    Conditional,
    Expression,
    Literal,
    Parentheses,
    String,
    Unary,
)
from sovlint.parse.hcl.patterns import POWER
from sovlint.parse.hcl.reader import MAX_DEPTH, MAX_HEIGHT, HclSyntaxError
from sovlint.parse.hcl.walk import deeper_than

MAX_UNCHECKED_WRAPS = 50
"""Up to so many wrapped nodes the depth of a tree is bounded well enough; beyond, it is measured."""


_BEFORE_ARGUMENTS = patterns.SKIPPED | {":"}


class ExpressionReader(ConstructorReader):
    """Reads expressions.

    Operators, and the prefixes of operands, are read in loops. Recursion is left for what is inside of brackets, braces
    and arguments, for what is chosen if a test holds, and for sequences that do not start a quoted string.
    """

    def whole_expression(self, position: int, newlines: bool) -> Expression:
        """The expression of an argument: like `expression`, but also sure not to be deeper than recursion bears.

        Raises:
            HclSyntaxError: it is malformed, or nested too deep.
        """
        self.depth = self.wraps = 0
        try:
            node = self.expression(position, newlines)
        except RecursionError:
            # The caller has used up most of the stack already; the depth limit alone cannot know.
            raise self.no_stack(position) from None
        if self.wraps > MAX_UNCHECKED_WRAPS:
            self._measure(node)
        return node

    def whole_template(self) -> Expression:
        """The whole text as a template without quotes, with the same certainty.

        Raises:
            HclSyntaxError: it is malformed, or nested too deep.
        """
        self.depth = self.wraps = 0
        try:
            node = self.bare_template()
        except RecursionError:
            raise self.no_stack(0) from None
        if self.wraps > MAX_UNCHECKED_WRAPS:
            self._measure(node)
        return node

    def whole_label(self, position: int) -> tuple[str, int]:
        """The block label whose opening quote is at `position`, and the offset after it.

        Raises:
            HclSyntaxError: it is malformed; nothing may nest in it, but what does is read before it is refused.
        """
        self.depth = 0
        try:
            return self.label(position)
        except RecursionError:
            raise self.no_stack(position) from None

    def _measure(self, node: Expression) -> None:
        """Make sure that `node` is not deeper than `MAX_HEIGHT`."""
        if deeper_than(node, MAX_HEIGHT):
            raise self.too_deep(node.start, MAX_HEIGHT)

    def expression(self, position: int, newlines: bool) -> Expression:
        """An expression at or after `position`.

        Raises:
            HclSyntaxError: there is none, it is malformed, or nested too deep.
        """
        text = self.text
        if newlines:
            term = patterns.term_anywhere(text, position)
            follows = patterns.follows_anywhere
            ends = patterns.NOTHING_FOLLOWS_ANYWHERE
        else:
            term = patterns.term_inline(text, position)
            follows = patterns.follows_inline
            ends = patterns.NOTHING_FOLLOWS_INLINE
        if term:
            # Most expressions are but one term, which needs no more than this.
            end = term.end()
            kind = term.lastindex
            if text[end : end + 1] in ends:
                if kind == patterns.TERM_REFERENCE:
                    return named(term.start(kind), end, term[kind])
                if kind == patterns.TERM_STRING:
                    return String(term.start(kind) - 1, end, self.normalised(term[kind]))
                if kind == patterns.TERM_NUMBER:
                    start = term.start(kind)
                    return Literal(start, end, self.number_value(start, end))
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep(position)
        if term and term.lastindex == patterns.TERM_PREFIX:
            node = self._operand(position, newlines, term)
        else:
            node = self._term(position, newlines, term)
        if text[node.end : node.end + 1] not in ends:
            found = follows(text, node.end)
            if found:
                if found.lastindex in patterns.STEPS:
                    node = self.traversed(node, newlines, found)
                    found = follows(text, node.end)
                if found:
                    node = self._operation(node, newlines, found)
        self.depth -= 1
        return node

    def _operation(self, node: Expression, newlines: bool, found: re.Match[str] | None) -> Expression:
        """`node` with the operators after it, the conditional included; `found` is the first one.

        What follows the colon is read in a loop: chains of conditionals (`a ? b : c ? d : …`) can be long.
        """
        text = self.text
        if newlines:
            follows, term_at = patterns.follows_anywhere, patterns.term_anywhere
        else:
            follows, term_at = patterns.follows_inline, patterns.term_inline
        choices: list[tuple[Expression, Expression]] = []
        while found:
            if found.lastindex == patterns.OPERATOR_BINARY:
                node = self._binary(node, newlines, found)
                found = follows(text, node.end)
                if found is None:
                    break
            yes = self.expression(found.end(), newlines)
            colon = self.skip(yes.end, newlines)
            if text[colon : colon + 1] != ":" or text[colon + 1 : colon + 2] == ":":
                raise self.fail(colon, "Missing false expression in conditional: expected a colon (test ? yes : no).")
            choices.append((node, yes))
            if len(choices) > MAX_HEIGHT:
                raise self.too_deep(colon, MAX_HEIGHT)
            node = self._operand(colon + 1, newlines, term_at(text, colon + 1))
            found = follows(text, node.end)
        self.wraps += len(choices)
        while choices:
            test, yes = choices.pop()
            node = Conditional(test.start, node.end, test, yes, node)
        return node

    def _binary(self, first: Expression, newlines: bool, found: re.Match[str] | None) -> Expression:
        """The operation that starts with `first` and the operator `found`, by precedence with explicit stacks."""
        text = self.text
        if newlines:
            follows, term_at = patterns.follows_anywhere, patterns.term_anywhere
        else:
            follows, term_at = patterns.follows_inline, patterns.term_inline
        operands = [first]
        heights = [0]
        operators: list[str] = []

        def build(power: int) -> None:
            """Build the operations on top of the stack that bind at least as strongly as `power`."""
            while operators and POWER[operators[-1]] >= power:
                right = operands.pop()
                left = operands[-1]
                operands[-1] = Binary(left.start, right.end, operators.pop(), left, right)
                height = heights.pop()
                heights[-1] = max(height, heights[-1]) + 1
                if heights[-1] >= MAX_HEIGHT:
                    raise self.too_deep(right.start, MAX_HEIGHT)
                self.wraps += 1

        while found and found.lastindex == patterns.OPERATOR_BINARY:
            operator = found[patterns.OPERATOR_BINARY]
            build(POWER[operator])
            operators.append(operator)
            position = found.end()
            operand = self._operand(position, newlines, term_at(text, position))
            operands.append(operand)
            heights.append(0)
            found = follows(text, operand.end)
        build(0)
        return operands[0]

    def _operand(self, position: int, newlines: bool, found: re.Match[str] | None) -> Expression:
        """A term with the signs before and the traversal after it; `found` is what the term's pattern matched.

        Signs, parentheses and interpolations it starts with (`!(("${…`) are put on a stack and closed at the end,
        innermost first: these are what may be nested hundreds deep, and so need no recursion.
        """
        if found is None or found.lastindex != patterns.TERM_PREFIX:
            return self._stepped(self._term(position, newlines, found), newlines)
        text = self.text
        opened: list[tuple[int, str, bool]] = []
        while found and found.lastindex == patterns.TERM_PREFIX:
            start = found.start(patterns.TERM_PREFIX)
            mark = text[start]
            opened.append((start, mark, newlines))
            if len(opened) > MAX_HEIGHT:
                raise self.too_deep(start, MAX_HEIGHT)
            position = start + 1
            if mark == '"':
                position += 3 if text.startswith("~", position + 2) else 2
                newlines = True
            elif mark == "(":
                newlines = True
            found = (patterns.term_anywhere if newlines else patterns.term_inline)(text, position)
        self.wraps += len(opened)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep(position)
        node = self._stepped(self._term(position, newlines, found), newlines)
        for start, mark, outer in reversed(opened):
            if mark in "-!":
                node = Unary(start, node.end, mark, node)
                continue
            if text[node.end : node.end + 1] not in patterns.NOTHING_FOLLOWS_ANYWHERE:
                node = self._operation(node, True, patterns.follows_anywhere(text, node.end))
            node = self._parenthesised(start, node) if mark == "(" else self.interpolated(start, node)
            node = self._stepped(node, outer)
        self.depth -= 1
        return node

    def _stepped(self, node: Expression, newlines: bool) -> Expression:
        """`node` with the traversal after it, if there is one."""
        ends = patterns.NOTHING_FOLLOWS_ANYWHERE if newlines else patterns.NOTHING_FOLLOWS_INLINE
        if self.text[node.end : node.end + 1] in ends:
            return node
        found = (patterns.follows_anywhere if newlines else patterns.follows_inline)(self.text, node.end)
        if found and found.lastindex in patterns.STEPS:
            return self.traversed(node, newlines, found)
        return node

    def _term(self, position: int, newlines: bool, found: re.Match[str] | None) -> Expression:
        """A term without sign or traversal."""
        if found is None:
            raise self._missing(position, newlines)
        text = self.text
        kind = found.lastindex
        assert kind is not None
        start = found.start(kind)
        if kind == patterns.TERM_REFERENCE:
            return self._reference(start, found.end(), newlines)
        if kind == patterns.TERM_STRING:
            return String(start - 1, found.end(), self.normalised(found[kind]))
        character = text[start]
        if character == "[":
            return self.tuple_(start)
        if character == "{":
            return self.object_(start)
        if kind == patterns.TERM_TEMPLATE:
            return self.quoted(start) if character == '"' else self.heredoc(start)
        if kind == patterns.TERM_NUMBER:
            return Literal(start, found.end(), self.number_value(start, found.end()))
        if character in "0123456789":
            value, end = self.number(start)
            return Literal(start, end, value)
        end = self.identifier_end(start)
        if end == start:
            raise self.fail(start, "Invalid character: this character is not used in expressions.")
        return self._reference(start, end, newlines)

    def _reference(self, start: int, end: int, newlines: bool) -> Expression:
        """The reference, keyword or call whose dotted names are from `start` to `end`."""
        text = self.text
        name = text[start:end]
        if "." not in name:
            character = text[end : end + 1]
            if character == "(":
                return self.call(start, end, end, newlines)
            if character in _BEFORE_ARGUMENTS:
                after = self.skip(end, newlines)
                if text[after : after + 1] == "(" or text[after : after + 2] == "::":
                    return self.call(start, end, after, newlines)
        return named(start, end, name)

    def _parenthesised(self, start: int, inner: Expression) -> Parentheses:
        """`inner` in the parentheses of which the opening one is at `start`."""
        close = self.skip(inner.end, True)
        if self.text[close : close + 1] != ")":
            raise self.fail(close, "Unbalanced parentheses: expected a closing parenthesis to end the expression.")
        return Parentheses(start, close + 1, inner)

    def _missing(self, position: int, newlines: bool) -> HclSyntaxError:
        position = self.skip(position, newlines)
        if position >= len(self.text):
            return self.fail(position, "Missing expression: expected an expression, but found the end of the file.")
        if self.text[position] in "\r\n#":
            return self.fail(position, "Missing expression: expected an expression before the end of the line.")
        return self.fail(position, "Invalid expression: expected the start of an expression.")
