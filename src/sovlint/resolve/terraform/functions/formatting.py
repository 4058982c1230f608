"""`format` and `formatlist`.

Source of the rules: github.com/zclconf/go-cty, `cty/function/stdlib/format.go`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from sovlint.model.value import Known, SetValue, Unknown, Value
from sovlint.resolve.terraform.convert import to_type
from sovlint.resolve.terraform.functions.base import CallSite, Function, arity, items_of, not_null
from sovlint.resolve.terraform.functions.graphemes import graphemes
from sovlint.resolve.terraform.functions.jsontext import json_text
from sovlint.resolve.terraform.numerics import BITS, Number, exact, shortest, text
from sovlint.resolve.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Collection,
    TupleType,
    list_of,
    make_list,
    type_of,
)
from sovlint.resolve.terraform.values import (
    EvaluationError,
    NotKnown,
    is_whole,
    made,
    plain,
    reshaped,
    to_bool,
    to_number,
    to_text,
    undetermined,
    unknown_from,
)

_VERB = re.compile(
    r"%(?:%|(?P<flags>[-+ 0#]*+)(?P<width>[1-9][0-9]*+)?(?:\.(?P<precision>[0-9]++))?(?:\[(?P<index>[0-9]++)\])?"
    r"(?P<verb>[a-zA-Z]))"
)
MAX_WIDTH = 10_000


def _format(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1)
    template = to_type(not_null(site, args[0]), STRING)
    if type(template) is Unknown:
        return unknown_from(args, site.span, kind=STRING)
    parts = list(_pieces(to_text(template), template, args[1:]))
    if any(type(part) is Unknown for part in parts):
        result = unknown_from((*parts, *args), site.span, kind=STRING)
        result.parts = tuple(parts)
        return result
    return made("".join(to_text(part) for part in parts), site.span, args, tuple(parts))


def _pieces(template: str, source: Value, args: list[Value]) -> Iterator[Value]:
    """The pieces of a formatted string: literal text belongs to the template, verbs to their arguments."""
    at = number = highest = 0
    while at < len(template):
        percent = template.find("%", at)
        if percent < 0:
            yield reshaped(template[at:], source)
            break
        if percent > at:
            yield reshaped(template[at:percent], source)
        match = _VERB.match(template, percent)
        if match is None:
            raise EvaluationError("format(): unrecognised verb")
        at = match.end()
        if match.group() == "%%":
            yield reshaped("%", source)
            continue
        index = int(match["index"]) - 1 if match["index"] else number
        if not 0 <= index < len(args):
            raise EvaluationError("format(): not enough arguments")
        number = index + 1
        highest = max(highest, number)
        yield _formatted(match, args[index])
    if highest < len(args):
        raise EvaluationError("format(): too many arguments")


def _formatted(match: re.Match[str], value: Value) -> Value:
    verb, flags = match["verb"], match["flags"] or ""
    width = int(match["width"] or 0)
    if width > MAX_WIDTH or int(match["precision"] or 0) > MAX_WIDTH:
        raise undetermined("format(): too wide")
    if verb not in "vtbdoxXeEfgGsq":
        raise EvaluationError(f"format(): %{verb} is not supported")
    if type(value) is Unknown:
        return _unformatted(verb, value)
    if not is_whole(value):
        plain(value)
    precision = int(match["precision"]) if match["precision"] is not None else None
    if type(value) is Known and value.value is None and (verb != "v" or type_of(value) == ANY):
        if type_of(value) == ANY:
            raise undetermined("format(): null without a type")
        raise EvaluationError("format(): an argument is null")
    if verb == "v":
        return reshaped(_any(value, flags, width), value)
    if verb in "sq":
        body = to_text(to_type(value, STRING))
        return reshaped(_text(body, verb, flags, width, precision), value)
    if verb == "t":
        return reshaped("true" if to_bool(to_type(value, BOOL)) else "false", value)
    number = to_number(to_type(value, NUMBER))
    return reshaped(_number(number, verb, flags, width, precision), value)


def _unformatted(verb: str, value: Unknown) -> Unknown:
    """A part that is not known; what its verb does not take fails all the same."""
    kind = type_of(value)
    wanted = BOOL if verb == "t" else STRING if verb in "sq" else NUMBER if verb != "v" else ANY
    to_type(value, wanted)
    if verb in "sv" and kind == STRING:
        return value
    return unknown_from((value,), value.span, kind=STRING)


def _any(value: Value, flags: str, width: int) -> str:
    """`%v`: strings as they are, numbers like `%g` with all digits, everything else as JSON."""
    assert type(value) is Known
    inner = value.value
    if isinstance(inner, str) and "#" not in flags:
        return _text(inner, "s", flags, width, None)
    if isinstance(inner, (int, Decimal)) and not isinstance(inner, bool) and "#" not in flags:
        return _number(inner, "g", flags.replace("+", "").replace(" ", ""), width, None)
    return _text(json_text(value), "s", flags, width, None)


def _text(body: str, verb: str, flags: str, width: int, precision: int | None) -> str:
    if precision is not None:
        body = "".join(graphemes(body)[:precision])
    if verb == "q":
        body = json_text(body)
    missing = width - len(graphemes(body))
    if missing <= 0:
        return body
    if "-" in flags:
        return body + " " * missing
    return ("0" if "0" in flags else " ") * missing + body


def _number(number: Number, verb: str, flags: str, width: int, precision: int | None) -> str:
    if verb in "dboxX":
        if number != int(number):
            raise EvaluationError("format(): a whole number is required")
        whole = abs(int(number))
        body = (format(whole, verb) if verb != "d" else text(whole)).rjust(precision or 0, "0")
        if "#" in flags:
            body = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(verb, "") + body
    else:
        body = _float(abs(exact(number)), verb, precision)
    negative = number < 0 or (isinstance(number, Decimal) and number.is_signed() and verb not in "dboxX")
    sign = "-" if negative else "+" if "+" in flags else " " if " " in flags else ""
    missing = width - len(sign) - len(body)
    if missing <= 0:
        return sign + body
    if "-" in flags:
        return sign + body + " " * missing
    return sign + "0" * missing + body if "0" in flags else " " * missing + sign + body


def _float(value: Fraction, verb: str, precision: int | None) -> str:
    if verb == "f":
        places = 6 if precision is None else precision
        scaled = round(value * 10**places)
        digits = str(scaled).rjust(places + 1, "0")
        return f"{digits[:-places]}.{digits[-places:]}" if places else digits
    lower = verb.lower()
    out = _scientific(value, 6 if precision is None else precision) if lower == "e" else _general(value, precision)
    return out.upper() if verb.isupper() else out


def _rounded(value: Fraction, digits: int) -> tuple[str, int]:
    """So many significant digits, rounded half to even, and the exponent of the first."""
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emax=999_999, Emin=-999_999)
    decimal = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    _, figures, _ = decimal.as_tuple()
    return "".join(map(str, figures)).ljust(digits, "0"), decimal.adjusted() if decimal else 0


def _scientific(value: Fraction, places: int) -> str:
    digits, exponent = _rounded(value, places + 1)
    mantissa = digits[0] + ("." + digits[1:] if places else "")
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _general(value: Fraction, precision: int | None) -> str:
    """`%g`: the shortest form; scientific for exponents below -4, and from the precision (else 6) on."""
    if precision is None:
        if not value:
            return "0"
        decimal = shortest(value, BITS)
        digits = "".join(map(str, decimal.as_tuple().digits))
        exponent, limit = decimal.adjusted(), 6
    else:
        digits, exponent = _rounded(value, max(precision, 1))
        digits = digits.rstrip("0") or "0"
        limit = max(precision, 1)
    if exponent < -4 or exponent >= limit:
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    rest = digits[exponent + 1 :]
    return f"{whole}.{rest}" if rest else whole


def _formatlist(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1)
    template = not_null(site, args[0])
    kind = list_of(STRING)
    columns: list[tuple[Value, ...] | Value] = []
    length: int | None = None
    undecided = type(template) is Unknown
    for arg in args[1:]:
        listed = _is_sequence(arg)
        if type(arg) is Unknown and listed is not False:
            undecided = True
        if not listed or type(arg) is Unknown:
            columns.append(arg)
            continue
        items = items_of(arg)
        if length is not None and len(items) != length:
            raise EvaluationError("formatlist(): lists of different length")
        length = len(items)
        columns.append(items)
    if undecided:
        return unknown_from(args, site.span, kind=kind)
    if length is None:
        length = 1
    out: list[Value] = []
    for i in range(length):
        row = [not_null(site, column[i]) if isinstance(column, tuple) else column for column in columns]
        out.append(_guarded(site, [template, *row]))
    return Known(make_list(out, STRING), site.span, sensitive=any(arg.sensitive for arg in args))


def _guarded(site: CallSite, row: list[Value]) -> Value:
    try:
        return _format(site, row)
    except NotKnown as error:
        return unknown_from((error.unknown,), site.span, kind=STRING)


def _is_sequence(value: Value) -> bool | None:
    """Whether an argument is a list to go through; None if its type is not known."""
    if type(value) is Known:
        return isinstance(value.value, (tuple, SetValue))
    kind = type_of(value)
    if isinstance(kind, TupleType):
        return True
    if isinstance(kind, Collection):
        return kind.name != "map"
    return False if kind in (STRING, NUMBER, BOOL) else None


FUNCTIONS: dict[str, Function] = {"format": _format, "formatlist": _formatlist}
