"""Tuples, objects, `for` expressions and function calls."""

from __future__ import annotations

import re

from sovlint.parse.hcl import patterns
from sovlint.parse.hcl.nodes import (
    Call,
    Expression,
    For,
    Literal,
    Object,
    ObjectKey,
    RelativeTraversal,
    Steps,
    String,
    Traversal,
    Tuple,
)
from sovlint.parse.hcl.patterns import KEYWORDS
from sovlint.parse.hcl.reader import HclSyntaxError
from sovlint.parse.hcl.traversals import TraversalReader


def named(start: int, end: int, name: str) -> Expression:
    """What a name, or several with dots in between, means: a reference, or a keyword with steps."""
    if "." not in name:
        return Literal(start, end, KEYWORDS[name]) if name in KEYWORDS else Traversal(start, end, name, [])
    steps: Steps = [*name.split(".")]
    root = str(steps.pop(0))
    if root in KEYWORDS:
        return RelativeTraversal(start, end, Literal(start, start + len(root), KEYWORDS[root]), steps)
    return Traversal(start, end, root, steps)


class ConstructorReader(TraversalReader):
    """Reads everything with brackets, braces and argument lists."""

    def simple_value(self, found: re.Match[str], kind: int) -> Expression:
        """The value that a fast pattern has matched; `kind` is its last group.

        Raises:
            HclSyntaxError: a call of something with dots in its name.
        """
        start, end = found.span(kind)
        content = found[kind]
        if kind == patterns.VALUE_STRING:
            return String(start - 1, end + 1, content if self.ascii else self.normalised(content))
        if kind == patterns.VALUE_REFERENCE:
            return named(start, end, content)
        if kind == patterns.VALUE_NUMBER:
            return Literal(start, end, self.number_value(start, end))
        if kind == patterns.VALUE_EMPTY:
            return Tuple(start, end, []) if content == "[]" else Object(start, end, [])
        function = found[patterns.VALUE_REFERENCE]
        if "." in function:
            raise self.fail(start - 1, "Invalid function call: the name of a function has no dots.")
        name_start = found.start(patterns.VALUE_REFERENCE)
        return Call(name_start, end + 1, function, [named(start, end, content)], False)

    def tuple_(self, start: int) -> Expression:
        """The tuple or `for` expression whose bracket is at `start`.

        Raises:
            HclSyntaxError: it is malformed or not closed.
        """
        text = self.text
        position = self.skip(start + 1, True)
        if text.startswith("for", position) and self.is_keyword(position, "for"):
            return self._for(start, position + 3, "]")
        items: list[Expression] = []
        while (character := text[position : position + 1]) != "]":
            if not character:
                raise self._not_closed(start, "tuple", "]")
            item = self.expression(position, True)
            items.append(item)
            position = item.end
            character = text[position : position + 1]
            if character in patterns.SKIPPED:
                position = self.skip(position, True)
                character = text[position : position + 1]
            if character == ",":
                position = self.skip(position + 1, True)
            elif character != "]":
                if not character:
                    raise self._not_closed(start, "tuple", "]")
                raise self.fail(position, "Missing item separator: expected a comma before the next item.")
        return Tuple(start, position + 1, items)

    def object_(self, start: int) -> Expression:
        """The object or `for` expression whose brace is at `start`.

        Raises:
            HclSyntaxError: it is malformed or not closed.
        """
        text = self.text
        position = self.skip(start + 1, True)
        if text.startswith("for", position) and self.is_keyword(position, "for"):
            return self._for(start, position + 3, "}")
        items: list[tuple[Expression, Expression]] = []
        key: Expression
        while True:
            found = patterns.item(text, position)
            if found:
                kind = found.lastindex or 0
                if kind == patterns.ITEM_CLOSE:
                    return Object(start, found.end(), items)
                key = self._simple_key(found.start(patterns.ITEM_KEY), found[patterns.ITEM_KEY])
                position = found.end()
                if kind == patterns.ITEM_KEY:
                    value = self.expression(position, False)
                    items.append((key, value))
                    position = self._item_end(start, value.end)
                else:
                    items.append((key, self.simple_value(found, kind)))
                continue
            position = self.skip(position, True)
            character = text[position : position + 1]
            if character == "}":
                return Object(start, position + 1, items)
            if not character:
                raise self._not_closed(start, "object", "}")
            key = self._key(position)
            separator = self.skip(key.end, False)
            if text[separator : separator + 1] not in {"=", ":"} or text[separator : separator + 2] in _NO_SEPARATOR:
                raise self._no_separator(start, separator)
            value = self.expression(separator + 1, False)
            items.append((key, value))
            position = self._item_end(start, value.end)

    def _simple_key(self, start: int, content: str) -> Expression:
        if content[0] == '"':
            return String(start, start + len(content), self.normalised(content[1:-1]))
        return ObjectKey(start, start + len(content), content)

    def _key(self, position: int) -> Expression:
        """The key of an object item; a bare name, keywords included, stands for itself."""
        key = self.expression(position, False)
        if (type(key) is Traversal and not key.steps) or (
            type(key) is Literal and (key.value is None or key.value is True or key.value is False)
        ):
            return ObjectKey(key.start, key.end, self.normalised(self.text[key.start : key.end]))
        return key

    def _item_end(self, start: int, position: int) -> int:
        """The offset of the next item or closing brace after an item that ends at `position`."""
        text = self.text
        position = self.skip(position, False)
        character = text[position : position + 1]
        if character in {"\n", ","}:
            return position + 1
        if character == "#" or text[position : position + 2] in {"\r\n", "//"}:
            return position
        if character == "}":
            return position
        if not character:
            raise self._not_closed(start, "object", "}")
        raise self.fail(position, "Missing attribute separator: expected a newline or comma before the next attribute.")

    def _no_separator(self, start: int, position: int) -> HclSyntaxError:
        if position >= len(self.text):
            return self._not_closed(start, "object", "}")
        return self.fail(position, 'Missing key/value separator: expected an equals sign ("=") before the value.')

    def _for(self, start: int, position: int, close: str) -> For:
        """The `for` expression that starts with the bracket at `start`; `position` is after the keyword."""
        text = self.text
        key_name, value_name, position = self.names_in(position, "expression")
        collection = self.expression(position, True)
        position = self.skip(collection.end, True)
        if text[position : position + 1] != ":" or text[position + 1 : position + 2] == ":":
            raise self.fail(position, "Invalid 'for' expression: a colon is required after the collection.")
        key: Expression | None = None
        value = self.expression(position + 1, True)
        position = self.skip(value.end, True)
        if text.startswith("=>", position):
            if close == "]":
                raise self.fail(position, "Invalid 'for' expression: a key is not valid when building a tuple.")
            key = value
            value = self.expression(position + 2, True)
            position = self.skip(value.end, True)
        elif close == "}":
            raise self.fail(position, "Invalid 'for' expression: a key (key => value) is required for an object.")
        group = text.startswith("...", position)
        if group:
            if close == "]":
                raise self.fail(position, "Invalid 'for' expression: grouping (...) is not valid for a tuple.")
            position = self.skip(position + 3, True)
        condition: Expression | None = None
        if text.startswith("if", position) and self.is_keyword(position, "if"):
            condition = self.expression(position + 2, True)
            position = self.skip(condition.end, True)
        if text[position : position + 1] != close:
            raise self.fail(position, f"Invalid 'for' expression: expected \"{close}\" at its end.")
        return For(start, position + 1, key_name, value_name, collection, key, value, condition, group)

    def call(self, start: int, name_end: int, position: int, newlines: bool) -> Call:
        """The call of the function named at `start`; `position` is at the parenthesis or the first `::`.

        Raises:
            HclSyntaxError: it is malformed or not closed.
        """
        text = self.text
        name = text[start:name_end]
        while text.startswith("::", position):
            position = self.skip(position + 2, newlines)
            end = self.identifier_end(position)
            if end == position:
                raise self.fail(position, "Missing function name: :: must be followed by a function name.")
            name += "::" + text[position:end]
            position = self.skip(end, newlines)
        if text[position : position + 1] != "(":
            raise self.fail(position, "Missing open parenthesis: arguments must follow a name with ::.")
        arguments: list[Expression] = []
        position = self.skip(position + 1, True)
        while (character := text[position : position + 1]) != ")":
            if not character:
                raise self._not_closed(start, "function call", ")")
            argument = self.expression(position, True)
            arguments.append(argument)
            position = argument.end
            character = text[position : position + 1]
            if character in patterns.SKIPPED:
                position = self.skip(position, True)
                character = text[position : position + 1]
            if character == ")":
                break
            if character == ",":
                position = self.skip(position + 1, True)
            elif text.startswith("...", position):
                position = self.skip(position + 3, True)
                if text[position : position + 1] != ")":
                    raise self.fail(position, "Missing closing parenthesis: an argument with ... must be the last.")
                return Call(start, position + 1, name, arguments, True)
            elif not character:
                raise self._not_closed(start, "function call", ")")
            else:
                raise self.fail(position, "Missing argument separator: a comma is required before the next argument.")
        return Call(start, position + 1, name, arguments, False)

    def _not_closed(self, start: int, what: str, close: str) -> HclSyntaxError:
        message = f'Unterminated {what}: there is no closing "{close}" for it before the end of the file.'
        return self.fail(start + 1, message, start=start)


_NO_SEPARATOR = frozenset({"==", "=>", "::"})
