"""Template text of helmfile as YAML at its own places: what acts is blanked out, what prints becomes a mark.

Every offset in what is parsed is an offset in the file: an action that prints is replaced by a mark of one character
and fillers, so that a scalar knows which actions stand in it; what controls (`if`, `range`, …) becomes spaces, and so
does a branch that is not taken. Nothing is executed; what cannot be decided is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sovlint.model.lazy import pattern
from sovlint.model.source import SourceFile
from sovlint.parse.yaml import Alias, Mapping, Node, Scalar, Sequence
from sovlint.resolve.helm.expressions import Call, Expression, parse_action
from sovlint.resolve.helmfile.evaluate import Context, Got, evaluate

MARK, FILLER = "\ue000", "\ue001"
MAX_TEXT = 1_000_000
"""Characters of a template; a longer one is not looked into."""

MAX_DEPTH = 200

_ACTION = pattern(
    r"\{\{-?\s*+/\*(?:(?!\*/).)*+\*/\s*+-?\}\}|\{\{(?:`[^`]*+`|\"(?:[^\"\\\n]|\\.)*+\"|(?!\}\})[^`\"])*+\}\}", re.DOTALL
)
_WORD = pattern(r"[a-z]+\b")
_ASSIGNMENT = pattern(r"(\$\w*)\s*:?=\s*(.+)", re.DOTALL)
_NINDENT = pattern(r"\bn?indent\s+([0-9]{1,2})\b")
_BLOCK_TEXT = pattern(r"[|>][+-]?[1-9]?[+-]?\s*+(?:#.*)?$")


class Action(NamedTuple):
    """An action that prints: where it stands and what it says; None where nobody knows."""

    start: int
    end: int
    got: Got | None


class Blanked(NamedTuple):
    """A text ready to be parsed.

    Attributes:
        text: as long as the original.
        actions: those that print, by the offset of their mark.
        undecided: offsets of actions whose effect on the structure nobody knows.
        wrong: offsets of what no template may have, and why.
    """

    text: str
    actions: dict[int, Action]
    undecided: list[int]
    wrong: list[tuple[int, str]]


def has_actions(text: str) -> bool:
    """Whether there is anything to fill in."""
    return "{{" in text


class _Frame:
    """A block that is open.

    Attributes:
        alive: its text counts, as far as it depends on this block.
        taken: whether a branch of it was taken; None where nobody knows.
        moved: the dot is something else in it.
    """

    def __init__(self, outside: _Frame | None, *, alive: bool, taken: bool | None, moved: bool) -> None:
        self.alive = alive
        self.taken = taken
        self.moved = moved
        self.around_alive = outside is None or outside.is_alive
        self.around_certain = outside is None or outside.is_certain
        self.around_moved = outside is not None and outside.has_moved

    @property
    def is_alive(self) -> bool:
        """Whether its text counts, with all blocks around it."""
        return self.alive and self.around_alive

    @property
    def is_certain(self) -> bool:
        """Whether it is known that its text counts."""
        return self.taken is True and self.around_certain

    @property
    def has_moved(self) -> bool:
        """Whether the dot is something else."""
        return self.moved or self.around_moved


def blanked(text: str, context: Context, start: int = 0, end: int | None = None, *, inline: bool = False) -> Blanked:
    """A part of a text with its actions blanked out.

    Args:
        text: the whole of it.
        context: what actions may refer to; variables are added to it.
        start: offset of the part.
        end: offset after it.
        inline: the text is that of one scalar, not YAML.
    """
    end = len(text) if end is None else end
    out: list[str] = [text[:start]]
    actions: dict[int, Action] = {}
    undecided: list[int] = []
    wrong: list[tuple[int, str]] = []
    opened: list[int] = []
    known: dict[int, tuple[int, bool]] = {}
    frames: list[_Frame] = []
    at = start
    length = start

    def add(piece: str) -> None:
        nonlocal length
        out.append(piece)
        length += len(piece)

    def plain(piece: str) -> None:
        add(piece if not frames or frames[-1].is_alive else _spaces(piece))

    while end - start <= MAX_TEXT:
        opening = text.find("{{", at, end)
        match = _ACTION.match(text, opening, end) if opening >= 0 else None
        if match is None:
            if opening >= 0:
                wrong.append((opening, "this action is never closed"))
            break
        plain(text[at:opening])
        at = match.end()
        body = match[0][2:-2].removeprefix("-").removesuffix("-").strip()
        alive = not frames or frames[-1].is_alive
        word = _WORD.match(body)
        if body.startswith("/*"):
            add(_spaces(match[0]))
            continue
        if word is not None and word[0] in _CONTROL:
            if len(frames) >= MAX_DEPTH and word[0] not in ("end", "else"):
                undecided.append(opening)
                at = opening
                break
            if alive and word[0] in ("template", "block"):
                undecided.append(opening)
            if word[0] in ("end", "else") and not opened:
                wrong.append((opening, f"there is nothing that this {word[0]} could belong to"))
            elif word[0] == "end":
                opened.pop()
            elif word[0] not in ("else", "template"):
                opened.append(opening)
            _control(word[0], body[word.end() :].strip(), frames, context, undecided, opening, alive)
            add(_spaces(match[0]))
            continue
        assigned = _ASSIGNMENT.fullmatch(body)
        moved = bool(frames) and frames[-1].has_moved
        if assigned is not None:
            if alive:
                certain = not frames or frames[-1].is_certain
                context.variables[assigned[1]] = _evaluated(assigned[2], context, moved) if certain else None
            add(_spaces(match[0]))
            continue
        if not alive:
            add(_spaces(match[0]))
            continue
        got = _evaluated(body, context, moved)
        if inline:
            actions[opening] = Action(opening, at, got)
            add(MARK + FILLER * (at - opening - 1))
        else:
            add(_printed(text, opening, at, body, got, actions, undecided, known))
    plain(text[at:end])
    add(text[end:])
    wrong.extend((start_of, "this block has no end") for start_of in opened[:1] if not wrong)
    return Blanked("".join(out), actions, undecided, wrong)


_CONTROL = frozenset({"if", "else", "end", "range", "with", "define", "block", "template"})


def _control(
    word: str, rest: str, frames: list[_Frame], context: Context, undecided: list[int], at: int, alive: bool
) -> None:
    outside = frames[-1] if frames else None
    moved = outside is not None and outside.has_moved
    if word == "end":
        if frames:
            frames.pop()
    elif word == "define":
        frames.append(_Frame(outside, alive=False, taken=False, moved=True))
    elif word == "if":
        test = _truth(rest, context, moved)
        if test is None and alive:
            undecided.append(at)
        frames.append(_Frame(outside, alive=test is not False, taken=test, moved=False))
    elif word in ("range", "with", "block"):
        test = None if word == "block" or ":=" in rest else _truth(rest, context, moved)
        if alive and (word == "range" or test is None) and test is not False:
            undecided.append(at)
        taken = test if word == "with" else None
        frames.append(_Frame(outside, alive=test is not False, taken=taken, moved=True))
    elif word == "else" and frames:
        frame = frames[-1]
        if frame.taken is True:
            frame.alive = False
            return
        other = rest.partition(" ")
        test = _truth(other[2], context, moved) if other[0] == "if" else True
        # After a test that nobody knows, nothing is certain any more.
        frame.alive = test is not False
        frame.taken = test if frame.taken is False else None
        frame.moved = other[0] == "with"
        if test is None and alive:
            undecided.append(at)


def _truth(text: str, context: Context, moved: bool) -> bool | None:
    got = _evaluated(text, context, moved)
    return None if got is None else got.is_true


def _evaluated(text: str, context: Context, moved: bool) -> Got | None:
    """What an expression gives; inside of `range` and `with` the dot is something else."""
    expression = parse_action(text)
    if expression is None or (moved and _uses_dot(expression)):
        return None
    return evaluate(expression, context)


def _uses_dot(expression: Expression) -> bool:
    if isinstance(expression, Call):
        return any(_uses_dot(one) for one in expression.arguments)
    return expression.text.startswith(".")


def _printed(
    text: str,
    start: int,
    end: int,
    body: str,
    got: Got | None,
    actions: dict[int, Action],
    undecided: list[int],
    known: dict[int, tuple[int, bool]],
) -> str:
    """What stands in the parsed text for an action that prints."""
    size = end - start
    line = text.rfind("\n", 0, start) + 1
    rest = text.find("\n", end)
    after = text[end : rest if rest >= 0 else len(text)]
    alone = not text[line:start].strip() and not after.strip() and "\n" not in text[start:end]
    if alone:
        composite = got is not None and (got.is_composite or got.is_nothing)
        above = text[:line].rstrip().rpartition("\n")[2]
        key = len(above) - len(above.lstrip()) if above.rstrip().endswith(":") else -1
        if key >= 0:
            # The value of the key above: it must stand deeper than the key.
            gap = max(0, key + 1 - (start - line))
            if gap + 1 < size:
                actions[start + gap] = Action(start, end, got)
                return " " * gap + MARK + FILLER * (size - gap - 1)
        if got is None and not _in_block_text(text, line, start - line, known):
            undecided.append(start)
            # A comment, so that it does not become part of a text above.
            return "#" + " " * (size - 1)
        if composite and got is not None:
            indents = _NINDENT.search(body)
            gap = max(0, (int(indents[1]) if indents is not None else 0) - (start - line))
            if gap + 5 < size and got.item is not None:
                # Among keys: as if they were merged into this mapping.
                actions[start + gap + 4] = Action(start, end, got)
                return " " * gap + "<<: " + MARK + FILLER * (size - gap - 5)
            return " " * size
    actions[start] = Action(start, end, got)
    return MARK + FILLER * (size - 1)


def _in_block_text(text: str, line: int, column: int, known: dict[int, tuple[int, bool]]) -> bool:
    """Whether a line belongs to a block scalar: the nearest line that stands less deep begins one.

    Args:
        text: all of it.
        line: offset of the line.
        column: where what stands in it begins.
        known: answers for lines above, with their columns; is added to.
    """
    first = line
    known[first] = (column, False)
    for _ in range(500):
        if line <= 0:
            return False
        before = known.get(line) if line != first else None
        if before is not None and before[0] == column:
            known[first] = before
            return before[1]
        above = text.rfind("\n", 0, line - 1) + 1
        written = text[above : line - 1].rstrip()
        if written.strip() and len(written) - len(written.lstrip()) < column:
            found = _BLOCK_TEXT.search(written) is not None
            known[first] = (column, found)
            return found
        line = above
    return False


def _spaces(text: str) -> str:
    return "\n".join(" " * len(line) for line in text.split("\n"))


def actions_in(node: Scalar, done: Blanked) -> Iterator[Action]:
    """The actions that stand in a scalar, in order."""
    at = done.text.find(MARK, node.start, node.end)
    while at >= 0:
        if at in done.actions:
            yield done.actions[at]
        at = done.text.find(MARK, at + 1, node.end)


_RUN = pattern(f"{MARK}{FILLER}*")


def pieces(node: Scalar, done: Blanked) -> list[str | Action]:
    """The text of a scalar: literal texts and actions."""
    out: list[str | Action] = []
    found = actions_in(node, done)
    at = 0
    for match in _RUN.finditer(node.text):
        if match.start() > at:
            out.append(node.text[at : match.start()])
        action = next(found, None)
        if action is not None:
            out.append(action)
        at = match.end()
    if at < len(node.text):
        out.append(node.text[at:])
    return out


def filled(text: str, parts: list[str | Action]) -> str:
    """The text of pieces; actions that nobody knows stay as they are written in `text`."""
    out = []
    for part in parts:
        if isinstance(part, str):
            out.append(part)
        else:
            known = part.got.text if part.got is not None else None
            out.append(known if known is not None else text[part.start : part.end])
    return "".join(out)


def in_place(
    source: SourceFile, node: Node, done: Blanked, memo: dict[int, Node] | None = None, depth: int = 0
) -> Node:
    """A copy of a tree with texts filled in, each at its own place."""
    memo = {} if memo is None else memo
    if id(node) in memo:
        return memo[id(node)]
    out: Node
    if depth > 500:
        return node
    if type(node) is Alias:
        out = Alias(node.start, node.end, node.name, in_place(source, node.target, done, memo, depth + 1))
    elif type(node) is Mapping:
        entries = [
            (in_place(source, key, done, memo, depth + 1), in_place(source, value, done, memo, depth + 1))
            for key, value in node.entries
        ]
        out = Mapping(node.start, node.end, entries, node.tag)
    elif type(node) is Sequence:
        items = [in_place(source, one, done, memo, depth + 1) for one in node.items]
        out = Sequence(node.start, node.end, items, node.tag)
    elif type(node) is Scalar and MARK in node.text:
        out = Scalar(node.start, node.end, filled(source.text, pieces(node, done)), node.style, node.tag)
    else:
        out = node
    memo[id(node)] = out
    return out
