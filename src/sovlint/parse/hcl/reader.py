"""What all parts of the HCL parser share: the text, errors, white space, identifiers and numbers."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, DecimalException

from sovlint.parse.hcl import patterns
from sovlint.parse.hcl.messages import unusual_character
from sovlint.parse.hcl.nodes import Expression

MAX_DEPTH = 200
"""How deep brackets, braces, calls and templates may nest, for which the parser recurses. Real files stay far below."""

MAX_HEIGHT = 1000
"""How deep blocks, and the tree of one expression, may nest when the parser does not recurse for it.

Chains of operators, conditionals, signs and parentheses count here. Evaluation recurses for all of them.
"""

MAX_WHOLE_DIGITS = 300
"""Longest number that is turned into an `int`; longer ones stay `Decimal`, which has no quadratic conversion."""

_LIMITS = {MAX_DEPTH: "brackets, calls and templates", MAX_HEIGHT: "blocks and expressions"}


class HclSyntaxError(Exception):
    """A place where the text is not HCL; it never leaves this package.

    Attributes:
        start: offset of the first offending character.
        end: offset after the last one.
        message: one sentence for a person.
        code: `syntax` or `too-deep`.
        resume: offset from which a place to go on may be looked for.
    """

    def __init__(self, start: int, end: int, message: str, code: str = "syntax") -> None:
        super().__init__(message)
        self.start = start
        self.end = end
        self.message = message
        self.code = code
        self.resume = start


class Reader:
    """Base of the parser's layers.

    `newlines` in the methods of all layers means: newlines and comments that end a line are white space here, as inside
    brackets and parentheses. An expression's `end` is where the parser goes on after it.

    Attributes:
        text: the whole text.
        ascii: whether it is ASCII only, so that identifiers need no closer look.
        depth: expressions that are open at present, one inside the other by recursion.
        wraps: nodes of the current expression that were built around an existing node without recursion.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.ascii = text.isascii()
        self.depth = 0
        self.wraps = 0

    def fail(self, position: int, message: str, *, start: int | None = None) -> HclSyntaxError:
        """The error for `position` (or the range from `start` to it), with a better message for odd characters."""
        text = self.text
        if start is not None:
            return HclSyntaxError(start, position, message)
        character = text[position : position + 1]
        end = position if character in {"", "\n", "\r"} else position + 1
        return HclSyntaxError(position, end, unusual_character(text, position) or message)

    def too_deep(self, position: int, limit: int = MAX_DEPTH) -> HclSyntaxError:
        """The error for nesting beyond `limit`."""
        message = f"Nesting too deep: {_LIMITS[limit]} may nest {limit} levels deep at most."
        return HclSyntaxError(position, position, message, "too-deep")

    def no_stack(self, position: int) -> HclSyntaxError:
        """The error for nesting below the limits for which Python's stack does not suffice nevertheless."""
        message = "Nesting too deep: this expression nests deeper than can be read here."
        return HclSyntaxError(position, position, message, "too-deep")

    def skip(self, position: int, newlines: bool) -> int:
        """The offset of the next token at or after `position`."""
        character = self.text[position : position + 1]
        if character not in patterns.SKIPPED:
            return position
        if character == " " and self.text[position + 1 : position + 2] not in patterns.SKIPPED:
            return position + 1
        found = (patterns.skip_anywhere if newlines else patterns.skip_inline)(self.text, position)
        return found.end() if found else position

    def identifier_end(self, position: int) -> int:
        """The offset after the identifier at `position`, or `position` when there is none."""
        text = self.text
        found = patterns.identifier(text, position)
        end = found.end() if found else position
        if self.ascii or text[end : end + 1].isascii():
            return end
        if found is None:
            if not text[position].isidentifier():
                return position
            end += 1
        length = len(text)
        while end < length and (text[end] == "-" or ("a" + text[end]).isidentifier()):
            end += 1
        return end

    def is_keyword(self, position: int, word: str) -> bool:
        """Whether the identifier at `position` is `word`."""
        return self.text.startswith(word, position) and self.identifier_end(position) == position + len(word)

    def number(self, position: int) -> tuple[int | Decimal, int]:
        """The number at `position`, where a digit is, and the offset after it.

        Raises:
            HclSyntaxError: the digits form no number.
        """
        from sovlint.parse.hcl import rare

        token = rare.number_token(self.text, position)
        end = token.end() if token else position
        return self.number_value(position, end), end

    def number_value(self, start: int, end: int) -> int | Decimal:
        """The value of a number: `int` when it is whole and not huge, else `Decimal`."""
        digits = self.text[start:end]
        if digits.isdigit() and len(digits) <= MAX_WHOLE_DIGITS:
            return int(digits)
        from sovlint.parse.hcl import rare

        try:
            if rare.number_valid(digits):
                value = Decimal(digits)
                whole = value.is_zero() or (-1 <= value.adjusted() <= MAX_WHOLE_DIGITS and value == int(value))
                return int(value) if whole else value
        except (DecimalException, ValueError):
            pass
        raise self.fail(end, f"Invalid number literal: {digits[:40]!r} is not a number HCL can read.", start=start)

    def normalised(self, value: str) -> str:
        """The string value as HCL keeps it, in Unicode normal form C."""
        return value if value.isascii() else unicodedata.normalize("NFC", value)

    def expression(self, position: int, newlines: bool) -> Expression:
        """An expression at or after `position`.

        Raises:
            HclSyntaxError: there is none, or it is malformed.
        """
        raise NotImplementedError
