"""Type constraints of variables and the conversions they cause; elements keep their causes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sovlint.model.value import Known, SetValue, Unknown, Value, changed, picked
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.failures import MAX_WORK, WORK, NotKnown, spend
from sovlint.resolve.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    UNSURE,
    Collection,
    LazyObject,
    ListValue,
    MapValue,
    ObjectType,
    ObjectValue,
    TupleType,
    TupleValue,
    Type,
    Typed,
    TypedSet,
    convertible,
    has_any,
    list_of,
    make_list,
    make_map,
    map_of,
    object_of,
    set_of,
    tuple_of,
    type_of,
    unify,
)
from sovlint.resolve.terraform.values import (
    EvaluationError,
    make_set,
    of_type,
    reshaped,
    settled,
    to_bool,
    to_number,
    to_text,
    undetermined,
)

MAX_TYPE_DEPTH = 60

_KEYWORDS = {
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "any": ANY,
    "list": list_of(ANY),
    "set": set_of(ANY),
    "map": map_of(ANY),
}


def convert(value: Value, constraint: n.Expression, context: Context) -> Value:
    """Converts a value to a type constraint as written in a `variable` block, filling in `optional()` defaults.

    Raises:
        EvaluationError: the value does not fit.
    """
    outer = (WORK.depth, WORK.left)
    WORK.depth, WORK.left = 1, MAX_WORK
    try:
        return to_type(value, constraint_type(constraint, context))
    except NotKnown as error:
        unknown = error.unknown
        return Unknown(unknown.reason, value.span, value.via, value.refs, value.owner, (), unknown.inputs)
    finally:
        WORK.depth, WORK.left = outer


def constraint_type(node: n.Expression, context: Context, depth: int = 0) -> Type:
    """The type a constraint means; what is malformed means any type."""
    from sovlint.resolve.terraform.evaluate import evaluate

    if depth > MAX_TYPE_DEPTH:
        return ANY
    if isinstance(node, n.Traversal):
        return _KEYWORDS.get(node.root, ANY)
    if isinstance(node, n.String):
        # Terraform 0.11 wrote types as strings; "map" and "list" were of strings.
        legacy = {"list": list_of(STRING), "map": map_of(STRING), "string": STRING}
        return legacy.get(node.value, ANY)
    if not isinstance(node, n.Call) or not node.args:
        return ANY
    first = node.args[0]
    if node.name == "optional":
        return constraint_type(first, context, depth + 1)
    if node.name in ("list", "set", "map"):
        return Collection(node.name, constraint_type(first, context, depth + 1))
    if node.name == "tuple" and isinstance(first, n.Tuple):
        return tuple_of(constraint_type(item, context, depth + 1) for item in first.items)
    if node.name == "object" and isinstance(first, n.Object):
        attributes: dict[str, Type] = {}
        optional: set[str] = set()
        defaults: dict[str, Value] = {}
        for key, item in first.items:
            name = key.name if isinstance(key, n.ObjectKey) else key.value if isinstance(key, n.String) else None
            if name is None:
                continue
            attributes[name] = constraint_type(item, context, depth + 1)
            if isinstance(item, n.Call) and item.name == "optional":
                optional.add(name)
                if len(item.args) > 1:
                    defaults[name] = evaluate(item.args[1], context)
        kind = object_of(attributes)
        return ObjectType(kind.name, kind.attributes, frozenset(optional), defaults, kind.size)
    return ANY


def convert_to(value: Value, target: str) -> Value:
    """Converts to `string`, `number`, `bool`, or to `list`, `set` or `map` of one type of elements.

    Raises:
        EvaluationError: Terraform would reject it.
    """
    return to_type(value, _KEYWORDS.get(target, ANY))


def to_type(value: Value, target: Type) -> Value:
    """Converts a value, and everything in it, to a type.

    Raises:
        EvaluationError: Terraform would reject it.
        NotKnown: the result depends on something unknown.
    """
    spend(1)
    if target is ANY or target == ANY:
        return value
    if target == UNSURE:
        return loosened(value)
    if type(value) is Unknown:
        have = type_of(value)
        if not convertible(have, target):
            raise EvaluationError(f"{_article(target)} is required here")
        if have == target or not _settled_type(target):
            return value
        return of_type(value, target)
    assert type(value) is Known
    inner = value.value
    if inner is None:
        if not convertible(type_of(value), target):
            raise EvaluationError(f"{_article(target)} is required here")
        return of_type(value, target)
    if target in _PRIMITIVE:
        return _PRIMITIVE[target](value)
    if isinstance(target, Collection):
        if target.name == "map":
            return _to_map(value, target)
        return _to_sequence(value, target)
    if isinstance(target, TupleType):
        return _to_tuple(value, target)
    assert isinstance(target, ObjectType)
    return _to_object(value, target)


def _article(kind: Type) -> str:
    return f"an {kind.name}" if kind.name == "object" else f"a {kind.name}"


def _settled_type(target: Type) -> bool:
    """Whether a conversion to this constraint alone says what type the result has."""
    return not (has_any(target) or has_any(target, UNSURE))


def _like(inner: tuple[Value, ...] | Mapping[str, Value], value: Known) -> Known:
    """The same composite in another kind, at the same place, come the same way."""
    return Known(inner, value.span, value.via, value.refs, value.owner, (), value.heuristic, value.sensitive)


def _string(value: Known) -> Value:
    return value if isinstance(value.value, str) else reshaped(to_text(value), value)


def _number(value: Known) -> Value:
    if isinstance(value.value, (int, Decimal)) and not isinstance(value.value, bool):
        return value
    return reshaped(to_number(value), value)


def _bool(value: Known) -> Value:
    return value if isinstance(value.value, bool) else reshaped(to_bool(value), value)


_PRIMITIVE = {STRING: _string, NUMBER: _number, BOOL: _bool}


def _to_sequence(value: Known, target: Collection) -> Value:
    """To a list or set."""
    inner = value.value
    if not isinstance(inner, tuple):
        raise EvaluationError(f"{_article(target)} is required here")
    is_list = target.name == "list"
    if target.element == ANY:
        if isinstance(inner, ListValue if is_list else TypedSet):
            return value
        element = inner.element if isinstance(inner, (ListValue, TypedSet)) else _common(inner)
    else:
        if isinstance(inner, (ListValue if is_list else TypedSet)) and inner.element == target.element:
            return value
        element = target.element
    if is_list and not settled(value):
        raise undetermined("the order of a set with unknown elements is not known")
    items = [to_type(item, element) for item in inner]
    if has_any(element) and element != ANY:
        element = _common(items)
        items = [to_type(item, element) for item in items]
    elif element == ANY and items:
        element = _common(items)
    return _like(make_list(items, element) if is_list else make_set(items, element), value)


def _common(items: tuple[Value, ...] | list[Value]) -> Type:
    """The type that all elements of a collection get."""
    kinds = [type_of(item) for item in items]
    element = unify(kinds)
    if element is None:
        raise EvaluationError("all elements must be of one type")
    return element


def _to_map(value: Known, target: Collection) -> Value:
    inner = value.value
    if isinstance(inner, LazyObject):
        return value
    if not isinstance(inner, Mapping):
        raise EvaluationError("a map is required here")
    element = target.element
    if isinstance(inner, MapValue) and element in (ANY, inner.element):
        return value
    if element == ANY:
        element = inner.element if isinstance(inner, MapValue) else _common(list(inner.values()))
    items = {key: to_type(item, element) for key, item in inner.items()}
    if items and has_any(element):
        element = _common(list(items.values()))
        items = {key: to_type(item, element) for key, item in items.items()}
    return _like(make_map(items, element), value)


def _to_tuple(value: Known, target: TupleType) -> Value:
    inner = value.value
    if not isinstance(inner, tuple) or isinstance(inner, (ListValue, SetValue)):
        raise EvaluationError("a tuple is required here")
    if len(inner) != len(target.items):
        raise EvaluationError("a tuple of another length is required here")
    return _like(TupleValue(to_type(item, kind) for item, kind in zip(inner, target.items, strict=True)), value)


def _to_object(value: Known, target: ObjectType) -> Value:
    inner = value.value
    if not isinstance(inner, Mapping):
        raise EvaluationError("an object is required here")
    out: ObjectValue = ObjectValue()
    for name, kind in target.attributes:
        lazy = isinstance(inner, LazyObject)
        item = picked(inner.attribute(name, value.span), value) if lazy else inner.get(name)  # type: ignore[attr-defined]
        if item is None or (type(item) is Known and item.value is None):
            if name in target.defaults:
                item = target.defaults[name]
            elif item is None:
                if name not in target.optional:
                    raise EvaluationError(f"attribute {name!r} is required")
                item = Known(None, value.span)
        out[name] = to_type(item, kind)
    return _like(out, value)


def loosened(value: Value) -> Value:
    """A value that is converted along with something of unknown type.

    Strings and keys stay what they are, whatever the other type is; numbers and booleans may become strings, tuples may
    become lists, objects maps.
    """
    spend(3)
    if type(value) is Unknown:
        if type(value.parts) is Typed and value.parts.kind != STRING:
            return replace_parts(value)
        return value
    assert type(value) is Known
    inner = value.value
    if isinstance(inner, (bool, int, Decimal)):
        return Unknown(
            "its type depends on something that is not known",
            value.span,
            value.via,
            value.refs,
            value.owner,
            (),
            (),
            (value,),
            value.heuristic,
            value.sensitive,
        )
    if isinstance(inner, LazyObject) or inner is None or isinstance(inner, str):
        return value
    if isinstance(inner, Mapping):
        return _like(make_map({key: loosened(item) for key, item in inner.items()}, UNSURE), value)
    if isinstance(inner, SetValue):
        return _like(make_set([loosened(item) for item in inner], UNSURE), value)
    assert isinstance(inner, tuple)
    return _like(make_list([loosened(item) for item in inner], UNSURE), value)


def replace_parts(value: Unknown) -> Unknown:
    """The same unknown without its type."""
    return changed(value, parts=())
