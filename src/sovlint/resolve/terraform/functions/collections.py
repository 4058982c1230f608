"""Collection functions. Elements that pass through keep their own cause."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sovlint.model.value import Known, Unknown, Value, picked
from sovlint.resolve.terraform.convert import convert_to
from sovlint.resolve.terraform.functions.base import MAX_RESULT, CallSite, Function, arity, int_of, items_of, pure
from sovlint.resolve.terraform.values import (
    EvaluationError,
    LazyObject,
    NotKnown,
    made,
    make_set,
    normal_number,
    plain,
    sort_key,
    to_number,
    to_text,
    unknown_from,
)


def _mapping(value: Value) -> Mapping[str, Value]:
    if type(value) is Unknown:
        raise NotKnown(value)
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, LazyObject):
        raise NotKnown(Unknown("attributes known after apply", value.span, refs=value.refs))
    if not isinstance(inner, Mapping):
        raise EvaluationError("a map or object is required here")
    return inner


def _elements(value: Value) -> list[Value]:
    return [picked(item, value) for item in items_of(value)]


def _length(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    value = args[0]
    if type(value) is Unknown:
        return unknown_from(args, site.span)
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, LazyObject) or inner is None or not isinstance(inner, (str, tuple, Mapping)):
        raise EvaluationError("length() takes a string, list or map")
    return made(len(inner), site.span, args)


def _concat(site: CallSite, args: list[Value]) -> Value:
    if any(type(arg) is Unknown for arg in args):
        return unknown_from(args, site.span)
    return made(tuple(item for arg in args for item in _elements(arg)), site.span, args)


def _merge(site: CallSite, args: list[Value]) -> Value:
    out: dict[str, Value] = {}
    if any(type(arg) is Unknown for arg in args):
        return unknown_from(args, site.span)
    for arg in args:
        if type(arg) is Known and arg.value is None:
            continue
        out.update({key: picked(item, arg) for key, item in _mapping(arg).items()})
    return made(out, site.span, args)


def _lookup(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 3)
    table, key = args[0], args[1]
    if type(table) is Unknown or type(key) is Unknown:
        result = unknown_from(args, site.span)
        if type(table) is Known and isinstance(table.value, Mapping) and not isinstance(table.value, LazyObject):
            result.candidates = (*(picked(x, table) for x in table.value.values()), *args[2:])
        return result
    found = _mapping(table).get(to_text(key))
    if found is not None:
        return picked(found, table)
    if len(args) == 3:
        return args[2]
    raise EvaluationError(f"there is no element {to_text(key)!r}")


def _element(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 2)
    if any(type(arg) is Unknown for arg in args):
        return unknown_from(args, site.span)
    items = _elements(args[0])
    if not items:
        raise EvaluationError("element() of an empty list")
    return items[int_of(args[1]) % len(items)]


def _coalesce(site: CallSite, args: list[Value]) -> Value:
    for arg in args:
        if type(arg) is Unknown:
            result = unknown_from(args, site.span)
            result.candidates = tuple(a for a in args if not (type(a) is Known and a.value in (None, "")))
            return result
        assert type(arg) is Known
        if arg.value is not None and arg.value != "":
            return arg
    raise EvaluationError("coalesce() has no value that is not empty")


def _coalescelist(site: CallSite, args: list[Value]) -> Value:
    for arg in args:
        if type(arg) is Unknown:
            return unknown_from(args, site.span)
        if arg.value:  # type: ignore[union-attr]
            return arg
    raise EvaluationError("coalescelist() has no list that is not empty")


def _compact(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    out = [x for x in _elements(args[0]) if not (type(x) is Known and (x.value is None or x.value == ""))]
    return made(tuple(out), site.span, args)


def _contains(site: CallSite, args: list[Value]) -> Value:
    from sovlint.resolve.terraform.evaluate import equal

    arity(site, args, 2, 2)
    items = _elements(args[0])
    if type(args[1]) is Known:
        known = [x for x in items if type(x) is Known]
        if any(equal(x, args[1]) for x in known):
            return made(True, site.span, args)
        if len(known) == len(items):
            return made(False, site.span, args)
    return unknown_from((*items, args[1]), site.span)


def _distinct(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    out: list[Value] = []
    seen: list[Any] = []
    for item in _elements(args[0]):
        data = plain(item)
        key = (type(data) is bool, data)
        if key not in seen:
            seen.append(key)
            out.append(item)
    return made(tuple(out), site.span, args)


def _flatten(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)

    def flat(value: Value, depth: int) -> list[Value]:
        out: list[Value] = []
        for item in _elements(value):
            if type(item) is Unknown:
                raise NotKnown(item)
            if isinstance(item.value, tuple) and depth < 100:  # type: ignore[union-attr]
                out.extend(flat(item, depth + 1))
            else:
                out.append(item)
        return out

    return made(tuple(flat(args[0], 0)), site.span, args)


def _index(site: CallSite, args: list[Value]) -> Value:
    from sovlint.resolve.terraform.evaluate import equal

    arity(site, args, 2, 2)
    for i, item in enumerate(_elements(args[0])):
        if equal(item, args[1]):
            return made(i, site.span, args)
    raise EvaluationError("index(): not found")


def _keys(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    table = _mapping(args[0])
    return made(tuple(Known(key, args[0].span, args[0].via) for key in sorted(table)), site.span, args)


def _values(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    table = _mapping(args[0])
    return made(tuple(picked(table[key], args[0]) for key in sorted(table)), site.span, args)


def _zipmap(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 2)
    keys, items = _elements(args[0]), _elements(args[1])
    if len(keys) != len(items):
        raise EvaluationError("zipmap(): lists of different length")
    return made({to_text(k): item for k, item in zip(keys, items, strict=True)}, site.span, args)


def _slice(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 3, 3)
    items = _elements(args[0])
    start, end = int_of(args[1]), int_of(args[2])
    if not 0 <= start <= end <= len(items):
        raise EvaluationError("slice(): index out of range")
    return made(tuple(items[start:end]), site.span, args)


def _sort(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    items = _elements(args[0])
    for item in items:
        to_text(item)
    return made(tuple(sorted(items, key=sort_key)), site.span, args)


def _reverse(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    return made(tuple(reversed(_elements(args[0]))), site.span, args)


def _one(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    items = _elements(args[0])
    if len(items) > 1:
        raise EvaluationError("one() takes a list of at most one element")
    return items[0] if items else Known(None, site.span)


def _range(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 3)
    numbers = [to_number(arg) for arg in args]
    start, end = (Decimal(0), numbers[0]) if len(numbers) == 1 else (Decimal(numbers[0]), numbers[1])
    step = Decimal(numbers[2]) if len(numbers) == 3 else Decimal(1 if start <= end else -1)
    if step == 0 or (end - start) * step < 0:
        raise EvaluationError("range(): the step leads nowhere")
    if abs((end - start) / step) > 1024:
        raise EvaluationError("range(): more than 1024 elements")
    out = []
    at = start
    while (at < end) if step > 0 else (at > end):
        out.append(Known(normal_number(at), site.span))
        at += step
    return made(tuple(out), site.span, args)


def _set_operation(name: str) -> Function:
    def function(site: CallSite, args: list[Value]) -> Value:
        arity(site, args, 1)
        sets = [[(plain(x), x) for x in _elements(arg)] for arg in args]
        out = list(sets[0])
        for other in sets[1:]:
            others = [data for data, _ in other]
            if name == "union":
                out.extend(other)
            elif name == "intersection":
                out = [row for row in out if row[0] in others]
            elif name == "subtract":
                out = [row for row in out if row[0] not in others]
            else:
                mine = [data for data, _ in out]
                out = [row for row in out if row[0] not in others] + [row for row in other if row[0] not in mine]
        return made(make_set(item for _, item in out), site.span, args)

    return function


def _setproduct(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2)
    lists = [_elements(arg) for arg in args]
    size = 1
    for items in lists:
        size *= len(items)
    if size > MAX_RESULT // 10:
        raise EvaluationError("setproduct(): result too large")
    rows = tuple(Known(tuple(row), site.span) for row in itertools.product(*lists))
    return made(rows, site.span, args)


def _sum(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    items = _elements(args[0])
    if not items:
        raise EvaluationError("sum() of an empty list")
    return made(normal_number(sum(to_number(item) for item in items)), site.span, args)


def _chunklist(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 2)
    items, size = _elements(args[0]), int_of(args[1])
    if size < 0:
        raise EvaluationError("chunklist(): negative size")
    size = size or max(1, len(items))
    chunks = [Known(tuple(items[i : i + size]), site.span) for i in range(0, len(items), size)]
    return made(tuple(chunks), site.span, args)


def _transpose(table: Any) -> Any:
    out: dict[str, list[str]] = {}
    for key in sorted(table):
        for item in table[key]:
            out.setdefault(item, []).append(key)
    return out


def _matchkeys(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 3, 3)
    items, keys, wanted = (_elements(arg) for arg in args)
    if len(items) != len(keys):
        raise EvaluationError("matchkeys(): lists of different length")
    search = [plain(x) for x in wanted]
    return made(tuple(i for i, k in zip(items, keys, strict=True) if plain(k) in search), site.span, args)


def _list(site: CallSite, args: list[Value]) -> Value:
    return made(tuple(args), site.span, args)


def _conversion(target: str) -> Function:
    def function(site: CallSite, args: list[Value]) -> Value:
        arity(site, args, 1, 1)
        return convert_to(args[0], target)

    return function


def _truth(all_of: bool) -> Function:
    def compute(items: Any) -> bool:
        truths = [x is True or x == "true" for x in items]
        return all(truths) if all_of else any(truths)

    return pure(1, 1, compute)


FUNCTIONS: dict[str, Function] = {
    "length": _length,
    "concat": _concat,
    "merge": _merge,
    "lookup": _lookup,
    "element": _element,
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "contains": _contains,
    "distinct": _distinct,
    "flatten": _flatten,
    "index": _index,
    "keys": _keys,
    "values": _values,
    "zipmap": _zipmap,
    "slice": _slice,
    "sort": _sort,
    "reverse": _reverse,
    "one": _one,
    "range": _range,
    "sum": _sum,
    "chunklist": _chunklist,
    "transpose": pure(1, 1, _transpose),
    "matchkeys": _matchkeys,
    "setunion": _set_operation("union"),
    "setintersection": _set_operation("intersection"),
    "setsubtract": _set_operation("subtract"),
    "setsymmetricdifference": _set_operation("difference"),
    "setproduct": _setproduct,
    "alltrue": _truth(all_of=True),
    "anytrue": _truth(all_of=False),
    "list": _list,
    "tostring": _conversion("string"),
    "tonumber": _conversion("number"),
    "tobool": _conversion("bool"),
    "tolist": _conversion("list"),
    "toset": _conversion("set"),
    "tomap": _conversion("map"),
}
