"""Pipelines in template text as trees of calls: enough to see what falls back to what, never evaluated."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from sovlint.model.lazy import pattern

MAX_TOKENS = 500
MAX_PARENTHESES = 50

_TOKEN = pattern(r"\"(?:[^\"\\\n]|\\.)*+\"|`[^`]*+`|[()|]|[^\s()|\"`]+")
# `(.global).imageRegistry`, `((.Values.global)).x`: parentheses that guard against nil.
_GUARD = pattern(r"\(\s*([.$][\w.$]*)\s*\)(?=\.\w)")


class Word(NamedTuple):
    """A path (`.Values.a.b`, `$x`), a string with its quotes, a number."""

    text: str


class Call(NamedTuple):
    """A function with its arguments, what is piped in last; `.` is a field of a parenthesis."""

    name: str
    arguments: tuple[Expression, ...]


Expression: TypeAlias = "Word | Call"


def parse_action(text: str) -> Expression | None:
    """The pipeline of an action; None where it is empty, too long or not balanced."""
    for _ in range(5):
        text, changed = re.subn(_GUARD.pattern, r"\1", text)
        if not changed:
            break
    tokens = _TOKEN.findall(text)
    if not tokens or len(tokens) > MAX_TOKENS:
        return None
    # Commands of the open pipelines; a command is a list of operands.
    stack: list[list[list[Expression]]] = [[[]]]
    for word in tokens:
        if word == "(":
            if len(stack) > MAX_PARENTHESES:
                return None
            stack.append([[]])
        elif word == ")":
            if len(stack) == 1:
                return None
            inner = _pipeline(stack.pop())
            if inner is not None:
                stack[-1][-1].append(inner)
        elif word == "|":
            stack[-1].append([])
        elif word.startswith(".") and len(word) > 1 and stack[-1][-1] and isinstance(stack[-1][-1][-1], Call):
            # `(.a | default dict).b`; an argument after a parenthesis looks the same and is read the same.
            field = Call(".", (stack[-1][-1][-1], Word(word)))
            stack[-1][-1][-1:] = [field] if _adjacent(text, word) else [stack[-1][-1][-1], Word(word)]
        else:
            stack[-1][-1].append(Word(word))
    return _pipeline(stack[0]) if len(stack) == 1 else None


def _adjacent(text: str, token: str) -> bool:
    return f"){token}" in text


def _pipeline(commands: list[list[Expression]]) -> Expression | None:
    piped: Expression | None = None
    for command in commands:
        operands = [*command, piped] if piped is not None else command
        if not operands:
            continue
        first = operands[0]
        if isinstance(first, Word) and first.text[0] not in '.$"`0123456789':
            piped = Call(first.text, tuple(x for x in operands[1:] if x is not None))
        elif len(operands) == 1:
            piped = first
        else:
            piped = Call("", tuple(x for x in operands if x is not None))
    return piped
