"""Absolute paths, as Terragrunt's functions give them, without knowing where on a machine the tree lies.

They start with a mark that no path has. Whoever reads files inside the tree understands it; whatever else such a text
flows into must not see it, for on a real machine the text is another one: `unmarked` makes it unknown there.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from sovlint.discovery import join
from sovlint.model.value import Known, SetValue, Unknown, Value, passed
from sovlint.resolve.terraform.types import LazyObject

_MARK = "\0"
_ROOT = _MARK + "tree"

DIFFERS = "absolute paths differ between machines"

MAX_NODES = 100_000
"""Values inside a composite that are looked at for such paths."""


def absolute(path: str) -> str:
    """The text of the absolute path of something in the tree."""
    return f"{_ROOT}/{path}" if path else _ROOT


def resolve(text: str, folder: str) -> str | None:
    """The path in the tree that a text means, seen from a folder; None if it leads out of the tree."""
    if text.startswith(_ROOT):
        rest = text[len(_ROOT) :]
        return join("", rest.lstrip("/")) if rest[:1] in ("", "/") else None
    return join(folder, text)


def folder_of(path: str) -> str:
    """The folder of a file in the tree."""
    return path.rpartition("/")[0]


def relative(path: str, start: str) -> str:
    """A path in the tree as seen from a folder in it, as Terragrunt writes it."""
    return posixpath.relpath("/" + path, "/" + start)


def is_marked(value: Value, budget: list[int] | None = None) -> bool:
    """Whether a value is, or has inside, an absolute path; a very large one is taken to have one."""
    if type(value) is not Known:
        return False
    inner = value.value
    if isinstance(inner, str):
        return _MARK in inner
    if isinstance(inner, LazyObject) or not isinstance(inner, (tuple, Mapping)):
        return False
    budget = [MAX_NODES] if budget is None else budget
    budget[0] -= len(inner) + 1
    if budget[0] < 0:
        return True
    return any(is_marked(item, budget) for item in (inner if isinstance(inner, tuple) else inner.values()))


def unmarked(value: Value) -> Value:
    """The value as it may leave Terragrunt's files: absolute paths in it are unknown."""
    budget = [MAX_NODES]
    if not is_marked(value, budget):
        return value if type(value) is Known else _of_unknown(value)
    assert type(value) is Known
    inner = value.value
    if budget[0] < 0 or isinstance(inner, (str, SetValue)):
        return _unknown(value)
    copy: tuple[Value, ...] | dict[str, Value]
    if isinstance(inner, tuple):
        copy = tuple(unmarked(item) for item in inner)
    else:
        assert isinstance(inner, Mapping)
        copy = {key: unmarked(item) for key, item in inner.items()}
    return Known(copy, value.span, value.via, value.refs, value.owner, (), value.heuristic, value.sensitive)


def shown(text: str) -> str:
    """A text for a person: paths as seen from the tree's root."""
    return text.replace(f"{_ROOT}/", "").replace(_ROOT, ".")


def _of_unknown(value: Value) -> Value:
    """The same unknown without absolute paths in what it says, may be, and consists of."""
    assert type(value) is Unknown
    inner = (*value.candidates, *value.parts)
    if _MARK not in value.reason and not any(type(item) is Unknown or is_marked(item) for item in inner):
        return value
    out = passed(value, None)
    assert type(out) is Unknown
    out.reason = shown(value.reason)
    out.candidates = tuple(unmarked(item) for item in value.candidates)
    if any(type(part) is Unknown or is_marked(part) for part in value.parts):
        out.parts = tuple(unmarked(part) for part in value.parts)
    return out


def _unknown(value: Value) -> Unknown:
    parts = tuple(unmarked(part) for part in value.parts)
    return Unknown(DIFFERS, value.span, value.via, value.refs, value.owner, parts)
