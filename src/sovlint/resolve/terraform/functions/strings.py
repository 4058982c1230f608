"""String functions."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sovlint.model.value import Known, Unknown, Value
from sovlint.resolve.terraform.failures import spend
from sovlint.resolve.terraform.functions.base import (
    MAX_RESULT,
    CallSite,
    Function,
    arguments,
    computed,
    items_of,
    reshape,
    scalar,
    typed,
)
from sovlint.resolve.terraform.functions.graphemes import graphemes
from sovlint.resolve.terraform.functions.regex_match import Captures, Regex, compiled
from sovlint.resolve.terraform.numerics import Number
from sovlint.resolve.terraform.types import (
    BOOL,
    NUMBER,
    STRING,
    Type,
    list_of,
    make_list,
    object_of,
    tuple_of,
)
from sovlint.resolve.terraform.values import (
    EvaluationError,
    made,
    reshaped,
    to_text,
    undetermined,
    unknown_from,
)

_GO_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def normal(text: str) -> str:
    """The text in the one form in which Terraform keeps strings."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def whole_number(number: Number) -> int:
    """A number as Go's int.

    Raises:
        ValueError: it has a fraction, or is too large.
    """
    if number != int(number) or abs(int(number)) >= 2**63:
        raise ValueError("a whole number is required")
    return int(number)


# --- join and split


def _join(site: CallSite, args: list[Value]) -> Value:
    separator, *lists = arguments(site, args, (STRING, list_of(STRING)), list_of(STRING))
    parts: list[Value] = []
    for arg in lists:
        if type(arg) is Unknown:
            return unknown_from(args, site.span, kind=STRING)
        for item in items_of(arg):
            if parts:
                parts.append(separator)
            parts.append(item)
    if any(type(part) is Unknown for part in parts) or type(separator) is Unknown:
        if any(type(part) is Known and part.value is None for part in parts):
            raise EvaluationError("join(): an element is null")
        result = unknown_from((*parts, separator), site.span, kind=STRING)
        if parts:
            result.parts = tuple(parts)
        return result
    texts = [to_text(part) for part in parts]
    spend(sum(map(len, texts)) // 10)
    return made("".join(texts), site.span, args, tuple(parts))


def _split(site: CallSite, args: list[Value]) -> Value:
    separator, text = arguments(site, args, (STRING, STRING))
    if type(separator) is Unknown or type(text) is Unknown:
        return unknown_from(args, site.span, kind=list_of(STRING))
    cut, whole = to_text(separator), to_text(text)
    pieces = whole.split(cut) if cut else list(whole)
    elements = [reshaped(normal(piece), text) for piece in pieces]
    return Known(make_list(elements, STRING), site.span, (), text.refs, sensitive=separator.sensitive or text.sensitive)


# --- regular expressions


def _shape(regex: Regex) -> Type:
    """The type of a match."""
    if not regex.groups:
        return STRING
    if all(regex.groups):
        return object_of(dict.fromkeys(regex.groups, STRING))
    if any(regex.groups):
        raise ValueError("named and unnamed groups cannot be mixed")
    return tuple_of([STRING] * len(regex.groups))


def _match(regex: Regex, text: str, found: Captures) -> Any:
    texts = [
        normal(text[found[i] : found[i + 1]]) if found[i] >= 0 else None for i in range(0, 2 * len(regex.groups) + 2, 2)
    ]
    if not regex.groups:
        return texts[0]
    if regex.groups[0]:
        return dict(zip(regex.groups, texts[1:], strict=True))
    return texts[1:]


def _regex(site: CallSite, args: list[Value]) -> Value:
    pattern, text = arguments(site, args, (STRING, STRING))
    if type(pattern) is Unknown or type(text) is Unknown:
        return unknown_from(args, site.span)
    regex = computed(site, compiled, [to_text(pattern)])
    kind = computed(site, _shape, [regex])
    whole = to_text(text)
    found = regex.first(whole)
    if found is None:
        raise EvaluationError("regex(): the pattern does not match")
    return made(typed(_match(regex, whole, found), kind, site.span).value, site.span, args)


def _regexall(site: CallSite, args: list[Value]) -> Value:
    pattern, text = arguments(site, args, (STRING, STRING))
    if type(pattern) is Unknown or type(text) is Unknown:
        return unknown_from(args, site.span)
    regex = computed(site, compiled, [to_text(pattern)])
    kind = list_of(computed(site, _shape, [regex]))
    whole = to_text(text)
    data = [_match(regex, whole, found) for found in regex.all(whole)]
    return made(typed(data, kind, site.span).value, site.span, args)


def _replace(text: str, old: str, new: str) -> str:
    if len(text) * max(1, len(new)) > MAX_RESULT * 10:
        raise undetermined("the result of replace() is too large")
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return normal(compiled(old[1:-1]).replace(text, new))
    return normal(text.replace(old, new))


_REPLACE = scalar((STRING, STRING, STRING), STRING, _replace)


def _replace_call(site: CallSite, args: list[Value]) -> Value:
    """`replace` of nothing, or by nothing, only reshapes; otherwise a new text is made of several."""
    value = _REPLACE(site, args)
    if type(value) is Known and not any(type(arg) is Unknown for arg in args):
        old, new = to_text(args[1]), to_text(args[2])
        if value.value == to_text(args[0]) or not any(c.isalnum() for c in old.strip("/") + new):
            kept = reshaped(value.value, args[0])
            kept.sensitive = value.sensitive
            return kept
    return value


# --- case and white space


def upper(text: str) -> str:
    """Upper case character by character, as Go maps it (`ß` stays)."""
    if text.isascii():
        return text.upper()
    return normal("".join(_single(c, c.upper()) for c in text))


def lower(text: str) -> str:
    """Lower case character by character."""
    if text.isascii():
        return text.lower()
    return normal("".join("i" if c == "\u0130" else _single(c, c.lower()) for c in text))


def _single(character: str, mapped: str) -> str:
    if len(mapped) == 1:
        return mapped
    titled = character.title()
    return titled if len(titled) == 1 else character


def _title(text: str) -> str:
    out: list[str] = []
    separated = True
    for character in text:
        out.append(_single(character, character.title()) if separated and character.isalpha() else character)
        separated = _separates(character)
    return normal("".join(out))


def _separates(character: str) -> bool:
    """Go's `isSeparator`: what stands before a word."""
    if character.isascii():
        return not (character.isalnum() or character == "_")
    if unicodedata.category(character)[0] == "L" or unicodedata.category(character) == "Nd":
        return False
    return character in _GO_SPACE


def _trimspace(text: str) -> str:
    return text.strip(_GO_SPACE)


def _indent(spaces: Number, text: str) -> str:
    width = whole_number(spaces)
    if width < 0 or width * (text.count("\n") + 1) > MAX_RESULT:
        raise ValueError("negative or too large")
    return text.replace("\n", "\n" + " " * width)


def _indent_call(site: CallSite, args: list[Value]) -> Value:
    return scalar((NUMBER, STRING), STRING, _indent)(site, args)


# --- by what a reader counts as one character


def _strrev(text: str) -> str:
    return normal("".join(reversed(graphemes(text))))


def _substr(text: str, offset: Number, length: Number) -> str:
    start, count = whole_number(offset), whole_number(length)
    clusters = graphemes(text)
    if start < 0:
        start += len(clusters)
        start = max(start, 0)
    if count == 0:
        return ""
    return normal("".join(clusters[start:] if count < 0 else clusters[start : start + count]))


def _substr_call(site: CallSite, args: list[Value]) -> Value:
    value = scalar((STRING, NUMBER, NUMBER), STRING, _substr)(site, args)
    if type(value) is Known and type(args[0]) is Known:
        kept = reshaped(value.value, args[0])
        kept.sensitive = value.sensitive
        return kept
    return value


FUNCTIONS: dict[str, Function] = {
    "lower": reshape((STRING,), lower),
    "upper": reshape((STRING,), upper),
    "title": reshape((STRING,), _title),
    "trimspace": reshape((STRING,), _trimspace),
    "trim": reshape((STRING, STRING), lambda text, cut: text.strip(cut) if cut else text),
    "trimprefix": reshape((STRING, STRING), str.removeprefix),
    "trimsuffix": reshape((STRING, STRING), str.removesuffix),
    "chomp": reshape((STRING,), lambda text: re.sub(r"(?:\r\n?|\n)++\Z", "", text)),
    "strrev": scalar((STRING,), STRING, _strrev),
    "join": _join,
    "split": _split,
    "replace": _replace_call,
    "substr": _substr_call,
    "regex": _regex,
    "regexall": _regexall,
    "startswith": scalar((STRING, STRING), BOOL, str.startswith),
    "endswith": scalar((STRING, STRING), BOOL, str.endswith),
    "strcontains": scalar((STRING, STRING), BOOL, lambda text, part: part in text),
    "indent": _indent_call,
}
