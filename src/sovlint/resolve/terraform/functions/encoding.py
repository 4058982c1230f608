"""Encoding, hashing and network functions."""

from __future__ import annotations

import base64
import csv
import hashlib
import ipaddress
import json
import urllib.parse
from decimal import Decimal
from typing import Any

from sovlint.model.source import Span
from sovlint.model.value import Known, Unknown, Value, picked
from sovlint.resolve.terraform.functions.base import CallSite, Function, arity, pure
from sovlint.resolve.terraform.functions.strings import text_arg
from sovlint.resolve.terraform.values import (
    EvaluationError,
    made,
    number_text,
    plain,
    to_text,
    unknown_from,
    wrap,
)


class _Number(float):
    """A number that `json` writes exactly as Terraform does."""

    def __init__(self, number: Decimal) -> None:
        self.text = number_text(number)

    def __repr__(self) -> str:
        return self.text


def _jsonable(data: Any) -> Any:
    if isinstance(data, Decimal):
        return _Number(data)
    if isinstance(data, list):
        return [_jsonable(item) for item in data]
    if isinstance(data, dict):
        return {key: _jsonable(data[key]) for key in sorted(data)}
    return data


def json_text(value: Value) -> str:
    """A known value as Terraform's `jsonencode` writes it.

    Raises:
        NotKnown: something inside is unknown.
    """
    text = json.dumps(_jsonable(plain(value)), separators=(",", ":"), ensure_ascii=False)
    # As Go's encoder: safe inside HTML and JavaScript.
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _jsonencode(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    return made(json_text(args[0]), site.span, args)


def _whole_file(value: Value) -> bool:
    return value.span.start == 0 and value.span.end == len(value.span.file.text)


def _jsondecode(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    if type(args[0]) is Unknown:
        return unknown_from(args, site.span)
    text = to_text(args[0])
    try:
        data = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"jsondecode(): {error}") from None
    if _whole_file(args[0]) and args[0].span.file.text == text:
        return _decoded(site, args[0])
    return made(wrap(data, site.span).value, site.span, args)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _yamldecode(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    if type(args[0]) is Unknown:
        return unknown_from(args, site.span)
    from sovlint.model.source import SourceFile

    text = to_text(args[0])
    if _whole_file(args[0]) and args[0].span.file.text == text:
        return _decoded(site, args[0])
    value = _document(SourceFile("", text), site.span)
    return made(value.value, site.span, args) if type(value) is Known else value


def _decoded(site: CallSite, argument: Value) -> Value:
    """The contents of a decoded file: every element's place is inside that file."""
    value = _document(argument.span.file, None)
    return picked(value, argument) if value.span.file is argument.span.file else value


def _document(source: Any, span: Span | None) -> Value:
    from sovlint.parse.yaml import parse_stream
    from sovlint.resolve.terraform.data_files import from_yaml

    stream = parse_stream(source)
    errors = [p for p in stream.problems if p.level == "error"]
    if errors or len(stream.documents) > 1:
        raise EvaluationError(f"yamldecode(): {errors[0].message if errors else 'more than one document'}")
    if not stream.documents:
        return Known(None, span or Span(source, 0, 0))
    return from_yaml(stream.documents[0], source, span)


def _base64decode(text: Any) -> str:
    return base64.b64decode(text_arg(text), validate=True).decode("utf-8")


def _digest(name: str, *, encode: bool = False) -> Function:
    def compute(text: Any) -> str:
        digest = hashlib.new(name, text_arg(text).encode(), usedforsecurity=False)
        return base64.b64encode(digest.digest()).decode() if encode else digest.hexdigest()

    return pure(1, 1, compute)


def _csvdecode(text: Any) -> list[dict[str, str]]:
    return [dict(row) for row in csv.DictReader(text_arg(text).splitlines())]


def _network(prefix: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text_arg(prefix), strict=False)


def _cidrsubnet(prefix: Any, new_bits: Any, number: Any) -> str:
    network = _network(prefix)
    new_bits, number = int(new_bits), int(number)
    length = network.prefixlen + new_bits
    if new_bits < 0 or length > network.max_prefixlen or not 0 <= number < 2**new_bits:
        raise ValueError("does not fit")
    base = int(network.network_address) + number * 2 ** (network.max_prefixlen - length)
    return f"{type(network.network_address)(base)}/{length}"


def _cidrsubnets(prefix: Any, *bits: Any) -> list[str]:
    network = _network(prefix)
    at = int(network.network_address)
    out = []
    for new in bits:
        length = network.prefixlen + int(new)
        size = 2 ** (network.max_prefixlen - length)
        at = -(-at // size) * size
        if int(new) < 1 or at + size - 1 > int(network.broadcast_address):
            raise ValueError("does not fit")
        out.append(f"{type(network.network_address)(at)}/{length}")
        at += size
    return out


def _cidrhost(prefix: Any, number: Any) -> str:
    network = _network(prefix)
    number = int(number)
    if not -network.num_addresses <= number < network.num_addresses:
        raise ValueError("does not fit")
    base = int(network.network_address) + (number if number >= 0 else network.num_addresses + number)
    return str(type(network.network_address)(base))


def _urlencode(text: Any) -> str:
    return urllib.parse.quote_plus(text_arg(text), safe="-_.~")


FUNCTIONS: dict[str, Function] = {
    "jsonencode": _jsonencode,
    "jsondecode": _jsondecode,
    "yamldecode": _yamldecode,
    "csvdecode": pure(1, 1, _csvdecode),
    "base64encode": pure(1, 1, lambda text: base64.b64encode(text_arg(text).encode()).decode()),
    "base64decode": pure(1, 1, _base64decode),
    "urlencode": pure(1, 1, _urlencode),
    "urldecode": pure(1, 1, lambda text: urllib.parse.unquote_plus(text_arg(text))),
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sha512": _digest("sha512"),
    "base64sha256": _digest("sha256", encode=True),
    "base64sha512": _digest("sha512", encode=True),
    "cidrsubnet": pure(3, 3, _cidrsubnet),
    "cidrsubnets": pure(1, None, _cidrsubnets),
    "cidrhost": pure(2, 2, _cidrhost),
    "cidrnetmask": pure(1, 1, lambda prefix: str(_network(prefix).netmask)),
}
