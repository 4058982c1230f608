"""Functions that encode and decode: JSON, YAML, CSV, base64, URLs, hashes, UUIDs."""

from __future__ import annotations

import base64
import binascii
import codecs
import hashlib
import re
import urllib.parse
import uuid
import zlib
from collections.abc import Callable

from sovlint.model.source import SourceFile
from sovlint.model.value import Known, Unknown, Value, picked
from sovlint.resolve.terraform.functions.base import CallSite, Function, arguments, arity, computed, scalar, typed
from sovlint.resolve.terraform.functions.csvtext import parse_csv
from sovlint.resolve.terraform.functions.jsontext import clean_text, json_text, parse_json
from sovlint.resolve.terraform.types import ANY, STRING, encoded_parts, list_of, object_of
from sovlint.resolve.terraform.values import NotKnown, made, to_text, undetermined, unknown_from, wrap


def _jsonencode(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    return _encoded(site, args, json_text)


def _whole_file(value: Value) -> bool:
    """Whether a text is a file as it is, so that its parts have places inside that file."""
    return value.span.start == 0 and value.span.end == len(value.span.file.text) and value.span.file.text == value.value  # type: ignore[union-attr]


def _jsondecode(site: CallSite, args: list[Value]) -> Value:
    (text,) = arguments(site, args, (STRING,))
    if type(text) is Unknown:
        return unknown_from(args, site.span)
    data = computed(site, parse_json, [to_text(text)])
    if _whole_file(text):
        from sovlint.resolve.terraform.functions.yamltext import decode_json_file

        placed = decode_json_file(text.span.file, data)
        if placed is not None:
            return picked(placed, text)
    return made(wrap(data, site.span).value, site.span, args)


def _yamldecode(site: CallSite, args: list[Value]) -> Value:
    from sovlint.resolve.terraform.functions.yamltext import decode

    (text,) = arguments(site, args, (STRING,))
    if type(text) is Unknown:
        return unknown_from(args, site.span)
    if _whole_file(text):
        return picked(computed(site, decode, [text.span.file, None]), text)
    value = computed(site, decode, [SourceFile("", to_text(text)), site.span])
    return made(value.value, site.span, args) if type(value) is Known else value


def _yamlencode(site: CallSite, args: list[Value]) -> Value:
    from sovlint.resolve.terraform.functions.yamltext import encode

    arity(site, args, 1, 1)
    return _encoded(site, args, encode)


def _encoded(site: CallSite, args: list[Value], write: Callable[[Value], str]) -> Value:
    """Data as text, which carries the data: every leaf of it has a place of its own, and not all need be known."""
    parts = encoded_parts(args[0])
    try:
        return made(computed(site, write, [args[0]]), site.span, args, parts)
    except NotKnown as error:
        result = unknown_from((error.unknown, *args), site.span)
        result.parts = parts
        return result


def _csvdecode(site: CallSite, args: list[Value]) -> Value:
    (text,) = arguments(site, args, (STRING,))
    if type(text) is Unknown:
        return unknown_from(args, site.span, kind=list_of(ANY))
    header, rows = computed(site, parse_csv, [to_text(text)])
    kind = list_of(object_of(dict.fromkeys(map(clean_text, header), STRING)))
    data = [dict(zip(map(clean_text, header), map(clean_text, row), strict=True)) for row in rows]
    return made(typed(data, kind, site.span).value, site.span, args)


# --- base64


def to_base64(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """Standard base64 as Go reads it: line ends are skipped, the last bits need not be zero.

    Raises:
        ValueError: something else in it.
    """
    text = text.replace("\r", "").replace("\n", "")
    if not text.isascii() or len(text) % 4 or not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text):
        raise ValueError("illegal base64 data")
    return binascii.a2b_base64(text)


def utf8_text(data: bytes) -> str:
    """Bytes as a string.

    Raises:
        ValueError: no UTF-8.
    """
    return clean_text(data.decode("utf-8"))


MAX_UNPACKED = 10_000_000


def _gunzip(text: str) -> str:
    """OpenTofu's `base64gunzip`."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(from_base64(text), MAX_UNPACKED)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if unpacker.unconsumed_tail:
        raise undetermined("the unpacked text is too large")
    if not unpacker.eof or unpacker.unused_data:
        raise undetermined("the packed text has more or less than one part")
    return utf8_text(data)


_ENCODINGS = {
    "utf-8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "windows-1252",
    "windows-1250": "windows-1250",
    "windows-1251": "windows-1251",
    "koi8-r": "koi8-r",
}


def _codec(name: str) -> codecs.CodecInfo:
    found = _ENCODINGS.get(name.lower())
    if found is None:
        raise undetermined(f"the text encoding {name[:40]}")
    return codecs.lookup(found)


def _textencode(text: str, encoding: str) -> str:
    codec = _codec(encoding)
    try:
        return to_base64(codec.encode(text)[0])
    except UnicodeEncodeError:
        raise ValueError("the string contains characters that the encoding does not have") from None


def _textdecode(text: str, encoding: str) -> str:
    codec = _codec(encoding)
    data = from_base64(text)
    try:
        return clean_text(codec.decode(data)[0])
    except UnicodeDecodeError:
        raise ValueError("the text is not valid in this encoding") from None


# --- hashes and identifiers


def digest(name: str, *, encode: bool = False) -> Callable[[bytes], str]:
    """A hash of bytes, in hexadecimal or base64."""

    def compute(data: bytes) -> str:
        result = hashlib.new(name, data, usedforsecurity=False)
        return to_base64(result.digest()) if encode else result.hexdigest()

    return compute


DIGESTS: dict[str, Callable[[bytes], str]] = {
    "md5": digest("md5"),
    "sha1": digest("sha1"),
    "sha256": digest("sha256"),
    "sha512": digest("sha512"),
    "base64sha256": digest("sha256", encode=True),
    "base64sha512": digest("sha512", encode=True),
}


def _of_text(compute: Callable[[bytes], str]) -> Function:
    return scalar((STRING,), STRING, lambda text: compute(text.encode()))


_NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS,
    "url": uuid.NAMESPACE_URL,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
}


def _uuidv5(namespace: str, name: str) -> str:
    space = _NAMESPACES.get(namespace)
    if space is None:
        dashed = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
        if not re.fullmatch(rf"{dashed}|urn:uuid:{dashed}|\{{{dashed}\}}|[0-9a-fA-F]{{32}}", namespace):
            raise ValueError("uuidv5() doesn't support the namespace")
        space = uuid.UUID(namespace)
    return str(uuid.uuid5(space, name))


def _urldecode(text: str) -> str:
    if re.search(r"%(?![0-9a-fA-F]{2})", text):
        raise ValueError("invalid URL escape")
    return utf8_text(urllib.parse.unquote_to_bytes(text.replace("+", " ")))


FUNCTIONS: dict[str, Function] = {
    "jsonencode": _jsonencode,
    "jsondecode": _jsondecode,
    "yamldecode": _yamldecode,
    "yamlencode": _yamlencode,
    "csvdecode": _csvdecode,
    "base64encode": scalar((STRING,), STRING, lambda text: to_base64(text.encode())),
    "base64decode": scalar((STRING,), STRING, lambda text: utf8_text(from_base64(text))),
    "base64gunzip": scalar((STRING,), STRING, _gunzip),
    "textencodebase64": scalar((STRING, STRING), STRING, _textencode),
    "textdecodebase64": scalar((STRING, STRING), STRING, _textdecode),
    "urlencode": scalar((STRING,), STRING, lambda text: urllib.parse.quote_plus(text, safe="-_.~")),
    "urldecode": scalar((STRING,), STRING, _urldecode),
    "uuidv5": scalar((STRING, STRING), STRING, _uuidv5),
    **{name: _of_text(compute) for name, compute in DIGESTS.items()},
}
