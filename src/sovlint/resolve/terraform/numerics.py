"""Numbers as Terraform computes with them: binary floats of 512 bits, some of 64 or 53, printed as shortest decimals.

A plain `int` or `Decimal` stands for the 512-bit float nearest to it and is that float's shortest decimal, so it says
everything. Where Terraform keeps fewer bits (`length()` gives 64, `log()` and `pow()` give 53), the number's type says
so, because what is computed from it is rounded accordingly.

Source of the rules: github.com/zclconf/go-cty, `cty/value_ops.go`, and Go's `math/big` (`Float`, `ftoa.go`).
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from sovlint.model.lazy import pattern

BITS = 512
MAX_EXPONENT = 4_000
"""Decimal exponents beyond which a number is not computed; nothing that people configure comes near."""

_NUMBER = pattern(r"([-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++))(?:([eEpP])([-+]?[0-9]{1,9}))?", re.ASCII)


class Short(int):
    """A whole number that Terraform keeps in 64 bits: a length, an index, a count."""

    __slots__ = ()


class Binary(Decimal):
    """A number of fewer than 512 bits: its shortest decimal, with the exact value beside it."""

    exact: Fraction
    bits: int


Number: TypeAlias = "int | Decimal"


class TooLargeError(ArithmeticError):
    """A number beyond `MAX_EXPONENT`."""


def parsed(text: str) -> Number | None:
    """The number a text means to `tonumber`; None if it is none.

    Raises:
        TooLargeError: its exponent is beyond any use.
    """
    found = _NUMBER.fullmatch(text) if len(text) <= 5_000 else None
    if found is None:
        return None
    if found[3] and abs(int(found[3])) > MAX_EXPONENT:
        raise TooLargeError
    if found[2] and found[2] in "pP":
        # Go's numbers may have an exponent of two.
        power = int(found[3])
        return rounded(Fraction(found[1]) * Fraction(2) ** power, BITS)
    return canonical(Decimal(text))


def canonical(number: Number) -> Number:
    """The shortest decimal of the 512-bit float nearest to a number; whole ones as `int`.

    Raises:
        TooLargeError: it is beyond any use.
    """
    if isinstance(number, int):
        if number.bit_length() <= BITS:
            return number
        return rounded(Fraction(number), BITS)
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        if number.is_finite() and not number:
            return Decimal("-0") if number.is_signed() else 0
        raise TooLargeError
    if not number:
        return Decimal("-0") if number.is_signed() else 0
    figures = number.as_tuple()
    if len(figures.digits) > 150:
        return rounded(Fraction(number), BITS)
    if isinstance(figures.exponent, int) and (figures.exponent >= 0 or number == int(number)):
        return canonical(int(number))
    return number


def exact(number: Number) -> Fraction:
    """The exact value of the float that a number stands for."""
    if isinstance(number, Binary):
        return number.exact
    if isinstance(number, int) and number.bit_length() <= BITS:
        return Fraction(number)
    return _nearest(Fraction(number), BITS)


def bits_of(number: Number) -> int:
    """How many bits Terraform keeps of a number."""
    if isinstance(number, Short):
        return 64
    return number.bits if isinstance(number, Binary) else BITS


def rounded(value: Fraction, bits: int) -> Number:
    """A value rounded to a float of so many bits, in the type that says so.

    Raises:
        TooLargeError: it is beyond any use.
    """
    if not value:
        return Short(0) if bits == 64 else 0
    if abs(value.numerator.bit_length() - value.denominator.bit_length()) > MAX_EXPONENT * 4:
        raise TooLargeError
    value = _nearest(value, bits)
    whole = value.denominator == 1 and abs(value.numerator).bit_length() <= bits
    if whole:
        number = value.numerator
        return Short(number) if bits == 64 else number
    text = shortest(value, bits)
    if bits < BITS:
        binary = Binary(text)
        binary.exact, binary.bits = value, bits
        return binary
    return int(text) if text == text.to_integral_value() else text


def _split(value: Fraction, bits: int) -> tuple[int, int, int, int]:
    """Mantissa of so many bits, exponent of two, and the remainder of the division with its divisor."""
    numerator, denominator = abs(value.numerator), value.denominator
    exponent = numerator.bit_length() - denominator.bit_length() - bits
    while True:
        over, under = numerator << max(-exponent, 0), denominator << max(exponent, 0)
        mantissa, rest = divmod(over, under)
        if mantissa.bit_length() <= bits:
            return mantissa, exponent, rest, under
        exponent += 1


def _nearest(value: Fraction, bits: int) -> Fraction:
    """Rounded half to even."""
    if not value:
        return value
    mantissa, exponent, rest, under = _split(value, bits)
    if 2 * rest > under or (2 * rest == under and mantissa & 1):
        mantissa += 1
    result = Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)
    return -result if value < 0 else result


def shortest(value: Fraction, bits: int) -> Decimal:
    """The shortest decimal that is read as this float again, as Go's `Text('f', -1)` finds it."""
    negative = value < 0
    value = abs(value)
    mantissa, exponent, _, _ = _split(value, bits)
    scale = Fraction(1 << max(exponent, 0), 1 << max(-exponent, 0)) / 2
    low, high = (2 * mantissa - 1) * scale, (2 * mantissa + 1) * scale
    inclusive = mantissa % 2 == 0
    magnitude = _magnitude(value)
    safe = int((bits - 1) * 0.30102999566398)
    for digits in range(safe, safe + 8):
        unit = Fraction(10) ** (magnitude - digits)
        cut = value // unit
        down = cut > low // unit or (inclusive and cut * unit == low)
        up = (cut + 1) * unit < high or (inclusive and (cut + 1) * unit == high)
        if down and up:
            rest = value - cut * unit
            cut += 2 * rest > unit or (2 * rest == unit and cut & 1)
        elif up:
            cut += 1
        elif not down:
            continue
        break
    figures = str(int(cut))
    kept = figures.rstrip("0") or "0"
    power = magnitude - digits + len(figures) - len(kept)
    # Built from text: Decimal's own arithmetic would round to its context's 28 digits.
    return Decimal(f"{'-' if negative else ''}{kept}e{power}")


def _magnitude(value: Fraction) -> int:
    """The power of ten just above a positive value: 1 for 9.9, 0 for 0.5."""
    guess = int((value.numerator.bit_length() - value.denominator.bit_length()) * 0.30103)
    while value >= Fraction(10) ** guess:
        guess += 1
    while value < Fraction(10) ** (guess - 1):
        guess -= 1
    return guess


def _negative(number: Number) -> bool:
    return number.is_signed() if isinstance(number, Decimal) else number < 0


def negated(number: Number) -> Number:
    """`-x`; Terraform knows a negative zero."""
    if not number:
        return 0 if _negative(number) else Decimal("-0")
    if isinstance(number, Binary):
        result = Binary("-" + str(number) if number > 0 else str(number)[1:])
        result.exact, result.bits = -number.exact, number.bits
        return result
    if isinstance(number, Short):
        return Short(-number)
    return -number if isinstance(number, int) else number.copy_negate()


def less(a: Number, b: Number) -> bool:
    """`a < b`."""
    if isinstance(a, Binary) or isinstance(b, Binary):
        return exact(a) < exact(b)
    return a < b


def same_number(a: Number, b: Number) -> bool:
    """`a == b`."""
    if isinstance(a, Binary) or isinstance(b, Binary):
        return exact(a) == exact(b)
    return a == b


def compute(operator: str, a: Number, b: Number) -> Number:
    """`+ - * / %`; division by zero is the caller's business.

    Raises:
        TooLargeError: the result is beyond any use.
    """
    if type(a) is int and type(b) is int and operator in "+-*":
        result = a + b if operator == "+" else a - b if operator == "-" else a * b
        if result.bit_length() <= BITS:
            return Decimal("-0") if not result and operator == "*" and (a < 0 or b < 0) else result
    bits = max(bits_of(a), bits_of(b))
    x, y = exact(a), exact(b)
    if operator == "+":
        if not x and not y and _negative(a) and _negative(b):
            return Decimal("-0")
        return rounded(x + y, bits)
    if operator == "-":
        return rounded(x - y, bits)
    if operator in "*/":
        if not x or (operator == "*" and not y):
            return Decimal("-0") if _negative(a) != _negative(b) else rounded(Fraction(0), bits)
        if operator == "/":
            return rounded(x / y, bits)
        product = x * y
        # Multiplication keeps every bit it needs, up to 512.
        return rounded(product, bits if product == _nearest(product, bits) else BITS)
    return _modulo(x, y, bits)


def _modulo(x: Fraction, y: Fraction, bits: int) -> Number:
    """What the truncated quotient leaves, rounded at every step as Terraform does."""
    if not x:
        return 0
    quotient = _nearest(x / y, bits)
    whole = abs(quotient.numerator) // quotient.denominator
    taken = _nearest((whole if quotient > 0 else -whole) * y, bits)
    return rounded(x - taken, bits)


def text(number: Number) -> str:
    """A number as Terraform writes it into a string: all digits, no exponent."""
    if isinstance(number, int):
        return str(int(number)) if number.bit_length() < 14_000 else format(Decimal(number), "f")
    if not number:
        return "-0" if number.is_signed() else "0"
    out = format(number, "f")
    return out.rstrip("0").rstrip(".") if "." in out else out
