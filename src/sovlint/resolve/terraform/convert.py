"""Type constraints of variables and the conversions they cause; elements keep their causes."""

from __future__ import annotations

from collections.abc import Mapping

from sovlint.model.value import Known, SetValue, Unknown, Value
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.values import (
    EvaluationError,
    LazyObject,
    make_set,
    reshaped,
    to_bool,
    to_number,
    to_text,
)


def convert_to(value: Value, target: str) -> Value:
    """Converts to `string`, `number`, `bool`, or the collection kinds `list`, `set`, `map` with any elements.

    Raises:
        EvaluationError: Terraform would reject it.
    """
    if type(value) is Unknown or value.value is None:  # type: ignore[union-attr]
        return value
    assert type(value) is Known
    inner = value.value
    if target == "string":
        return value if isinstance(inner, str) else reshaped(to_text(value), value)
    if target == "number":
        return reshaped(to_number(value), value)
    if target == "bool":
        return value if isinstance(inner, bool) else reshaped(to_bool(value), value)
    if target in ("list", "tuple"):
        if not isinstance(inner, tuple):
            raise EvaluationError("a list is required here")
        return _like(tuple(inner), value) if isinstance(inner, SetValue) else value
    if target == "set":
        if not isinstance(inner, tuple):
            raise EvaluationError("a set is required here")
        return value if isinstance(inner, SetValue) else _like(make_set(inner), value)
    if target in ("map", "object"):
        if not isinstance(inner, Mapping):
            raise EvaluationError("a map is required here")
        return value
    return value


def _like(inner: tuple[Value, ...] | Mapping[str, Value], value: Known) -> Known:
    """The same composite in another kind, at the same place, come the same way."""
    return Known(inner, value.span, value.via, value.refs, value.owner, (), value.heuristic, value.sensitive)


def convert(value: Value, constraint: n.Expression, context: Context) -> Value:
    """Converts a value to a type constraint as written in a `variable` block, filling in `optional()` defaults.

    Raises:
        EvaluationError: the value does not fit.
    """
    if type(constraint) is n.Traversal:
        return convert_to(value, constraint.root) if constraint.root != "any" else value
    if type(constraint) is not n.Call or type(value) is Unknown or value.value is None:  # type: ignore[union-attr]
        return value
    assert type(value) is Known
    name, args = constraint.name, constraint.args
    if not args or isinstance(value.value, LazyObject):
        return value
    if name == "optional":
        return convert(value, args[0], context)
    if name in ("list", "set", "map"):
        shaped = convert_to(value, name)
        assert type(shaped) is Known
        if isinstance(shaped.value, Mapping):
            return _like({key: convert(item, args[0], context) for key, item in shaped.value.items()}, shaped)
        assert isinstance(shaped.value, tuple)
        items = tuple(convert(item, args[0], context) for item in shaped.value)
        return _like(make_set(items) if name == "set" else items, shaped)
    if name == "tuple" and type(args[0]) is n.Tuple and isinstance(value.value, tuple):
        if len(args[0].items) != len(value.value):
            raise EvaluationError("a tuple of another length is required here")
        pairs = zip(value.value, args[0].items, strict=True)
        return _like(tuple(convert(item, kind, context) for item, kind in pairs), value)
    if name == "object" and type(args[0]) is n.Object:
        return _object(value, args[0], context)
    return value


def _object(value: Known, shape: n.Object, context: Context) -> Value:
    from sovlint.resolve.terraform.evaluate import evaluate

    if not isinstance(value.value, Mapping):
        raise EvaluationError("an object is required here")
    out: dict[str, Value] = {}
    for key_node, kind in shape.items:
        if isinstance(key_node, n.ObjectKey):
            name = key_node.name
        elif isinstance(key_node, n.String):
            name = key_node.value
        else:
            continue
        optional = type(kind) is n.Call and kind.name == "optional"
        item = value.value.get(name)
        if item is None or (optional and type(item) is Known and item.value is None):
            if type(kind) is n.Call and optional and len(kind.args) > 1:
                default = evaluate(kind.args[1], context)
                out[name] = convert(default, kind.args[0], context)
            elif optional:
                out[name] = item or Known(None, value.span)
            else:
                raise EvaluationError(f"attribute {name!r} is required")
            continue
        out[name] = convert(item, kind, context)
    return _like(out, value)
