"""What functions are made of: the call site, and wrappers that say how a result relates to its arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sovlint.model.source import Span
from sovlint.model.value import Unknown, Value
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.values import (
    EvaluationError,
    NotKnown,
    made,
    normal_number,
    plain,
    reshaped,
    to_text,
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


def pure(least: int, most: int | None, compute: Callable[..., Any]) -> Function:
    """A function of plain data to plain data; unknown in, unknown out; the whole call is the cause."""

    def function(site: CallSite, args: list[Value]) -> Value:
        arity(site, args, least, most)
        try:
            data = [plain(arg) for arg in args]
        except NotKnown:
            return unknown_from(args, site.span)
        try:
            result = compute(*data)
        except (TypeError, ValueError, ArithmeticError, LookupError, OverflowError) as error:
            raise EvaluationError(f"{site.name}(): {error}") from None
        value = wrap(result, site.span)
        return made(value.value, site.span, args)

    return function


def reshape(least: int, most: int, compute: Callable[..., str]) -> Function:
    """A function that only changes the form of its first argument: the result keeps that argument's cause."""

    def function(site: CallSite, args: list[Value]) -> Value:
        arity(site, args, least, most)
        if any(type(arg) is Unknown for arg in args):
            first = args[0]
            if type(first) is Unknown:
                return first
            return unknown_from(args, site.span)
        try:
            result = compute(*[to_text(arg) for arg in args])
        except (ValueError, OverflowError) as error:
            raise EvaluationError(f"{site.name}(): {error}") from None
        return reshaped(result, args[0])

    return function


def items_of(value: Value) -> tuple[Value, ...]:
    """Elements of a known list, tuple or set.

    Raises:
        NotKnown: it is unknown.
        EvaluationError: it is something else.
    """
    if type(value) is Unknown:
        raise NotKnown(value)
    inner = value.value  # type: ignore[union-attr]
    if not isinstance(inner, tuple):
        raise EvaluationError("a list is required here")
    return inner


def int_of(value: Value) -> int:
    """A known whole number.

    Raises:
        NotKnown: it is unknown.
        EvaluationError: no whole number.
    """
    from sovlint.resolve.terraform.values import to_number

    number = normal_number(to_number(value))
    if not isinstance(number, int):
        raise EvaluationError("a whole number is required here")
    return number
