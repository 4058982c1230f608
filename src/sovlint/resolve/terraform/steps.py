"""One step into a value: an attribute or an index."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sovlint.model.value import SetValue, Unknown, Value, changed, picked
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform import values as v
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.convert import constraint_type, to_type
from sovlint.resolve.terraform.types import (
    ANY,
    UNSURE,
    Collection,
    LazyObject,
    ListValue,
    MapValue,
    ObjectType,
    TupleType,
    Type,
    type_of,
)
from sovlint.resolve.terraform.values import EvaluationError, NotKnown, unknown_from


def step_into(value: Value, key: Any, node: n.Node, context: Context, attribute: bool) -> Value:
    """One step: an attribute name or an index; the element keeps its own cause."""
    if type(value) is Unknown:
        return _step_into_unknown(value, key, node, context, attribute)
    inner = value.value  # type: ignore[union-attr]
    if inner is None:
        raise EvaluationError("null has no attributes or elements")
    if key is None:
        raise EvaluationError("the index is null")
    if isinstance(inner, LazyObject):
        return picked(inner.attribute(_key_text(key), context.span(node)), value)
    if isinstance(inner, Mapping):
        key = _key_text(key)
        if key not in inner:
            raise EvaluationError(f"there is no element {key!r}")
        element = picked(inner[key], value)
        return v.of_type(element, inner.element) if isinstance(inner, MapValue) else element
    if isinstance(inner, SetValue):
        raise EvaluationError("elements of a set have no index")
    if isinstance(inner, tuple) and not attribute:
        if isinstance(key, str):
            key = v.parse_number(key)
        if not isinstance(key, int) or isinstance(key, bool) or not 0 <= key < len(inner):
            raise EvaluationError(f"there is no element {key}")
        element = picked(inner[key], value)
        return v.of_type(element, inner.element) if isinstance(inner, ListValue) else element
    raise EvaluationError("this value has no such attributes or elements")


def _key_text(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return v.number_text(key) if isinstance(key, (int, Decimal)) else str(key)


def _step_into_unknown(value: Unknown, key: Any, node: n.Node, context: Context, attribute: bool) -> Unknown:
    element = _element_type(type_of(value), key)
    if value.candidates:
        taken: list[Value] = []
        for candidate in value.candidates:
            try:
                taken.append(step_into(candidate, key, node, context, attribute))
            except (EvaluationError, NotKnown) as error:
                taken.append(Unknown(str(error), context.span(node)))
        result = unknown_from((value,), context.span(node), kind=element)
        result.candidates = tuple(taken)
        return result
    suffix = f".{key}" if attribute else f"[{key}]"
    refs = tuple((address, (path + suffix).lstrip(".")) for address, path in value.refs)
    stepped = v.of_type(changed(value, refs=refs, parts=(), candidates=()), element)
    assert type(stepped) is Unknown
    return stepped


def _element_type(kind: Type, key: Any) -> Type:
    """The type of an element of something unknown.

    Raises:
        EvaluationError: values of that type have no such element.
    """
    if kind in (UNSURE, ANY):
        return UNSURE
    if isinstance(kind, Collection) and kind.name != "set":
        return kind.element
    if isinstance(kind, ObjectType):
        found = dict(kind.attributes).get(_key_text(key))
        if found is None:
            raise EvaluationError(f"there is no attribute {key!r}")
        return UNSURE if found == ANY else found
    if isinstance(kind, TupleType):
        return UNSURE
    raise EvaluationError("this value has no attributes or elements")


def declared_type(value: Unknown, node: n.Traversal, context: Context) -> Value:
    """An unknown variable with the type it is declared to have."""
    name = node.steps[0]
    assert context.module is not None
    declared = context.module.folder.variables.get(name) if isinstance(name, str) else None
    found = declared.attribute("type") if declared is not None else None
    if found is None or value.failed or value.parts:
        return value
    try:
        return to_type(value, constraint_type(found[1].expression, Context(context.module, found[0])))
    except EvaluationError:
        return value
