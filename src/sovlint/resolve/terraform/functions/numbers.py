"""Number functions."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sovlint.model.value import Known, Unknown, Value
from sovlint.resolve.terraform.convert import to_type
from sovlint.resolve.terraform.functions.base import CallSite, Function, arguments, arity, items_of, scalar
from sovlint.resolve.terraform.functions.strings import whole_number
from sovlint.resolve.terraform.numerics import Number, Short, compute, exact, less, negated, rounded
from sovlint.resolve.terraform.types import ANY, NUMBER, STRING, list_of
from sovlint.resolve.terraform.values import EvaluationError, made, to_number, undetermined, unknown_from

MAX_RANGE = 1024


def _extreme(largest: bool) -> Function:
    def compute_extreme(first: Number, *others: Number) -> Number:
        best = first
        for other in others:
            if less(best, other) if largest else less(other, best):
                best = other
        return best

    return scalar((NUMBER,), NUMBER, compute_extreme, NUMBER)


def _from_float(value: float) -> Number:
    """A 64-bit float as Terraform's number of 53 bits."""
    if math.isinf(value) or math.isnan(value):
        raise ValueError("not a finite number")
    return rounded(Fraction(value), 53)


def _to_float(number: Number) -> float:
    value = exact(number)
    try:
        return float(value)
    except OverflowError:
        raise undetermined("number too large") from None


def _log(value: Number, base: Number) -> Number:
    x, y = _to_float(value), _to_float(base)
    if x <= 0 or y < 0:
        raise ValueError("not a finite number")
    if y == 0:
        return 0 if x < 1 else Decimal("-0")
    if y == 1:
        raise undetermined("log() with base 1 is infinite")
    return _from_float(_go_log(x) / _go_log(y))


_LOG = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


def _go_log(x: float) -> float:
    """The natural logarithm as Go computes it (FreeBSD's `e_log.c`); libm may differ in the last bit."""
    fraction, exponent = math.frexp(x)
    if fraction < math.sqrt(2) / 2:
        fraction *= 2
        exponent -= 1
    f, k = fraction - 1, float(exponent)
    s = f / (2 + f)
    s2 = s * s
    s4 = s2 * s2
    t1 = s2 * (_LOG[0] + s4 * (_LOG[2] + s4 * (_LOG[4] + s4 * _LOG[6])))
    t2 = s4 * (_LOG[1] + s4 * (_LOG[3] + s4 * _LOG[5]))
    half = 0.5 * f * f
    return k * 6.93147180369123816490e-01 - ((half - (s * (half + t1 + t2) + k * 1.90821492927058770002e-10)) - f)


def _pow(base: Number, exponent: Number) -> Number:
    """Go's `math.Pow`, step by step, for the last bit depends on the order of multiplications."""
    x, y = _to_float(base), _to_float(exponent)
    if y == 0 or x == 1:
        return 1
    if x == 0:
        if y < 0:
            raise undetermined("pow() is infinite")
        return 0
    if y in (0.5, -0.5):
        if x < 0:
            raise ValueError("not a number")
        return _from_float(math.sqrt(x) if y > 0 else 1 / math.sqrt(x))
    whole = abs(y)
    if whole != int(whole):
        if x < 0:
            raise ValueError("not a number")
        raise undetermined("pow() with a fraction as exponent depends on the machine")
    result, power = 1.0, 0
    mantissa, exponent_of_two = math.frexp(x)
    count = int(whole)
    while count:
        if abs(exponent_of_two) > 4096:
            raise undetermined("number too large")
        if count & 1:
            result *= mantissa
            power += exponent_of_two
        mantissa *= mantissa
        exponent_of_two <<= 1
        if abs(mantissa) < 0.5:
            mantissa += mantissa
            exponent_of_two -= 1
        count >>= 1
    if y < 0:
        result, power = 1 / result, -power
    try:
        return _from_float(math.ldexp(result, power))
    except OverflowError:
        raise ValueError("not a finite number") from None


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _parseint(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 2)
    if type(args[0]) is Known and not isinstance(args[0].value, str):
        raise EvaluationError("parseint(): the first argument must be a string")
    return scalar((STRING, NUMBER), NUMBER, _parsed)(site, args)


def _parsed(text: str, base: Number) -> int:
    radix = whole_number(base)
    if not 2 <= radix <= 62:
        raise ValueError("the base must be between 2 and 62")
    found = re.fullmatch(r"([-+]?)([0-9a-zA-Z]{1,400})", text, re.ASCII)
    if found is None:
        raise ValueError("not a number in this base")
    value = 0
    for character in found[2] if radix > 36 else found[2].lower():
        digit = _DIGITS.index(character)
        if digit >= radix:
            raise ValueError("not a number in this base")
        value = value * radix + digit
    value = -value if found[1] == "-" else value
    return Short(value) if value.bit_length() <= 64 else value


def _floor(number: Number) -> int:
    value = exact(number)
    return value.numerator // value.denominator


def _ceil(number: Number) -> int:
    value = exact(number)
    return -(-value.numerator // value.denominator)


def _signum(number: Number) -> int:
    whole = whole_number(number)
    return Short((whole > 0) - (whole < 0))


def _abs(number: Number) -> Number:
    if not number:
        return 0
    return negated(number) if number < 0 else number


def _range(start: Number, *more: Number) -> list[Number]:
    if len(more) > 2:
        raise ValueError("too many arguments")
    first, end = (0, start) if not more else (start, more[0])
    step: Number = more[1] if len(more) == 2 else -1 if less(end, first) else 1
    if not step or (less(end, first) and less(0, step)) or (less(first, end) and less(step, 0)):
        raise ValueError("the step leads nowhere")
    out: list[Number] = []
    at: Number = first
    while less(at, end) if less(0, step) else less(end, at):
        if len(out) >= MAX_RANGE:
            raise ValueError(f"more than {MAX_RANGE} elements")
        out.append(at)
        at = compute("+", at, step)
    return out


def _sum(site: CallSite, args: list[Value]) -> Value:
    (value,) = arguments(site, args, (list_of(ANY),))
    if type(value) is Unknown:
        return unknown_from(args, site.span, kind=NUMBER)
    items = items_of(value)
    if not items:
        raise EvaluationError("sum() of an empty list")
    numbers: list[Any] = []
    for item in items:
        if type(item) is Known and item.value is None:
            raise EvaluationError("sum(): an element is null")
        numbers.append(to_type(item, NUMBER))
    if any(type(number) is Unknown for number in numbers):
        return unknown_from(numbers, site.span, kind=NUMBER)
    total: Number = to_number(numbers[0])
    for number in numbers[1:]:
        total = compute("+", total, to_number(number))
    return made(total, site.span, args)


def _range_call(site: CallSite, args: list[Value]) -> Value:
    if len(args) > 3:
        raise EvaluationError("range() takes one to three numbers")
    return scalar((NUMBER,), list_of(NUMBER), _range, NUMBER)(site, args)


FUNCTIONS: dict[str, Function] = {
    "max": _extreme(largest=True),
    "min": _extreme(largest=False),
    "abs": scalar((NUMBER,), NUMBER, _abs),
    "ceil": scalar((NUMBER,), NUMBER, _ceil),
    "floor": scalar((NUMBER,), NUMBER, _floor),
    "log": scalar((NUMBER, NUMBER), NUMBER, _log),
    "pow": scalar((NUMBER, NUMBER), NUMBER, _pow),
    "signum": scalar((NUMBER,), NUMBER, _signum),
    "parseint": _parseint,
    "range": _range_call,
    "sum": _sum,
}
