"""The language of `--set` as Helm reads it: `a.b=c,d[0].e=f,g={h,i},j=null`, a backslash before a mark that is none.

As in https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set and the package `strvals` of Helm; the
tests compare with the engine. Lists are written over what other files and flags say, not over the chart's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

MAX_INDEX = 65_536
"""The highest index that Helm takes."""

MAX_NESTING = 30
"""Keys inside of keys."""

Plain: TypeAlias = "bool | int | str | None"


class SetError(ValueError):
    """A text that Helm does not take; the message is a clause."""


class UnfinishedError(SetError):
    """A text that ends too early, or a name without a part: Helm may take it and do nothing, which nobody meant."""


class Assignment(NamedTuple):
    """One `KEY=VALUE`: names and indexes, the value, and what was written."""

    keys: tuple[str | int, ...]
    value: Plain | tuple[Plain, ...]
    written: str


def assignments(text: str, *, strings: bool = False) -> list[Assignment]:
    """The assignments of one `--set`, in order.

    Args:
        text: as it was given.
        strings: values are texts, as for `--set-string`.

    Raises:
        SetError: Helm does not take it.
    """
    return list(_Reader(text, strings=strings).read())


def typed(text: str, *, strings: bool = False) -> Plain:
    """A value by its text: `true`, `false`, `null` in any case and numbers without a point are no texts."""
    folded = text.lower()
    if strings:
        return text
    if folded in ("true", "false"):
        return folded == "true"
    if folded == "null":
        return None
    if text == "0":
        return 0
    digits = text[1:] if text[:1] in ("-", "+") else text
    if digits.isascii() and digits.isdigit() and not text.startswith("0"):
        number = int(text) if len(digits) < 20 else 2**64
        return number if -(2**63) <= number < 2**63 else text
    return text


def path_of(name: str) -> tuple[str | int, ...]:
    """The keys and indexes of a name alone; empty where it is none."""
    try:
        found = assignments(f"{name}=", strings=True)
    except SetError:
        return ()
    return found[0].keys if len(found) == 1 else ()


class _Reader:
    def __init__(self, text: str, *, strings: bool) -> None:
        self.text = text
        self.strings = strings
        self.at = 0

    def read(self) -> Iterator[Assignment]:
        while self.at < len(self.text):
            start = self.at
            keys = tuple(self._keys())
            value = self._value()
            # A name that is empty is read and sets nothing.
            if all(key != "" for key in keys):
                yield Assignment(keys, value, self.text[start : self.at].removesuffix(","))
            elif len(keys) > 1:
                raise UnfinishedError(f'key "{keys[0]}" has no value')

    def _until(self, marks: str) -> tuple[str, str]:
        """What stands before the next mark, and that mark; empty at the end."""
        out: list[str] = []
        while self.at < len(self.text):
            character = self.text[self.at]
            self.at += 1
            if character == "\\":
                out.append(self.text[self.at : self.at + 1])
                self.at += 1
            elif character in marks:
                return "".join(out), character
            else:
                out.append(character)
        return "".join(out), ""

    def _keys(self) -> Iterator[str | int]:
        nesting = 0
        while True:
            name, mark = self._until("=[,.")
            if mark in ("", ","):
                raise (SetError if name or mark else UnfinishedError)(f'key "{name}" has no value')
            yield name
            while mark == "[":
                index, closing = self._until("]")
                if not closing:
                    raise UnfinishedError("an index must end with ]")
                number = index.removeprefix("+")
                if not (number.isascii() and number.isdigit()) or int(number[:10]) > MAX_INDEX:
                    raise SetError(f"{index!r} is no index from 0 to {MAX_INDEX}")
                yield int(number)
                rest, mark = self._until("[.=")
                if rest:
                    raise SetError(f"{rest!r} stands behind an index")
                if not mark:
                    raise UnfinishedError("an index has no value")
            if mark == "=":
                return
            nesting += 1
            if nesting > MAX_NESTING:
                raise SetError(f"more than {MAX_NESTING} keys in one another")

    def _value(self) -> Plain | tuple[Plain, ...]:
        if not self.text.startswith("{", self.at):
            return typed(self._until(",")[0], strings=self.strings)
        self.at += 1
        items: list[Plain] = []
        while True:
            item, mark = self._until(",}")
            if not mark:
                raise SetError("a list must end with }")
            items.append(typed(item, strings=self.strings))
            if mark == "}":
                if self.text.startswith(",", self.at):
                    self.at += 1
                return tuple(items)
