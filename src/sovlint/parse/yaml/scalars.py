"""Values of scalars, as Kubernetes reads them.

Kubernetes, Helm and kubectl read YAML with sigs.k8s.io/yaml, which is a fork of go-yaml v2 (YAML 1.1 with exceptions)
and turns the result into JSON. Source of the rules below: github.com/kubernetes-sigs/yaml, goyaml.v2/resolve.go
(functions `init`, `resolve`, `parseTimestamp`) at commit 742f5e6f:

- `y`, `yes`, `on`, `true` (and `n`, `no`, `off`, `false`), each in lower, upper and title case, are booleans;
- integers follow Go's `strconv.ParseInt(s, 0, 64)` after all `_` are removed: `017` and `0o17` are 15, `0x1F`, `0b11`,
  `1_000` is 1000; `089` is no octal number and so the float 89;
- sexagesimal numbers (`12:30:45`) are strings, and so are dates (`2001-12-14`), since JSON has neither.

Deviations, all on the side of losing nothing: numbers keep all digits (`Decimal`) where Go rounds to 64 bits;
`!!binary` keeps its base64 text; a number whose tag contradicts it (`!!int x`, an error in Go) is a string.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from sovlint.parse.yaml.nodes import Scalar

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""Plain scalars that mean null."""

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(NULLS, None),
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], float("nan")),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], float("inf")),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], float("-inf")),
}

_TAG = "tag:yaml.org,2002:"
_KINDS: dict[str, tuple[type, ...]] = {
    f"{_TAG}null": (type(None),),
    f"{_TAG}bool": (bool,),
    f"{_TAG}int": (int, Decimal),
    f"{_TAG}float": (int, Decimal, float),
}

_PREFIXED = re.compile(r"[-+]?0(?:[xX][0-9a-fA-F]++|[oO]?[0-7]++|[bB][01]++)", re.ASCII)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]++|[0-9]++(?:\.[0-9]*+)?)(?:[eE][-+]?[0-9]++)?")

# Python refuses to print integers of more than 4,300 decimal digits; longer prefixed numbers stay text.
_MAX_PREFIXED_DIGITS = 1_000
_MAX_UINT64 = 2**64 - 1
_MIN_INT64 = -(2**63)
# Beyond these decimal exponents a 64-bit float overflows (Go keeps the text) or is zero.
_MAX_EXPONENT = 308
_MIN_EXPONENT = -400


def resolve_scalar(node: Scalar) -> bool | int | Decimal | float | str | None:
    """The value of a scalar as Kubernetes reads it; linear in its length, never raises.

    Returns:
        `int` for integers of 64 bits, `Decimal` (exact, always finite) for larger ones and for fractions, `float` only
        for infinities and NaN. Quoted and block scalars, `!!str` and local tags (`!Ref x`) give the text.
    """
    text = node.text
    tag = node.tag
    if tag is None:
        return text if node.style else _plain(text)
    kinds = _KINDS.get(tag)
    if kinds is None:
        return text
    value = _plain(text)
    # bool is an int to isinstance, so the exact type is compared.
    return value if type(value) in kinds else text


def is_null(node: Scalar) -> bool:
    """Whether the scalar is null: empty, `~` or `null`, plain and without a tag (or tagged `!!null`)."""
    if node.tag is None:
        return not node.style and node.text in NULLS
    return node.tag == f"{_TAG}null" and node.text in NULLS


def _plain(text: str) -> bool | int | Decimal | float | str | None:
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first == ".":
        return _float(text, text)
    if first not in "+-0123456789":
        return text
    number = text.replace("_", "")
    if _INTEGER.fullmatch(number):
        return _integer(number, text)
    if _PREFIXED.fullmatch(number):
        return _prefixed(number, text)
    return _float(number, text)


def _integer(number: str, text: str) -> int | Decimal | str:
    if len(number) <= 21 and _MIN_INT64 <= (value := int(number)) <= _MAX_UINT64:
        return value
    try:
        # Unlike int(), Decimal() takes linear time and has no limit of digits.
        return Decimal(number)
    except InvalidOperation:  # more digits than the decimal library can hold
        return text


def _prefixed(number: str, text: str) -> int | str:
    if len(number) > _MAX_PREFIXED_DIGITS:
        return text
    negative = number[0] == "-"
    digits = number.lstrip("+-")
    kind = digits[1].lower()
    if kind == "x":
        value = int(digits[2:], 16)
    elif kind == "b":
        value = int(digits[2:], 2)
    else:
        value = int(digits[2:] if kind == "o" else digits[1:], 8)
    return -value if negative else value


def _float(number: str, text: str) -> Decimal | str:
    if not _FLOAT.fullmatch(number):
        return text
    try:
        value = Decimal(number)
    except InvalidOperation:  # an exponent of twenty digits
        mantissa, _, exponent = number.lower().partition("e")
        return Decimal(0) if exponent.startswith("-") or not mantissa.strip("+-0.") else text
    if not value or value.adjusted() < _MIN_EXPONENT:
        return Decimal(0)
    return text if value.adjusted() > _MAX_EXPONENT else value
