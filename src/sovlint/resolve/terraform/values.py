"""Helpers over values: what unknown does to results, plain Python data, equality, Terraform's string form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, SetValue, Unknown, Value
from sovlint.resolve.terraform import numerics
from sovlint.resolve.terraform.types import (
    ANY,
    UNSURE,
    LazyObject,
    ListValue,
    MapValue,
    ObjectValue,
    TupleValue,
    Type,
    Typed,
    TypedSet,
    has_any,
    type_of,
    typed_parts,
    unify,
)

__all__ = [
    "EvaluationError",
    "LazyObject",
    "NotKnown",
    "equality",
    "made",
    "make_set",
    "normal_number",
    "number_text",
    "of_type",
    "parse_number",
    "plain",
    "reshaped",
    "settled",
    "sort_key",
    "to_bool",
    "to_number",
    "to_text",
    "undetermined",
    "unknown_from",
    "wrap",
]


class EvaluationError(Exception):
    """An expression that Terraform would reject; becomes Unknown with this reason (or makes `try` go on)."""


class NotKnown(Exception):  # noqa: N818 - control flow inside the evaluator, not an error
    """Raised by `plain` when a value has an unknown inside; carries that unknown."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


_NOWHERE = Span(SourceFile("", ""), 0, 0)


def undetermined(reason: str) -> NotKnown:
    """To be raised where Terraform would have a value and we do not compute it."""
    return NotKnown(Unknown(reason, _NOWHERE))


def unknown_from(values: Iterable[Value], span: Span, reason: str | None = None, kind: Type | None = None) -> Unknown:
    """The unknown that results from computing with these values, at the computing expression.

    Args:
        values: what was computed with.
        span: the computing expression.
        reason: why; else that of the first unknown.
        kind: the type the result has all the same.
    """
    refs: list[tuple[str, str]] = []
    inputs: list[str] = []
    first: Unknown | None = None
    sensitive = failed = heuristic = False
    for value in values:
        refs.extend(r for r in value.refs if r not in refs)
        sensitive = sensitive or value.sensitive
        heuristic = heuristic or value.heuristic
        if type(value) is Unknown:
            first = first or value
            failed = failed or value.failed
            inputs.extend(i for i in value.inputs if i not in inputs)
    if first is not None and reason is None:
        reason = first.reason
    return Unknown(
        reason or "cannot be determined",
        span,
        (),
        tuple(refs),
        "",
        () if kind is None or kind is UNSURE else typed_parts(kind),
        tuple(inputs),
        heuristic=heuristic,
        sensitive=sensitive,
        failed=failed,
    )


def of_type(value: Value, kind: Type) -> Value:
    """A null or unknown value with its type; others say theirs themselves."""
    if type(value.parts) is Typed and value.parts.kind == kind:
        return value
    if type(value) is Unknown:
        return Unknown(
            value.reason,
            value.span,
            value.via,
            value.refs,
            value.owner,
            typed_parts(kind, value.parts) if kind is not UNSURE else value.parts,
            value.inputs,
            value.candidates,
            value.heuristic,
            value.sensitive,
            value.failed,
        )
    assert type(value) is Known
    if value.value is not None:
        return value
    parts = typed_parts(kind)
    return Known(None, value.span, value.via, value.refs, value.owner, parts, value.heuristic, value.sensitive)


def made(value: Any, span: Span, sources: Iterable[Value] = (), parts: tuple[Value, ...] = ()) -> Known:
    """A new known value made by the expression at `span` from `sources`."""
    refs: tuple[tuple[str, str], ...] = ()
    heuristic = sensitive = False
    for source in sources:
        if source.refs:
            refs += tuple(r for r in source.refs if r not in refs)
        heuristic = heuristic or source.heuristic
        sensitive = sensitive or source.sensitive
    return Known(value, span, (), refs, "", parts, heuristic, sensitive)


def reshaped(value: Any, source: Value) -> Known:
    """The same information in another text form: it keeps the cause of its source."""
    return Known(value, source.span, source.via, source.refs, source.owner, (), source.heuristic, source.sensitive)


def wrap(data: Any, span: Span) -> Known:
    """Plain Python data as a value, every element at the same place; lists are tuples, dictionaries are objects."""
    if isinstance(data, (list, tuple)):
        return Known(TupleValue(wrap(item, span) for item in data), span)
    if isinstance(data, dict):
        return Known(ObjectValue((str(key), wrap(item, span)) for key, item in data.items()), span)
    if isinstance(data, float):
        return Known(normal_number(Decimal(repr(data))), span)
    return Known(data, span)


def plain(value: Value, budget: list[int] | None = None) -> Any:
    """Plain Python data: None, bool, str, int, Decimal, list, dict.

    Raises:
        NotKnown: something inside is unknown.
        EvaluationError: it is larger than any configuration needs.
    """
    if budget is None:
        budget = [200_000]
    budget[0] -= 1
    if budget[0] < 0:
        raise undetermined("value too large")
    if type(value) is Unknown:
        raise NotKnown(value)
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, tuple):
        return [plain(item, budget) for item in inner]
    if isinstance(inner, LazyObject):
        raise NotKnown(Unknown("attributes known after apply", value.span, refs=value.refs))
    if isinstance(inner, Mapping):
        return {key: plain(item, budget) for key, item in inner.items()}
    return inner


def settled(value: Value) -> bool:
    """False for a set that has unknown elements: how many it has and in which order is open."""
    inner = value.value if type(value) is Known else None
    if not isinstance(inner, SetValue):
        return True
    return all(is_whole(item) for item in inner)


def is_whole(value: Value) -> bool:
    """Whether nothing inside a value is unknown."""
    if type(value) is Unknown:
        return False
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, LazyObject):
        return False
    if isinstance(inner, tuple):
        return all(is_whole(item) for item in inner)
    if isinstance(inner, Mapping):
        return all(is_whole(item) for item in inner.values())
    return True


def normal_number(number: Decimal | int) -> Decimal | int:
    """A number in its one form: whole ones as int, as Terraform prints them; at most 512 bits.

    Raises:
        EvaluationError: not a finite number.
        NotKnown: it is too large.
    """
    if type(number) is int and number.bit_length() <= numerics.BITS:
        return number
    if isinstance(number, (numerics.Short, numerics.Binary)):
        return number
    if isinstance(number, Decimal) and not number.is_finite():
        raise EvaluationError("not a finite number")
    try:
        return numerics.canonical(number)
    except numerics.TooLargeError:
        raise undetermined("number too large") from None


number_text = numerics.text


def to_text(value: Value) -> str:
    """A known primitive as a string, as a template prints it.

    Raises:
        EvaluationError: null or a composite, which Terraform does not convert.
        NotKnown: unknown.
    """
    if type(value) is Unknown:
        raise NotKnown(value)
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, str):
        return inner
    if isinstance(inner, bool):
        return "true" if inner else "false"
    if isinstance(inner, (int, Decimal)):
        return number_text(inner)
    raise EvaluationError("a string is required here")


def to_number(value: Value) -> Decimal | int:
    """A known primitive as a number.

    Raises:
        EvaluationError: no number.
        NotKnown: unknown.
    """
    if type(value) is Unknown:
        raise NotKnown(value)
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, bool) or inner is None:
        raise EvaluationError("a number is required here")
    if isinstance(inner, (int, Decimal)):
        return inner
    if isinstance(inner, str):
        return parse_number(inner)
    raise EvaluationError("a number is required here")


def parse_number(text: str) -> Decimal | int:
    """A number from a string, as `tonumber` does.

    Raises:
        EvaluationError: it is none.
        NotKnown: it is too large.
    """
    try:
        number = numerics.parsed(text)
    except numerics.TooLargeError:
        raise undetermined("number too large") from None
    if number is None:
        raise EvaluationError("a number is required here")
    return number


def to_bool(value: Value) -> bool:
    """A known primitive as a boolean.

    Raises:
        EvaluationError: no boolean.
        NotKnown: unknown.
    """
    if type(value) is Unknown:
        raise NotKnown(value)
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, bool):
        return inner
    if inner in ("true", "1"):
        return True
    if inner in ("false", "0"):
        return False
    raise EvaluationError("a boolean is required here")


def equality(left: Value, right: Value) -> bool | None:
    """Terraform's `==`: values of different types are not equal.

    Returns:
        None where it depends on something unknown.
    """
    a, b = type_of(left), type_of(right)
    unsure = has_any(a, UNSURE) or has_any(b, UNSURE)
    nulls = [type(side) is Known and side.value is None for side in (left, right)]
    if all(nulls):
        return True
    if not unsure and a != b and not any(nulls):
        if left.refs != right.refs and _alike(left, right):
            # An attribute's type is its provider's business: what is written as "80" may be a number.
            return None
        return False
    return _equal(left, right, unsure)


def _alike(left: Value, right: Value) -> bool:
    try:
        return to_text(left) == to_text(right)
    except (EvaluationError, NotKnown):
        return type(left) is Unknown or type(right) is Unknown


def _equal(left: Value, right: Value, unsure: bool) -> bool | None:
    if type(left) is Unknown or type(right) is Unknown:
        return None
    a, b = left.value, right.value  # type: ignore[union-attr]
    if a is None or b is None:
        return a is b
    if isinstance(a, LazyObject) or isinstance(b, LazyObject):
        return None
    if isinstance(a, str) or isinstance(b, str):
        if type(a) is type(b):
            return bool(a == b)
        return _mixed(unsure)
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b if isinstance(a, bool) and isinstance(b, bool) else _mixed(unsure)
    if isinstance(a, (int, Decimal)) or isinstance(b, (int, Decimal)):
        if isinstance(a, (int, Decimal)) and isinstance(b, (int, Decimal)):
            return numerics.same_number(a, b)
        return _mixed(unsure)
    if isinstance(a, SetValue) and isinstance(b, SetValue):
        if not (settled(left) and settled(right)) or unsure:
            return None
        return {set_bytes(x) for x in a} == {set_bytes(x) for x in b}
    if isinstance(a, tuple) and isinstance(b, tuple):
        if len(a) != len(b):
            return False if settled(left) and settled(right) else None
        return _all(((x, y) for x, y in zip(a, b, strict=True)), unsure)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        if a.keys() != b.keys():
            return False
        return _all(((a[key], b[key]) for key in a), unsure)
    return _mixed(unsure)


def _mixed(unsure: bool) -> bool | None:
    return None if unsure else False


def _all(pairs: Iterable[tuple[Value, Value]], unsure: bool) -> bool | None:
    # Equal as far as one can see; whether list or tuple, number or text is what `unsure` leaves open.
    result: bool | None = None if unsure else True
    for x, y in pairs:
        one = _equal(x, y, unsure)
        if one is False:
            return False
        if one is None:
            result = None
    return result


def sort_key(item: Value) -> tuple[int, Any]:
    """Order of set elements: strings by code points, numbers by value, composites by their bytes, null last."""
    if type(item) is Unknown:
        return (5, 0)
    inner = item.value  # type: ignore[union-attr]
    if isinstance(inner, bool):
        return (0, inner)
    if isinstance(inner, (int, Decimal)):
        return (1, numerics.exact(inner) if isinstance(inner, numerics.Binary) else inner)
    if isinstance(inner, str):
        return (2, inner)
    if inner is None:
        return (6, 0)
    return (3, set_bytes(item))


def set_bytes(value: Value) -> str:
    """What Terraform orders the composite elements of a set by, and what tells them apart.

    Source: github.com/zclconf/go-cty, `cty/set_internals.go`.
    """
    if type(value) is Unknown:
        return "?"
    inner = value.value  # type: ignore[union-attr]
    if inner is None:
        return "~"
    if isinstance(inner, bool):
        return "T" if inner else "F"
    if isinstance(inner, (int, Decimal)):
        return _ten_digits(inner)
    if isinstance(inner, str):
        return json.dumps(inner, ensure_ascii=False)
    if isinstance(inner, Mapping):
        if isinstance(inner, MapValue):
            inside = "".join(f"{json.dumps(k, ensure_ascii=False)}:{set_bytes(inner[k])};" for k in sorted(inner))
            return "{" + inside + "}"
        return "<" + "".join(set_bytes(inner[key]) + ";" for key in sorted(inner)) + ">"
    inside = "".join(set_bytes(item) + ";" for item in inner)
    return f"[{inside}]" if isinstance(inner, (ListValue, SetValue)) else f"<{inside}>"


def _ten_digits(number: Decimal | int) -> str:
    """Go's `Text('g', 10)`, and all digits behind it, for it must tell different numbers apart."""
    value = Decimal(number)
    digits = format(value, ".9e")
    mantissa, _, power = digits.partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    exponent = int(power)
    short = f"{mantissa}e{exponent:+03d}" if not -4 <= exponent < 21 else number_text(value)
    return short if exponent < 10 else f"{mantissa}e{exponent:+03d}\0{number_text(value)}"


def make_set(items: Iterable[Value], element: Type | None = None) -> TypedSet:
    """Unique elements in Terraform's order; unknown elements are kept.

    Args:
        items: elements, of one type already.
        element: that type, if the caller knows it.
    """
    seen: set[tuple[str, str]] = set()
    kept: list[Value] = []
    for item in items:
        if is_whole(item):
            key = (type(item.value).__name__ if isinstance(item.value, str) else "", set_bytes(item))  # type: ignore[union-attr]
            if key in seen:
                continue
            seen.add(key)
        kept.append(item)
    out = TypedSet(sorted(kept, key=sort_key))
    kind = element if element is not None else unify([type_of(item) for item in kept])
    out.element = kind if kind is not None else ANY
    return out
