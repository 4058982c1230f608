"""JSON as Terraform writes and reads it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sovlint.model.value import Unknown, Value
from sovlint.resolve.terraform.failures import spend
from sovlint.resolve.terraform.numerics import TooLargeError, canonical, text
from sovlint.resolve.terraform.types import LazyObject
from sovlint.resolve.terraform.values import NotKnown, undetermined

_SURROGATE = re.compile("[\ud800-\udfff]")


def quoted(string: str) -> str:
    """A string as Go's encoder writes it: safe inside HTML and JavaScript; control characters by number."""
    out = json.dumps(string, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        out = out.replace(character, f"\\u{ord(character):04x}")
    return out


def json_text(value: Value | str) -> str:
    """A known value as Terraform's `jsonencode` writes it.

    Raises:
        NotKnown: something inside is unknown, or it is larger than any configuration needs.
    """
    if isinstance(value, str):
        return quoted(value)
    out: list[str] = []
    _write(value, out)
    return "".join(out)


def _write(value: Value, out: list[str]) -> None:
    spend(2)
    if type(value) is Unknown:
        raise NotKnown(value)
    inner = value.value  # type: ignore[union-attr]
    if inner is None:
        out.append("null")
    elif isinstance(inner, str):
        spend(len(inner) // 10)
        out.append(quoted(inner))
    elif isinstance(inner, bool):
        out.append("true" if inner else "false")
    elif isinstance(inner, (int, Decimal)):
        out.append(text(inner))
    elif isinstance(inner, tuple):
        out.append("[")
        for i, item in enumerate(inner):
            if i:
                out.append(",")
            _write(item, out)
        out.append("]")
    elif isinstance(inner, LazyObject):
        raise NotKnown(Unknown("attributes known after apply", value.span, refs=value.refs))
    else:
        assert isinstance(inner, Mapping)
        out.append("{")
        for i, key in enumerate(sorted(inner)):
            if i:
                out.append(",")
            out.append(quoted(key) + ":")
            _write(inner[key], out)
        out.append("}")


def parse_json(source: str) -> Any:
    """Plain data of a JSON text; numbers exact, strings normalised.

    Raises:
        ValueError: no JSON.
        NotKnown: it nests too deeply.
    """
    try:
        data = json.loads(source, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant)
    except RecursionError:
        raise undetermined("the JSON text nests too deeply") from None
    return _cleaned(data)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _cleaned(data: Any) -> Any:
    if isinstance(data, str):
        return clean_text(data)
    if isinstance(data, Decimal):
        try:
            return canonical(data)
        except TooLargeError:
            raise undetermined("number too large") from None
    if isinstance(data, list):
        return [_cleaned(item) for item in data]
    if isinstance(data, dict):
        if any(clean_text(key) != key for key in data):
            raise undetermined("a key in JSON that is not in normal form")
        return {key: _cleaned(item) for key, item in data.items()}
    return data


def clean_text(string: str) -> str:
    """A string as Terraform keeps it: NFC, without halves of surrogate pairs."""
    if string.isascii():
        return string
    return unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", string))
