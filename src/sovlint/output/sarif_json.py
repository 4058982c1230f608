"""sarif-om's objects as JSON.

Its companion, jschema-to-python, takes 13.9 s and 778 MB for 50,000 results and leaves out `level: "warning"` because
that is the default; GitHub wants levels written. The classes themselves say what each field is called
(`schema_property_name`), so a walk of our own is short.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from sovlint.output.terminal import json_safe

_ALWAYS: Final = frozenset({"level", "results"})
"""Written even where it equals the default."""

_SIMPLE: Final = frozenset({str, int, float, bool, type(None), dict})
_FIRST: Final = ("$schema", "version")
_RESULTS: Final = '\n      "results": []'


def dump(log: Any, results: Sequence[str]) -> str:
    """A log of one run as JSON: indented, but one line per result, since there are thousands of those.

    Args:
        log: the log; the results of its run are an empty list.
        results: what goes there, written already.
    """
    text = json_safe(json.dumps(plain(log), ensure_ascii=False, indent=2))
    # The empty list stands at this depth and nowhere else: line ends in texts are escaped.
    head, tail = text.split(_RESULTS)
    lines = ",\n        ".join(results)
    return f"{head}{_RESULTS[:-1]}\n        {lines}\n      ]{tail}" if results else text


def plain(value: Any) -> Any:
    """An object of sarif-om, with all below it, as dictionaries and lists; defaults are left out.

    Dictionaries are taken as they are: property bags and locations hold plain values only.
    """
    kind: Any = type(value)
    if kind in _SIMPLE:
        return value
    if kind is list:
        return [plain(item) for item in value]
    result: dict[str, Any] = {}
    for name, key, default in _fields(kind):
        item = getattr(value, name)
        if item is None or (item == default and key not in _ALWAYS):
            continue
        result[key] = plain(item)
    return result


@cache
def _fields(kind: type[Any]) -> tuple[tuple[str, str, Any], ...]:
    """Attribute, JSON name and default of each field of a class."""
    found = []
    for attribute in kind.__attrs_attrs__:
        default = attribute.default
        factory: Callable[[], Any] | None = getattr(default, "factory", None)
        found.append((attribute.name, attribute.metadata["schema_property_name"], factory() if factory else default))
    found.sort(key=lambda field: _FIRST.index(field[1]) if field[1] in _FIRST else len(_FIRST))
    return tuple(found)
