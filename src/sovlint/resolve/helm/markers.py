"""Marks at the ends of template lines that say, in what was rendered, from which line of which template it came.

The marked rendering is compared with the plain one line by line; only where they agree are the marks believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_MARK = re.compile(r" ?#<sv (\d+):(\d+)>")
_ACTION = re.compile(
    r"\{\{-?\s*/\*.*?(?:\*/\s*-?\}\}|\Z)"
    r"|\{\{(?:\"(?:[^\"\\\n]|\\.)*+\"|`[^`]*+`|'(?:[^'\\\n]|\\.)*+'|(?!\}\})[^\"`'])*+\}\}",
    re.DOTALL,
)
_WORD = re.compile(r"\{\{-?\s*(?:/\*|(\w+)|(\$\w*\s*:?=)|[^\s])")
_KEY = re.compile(r"[ \t]*(?:- +)*[\w./\"'-]+:(?:[ \t]|$)")
_CONTROL = frozenset({"if", "else", "end", "with", "range", "define", "block", "break", "continue"})
_OPENS = frozenset({"if", "with", "range", "block"})

MAX_DIFFERENT = 0.2
"""Share of the lines of a file that may differ between the plain and the marked rendering (checksums, random names)."""


class Mark(NamedTuple):
    """A line of a template: number of the file, and line, from 1."""

    file: int
    line: int


def marked(text: str, number: int, *, helpers: bool) -> str:
    """A template with a mark at the end of each line that says something.

    Args:
        text: the template.
        number: of its file.
        helpers: whether lines inside of `define` are marked, too, as far as they look like YAML keys.
    """
    actions = [(m.start(), m.end(), *_kind(m[0])) for m in _ACTION.finditer(text)]
    out: list[str] = []
    depth: list[bool] = []  # open blocks; True for those of `define`
    at = start = 0
    for line, whole in enumerate(text.splitlines(keepends=True), 1):
        body = whole.rstrip("\r\n")
        end = start + len(body)
        inside_before = any(depth)
        says = inside_action = False
        rest = []
        last = start
        while at < len(actions) and actions[at][0] <= end:
            first, stop, control, opens, closes, defines = actions[at]
            rest.append(text[last:first] if first > last else "")
            says = says or not control
            if stop > end:
                inside_action = True
                break
            if opens:
                depth.append(defines)
            elif closes and depth:
                depth.pop()
            last = stop
            at += 1
        if not inside_action:
            rest.append(text[last:end] if end > last else "")
        says = says or bool("".join(rest).strip())
        trims = body.rstrip().endswith("-}}")
        in_helper = inside_before or any(depth)
        wanted = says and not inside_action and not trims and whole != body
        if wanted and in_helper:
            wanted = helpers and _KEY.match(body) is not None
        out.append(f"{body} #<sv {number}:{line}>{whole[len(body) :]}" if wanted else whole)
        start += len(whole)
    return "".join(out)


def _kind(action: str) -> tuple[bool, bool, bool, bool]:
    """Whether an action writes nothing, opens a block, closes one, and whether that is a `define`."""
    match = _WORD.match(action)
    if match is None or match[2] or action.lstrip("{- \t\n").startswith("/*"):
        return True, False, False, False
    word = match[1] or ""
    return word in _CONTROL, word in _OPENS or word == "define", word == "end", word == "define"


def marks_in(text: str) -> Iterator[Mark]:
    """All marks of a rendering."""
    return (Mark(int(file), int(line)) for file, line in _MARK.findall(text))


def lines_of(plain: str, rendered: str) -> list[tuple[Mark, ...]] | None:
    """The marks that each line of a plain rendering came with, innermost first, if the marked one agrees with it.

    A line without marks of its own is written by an action that goes on to the next mark.
    """
    ours, theirs = plain.split("\n"), rendered.split("\n")
    if len(ours) != len(theirs):
        return None
    out: list[tuple[Mark, ...]] = []
    different = 0
    for own, other in zip(ours, theirs, strict=True):
        marks: Sequence[tuple[str, str]] = _MARK.findall(other)
        if _MARK.sub("", other).rstrip() != own.rstrip():
            different += 1
        out.append(tuple(Mark(int(file), int(line)) for file, line in marks))
    if different > max(2, len(ours) * MAX_DIFFERENT):
        return None
    below: tuple[Mark, ...] = ()
    for index in range(len(out) - 1, -1, -1):
        if out[index]:
            below = out[index][-1:]
        elif ours[index].strip() and not ours[index].startswith("---"):
            out[index] = below
    return out
