"""String functions."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sovlint.model.value import Known, Unknown, Value, picked
from sovlint.resolve.terraform.functions.base import MAX_RESULT, CallSite, Function, arity, items_of, pure, reshape
from sovlint.resolve.terraform.values import (
    EvaluationError,
    made,
    number_text,
    reshaped,
    to_number,
    to_text,
    unknown_from,
)

_VERB = re.compile(
    r"%(?:%|(?P<flags>[-+ 0#]*)(?P<width>\d+|\*)?(?:\.(?P<precision>\d+))?(?:\[(?P<index>\d+)\])?(?P<verb>[a-zA-Z]))"
)


def text_arg(value: Any) -> str:
    """A primitive as text.

    Raises:
        ValueError: null or a composite.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return number_text(value)
    raise ValueError("a string is required")


def _format(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1)
    template = args[0]
    if type(template) is Unknown:
        return unknown_from(args, site.span)
    parts = list(_format_parts(to_text(template), template, args[1:]))
    if any(type(part) is Unknown for part in parts):
        result = unknown_from(args, site.span)
        result.parts = tuple(parts)
        return result
    return made("".join(to_text(part) for part in parts), site.span, args, tuple(parts))


def _format_parts(text: str, template: Value, args: list[Value]) -> Iterator[Value]:
    """The pieces of a formatted string: literal text belongs to the template, verbs to their arguments."""
    at = 0
    number = 0
    for match in _VERB.finditer(text):
        if match.start() > at:
            yield reshaped(text[at : match.start()], template)
        at = match.end()
        if match.group() == "%%":
            yield reshaped("%", template)
            continue
        index = int(match["index"]) - 1 if match["index"] else number
        if not 0 <= index < len(args):
            raise EvaluationError("format(): not enough arguments")
        number = index + 1
        yield _formatted(match, args[index])
    if number < len(args):
        raise EvaluationError("format(): too many arguments")
    if at < len(text):
        yield reshaped(text[at:], template)


def _formatted(match: re.Match[str], value: Value) -> Value:
    if type(value) is Unknown:
        return value
    verb = match["verb"]
    flags = match["flags"] or ""
    width = int(match["width"] or 0)
    if width > 10_000:
        raise EvaluationError("format(): width too large")
    assert type(value) is Known
    if verb in "sv":
        if isinstance(value.value, (tuple, dict)) or value.value is None:
            from sovlint.resolve.terraform.functions.encoding import json_text

            if verb == "s" and value.value is None:
                raise EvaluationError("format(): null")
            body = json_text(value)
        else:
            body = to_text(value)
        if match["precision"]:
            body = body[: int(match["precision"])]
        body = body.ljust(width) if "-" in flags else body.rjust(width)
    elif verb == "q":
        from sovlint.resolve.terraform.functions.encoding import json_text

        body = json_text(Known(to_text(value), value.span))
    elif verb in "dxXob":
        whole = to_number(value)
        if not isinstance(whole, int):
            raise EvaluationError("format(): a whole number is required")
        spec = ("+" if "+" in flags else "") + ("0" if "0" in flags and "-" not in flags else "")
        body = format(whole, spec + (str(width) if width else "") + verb)
        if "-" in flags:
            body = body.strip().ljust(width)
    elif verb in "feEgG":
        precision = f".{match['precision']}" if match["precision"] else ".6" if verb in "feE" else ""
        spec = ("+" if "+" in flags else "") + ("0" if "0" in flags else "") + (str(width) if width else "")
        body = format(Decimal(to_number(value)), f"{spec}{precision}{verb}")
    elif verb == "t":
        body = to_text(value)
    else:
        raise EvaluationError(f"format(): %{verb} is not supported")
    return reshaped(body, value)


def _formatlist(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1)
    if any(type(arg) is Unknown for arg in args):
        return unknown_from(args, site.span)
    lengths = {len(a.value) for a in args[1:] if type(a) is Known and isinstance(a.value, tuple)}
    if len(lengths) > 1:
        raise EvaluationError("formatlist(): lists of different length")
    out: list[Value] = []
    for i in range(lengths.pop() if lengths else 1):
        row = [picked(a.value[i], a) if type(a) is Known and isinstance(a.value, tuple) else a for a in args[1:]]
        out.append(_format(site, [args[0], *row]))
    return Known(tuple(out), site.span)


def _join(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2)
    parts: list[Value] = []
    for arg in args[1:]:
        if type(arg) is Unknown:
            return unknown_from(args, site.span)
        for item in items_of(arg):
            if parts:
                parts.append(args[0])
            parts.append(picked(item, arg))
    if any(type(part) is Unknown for part in parts):
        result = unknown_from(parts, site.span)
        result.parts = tuple(parts)
        return result
    return made("".join(to_text(part) for part in parts), site.span, args, tuple(parts))


def _split(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 2, 2)
    if any(type(arg) is Unknown for arg in args):
        return unknown_from(args, site.span)
    separator, text = to_text(args[0]), to_text(args[1])
    pieces = text.split(separator) if separator else list(text)
    return Known(tuple(reshaped(piece, args[1]) for piece in pieces), site.span, (), args[1].refs)


def _go_regex(pattern: str) -> re.Pattern[str]:
    """A Go (RE2) expression; the common part of both syntaxes.

    Raises:
        ValueError: Python cannot read it, or it could take exponential time.
    """
    if len(pattern) > 1000 or re.search(r"[+*}]\)[+*{]", pattern) or "(?=" in pattern or "(?!" in pattern:
        raise ValueError("regular expression not supported")
    try:
        return re.compile(pattern.replace(r"\z", r"\Z").replace("(?U)", ""))
    except re.error as error:
        raise ValueError(str(error)) from None


def _match(match: re.Match[str]) -> Any:
    if match.re.groupindex:
        return dict(match.groupdict())
    if match.re.groups:
        return list(match.groups())
    return match.group()


def _regex(pattern: str, text: str) -> Any:
    found = _go_regex(pattern).search(text[:100_000])
    if found is None:
        raise ValueError("pattern did not match")
    return _match(found)


def _regexall(pattern: str, text: str) -> Any:
    return [_match(m) for m in _go_regex(pattern).finditer(text[:100_000])]


def _replace(text: Any, old: Any, new: Any) -> str:
    whole, part, by = text_arg(text), text_arg(old), text_arg(new)
    if len(whole) * max(1, len(by)) > MAX_RESULT * 10:
        raise ValueError("result too large")
    if len(part) > 1 and part.startswith("/") and part.endswith("/"):
        template = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", by.replace("\\", "\\\\"))
        return _go_regex(part[1:-1]).sub(template, whole)
    return whole.replace(part, by)


def _replace_call(site: CallSite, args: list[Value]) -> Value:
    """`replace` of nothing, or by nothing, only reshapes; otherwise a new text is made of several."""
    arity(site, args, 3, 3)
    value = _REPLACE(site, args)
    if type(value) is Known and type(args[0]) is Known:
        old, new = to_text(args[1]), to_text(args[2])
        if value.value == args[0].value or not any(c.isalnum() for c in old.strip("/") + new):
            return reshaped(value.value, args[0])
    return value


def _substr(text: Any, offset: Any, length: Any) -> str:
    whole, offset, length = text_arg(text), int(offset), int(length)
    if offset < 0:
        offset = max(0, len(whole) + offset)
    return whole[offset:] if length < 0 else whole[offset : offset + length]


def _indent(spaces: Any, text: Any) -> str:
    if not 0 <= int(spaces) <= 1000:
        raise ValueError("out of range")
    return text_arg(text).replace("\n", "\n" + " " * int(spaces))


def _title(text: str) -> str:
    return re.sub(r"(?:^|(?<=[\s\-_./]))[^\W\d_]", lambda m: m.group().upper(), text)


_REPLACE = pure(3, 3, _replace)

FUNCTIONS: dict[str, Function] = {
    "lower": reshape(1, 1, str.lower),
    "upper": reshape(1, 1, str.upper),
    "title": reshape(1, 1, _title),
    "trimspace": reshape(1, 1, str.strip),
    "trim": reshape(2, 2, lambda text, cut: text.strip(cut) if cut else text),
    "trimprefix": reshape(2, 2, str.removeprefix),
    "trimsuffix": reshape(2, 2, str.removesuffix),
    "chomp": reshape(1, 1, lambda text: text.rstrip("\r\n")),
    "strrev": pure(1, 1, lambda text: text_arg(text)[::-1]),
    "format": _format,
    "formatlist": _formatlist,
    "join": _join,
    "split": _split,
    "replace": _replace_call,
    "substr": pure(3, 3, _substr),
    "regex": pure(2, 2, _regex),
    "regexall": pure(2, 2, _regexall),
    "startswith": pure(2, 2, lambda text, prefix: text_arg(text).startswith(text_arg(prefix))),
    "endswith": pure(2, 2, lambda text, suffix: text_arg(text).endswith(text_arg(suffix))),
    "strcontains": pure(2, 2, lambda text, part: text_arg(part) in text_arg(text)),
    "indent": pure(2, 2, _indent),
    "dedent": pure(1, 1, textwrap.dedent),
}
