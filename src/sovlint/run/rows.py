"""What a unit gave as bytes and back, for the store of facts: tables of texts, places and causes, as JSON.

Whoever can write to a cache that is carried between machines decides about these bytes. So they are no pickle, which
takes any amount of memory, or the whole process, with a few bytes: JSON has texts, numbers and lists, and every column
is checked before a record is made of it. Tables are columns because whole columns are checked and put together at the
speed of C; everything that several facts have in common stands there once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from sovlint.model.fact import (
    Artefact,
    Binding,
    Cause,
    Fact,
    Hop,
    KeyCustody,
    OperatorUse,
    Place,
    Placement,
    Reliance,
    ServiceUse,
    StateStore,
    Subject,
)
from sovlint.model.finding import Waiver
from sovlint.model.problem import Problem
from sovlint.model.source import Location

LARGEST_ROW = 16 * 1024 * 1024
"""Bytes of a unit's row. Hostile JSON takes some 25 times its size in memory."""

_LISTS = {"texts": "text", "pairs": "texts", "hops": "hop", "places": "place"}
"""Tables of tuples, and of what."""

_RECORDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "location": (Location, ("text", "int", "int", "int", "int")),
    "hop": (Hop, ("location", "text")),
    "place": (Place, ("text", "text", "text", "texts", "text", "text", "text", "text", "bool")),
    "cause": (
        Cause,
        ("location", "text", "?text", "hops", "bool", "text", "texts", "text", "bool", "text", "texts"),
    ),
    "subject": (
        Subject,
        (*("text",) * 6, "?text", "bool", "location", "bool", "texts", "pairs"),
    ),
    "waiver": (
        Waiver,
        ("location", "texts", "text", "text", "text", "text", "texts", "texts", "bool", "?location", "text"),
    ),
    "problem": (Problem, ("location", "text", "text", "level")),
}
"""Tables of records: the class and the kinds of its fields, in order."""

_FACT = ("subject", "text", "text", "confidence", "cause")
"""The fields of every fact; its class's own follow, in the order of its constructor."""

_FACTS: dict[str, tuple[type[Fact], tuple[tuple[str, str], ...]]] = {
    "placement": (Placement, (("places", "places"),)),
    "operator-use": (OperatorUse, (("operator", "text"), ("tenant", "text"))),
    "service-use": (ServiceUse, (("service", "text"), ("lock_in", "int"), ("operator", "text"))),
    "artefact": (Artefact, (("kind", "text"), ("host", "text"), ("reference", "text"), ("operator", "text"))),
    "state-store": (StateStore, (("backend", "text"), ("operator", "text"), ("encrypted", "bool"))),
    "reliance": (Reliance, (("purpose", "text"), ("operator", "text"), ("host", "text"), ("service", "text"))),
    "key-custody": (KeyCustody, (("operator", "text"), ("external", "bool"))),
    "binding": (Binding, (("binding", "text"), ("operator", "text"))),
}

_WORDS = {"confidence": frozenset({"literal", "resolved", "heuristic"}), "level": frozenset({"error", "warning"})}
_PLAIN = {"int": int, "bool": bool}

_AS_THEY_ARE = frozenset({*_WORDS, *_PLAIN})
_OWN = {name: (*_FACT, *(of for _, of in own)) for name, (_, own) in _FACTS.items()}
_READING = {
    name: attrgetter("subject", "role", "attribute", "confidence", "cause", *(field for field, _ in own))
    for name, (_, own) in _FACTS.items()
}
_NUMBERS = {kind: number for number, (kind, _) in enumerate(_FACTS.values())}

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)

# What refers to others comes first when it is written, and last when it is read.
_ORDER = ("problem", "waiver", "cause", "subject", "places", "place", "hops", "hop", "location", "pairs", "texts")


class Given(NamedTuple):
    """What a unit gave, as in `Gathered`."""

    facts: list[Fact]
    problems: list[Problem]
    waivers: list[Waiver]
    instances: set[tuple[str, str]]
    files: set[str]
    remote_modules: list[str]
    declared: list[Subject] | None


def encode(given: Given) -> bytes:
    """Bytes that `decode` turns into the same again.

    Raises:
        TypeError: something in it is not of the type it is declared to be.
    """
    tables: dict[str, dict[Any, int]] = {name: {} for name in (*_ORDER, "text")}

    def column(kind: str, values: Iterable[Any]) -> list[Any]:
        if kind in _AS_THEY_ARE:
            return list(values)
        if kind[0] == "?":
            table = tables[kind[1:]]
            return [None if value is None else table.setdefault(value, len(table)) for value in values]
        table = tables[kind]
        return [table.setdefault(value, len(table)) for value in values]

    by_class: list[list[Fact]] = [[] for _ in _FACTS]
    order = [_NUMBERS[type(fact)] for fact in given.facts]
    for number, fact in zip(order, given.facts, strict=True):
        by_class[number].append(fact)
    out: dict[str, Any] = {"order": order}
    for name, facts in zip(_FACTS, by_class, strict=True):
        values_of = zip(_OWN[name], zip(*map(_READING[name], facts), strict=True), strict=True) if facts else ()
        out[name] = [column(of, values) for of, values in values_of]
    out["problems"] = column("problem", given.problems)
    out["waivers"] = column("waiver", given.waivers)
    out["declared"] = None if given.declared is None else column("subject", given.declared)
    instances = sorted(given.instances)
    out["instances"] = [
        column("text", [unit for unit, _ in instances]),
        column("text", [name for _, name in instances]),
    ]
    out["files"] = column("text", sorted(given.files))
    out["remote"] = column("text", given.remote_modules)
    for name in _ORDER:
        if name in _LISTS:
            out[name] = [column(_LISTS[name], values) for values in tables[name]]
        else:
            fields_of = zip(_RECORDS[name][1], zip(*tables[name], strict=True), strict=True) if tables[name] else ()
            out[name] = [column(of, values) for of, values in fields_of]
    out["text"] = list(tables["text"])
    # Not escaped: two halves of a character that stand beside each other would come back as one.
    return _ENCODER.encode(out).encode("utf-8", "surrogatepass")


def decode(content: bytes) -> Given:
    """What `encode` was given.

    Raises:
        ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError: it was made by nobody here.
    """
    read = json.loads(content.decode("utf-8", "surrogatepass"))
    tables: dict[str, list[Any]] = {"text": _all_of(str, read["text"])}

    def column(kind: str, values: list[Any]) -> list[Any]:
        if kind in _PLAIN:
            return _all_of(_PLAIN[kind], values)
        if kind in _WORDS:
            if not _WORDS[kind].issuperset(values):
                raise ValueError(kind)
            return values
        if kind[0] == "?":
            table = tables[kind[1:]]
            return [None if number is None else table[number] for number in values]
        return list(map(tables[kind].__getitem__, values))

    for name in reversed(_ORDER):
        if name in _LISTS:
            entry = tables[_LISTS[name]].__getitem__
            tables[name] = [tuple(map(entry, numbers)) for numbers in read[name]]
        else:
            record, kinds = _RECORDS[name]
            columns = read[name]
            tables[name] = (
                _made(record, [column(*pair) for pair in zip(kinds, columns, strict=True)]) if columns else []
            )
    made = []
    for name, (kind, _) in _FACTS.items():
        columns = read[name]
        found = _made(kind, [column(*pair) for pair in zip(_OWN[name], columns, strict=True)]) if columns else []
        made.append(iter(found))
    try:
        facts = [next(made[number]) for number in read["order"]]
    except StopIteration:
        raise ValueError("order") from None
    units, addresses = (column("text", numbers) for numbers in read["instances"])
    return Given(
        facts,
        column("problem", read["problems"]),
        column("waiver", read["waivers"]),
        set(zip(units, addresses, strict=True)),
        set(column("text", read["files"])),
        column("text", read["remote"]),
        None if read["declared"] is None else column("subject", read["declared"]),
    )


def _made(kind: Any, columns: list[list[Any]]) -> list[Any]:
    if len({len(values) for values in columns}) > 1:
        raise ValueError("columns of different length")
    if not columns:
        return []
    if issubclass(kind, tuple):
        # What the class's own `_make` does, without a call of Python's for each; the table names every field.
        return list(map(partial(tuple.__new__, kind), zip(*columns, strict=True)))
    return list(map(kind, *columns))


def _all_of(kind: type, values: Any) -> list[Any]:
    """A column of plain values."""
    if type(values) is not list or not {kind}.issuperset(map(type, values)):
        raise TypeError(kind.__name__)
    return values
