r"""Go's regular expressions in time that grows with text times pattern: all alternatives are followed at once.

Python's own engine backtracks, so a pattern from a configuration could keep it busy for years; and it differs in what
`$`, `\d` or `\s` mean. Patterns here are short, so a simple machine is fast enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from sovlint.resolve.terraform.functions.regex_syntax import (
    Assertion,
    Chars,
    Choice,
    Group,
    Parser,
    PatternError,
    Repeat,
    Sequence,
    Tree,
)
from sovlint.resolve.terraform.values import undetermined

MAX_PROGRAM = 20_000
MAX_STEPS = 2_000_000
"""States × characters after which a match is given up as unknown: about two seconds."""

Captures: TypeAlias = "tuple[int, ...]"


@dataclass(slots=True)
class _Split:
    """Goes on in two places, the first preferred."""

    first: int
    second: int


@dataclass(slots=True)
class _Save:
    """Remembers the place in a slot."""

    slot: int


@dataclass(slots=True)
class _Jump:
    """Goes on elsewhere."""

    target: int


class _Match:
    """The end."""


_Instruction: TypeAlias = "Chars | Assertion | _Split | _Save | _Jump | _Match"


class Regex:
    """A compiled pattern.

    Raises:
        PatternError: the pattern has a syntax error.
        NotKnown: it has something that is not supported.
    """

    def __init__(self, pattern: str) -> None:
        parser = Parser(pattern)
        tree = parser.parse()
        self.groups = parser.groups
        self._program: list[_Instruction] = []
        self._emit(Group(0, tree))
        self._program.append(_Match())
        self._steps = 0

    # --- compiling

    def _emit(self, tree: Tree) -> None:
        program = self._program
        if len(program) > MAX_PROGRAM:
            raise undetermined("regular expression too large")
        if isinstance(tree, (Chars, Assertion)):
            program.append(tree)
        elif isinstance(tree, Group):
            program.append(_Save(2 * tree.number))
            self._emit(tree.inner)
            program.append(_Save(2 * tree.number + 1))
        elif isinstance(tree, Sequence):
            for item in tree.items:
                self._emit(item)
        elif isinstance(tree, Choice):
            self._choice(tree)
        else:
            self._repeat(tree)

    def _choice(self, tree: Choice) -> None:
        program = self._program
        ends: list[_Jump] = []
        for item in tree.items[:-1]:
            split = _Split(len(program) + 1, 0)
            program.append(split)
            self._emit(item)
            jump = _Jump(0)
            program.append(jump)
            ends.append(jump)
            split.second = len(program)
        self._emit(tree.items[-1])
        for jump in ends:
            jump.target = len(program)

    def _repeat(self, tree: Repeat) -> None:
        program = self._program
        if tree.most is None and tree.least == 0 and _nullable(tree.inner):
            # As Go does: the star of something that can be empty is an optional plus.
            self._repeat(Repeat(Repeat(tree.inner, 1, None, tree.greedy), 0, 1, tree.greedy))
            return
        if tree.most is None:
            for _ in range(tree.least - 1):
                self._emit(tree.inner)
            if tree.least:
                start = len(program)
                self._emit(tree.inner)
                program.append(self._fork(start, len(program) + 1, tree.greedy))
                return
            split = _Split(0, 0)
            at = len(program)
            program.append(split)
            self._emit(tree.inner)
            program.append(_Jump(at))
            forked = self._fork(at + 1, len(program), tree.greedy)
            split.first, split.second = forked.first, forked.second
            return
        for _ in range(tree.least):
            self._emit(tree.inner)
        # x{2,5} is xx(x(x(x)?)?)?
        splits: list[tuple[int, _Split]] = []
        for _ in range(tree.most - tree.least):
            split = _Split(0, 0)
            splits.append((len(program), split))
            program.append(split)
            self._emit(tree.inner)
        for at, split in splits:
            forked = self._fork(at + 1, len(program), tree.greedy)
            split.first, split.second = forked.first, forked.second

    @staticmethod
    def _fork(more: int, done: int, greedy: bool) -> _Split:
        return _Split(more, done) if greedy else _Split(done, more)

    # --- matching

    def search(self, text: str, start: int = 0) -> Captures | None:
        """Places of the groups of the leftmost match, -1 for groups that took no part; None without a match.

        Raises:
            NotKnown: it would take too long.
        """
        width = 2 * (len(self.groups) + 1)
        threads: list[tuple[int, Captures]] = []
        best: Captures | None = None
        for at in range(start, len(text) + 1):
            if best is None:
                self._add(threads, {pc for pc, _ in threads}, 0, (-1,) * width, text, at)
            elif not threads:
                break
            following: list[tuple[int, Captures]] = []
            seen: set[int] = set()
            character = text[at : at + 1]
            self._steps += len(threads) + 1
            if self._steps > MAX_STEPS:
                raise undetermined("matching the regular expression takes too long")
            for pc, captures in threads:
                instruction = self._program[pc]
                if isinstance(instruction, _Match):
                    best = captures
                    break
                assert isinstance(instruction, Chars)
                if character and instruction.matches(character):
                    self._add(following, seen, pc + 1, captures, text, at + 1)
            threads = following
        return best

    def _add(
        self, threads: list[tuple[int, Captures]], seen: set[int], pc: int, captures: Captures, text: str, at: int
    ) -> None:
        """Follows everything that takes no character; a state that is already waiting is not entered again."""
        stack = [(pc, captures)]
        while stack:
            pc, captures = stack.pop()
            if pc in seen:
                continue
            seen.add(pc)
            instruction = self._program[pc]
            if isinstance(instruction, _Jump):
                stack.append((instruction.target, captures))
            elif isinstance(instruction, _Split):
                stack.append((instruction.second, captures))
                stack.append((instruction.first, captures))
            elif isinstance(instruction, _Save):
                slot = instruction.slot
                stack.append((pc + 1, (*captures[:slot], at, *captures[slot + 1 :])))
            elif isinstance(instruction, Assertion):
                if _holds(instruction.kind, text, at):
                    stack.append((pc + 1, captures))
            else:
                threads.append((pc, captures))
        self._steps += len(threads) // 8

    def all(self, text: str) -> Iterator[Captures]:
        """All matches that do not overlap; an empty one directly behind another does not count."""
        self._steps = 0
        at, last_end = 0, -1
        while at <= len(text):
            found = self.search(text, at)
            if found is None:
                return
            start, end = found[0], found[1]
            if start == end == last_end:
                at = end + 1
                continue
            yield found
            last_end = end
            at = end if end > start else end + 1

    def first(self, text: str) -> Captures | None:
        """The leftmost match."""
        self._steps = 0
        return self.search(text)

    def replace(self, text: str, template: str) -> str:
        """All matches replaced by a template in which `$1` and `${name}` stand for groups."""
        out: list[str] = []
        at = 0
        for found in self.all(text):
            out.append(text[at : found[0]])
            out.append(self._filled(template, text, found))
            at = found[1]
        out.append(text[at:])
        return "".join(out)

    def _filled(self, template: str, text: str, found: Captures) -> str:
        out: list[str] = []
        at = 0
        while (dollar := template.find("$", at)) >= 0:
            out.append(template[at:dollar])
            at = dollar + 1
            if template[at : at + 1] == "$":
                out.append("$")
                at += 1
                continue
            name, end = _reference(template, at)
            if not name:
                out.append("$")
                continue
            at = end
            numbers = [int(name)] if name.isdecimal() else [i + 1 for i, x in enumerate(self.groups) if x == name]
            for number in numbers:
                if number <= len(self.groups) and found[2 * number] >= 0:
                    out.append(text[found[2 * number] : found[2 * number + 1]])
                    break
        out.append(template[at:])
        return "".join(out)


def _reference(template: str, at: int) -> tuple[str, int]:
    """The name after a dollar sign, and where it ends; empty if it is none."""
    braces = template[at : at + 1] == "{"
    start = end = at + braces
    while end < len(template) and (template[end] == "_" or template[end].isalnum()):
        end += 1
    if braces:
        return (template[start:end], end + 1) if template[end : end + 1] == "}" and end > start else ("", at)
    return template[start:end], end


def _nullable(tree: Tree) -> bool:
    if isinstance(tree, Chars):
        return False
    if isinstance(tree, Assertion):
        return True
    if isinstance(tree, Group):
        return _nullable(tree.inner)
    if isinstance(tree, Sequence):
        return all(_nullable(item) for item in tree.items)
    if isinstance(tree, Choice):
        return any(_nullable(item) for item in tree.items)
    return tree.least == 0 or _nullable(tree.inner)


def _holds(kind: str, text: str, at: int) -> bool:
    if kind == "start":
        return at == 0
    if kind == "end":
        return at == len(text)
    if kind == "line-start":
        return at == 0 or text[at - 1] == "\n"
    if kind == "line-end":
        return at == len(text) or text[at] == "\n"
    boundary = _is_word(text[at - 1 : at] if at else "") is not _is_word(text[at : at + 1])
    return boundary is (kind == "boundary")


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Regex:
    """A pattern, compiled once.

    Raises:
        PatternError: the pattern has a syntax error.
        NotKnown: it has something that is not supported.
    """
    return Regex(pattern)


__all__ = ["Captures", "PatternError", "Regex", "compiled"]
