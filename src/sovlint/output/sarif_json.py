"""sarif-om's objects as JSON.

Its companion, jschema-to-python, takes 13.9 s and 778 MB for 50,000 results and leaves out `level: "warning"` because
that is the default; GitHub wants levels written. The classes themselves say what each field is called
(`schema_property_name`), so a walk of our own is short.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final

_ALWAYS: Final = frozenset({"level"})
"""Written even where it equals the default."""

_SIMPLE: Final = frozenset({str, int, float, bool, type(None), dict})
_FIRST: Final = ("$schema", "version")
_SPLICE: Final = "results"


def dump(log: Any) -> str:
    """A log as JSON: indented, but one line per result, since a log has few other things and thousands of those.

    The results of a run may be any iterable; each is written before the next one is asked for, so that objects and
    dictionaries of all of them are never in memory at once.
    """
    document = plain(log, leave=_SPLICE)
    text = json.dumps(document, ensure_ascii=False, indent=2)
    # Results are spliced in at their empty list, which stands at this depth and nowhere else.
    head, *tails = text.split(f'\n      "{_SPLICE}": []')
    encode = json.JSONEncoder(ensure_ascii=False).encode
    parts = [head]
    for run, tail in zip(log.runs, tails, strict=True):
        lines = ",\n        ".join(encode(plain(result)) for result in run.results)
        parts.append(f'\n      "{_SPLICE}": [' + (f"\n        {lines}\n      ]" if lines else "]") + tail)
    return "".join(parts)


def plain(value: Any, leave: str = "") -> Any:
    """An object of sarif-om, with all below it, as dictionaries and lists; defaults are left out.

    Args:
        value: the object. Dictionaries are taken as they are: property bags hold plain values only.
        leave: JSON name of a list that is written empty, whatever it holds.
    """
    kind: Any = type(value)
    if kind in _SIMPLE:
        return value
    if kind is list:
        return [plain(item, leave) for item in value]
    result: dict[str, Any] = {}
    for name, key, default in _fields(kind):
        item = getattr(value, name)
        if item is None or (item == default and key not in _ALWAYS):
            continue
        result[key] = [] if key == leave else plain(item, leave)
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
