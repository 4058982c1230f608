"""Functions of maps and objects. Elements that pass through keep their own cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sovlint.model.value import Known, Unknown, Value, picked
from sovlint.resolve.terraform.convert import to_type
from sovlint.resolve.terraform.functions.base import (
    CallSite,
    Function,
    arity,
    elements,
    entry_of,
    items_of,
    mapping_of,
    not_null,
    scalar,
)
from sovlint.resolve.terraform.types import (
    STRING,
    UNSURE,
    Collection,
    LazyObject,
    ListValue,
    MapValue,
    ObjectValue,
    TupleValue,
    list_of,
    make_list,
    make_map,
    map_of,
    type_of,
)
from sovlint.resolve.terraform.values import EvaluationError, made, to_text, unknown_from


def _merge(site: CallSite, args: list[Value]) -> Value:
    if any(type(arg) is Unknown for arg in args):
        return unknown_from(args, site.span)
    given = [arg for arg in args if not (type(arg) is Known and arg.value is None)]
    out: dict[str, Value] = {}
    for arg in given:
        out.update(mapping_of(arg))
    kinds = {type_of(arg) for arg in given}
    if UNSURE in kinds:
        return made(make_map(out, UNSURE), site.span, args)
    if len(kinds) == 1 and isinstance(kind := next(iter(kinds)), Collection):
        return made(make_map(out, kind.element), site.span, args)
    return made(ObjectValue(out), site.span, args)


def _lookup(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 3)
    table = not_null(site, args[0])
    key = to_type(not_null(site, args[1]), STRING)
    default = args[2] if len(args) == 3 else None
    is_map = type(table) is Known and isinstance(table.value, MapValue)
    if is_map and default is not None:
        assert type(table) is Known
        assert isinstance(table.value, MapValue)
        default = to_type(default, table.value.element)
    if type(table) is Unknown or type(key) is Unknown:
        result = unknown_from(args, site.span)
        inner = table.value if type(table) is Known else None
        if isinstance(inner, Mapping) and not isinstance(inner, LazyObject):
            result.candidates = (*(picked(x, table) for x in inner.values()), *args[2:])
        return result
    found = entry_of(table, to_text(key))
    if found is not None:
        return found
    if default is not None:
        return default
    raise EvaluationError(f"there is no element {to_text(key)!r}")


def _keys(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    value = not_null(site, args[0])
    table = mapping_of(value)
    names = [Known(key, value.span, value.via) for key in sorted(table)]
    is_map = type(value) is Known and isinstance(value.value, MapValue)
    return made(make_list(names, STRING) if is_map else TupleValue(names), site.span, args)


def _values(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    value = not_null(site, args[0])
    table = mapping_of(value)
    items = [table[key] for key in sorted(table)]
    inner = value.value if type(value) is Known else None
    result = make_list(items, inner.element) if isinstance(inner, MapValue) else TupleValue(items)
    return made(result, site.span, args)


def _zipmap(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 2)
    names = to_type(not_null(site, args[0]), list_of(STRING))
    keys, items = items_of(names), elements(site, args[1])
    if len(keys) != len(items):
        raise EvaluationError("zipmap(): lists of different length")
    table = {to_text(key): item for key, item in zip(keys, items, strict=True)}
    inner = args[1].value if type(args[1]) is Known else None
    result: Any = make_map(table, inner.element) if isinstance(inner, ListValue) else ObjectValue(table)
    return made(result, site.span, args)


def _transpose(table: dict[str, list[str | None]]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for key in sorted(table):
        for item in table[key]:
            if item is None:
                raise ValueError("an element is null")
            out.setdefault(item, []).append(key)
    return {key: sorted(out[key]) for key in sorted(out)}


FUNCTIONS: dict[str, Function] = {
    "merge": _merge,
    "lookup": _lookup,
    "keys": _keys,
    "values": _values,
    "zipmap": _zipmap,
    "transpose": scalar((map_of(list_of(STRING)),), map_of(list_of(STRING)), _transpose),
}
