"""Helpers over values: what unknown does to results, plain Python data, equality, Terraform's string form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sovlint.model.source import Span
from sovlint.model.value import Known, SetValue, Unknown, Value
from sovlint.resolve.terraform import numerics
from sovlint.resolve.terraform.failures import EvaluationError, NotKnown, spend, undetermined
from sovlint.resolve.terraform.setorder import set_bytes, sort_key
from sovlint.resolve.terraform.types import (
    ANY,
    COMPOSITES,
    UNSURE,
    LazyObject,
    ObjectValue,
    TupleValue,
    Type,
    Typed,
    TypedSet,
    type_of,
    typed_parts,
    unify,
)

__all__ = [
    "EvaluationError",
    "LazyObject",
    "NotKnown",
    "fails",
    "is_whole",
    "made",
    "make_set",
    "normal_number",
    "number_text",
    "of_type",
    "parse_number",
    "plain",
    "reshaped",
    "settled",
    "to_bool",
    "to_number",
    "to_text",
    "undetermined",
    "unknown_from",
    "wrap",
]


MAX_DIGITS = 1_000_000
"""Digits beyond which a number is not kept, let alone printed."""


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
    if isinstance(value.parts, Typed) and value.parts.kind == kind:
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
    spend(1)
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
    if not isinstance(inner, (tuple, Mapping)):
        return True
    if isinstance(inner, LazyObject):
        return False
    # Composites remember the answer: they are shared, and asked again by every expression that uses them.
    remembered = getattr(inner, "whole", None)
    if remembered is not None:
        return bool(remembered)
    spend(len(inner) + 1)
    answer = all(is_whole(item) for item in (inner if isinstance(inner, tuple) else inner.values()))
    if isinstance(inner, COMPOSITES):
        inner.whole = answer
    return answer


def fails(value: Value) -> bool:
    """Whether something in a value is an error that Terraform would report."""
    if type(value) is Unknown:
        return value.failed
    inner = value.value  # type: ignore[union-attr]
    if not isinstance(inner, (tuple, Mapping)) or isinstance(inner, LazyObject) or is_whole(value):
        return False
    remembered = getattr(inner, "fails", None)
    if remembered is not None:
        return bool(remembered)
    answer = any(fails(item) for item in (inner if isinstance(inner, tuple) else inner.values()))
    if isinstance(inner, COMPOSITES):
        inner.fails = answer
    return answer


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
        if isinstance(number, int) or abs(number.adjusted()) < MAX_DIGITS:
            # Digits written in a data file; whoever computes with it finds out.
            return number
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
