"""Go's regular expressions (RE2): their syntax as a small tree. Matching is in `regex_match`.

Source of the rules: <https://github.com/google/re2/wiki/Syntax> and Go's `regexp/syntax`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from sovlint.resolve.terraform.functions.regex_classes import CATEGORIES, ESCAPES, PERL, POSIX, Ranges, folded
from sovlint.resolve.terraform.values import undetermined

MAX_PATTERN = 2_000
MAX_REPEAT = 1_000
MAX_DEPTH = 100
MAX_CODEPOINT = 0x10FFFF


class PatternError(ValueError):
    """The pattern has a syntax error."""


@dataclass(slots=True)
class Chars:
    """One character out of a set; `test` decides about what `ranges` do not hold (Unicode classes)."""

    ranges: Ranges
    tests: tuple[Callable[[str], bool], ...] = ()
    negated: bool = False
    fold: bool = False

    def matches(self, character: str) -> bool:
        """Whether the character is in the set."""
        return (
            any(
                any(low <= ord(c) <= high for low, high in self.ranges) or any(test(c) for test in self.tests)
                for c in (folded(character) if self.fold else (character,))
            )
            is not self.negated
        )


@dataclass(slots=True)
class Assertion:
    """A place between characters: `start`, `end`, `line-start`, `line-end`, `boundary`, `no-boundary`."""

    kind: str


@dataclass(slots=True)
class Group:
    """A capturing group."""

    number: int
    inner: Tree


@dataclass(slots=True)
class Sequence:
    """One after the other."""

    items: list[Tree]


@dataclass(slots=True)
class Choice:
    """Alternatives, the first preferred."""

    items: list[Tree]


@dataclass(slots=True)
class Repeat:
    """Repetition; `most` is None without limit."""

    inner: Tree
    least: int
    most: int | None
    greedy: bool


Tree: TypeAlias = "Chars | Assertion | Group | Sequence | Choice | Repeat"


@dataclass(slots=True)
class _Flags:
    fold: bool = False
    multi: bool = False
    dot_all: bool = False
    lazy: bool = False


@dataclass(slots=True)
class Parser:
    """Reads one pattern.

    Attributes:
        groups: names of the capturing groups, `""` for those without.
    """

    text: str
    at: int = 0
    flags: _Flags = field(default_factory=_Flags)
    groups: list[str] = field(default_factory=list)
    depth: int = 0

    def parse(self) -> Tree:
        """The whole pattern.

        Raises:
            PatternError: a syntax error.
        """
        if len(self.text) > MAX_PATTERN:
            raise undetermined("regular expression too long")
        tree = self._choice()
        if self.at < len(self.text):
            raise PatternError("unexpected )")
        return tree

    def _peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def _choice(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise undetermined("regular expression nests too deeply")
        before = self.flags
        self.flags = _Flags(before.fold, before.multi, before.dot_all, before.lazy)
        items = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            items.append(self._sequence())
        self.flags = before
        self.depth -= 1
        return items[0] if len(items) == 1 else Choice(items)

    def _sequence(self) -> Tree:
        items: list[Tree] = []
        while self.at < len(self.text) and self._peek() not in "|)":
            if self._peek(2) == "\\Q":
                end = self.text.find("\\E", self.at + 2)
                quoted = self.text[self.at + 2 : end if end >= 0 else None]
                self.at = end + 2 if end >= 0 else len(self.text)
                items.extend(self._char(ord(c)) for c in quoted)
                if items and quoted:
                    items[-1] = self._repeats(items[-1])
                continue
            atom = self._atom()
            if atom is not None:
                items.append(self._repeats(atom))
        return items[0] if len(items) == 1 else Sequence(items)

    def _char(self, code: int) -> Chars:
        return Chars(((code, code),), fold=self.flags.fold)

    def _repeats(self, atom: Tree) -> Tree:
        bounds = self._bounds()
        if bounds is None:
            return atom
        greedy = not self.flags.lazy
        if self._peek() == "?":
            self.at += 1
            greedy = not greedy
        at = self.at
        if self._bounds() is not None:
            raise PatternError(f"invalid nested repetition operator at {at}")
        return Repeat(atom, bounds[0], bounds[1], greedy)

    def _bounds(self) -> tuple[int, int | None] | None:
        character = self._peek()
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if character in simple and character:
            self.at += 1
            return simple[character]
        if character != "{":
            return None
        close = self.text.find("}", self.at, self.at + 12)
        low, comma, high = self.text[self.at + 1 : close].partition(",") if close > 0 else ("", "", "")
        if not low.isdecimal() or not (high.isdecimal() or not high) or not (low + high).isascii():
            return None
        least = int(low)
        most = int(high) if high else None if comma else least
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise PatternError("invalid repeat count")
        self.at = close + 1
        return least, most

    def _atom(self) -> Tree | None:
        character = self._peek()
        if character in "*+?":
            raise PatternError("missing argument to repetition operator")
        if character == "(":
            return self._group()
        if character == "[":
            return self._set()
        if character == "\\":
            return self._escape()
        self.at += 1
        if character == ".":
            return Chars(((0, MAX_CODEPOINT),) if self.flags.dot_all else ((0, 9), (11, MAX_CODEPOINT)))
        if character == "^":
            return Assertion("line-start" if self.flags.multi else "start")
        if character == "$":
            return Assertion("line-end" if self.flags.multi else "end")
        return self._char(ord(character))

    def _group(self) -> Tree | None:
        self.at += 1
        if self._peek() != "?":
            return self._captured("")
        for opening in ("?P<", "?<"):
            if self._peek(len(opening)) == opening:
                end = self.text.find(">", self.at)
                name = self.text[self.at + len(opening) : end] if end > 0 else ""
                if not name or not name.isascii() or not name.replace("_", "a").isalnum():
                    raise PatternError("invalid named capture")
                self.at = end + 1
                return self._captured(name)
        self.at += 1
        flags = _Flags(self.flags.fold, self.flags.multi, self.flags.dot_all, self.flags.lazy)
        value = True
        seen = False
        while True:
            character = self._peek()
            self.at += 1
            if character in ("i", "m", "s", "U"):
                name = {"i": "fold", "m": "multi", "s": "dot_all", "U": "lazy"}[character]
                setattr(flags, name, value)
                seen = True
            elif character == "-" and value:
                value, seen = False, False
            elif character in (":", ")") and (value or seen):
                break
            else:
                raise PatternError("invalid or unsupported Perl syntax")
        if character == ")":
            self.flags = flags
            return None
        before, self.flags = self.flags, flags
        inner = self._choice()
        self.flags = before
        self._close()
        return inner

    def _captured(self, name: str) -> Group:
        self.groups.append(name)
        number = len(self.groups)
        inner = self._choice()
        self._close()
        return Group(number, inner)

    def _close(self) -> None:
        if self._peek() != ")":
            raise PatternError("missing closing )")
        self.at += 1

    def _escape(self) -> Tree:
        letter = self.text[self.at + 1 : self.at + 2]
        places = {"A": "start", "z": "end", "b": "boundary", "B": "no-boundary"}
        if letter in places:
            self.at += 2
            return Assertion(places[letter])
        if letter == "C":
            raise undetermined("\\C in a regular expression")
        found = self._class_escape()
        if found is not None:
            return found
        return self._char(self._escaped_char())

    def _class_escape(self) -> Chars | None:
        r"""`\d`, `\pL`, `\p{Lu}` and their negations."""
        letter = self.text[self.at + 1 : self.at + 2]
        if letter.lower() in PERL:
            self.at += 2
            return Chars(PERL[letter.lower()], negated=letter.isupper(), fold=False)
        if letter not in ("p", "P"):
            return None
        self.at += 2
        name = self._peek()
        self.at += 1
        if name == "{":
            end = self.text.find("}", self.at)
            if end < 0:
                raise PatternError("invalid character class range")
            name, self.at = self.text[self.at : end], end + 1
        negated = (letter == "P") is not name.startswith("^")
        name = name.removeprefix("^")
        if name == "Any":
            return Chars(((0, MAX_CODEPOINT),), negated=negated)
        if name not in CATEGORIES:
            if not name or not name[0].isupper() or len(name) <= 2:
                raise PatternError("invalid character class range")
            raise undetermined(f"the Unicode script {name} in a regular expression")
        return Chars((), (lambda c: unicodedata.category(c).startswith(name),), negated, self.flags.fold)

    def _escaped_char(self) -> int:
        self.at += 1
        letter = self._peek()
        self.at += 1
        if not letter:
            raise PatternError("trailing backslash at end of expression")
        if letter in ESCAPES:
            return ESCAPES[letter]
        if letter == "x":
            return self._hexadecimal()
        if letter in "1234567" and self._peek() not in tuple("01234567"):
            raise PatternError("invalid escape sequence")
        if letter in "01234567":
            digits = letter
            while len(digits) < 3 and self._peek() in tuple("01234567"):
                digits += self._peek()
                self.at += 1
            return int(digits, 8)
        if letter.isascii() and not letter.isalnum():
            return ord(letter)
        raise PatternError("invalid escape sequence")

    def _hexadecimal(self) -> int:
        if self._peek() == "{":
            end = self.text.find("}", self.at)
            digits, self.at = self.text[self.at + 1 : end], end + 1
            if end < 0:
                raise PatternError("invalid escape sequence")
        else:
            digits = self._peek(2)
            self.at += 2
            if len(digits) != 2:
                raise PatternError("invalid escape sequence")
        if not digits or len(digits) > 8 or any(c not in "0123456789abcdefABCDEF" for c in digits):
            raise PatternError("invalid escape sequence")
        code = int(digits, 16)
        if code > MAX_CODEPOINT:
            raise PatternError("invalid escape sequence")
        return code

    def _set(self) -> Chars:
        self.at += 1
        negated = self._peek() == "^"
        self.at += negated
        ranges: list[tuple[int, int]] = []
        tests: list[Callable[[str], bool]] = []
        first = True
        while first or self._peek() != "]":
            if self.at >= len(self.text):
                raise PatternError("missing closing ]")
            first = False
            if self._peek(2) == "[:" and (end := self.text.find(":]", self.at + 2)) >= 0:
                name = self.text[self.at + 2 : end]
                inner = name.removeprefix("^")
                if inner not in POSIX:
                    raise PatternError("invalid character class range")
                self.at = end + 2
                self._add(Chars(POSIX[inner], negated=inner != name), ranges, tests)
                continue
            if self._peek() == "\\":
                found = self._class_escape()
                if found is not None:
                    self._add(found, ranges, tests)
                    continue
            low = self._set_char()
            high = low
            if self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._set_char()
                if high < low:
                    raise PatternError("invalid character class range")
            ranges.append((low, high))
        self.at += 1
        return Chars(tuple(ranges), tuple(tests), negated, self.flags.fold)

    def _set_char(self) -> int:
        if self._peek() == "\\":
            return self._escaped_char()
        character = self._peek()
        if not character:
            raise PatternError("missing closing ]")
        self.at += 1
        return ord(character)

    @staticmethod
    def _add(found: Chars, ranges: list[tuple[int, int]], tests: list[Callable[[str], bool]]) -> None:
        if found.negated or found.tests:
            tests.append(found.matches)
        else:
            ranges.extend(found.ranges)
