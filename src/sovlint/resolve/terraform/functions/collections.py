"""Collection functions. Elements that pass through keep their own cause."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from sovlint.model.value import Known, SetValue, Unknown, Value, picked
from sovlint.resolve.terraform.convert import convert_to, to_type
from sovlint.resolve.terraform.equality import equality
from sovlint.resolve.terraform.failures import spend
from sovlint.resolve.terraform.functions.base import (
    MAX_RESULT,
    CallSite,
    Function,
    arguments,
    arity,
    element_at,
    elements,
    int_of,
    items_of,
    not_null,
    whole,
)
from sovlint.resolve.terraform.functions.graphemes import graphemes
from sovlint.resolve.terraform.numerics import Short
from sovlint.resolve.terraform.setorder import sort_key
from sovlint.resolve.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    UNSURE,
    Collection,
    LazyObject,
    ListValue,
    ObjectType,
    TupleType,
    TupleValue,
    Type,
    list_of,
    make_list,
    tuple_of,
    type_of,
    unify,
)
from sovlint.resolve.terraform.values import (
    EvaluationError,
    NotKnown,
    is_whole,
    made,
    make_set,
    plain,
    settled,
    undetermined,
    unknown_from,
)


def _unknown(args: list[Value]) -> bool:
    return any(type(arg) is Unknown for arg in args)


def _length(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    value = not_null(site, args[0])
    if type(value) is Unknown:
        kind = type_of(value)
        if isinstance(kind, (TupleType, ObjectType)):
            size = len(kind.items if isinstance(kind, TupleType) else kind.attributes)
            return made(Short(size), site.span, args)
        if kind in (NUMBER, BOOL):
            raise EvaluationError("length() takes a string, list or map")
        return unknown_from(args, site.span, kind=NUMBER)
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, LazyObject):
        return unknown_from(args, site.span, "attributes known after apply", NUMBER)
    if isinstance(inner, str):
        return made(Short(len(graphemes(inner))), site.span, args)
    if not isinstance(inner, (tuple, Mapping)):
        raise EvaluationError("length() takes a string, list or map")
    if not settled(value) and len(inner) > 1:
        return unknown_from((value, *inner), site.span, kind=NUMBER)
    return made(Short(len(inner)), site.span, args)


def _is_list(value: Value) -> bool:
    return type(value) is Known and isinstance(value.value, ListValue)


def _concat(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1)
    if _unknown(args):
        return unknown_from(args, site.span)
    rows = [elements(site, arg) for arg in args]
    items = [item for row in rows for item in row]
    if all(_is_list(arg) for arg in args):
        kind = unify([type_of(arg) for arg in args])
        if isinstance(kind, Collection):
            return made(make_list([to_type(item, kind.element) for item in items], kind.element), site.span, args)
    if any(type_of(arg) == UNSURE for arg in args):
        return made(make_list(items, UNSURE), site.span, args)
    return made(TupleValue(items), site.span, args)


def _element(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 2)
    index = to_type(not_null(site, args[1]), NUMBER)
    not_null(site, args[0])
    if type(args[0]) is Unknown or type(index) is Unknown:
        result = unknown_from(args, site.span)
        if type(args[0]) is Known and 0 < len(items_of(args[0])) <= 64:
            result.candidates = items_of(args[0])
        return result
    inner = args[0].value if type(args[0]) is Known else None
    if not isinstance(inner, tuple) or isinstance(inner, SetValue):
        raise EvaluationError("element() takes a list")
    number = int_of(index)
    if not inner:
        raise EvaluationError("element() of an empty list")
    if number < 0 and number % len(inner):
        # Terraform 1.11 rejects these, OpenTofu counts from the end.
        raise EvaluationError("element(): the index is negative")
    return element_at(args[0], number % len(inner))


def _coalesce(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1)
    kind = unify([type_of(arg) for arg in args])
    if kind is None:
        raise EvaluationError("coalesce(): all arguments must have the same type")
    converted = [to_type(arg, kind) for arg in args]
    for i, arg in enumerate(converted):
        if type(arg) is Unknown and not arg.candidates:
            result = unknown_from(args, site.span, kind=kind)
            result.candidates = tuple(a for a in args[i:] if not (type(a) is Known and a.value in (None, "")))
            return result
        if not (type(arg) is Known and (arg.value is None or arg.value == "")):
            return arg
    raise EvaluationError("coalesce() has no value that is not empty")


def _coalescelist(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1)
    for arg in args:
        if type(arg) is Known and not isinstance(arg.value, tuple):
            raise EvaluationError("coalescelist() takes lists")
        if type(arg) is Known:
            elements(site, arg)
    for arg in args:
        if type(arg) is Unknown:
            return unknown_from(args, site.span)
        if elements(site, arg):
            return arg
    raise EvaluationError("coalescelist() has no list that is not empty")


def _compact(site: CallSite, args: list[Value]) -> Value:
    (value,) = arguments(site, args, (list_of(STRING),))
    if type(value) is Unknown:
        return unknown_from(args, site.span, kind=list_of(STRING))
    items = items_of(value)
    whole(items)
    kept = [x for x in items if type(x) is Known and x.value not in (None, "")]
    return made(make_list(kept, STRING), site.span, args)


def _contains(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 2)
    not_null(site, args[0])
    not_null(site, args[1])
    if type(args[0]) is Unknown:
        return unknown_from(args, site.span, kind=BOOL)
    inner = args[0].value  # type: ignore[union-attr]
    if not isinstance(inner, tuple):
        raise EvaluationError("contains() takes a list")
    items = [picked(item, args[0]) for item in inner]
    results = [equality(item, args[1]) for item in items]
    if True in results:
        return made(True, site.span, args)
    if None in results:
        return unknown_from((*items, args[1]), site.span, kind=BOOL)
    return made(False, site.span, args)


def _distinct(site: CallSite, args: list[Value]) -> Value:
    (value,) = arguments(site, args, (list_of(ANY),))
    if type(value) is Unknown:
        return unknown_from(args, site.span)
    items = items_of(value)
    out: list[Value] = []
    for item in items:
        results = [equality(item, other) for other in out]
        if True in results:
            continue
        if None in results:
            return unknown_from(items, site.span)
        out.append(item)
    element = value.value.element if isinstance(value.value, ListValue) else ANY  # type: ignore[union-attr]
    return made(make_list(out, element), site.span, args)


def _flatten(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    not_null(site, args[0])

    def flat(value: Value, depth: int) -> list[Value]:
        out: list[Value] = []
        for item in items_of(value):
            spend(1)
            if type(item) is Unknown and not _is_single(type_of(item)):
                raise NotKnown(item)
            if type(item) is Known and isinstance(item.value, tuple):
                if depth > 100:
                    raise undetermined("flatten(): too deep")
                out.extend(flat(item, depth + 1))
            else:
                out.append(item)
        return out

    return made(TupleValue(flat(args[0], 0)), site.span, args)


def _is_single(kind: Type) -> bool:
    """Whether something of this type is certainly no list."""
    return kind in (STRING, NUMBER, BOOL) or isinstance(kind, ObjectType) or kind.name == "map"


def _index(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 2)
    not_null(site, args[1])
    for i, item in enumerate(elements(site, args[0])):
        result = equality(item, args[1])
        if result is None:
            return unknown_from((item, args[1]), site.span, kind=NUMBER)
        if result:
            return made(Short(i), site.span, args)
    raise EvaluationError("index(): not found")


def _slice(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 3, 3)
    low, high = (to_type(not_null(site, arg), NUMBER) for arg in args[1:])
    items = elements(site, args[0])
    start, end = int_of(low), int_of(high)
    if not 0 <= start <= end <= len(items):
        raise EvaluationError("slice(): index out of range")
    return made(_same_kind(args[0], items[start:end]), site.span, args)


def _same_kind(value: Value, items: tuple[Value, ...]) -> tuple[Value, ...]:
    inner = value.value if type(value) is Known else None
    return make_list(items, inner.element) if isinstance(inner, ListValue) else TupleValue(items)


def _sort(site: CallSite, args: list[Value]) -> Value:
    (value,) = arguments(site, args, (list_of(STRING),))
    if type(value) is Unknown:
        return unknown_from(args, site.span, kind=list_of(STRING))
    items = items_of(value)
    for item in items:
        if type(item) is Known and item.value is None:
            raise EvaluationError("sort(): an element is null")
    whole(items)
    return made(make_list(sorted(items, key=sort_key), STRING), site.span, args)


def _reverse(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    items = tuple(reversed(elements(site, args[0], sets=True)))
    kind = type_of(args[0])
    if isinstance(kind, Collection):
        return made(make_list(items, kind.element), site.span, args)
    return made(_same_kind(args[0], items), site.span, args)


def _one(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    inner = args[0].value if type(args[0]) is Known else None
    if isinstance(inner, SetValue) and not settled(args[0]) and len(inner) == 1:
        return picked(inner[0], args[0])
    items = elements(site, args[0], sets=True)
    if len(items) > 1:
        raise EvaluationError("one() takes a list of at most one element")
    return items[0] if items else Known(None, site.span)


def _setproduct(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2)
    if _unknown(args):
        return unknown_from(args, site.span)
    columns: list[tuple[Value, ...]] = []
    kinds: list[Type] = []
    size = 1
    for arg in args:
        inner = not_null(site, arg).value  # type: ignore[union-attr]
        items = elements(site, arg, sets=True)
        element = inner.element if isinstance(inner, (ListValue,)) else unify([type_of(x) for x in items])
        if element is None:
            raise EvaluationError("setproduct(): the elements of a list must be of one type")
        columns.append(tuple(to_type(item, element) for item in items))
        kinds.append(element)
        size *= len(items)
    if size * len(args) > MAX_RESULT // 10:
        raise undetermined("setproduct(): result too large")
    rows = [Known(TupleValue(row), site.span) for row in itertools.product(*columns)]
    kind = tuple_of(kinds)
    if any(type(arg) is Known and isinstance(arg.value, SetValue) for arg in args):
        whole(rows)
        return made(make_set(rows, kind), site.span, args)
    return made(make_list(rows, kind if UNSURE not in kinds else UNSURE), site.span, args)


def _chunklist(site: CallSite, args: list[Value]) -> Value:
    value, number = arguments(site, args, (list_of(ANY), NUMBER))
    if type(value) is Unknown or type(number) is Unknown:
        return unknown_from(args, site.span)
    items, size = items_of(value), int_of(number)
    if size < 0:
        raise EvaluationError("chunklist(): negative size")
    size = size or max(1, len(items))
    inner = value.value  # type: ignore[union-attr]
    element = inner.element if isinstance(inner, ListValue) else ANY
    chunks = [Known(make_list(items[i : i + size], element), site.span) for i in range(0, len(items), size)]
    return made(make_list(chunks, list_of(element)), site.span, args)


def _matchkeys(site: CallSite, args: list[Value]) -> Value:
    values, keys, wanted = arguments(site, args, (list_of(ANY), list_of(ANY), list_of(ANY)))
    if type(values) is Unknown or type(keys) is Unknown or type(wanted) is Unknown:
        return unknown_from(args, site.span)
    items, names = items_of(values), items_of(keys)
    if len(items) != len(names):
        raise EvaluationError("matchkeys(): lists of different length")
    common = unify([type_of(keys), type_of(wanted)])
    if common is None:
        raise EvaluationError("matchkeys(): keys and search set must be of one type")
    names, search = items_of(to_type(keys, common)), items_of(to_type(wanted, common))
    whole((*names, *search))
    texts = [plain(x) for x in search]
    kept = tuple(item for item, name in zip(items, names, strict=True) if plain(name) in texts)
    return made(_same_kind(values, kept), site.span, args)


def _conversion(target: str) -> Function:
    def function(site: CallSite, args: list[Value]) -> Value:
        arity(site, args, 1, 1)
        return convert_to(args[0], target)

    return function


def _truth(all_of: bool) -> Function:
    def function(site: CallSite, args: list[Value]) -> Value:
        (value,) = arguments(site, args, (list_of(BOOL),))
        if type(value) is Unknown:
            return unknown_from(args, site.span, kind=BOOL)
        items = items_of(value)
        for item in items:
            # A null counts as false.
            if type(item) is Known and (item.value is True) is not all_of:
                return made(not all_of, site.span, args)
        if not all(is_whole(item) for item in items):
            return unknown_from(items, site.span, kind=BOOL)
        return made(all_of, site.span, args)

    return function


FUNCTIONS: dict[str, Function] = {
    "length": _length,
    "concat": _concat,
    "element": _element,
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "contains": _contains,
    "distinct": _distinct,
    "flatten": _flatten,
    "index": _index,
    "slice": _slice,
    "sort": _sort,
    "reverse": _reverse,
    "one": _one,
    "chunklist": _chunklist,
    "matchkeys": _matchkeys,
    "setproduct": _setproduct,
    "alltrue": _truth(all_of=True),
    "anytrue": _truth(all_of=False),
    "tostring": _conversion("string"),
    "tonumber": _conversion("number"),
    "tobool": _conversion("bool"),
    "tolist": _conversion("list"),
    "toset": _conversion("set"),
    "tomap": _conversion("map"),
}
