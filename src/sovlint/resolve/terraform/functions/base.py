"""What functions are made of: the call site, and wrappers that say how a result relates to its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sovlint.model.source import Span
from sovlint.model.value import Known, SetValue, Unknown, Value, picked
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.convert import to_type
from sovlint.resolve.terraform.failures import spend
from sovlint.resolve.terraform.numerics import TooLargeError
from sovlint.resolve.terraform.types import (
    Collection,
    LazyObject,
    ListValue,
    MapValue,
    ObjectType,
    ObjectValue,
    TupleType,
    TupleValue,
    Type,
    make_list,
    make_map,
    typed_parts,
)
from sovlint.resolve.terraform.values import (
    EvaluationError,
    NotKnown,
    is_whole,
    made,
    make_set,
    normal_number,
    of_type,
    plain,
    reshaped,
    settled,
    to_number,
    undetermined,
    unknown_from,
    wrap,
)


@dataclass(slots=True, eq=False)
class CallSite:
    """Where a function is called: surroundings, the call itself and its place."""

    context: Context
    node: n.Call
    span: Span
    name: str


Function: TypeAlias = Callable[[CallSite, list[Value]], Value]

MAX_RESULT = 1_000_000
"""Characters or elements above which a result is not computed."""


def arity(site: CallSite, args: list[Value], least: int, most: int | None = None) -> None:
    """Checks the number of arguments.

    Raises:
        EvaluationError: too few or too many.
    """
    if len(args) < least or (most is not None and len(args) > most):
        raise EvaluationError(f"{site.name}() takes another number of arguments")


def not_null(site: CallSite, value: Value) -> Value:
    """The value itself.

    Raises:
        EvaluationError: it is null.
    """
    if type(value) is Known and value.value is None:
        raise EvaluationError(f"{site.name}(): an argument is null")
    return value


def arguments(site: CallSite, args: list[Value], params: Sequence[Type], variadic: Type | None = None) -> list[Value]:
    """The arguments converted to the types of the parameters, none of them null.

    Raises:
        EvaluationError: too few, too many, null, or of another type.
    """
    arity(site, args, len(params), None if variadic is not None else len(params))
    kinds = [*params, *([variadic] * (len(args) - len(params)) if variadic is not None else [])]
    return [to_type(not_null(site, arg), kind) for arg, kind in zip(args, kinds, strict=True)]


def computed(site: CallSite, compute: Callable[..., Any], data: Sequence[Any]) -> Any:
    """The result of a computation on plain data; its exceptions are the function's errors.

    Raises:
        EvaluationError: it failed.
    """
    try:
        return compute(*data)
    except TooLargeError:
        raise undetermined("number too large") from None
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise EvaluationError(f"{site.name}(): {error}") from None


def scalar(
    params: Sequence[Type], returns: Type, compute: Callable[..., Any], variadic: Type | None = None
) -> Function:
    """A function of plain data to plain data; unknown in, unknown out; the whole call is the cause."""

    def function(site: CallSite, args: list[Value]) -> Value:
        converted = arguments(site, args, params, variadic)
        try:
            data = [plain(arg) for arg in converted]
        except NotKnown as error:
            return unknown_from((error.unknown, *args), site.span, kind=returns)
        return made(typed(computed(site, compute, data), returns, site.span).value, site.span, args)

    return function


def typed(data: Any, kind: Type, span: Span) -> Known:
    """Plain data as a value of a type; dictionaries and lists of other types are objects and tuples."""
    if isinstance(kind, Collection):
        if kind.name == "map":
            items = {str(key): typed(item, kind.element, span) for key, item in data.items()}
            return Known(make_map(items, kind.element), span)
        elements = [typed(item, kind.element, span) for item in data]
        if kind.name == "set":
            return Known(make_set(elements, kind.element), span)
        return Known(make_list(elements, kind.element), span)
    if isinstance(kind, ObjectType):
        return Known(ObjectValue((name, typed(data[name], item, span)) for name, item in kind.attributes), span)
    if isinstance(kind, TupleType):
        return Known(TupleValue(typed(x, item, span) for x, item in zip(data, kind.items, strict=True)), span)
    if data is None:
        return Known(None, span, parts=typed_parts(kind))
    return wrap(data, span)


def reshape(params: Sequence[Type], compute: Callable[..., str], variadic: Type | None = None) -> Function:
    """A function that only changes the form of its first argument: the result keeps that argument's cause."""
    kind = params[0]

    def function(site: CallSite, args: list[Value]) -> Value:
        converted = arguments(site, args, params, variadic)
        first = converted[0]
        try:
            data = [plain(arg) for arg in converted]
        except NotKnown as error:
            if type(first) is Unknown and not any(type(arg) is Unknown and arg.failed for arg in args):
                # The text is another one; what it depends on is the same.
                return Unknown(
                    first.reason,
                    first.span,
                    first.via,
                    first.refs,
                    first.owner,
                    of_type(unknown_from((), site.span), kind).parts,
                    first.inputs,
                    (),
                    first.heuristic,
                    any(arg.sensitive for arg in args),
                )
            return unknown_from((error.unknown, *args), site.span, kind=kind)
        result = reshaped(computed(site, compute, data), first)
        result.sensitive = any(arg.sensitive for arg in args)
        return result

    return function


def items_of(value: Value) -> tuple[Value, ...]:
    """Elements of a known list, tuple or set; those of a collection know their type even where null or unknown.

    Raises:
        NotKnown: it is unknown, or a set of which not all elements are known.
        EvaluationError: it is something else.
    """
    if type(value) is Unknown:
        raise NotKnown(value)
    inner = value.value  # type: ignore[union-attr]
    if not isinstance(inner, tuple):
        raise EvaluationError("a list is required here")
    if isinstance(inner, SetValue) and not settled(value):
        plain(value)
    spend(len(inner) // 4 + 1)
    kind = inner.element if isinstance(inner, ListValue) else None
    return tuple(_taken(item, value, kind) for item in inner)


def _taken(item: Value, composite: Value, kind: Type | None) -> Value:
    """An element as it comes out of its composite; a null or unknown one knows its type."""
    item = picked(item, composite)
    return item if kind is None or (type(item) is Known and item.value is not None) else of_type(item, kind)


def mapping_of(value: Value) -> Mapping[str, Value]:
    """Entries of a known map or object.

    Raises:
        NotKnown: it is unknown, or its attributes are.
        EvaluationError: it is something else.
    """
    if type(value) is Unknown:
        raise NotKnown(value)
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, LazyObject):
        raise NotKnown(Unknown("attributes known after apply", value.span, refs=value.refs))
    if not isinstance(inner, Mapping):
        raise EvaluationError("a map or object is required here")
    spend(len(inner) // 4 + 1)
    kind = inner.element if isinstance(inner, MapValue) else None
    return {key: _taken(item, value, kind) for key, item in inner.items()}


def element_at(value: Value, number: int) -> Value:
    """One element of a known list or tuple, without looking at the others."""
    inner = value.value if type(value) is Known else None
    assert isinstance(inner, tuple)
    return _taken(inner[number], value, inner.element if isinstance(inner, ListValue) else None)


def entry_of(value: Value, key: str) -> Value | None:
    """One entry of a known map or object, without looking at the others; None if there is none.

    Raises:
        EvaluationError: it is something else.
        NotKnown: its entries are not known.
    """
    inner = value.value if type(value) is Known else None
    if not isinstance(inner, Mapping) or isinstance(inner, LazyObject):
        return mapping_of(value).get(key)
    item = inner.get(key)
    return None if item is None else _taken(item, value, inner.element if isinstance(inner, MapValue) else None)


def whole(values: Sequence[Value]) -> None:
    """Checks that nothing in the values is unknown.

    Raises:
        NotKnown: something is.
    """
    for value in values:
        if not is_whole(value):
            plain(value)
            raise undetermined("an element is not known")


def int_of(value: Value) -> int:
    """A known whole number.

    Raises:
        NotKnown: it is unknown.
        EvaluationError: no whole number.
    """
    number = normal_number(to_number(value))
    if not isinstance(number, int):
        number = number if number else int(number)
    if not isinstance(number, int):
        raise EvaluationError("a whole number is required here")
    return int(number)


def elements(site: CallSite, value: Value, *, sets: bool = False) -> tuple[Value, ...]:
    """Elements of a list or tuple; of a set only where that is allowed."""
    not_null(site, value)
    if type(value) is Known and isinstance(value.value, SetValue) and not sets:
        raise EvaluationError(f"{site.name}() takes a list, not a set")
    return items_of(value)
