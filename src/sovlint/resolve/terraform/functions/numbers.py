"""Number functions."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Any

from sovlint.model.value import Unknown, Value
from sovlint.resolve.terraform.functions.base import CallSite, Function, arity, pure
from sovlint.resolve.terraform.values import NUMBERS, EvaluationError, made, normal_number, to_number, unknown_from


def _number(value: Any) -> Decimal | int:
    from sovlint.resolve.terraform.values import parse_number

    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        raise ValueError("a number is required")
    return parse_number(value) if isinstance(value, str) else value


def _extreme(largest: bool) -> Function:
    def function(site: CallSite, args: list[Value]) -> Value:
        arity(site, args, 1)
        if any(type(arg) is Unknown for arg in args):
            return unknown_from(args, site.span)
        best = (max if largest else min)(to_number(arg) for arg in args)
        return made(best, site.span, args)

    return function


def _log(value: Any, base: Any) -> Decimal | int:
    return normal_number(Decimal(repr(math.log(float(_number(value))) / math.log(float(_number(base))))))


def _pow(base: Any, exponent: Any) -> Decimal | int:
    base, exponent = _number(base), _number(exponent)
    if abs(exponent) > 1000:
        raise ValueError("exponent too large")
    with localcontext(NUMBERS):
        return normal_number(Decimal(base) ** Decimal(exponent))


def _parseint(text: Any, base: Any) -> int:
    base = int(base)
    if isinstance(text, (int, Decimal)) and not isinstance(text, bool):
        text = str(text)
    if not 2 <= base <= 36 or not isinstance(text, str) or "_" in text or len(text) > 1000 or text != text.strip():
        raise EvaluationError("parseint(): not a number in this base")
    return int(text, base)


def _signum(value: Any) -> int:
    number = _number(value)
    return (number > 0) - (number < 0)


FUNCTIONS: dict[str, Function] = {
    "max": _extreme(largest=True),
    "min": _extreme(largest=False),
    "abs": pure(1, 1, lambda x: abs(_number(x))),
    "ceil": pure(1, 1, lambda x: int(Decimal(_number(x)).to_integral_value(ROUND_CEILING))),
    "floor": pure(1, 1, lambda x: int(Decimal(_number(x)).to_integral_value(ROUND_FLOOR))),
    "log": pure(2, 2, _log),
    "pow": pure(2, 2, _pow),
    "signum": pure(1, 1, _signum),
    "parseint": pure(2, 2, _parseint),
}
