"""Helpers over values: what unknown does to results, plain Python data, equality, Terraform's string form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, localcontext
from typing import Any

from sovlint.model.source import Span
from sovlint.model.value import Known, SetValue, Unknown, Value

NUMBERS = Context(prec=155, Emax=999_999, Emin=-999_999)
"""Terraform computes with 512 bits: about 154 decimal digits."""


class EvaluationError(Exception):
    """An expression that Terraform would reject; becomes Unknown with this reason (or makes `try` go on)."""


class LazyObject(Mapping[str, Value]):
    """An object whose attributes are evaluated when asked for: a resource instance or a module's outputs.

    Iterating shows only what is written, so functions that need every key must treat it as unknown.
    """

    def attribute(self, name: str, span: Span) -> Value:
        """The attribute, `Unknown` where the provider computes it. `span` is the asking expression."""
        raise NotImplementedError


class NotKnown(Exception):  # noqa: N818 - control flow inside the evaluator, not an error
    """Raised by `plain` when a value has an unknown inside; carries that unknown."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


def unknown_from(values: Iterable[Value], span: Span, reason: str | None = None) -> Unknown:
    """The unknown that results from computing with these values, at the computing expression."""
    refs: list[tuple[str, str]] = []
    inputs: list[str] = []
    first: Unknown | None = None
    sensitive = failed = False
    for value in values:
        refs.extend(r for r in value.refs if r not in refs)
        sensitive = sensitive or value.sensitive
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
        (),
        tuple(inputs),
        sensitive=sensitive,
        failed=failed,
    )


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
    """Plain Python data as a value, every element at the same place."""
    if isinstance(data, (list, tuple)):
        return Known(tuple(wrap(item, span) for item in data), span)
    if isinstance(data, dict):
        return Known({str(key): wrap(item, span) for key, item in data.items()}, span)
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
        raise EvaluationError("value too large")
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


def normal_number(number: Decimal | int) -> Decimal | int:
    """Whole numbers as int, as Terraform prints them; others unchanged."""
    if isinstance(number, Decimal):
        if not number.is_finite():
            raise EvaluationError("not a finite number")
        if number.adjusted() < 400 and number == number.to_integral_value():
            return int(number)
    return number


def number_text(number: Decimal | int) -> str:
    """A number as Terraform writes it into a string."""
    if isinstance(number, int):
        return str(number) if number.bit_length() < 14_000 else format(Decimal(number), "f")
    with localcontext(NUMBERS):
        return format(number.normalize(), "f")


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
    """
    if len(text) > 4000 or not text or text != text.strip() or "_" in text:
        raise EvaluationError("a number is required here")
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise EvaluationError("a number is required here") from None
    return normal_number(number)


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
    if inner == "true":
        return True
    if inner == "false":
        return False
    raise EvaluationError("a boolean is required here")


def sort_key(item: Value) -> tuple[int, Any]:
    """Order of set elements: numbers by value, strings by code points, the rest as met."""
    inner = item.value if type(item) is Known else None
    if isinstance(inner, bool):
        return (0, inner)
    if isinstance(inner, (int, Decimal)):
        return (1, inner)
    if isinstance(inner, str):
        return (2, inner)
    return (3, 0)


def make_set(items: Iterable[Value]) -> SetValue:
    """Unique elements in Terraform's order; unknown elements are kept."""
    seen: list[Any] = []
    hashed: set[Any] = set()
    out: list[Value] = []
    for item in items:
        try:
            data = plain(item)
        except NotKnown:
            out.append(item)
            continue
        if isinstance(data, (list, dict)):
            if data in seen:
                continue
            seen.append(data)
        else:
            key = (type(data) is bool, data)
            if key in hashed:
                continue
            hashed.add(key)
        out.append(item)
    return SetValue(sorted(out, key=sort_key))
