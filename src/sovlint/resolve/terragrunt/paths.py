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

MAX_DEPTH = 30
"""Levels of a composite that are looked into for such paths; deeper ones are taken to have one."""


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


def is_marked(value: Value, depth: int = 0) -> bool:
    """Whether a value is, or has inside, an absolute path."""
    if type(value) is not Known:
        return False
    inner = value.value
    if isinstance(inner, str):
        return _MARK in inner
    if isinstance(inner, LazyObject):
        return False
    if isinstance(inner, (tuple, Mapping)):
        if depth > MAX_DEPTH:
            return True
        items = inner if isinstance(inner, tuple) else inner.values()
        return any(is_marked(item, depth + 1) for item in items)
    return False


def unmarked(value: Value, depth: int = 0) -> Value:
    """The value as it may leave Terragrunt's files: absolute paths in it are unknown."""
    if not is_marked(value):
        return value if type(value) is Known else _of_unknown(value)
    assert type(value) is Known
    inner = value.value
    if depth > MAX_DEPTH or isinstance(inner, str):
        return _unknown(value)
    copy: tuple[Value, ...] | dict[str, Value]
    if isinstance(inner, tuple):
        if isinstance(inner, SetValue):
            return _unknown(value)
        copy = tuple(unmarked(item, depth + 1) for item in inner)
    else:
        assert isinstance(inner, Mapping)
        copy = {key: unmarked(item, depth + 1) for key, item in inner.items()}
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
