"""YAML as Terraform reads and writes it (its own rules, not those of Kubernetes).

Source of the rules: github.com/zclconf/go-cty-yaml, `resolve.go` and `encode.go`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping as MappingABC
from decimal import Decimal
from typing import Any

from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.yaml import Alias, Mapping, Node, Scalar, Sequence, deref, parse_stream
from sovlint.parse.yaml.composer import is_merge_key
from sovlint.resolve.terraform.failures import spend
from sovlint.resolve.terraform.functions.jsontext import clean_text
from sovlint.resolve.terraform.numerics import TooLargeError, canonical, text
from sovlint.resolve.terraform.types import LazyObject, ObjectValue, TupleValue
from sovlint.resolve.terraform.values import NotKnown, undetermined

MAX_NODES = 200_000
"""Nodes of one document that are turned into values; aliases count each time they are used."""

_TAG = "tag:yaml.org,2002:"
_TRUE = frozenset(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
_FALSE = frozenset(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]++|[0-9]++(?:\.[0-9]*+)?)(?:[eE][-+]?[0-9]++)?", re.ASCII)
_CLOCK = r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d{1,9})?"
_STAMP = re.compile(
    rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:[Tt]{_CLOCK}(Z|[+-]\d\d:\d\d)| {_CLOCK})?",
    re.ASCII,
)
_OTHER_VERSION = re.compile(r"^%YAML[ \t]+(?!1\.1\s)", re.MULTILINE)
_DOCUMENT = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_PREFIXED = re.compile(r"0(?:x([0-9a-fA-F]{1,30})|o([0-7]{1,40}))")


# --- reading


def decode(source: SourceFile, span: Span | None) -> Value:
    """The value of a text with one YAML document.

    Args:
        source: the text.
        span: the place of everything in it; None for the places inside the text.

    Raises:
        ValueError: no YAML, or not one document.
        NotKnown: something that is not supported, or too large.
    """
    stream = parse_stream(source)
    errors = [problem for problem in stream.problems if problem.level == "error"]
    if errors:
        if any(problem.code == "too-deep" for problem in errors):
            raise undetermined("the YAML text nests too deeply")
        raise ValueError(errors[0].message)
    if _OTHER_VERSION.search(source.text):
        raise ValueError("found incompatible YAML document")
    if len(stream.documents) > 1:
        raise ValueError("more than one document")
    if not stream.documents:
        if "---" in source.text:
            return Known(None, span or Span(source, 0, 0))
        raise ValueError("there is no document")
    if stream.indices[0] > 0 or _DOCUMENT.search(source.text, stream.documents[0].end):
        raise ValueError("more than one document")
    return _Decoder(source, span).value(stream.documents[0])


def decode_json_file(source: SourceFile, data: Any) -> Value | None:
    """The value of a JSON file with the place of every element; None where both readings of it differ."""
    stream = parse_stream(source)
    if len(stream.documents) != 1 or any(problem.level == "error" for problem in stream.problems):
        return None
    decoder = _Decoder(source, None)
    try:
        return decoder.placed(stream.documents[0], data)
    except (NotKnown, ValueError):
        return None


class _Decoder:
    def __init__(self, source: SourceFile, span: Span | None) -> None:
        self._source = source
        self._span = span
        self._budget = MAX_NODES

    def _here(self, node: Node) -> Span:
        self._budget -= 1
        if self._budget < 0:
            raise undetermined("the YAML text is too large")
        return self._span or Span(self._source, node.start, node.end)

    def placed(self, node: Node, data: Any) -> Value:
        """Plain data at the places of the nodes it was read from."""
        here = self._here(node)
        if isinstance(data, list):
            if not isinstance(node, Sequence) or len(node.items) != len(data):
                raise ValueError
            return Known(TupleValue(self.placed(a, b) for a, b in zip(node.items, data, strict=True)), here)
        if isinstance(data, dict):
            if not isinstance(node, Mapping):
                raise ValueError
            places = {clean_text(key.text): item for key, item in node.entries if isinstance(key, Scalar)}
            return Known(ObjectValue((key, self.placed(places[key], item)) for key, item in data.items()), here)
        if not isinstance(node, Scalar):
            raise ValueError
        return Known(data, here)

    def value(self, node: Node) -> Value:
        """A node's value."""
        here = self._here(node)
        if isinstance(node, Alias):
            return self.value(deref(node))
        if isinstance(node, Scalar):
            return Known(scalar_value(node), here)
        if node.tag not in (None, f"{_TAG}map", f"{_TAG}seq"):
            raise ValueError(f"unsupported tag {node.tag}")
        if isinstance(node, Sequence):
            return Known(TupleValue(self.value(item) for item in node.items), here)
        out: ObjectValue = ObjectValue()
        for key, item in node.entries:
            name = deref(key)
            if not isinstance(name, Scalar):
                raise ValueError("a key must be a string")
            if is_merge_key(name):
                self._merge(out, deref(item))
                continue
            out[self._key(name)] = self.value(item)
        return Known(out, here)

    def _merge(self, out: ObjectValue, source: Node) -> None:
        if not isinstance(source, Mapping):
            raise ValueError("map merge requires a map")
        merged = self.value(source)
        assert isinstance(merged, Known)
        assert isinstance(merged.value, ObjectValue)
        out.update(merged.value)

    @staticmethod
    def _key(name: Scalar) -> str:
        key = scalar_value(name)
        if key is None:
            raise ValueError("a key must not be null")
        if isinstance(key, bool):
            return "true" if key else "false"
        return key if isinstance(key, str) else text(key)


def scalar_value(node: Scalar) -> bool | int | Decimal | str | None:
    """The value of a scalar.

    Raises:
        ValueError: a number that is infinite, or a tag that is not supported.
        NotKnown: something rare of which the rules are not known.
    """
    tag = node.tag
    if tag in (f"{_TAG}str", f"{_TAG}binary") or (tag is None and node.style):
        return clean_text(node.text)
    if tag is None:
        return _plain(node.text)
    kinds: dict[str, tuple[type, ...]] = {
        "int": (int, Decimal),
        "float": (int, Decimal),
        "bool": (bool,),
        "null": (),
        "timestamp": (str,),
    }
    name = tag.removeprefix(_TAG)
    if name not in kinds:
        raise ValueError(f"unsupported tag {tag}")
    if node.style:
        return clean_text(node.text)
    if name == "null":
        return None
    value = _timestamp(node.text) if name == "timestamp" else _plain(node.text)
    if type(value) not in kinds[name]:
        raise ValueError(f"the scalar does not fit to its tag {tag}")
    return value


def _plain(word: str) -> bool | int | Decimal | str | None:
    if word in _NULL:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if _SPECIAL_FLOAT.fullmatch(word):
        raise ValueError("not a finite number")
    if word[0] not in "+-.0123456789":
        return clean_text(word)
    if _NUMBER.fullmatch(word):
        try:
            return canonical(Decimal(word))
        except (TooLargeError, ArithmeticError):
            raise undetermined("number too large") from None
    prefixed = _PREFIXED.fullmatch(word)
    if prefixed:
        value = int(prefixed[1], 16) if prefixed[1] else int(prefixed[2], 8)
        if value >= 2**64:
            raise undetermined(f"the YAML number {word}")
        return value
    return _timestamp(word) or clean_text(word)


def _timestamp(word: str) -> str | None:
    """A timestamp as RFC 3339."""
    found = _STAMP.fullmatch(word)
    if found is None:
        return None
    numbers = [int(x) for x in found.groups()[:3]]
    clock = found.groups()[3:6] if found[4] else found.groups()[7:10] if found[8] else ("0", "0", "0")
    numbers += [int(x) for x in clock]
    try:
        moment = datetime.datetime(*numbers)  # type: ignore[arg-type]
    except ValueError:
        return None
    return moment.isoformat() + (found[7] or "Z").replace("+00:00", "Z")


# --- writing


def encode(value: Value) -> str:
    """A known value as Terraform's `yamlencode` writes it.

    Raises:
        NotKnown: something inside is unknown, or text whose form is not known exactly.
    """
    lines: list[str] = []
    _block(value, 0, "", "", lines)
    scalar = type(value) is Known and (value.value is None or isinstance(value.value, (bool, int, Decimal)))
    return "\n".join(lines) + "\n" + ("...\n" if scalar else "")


def _block(value: Value, indent: int, first: str, after: str, lines: list[str]) -> None:
    """Writes a value; `first` stands before its first line, `after` is what separates a scalar from it."""
    spend(2)
    if type(value) is Unknown:
        raise NotKnown(value)
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, LazyObject):
        raise NotKnown(Unknown("attributes known after apply", value.span, refs=value.refs))
    pad = " " * indent
    if isinstance(inner, tuple) and inner:
        if after:
            # Below a key, a sequence is not indented.
            lines.append(first)
            first = pad
        for i, item in enumerate(inner):
            _block(item, indent + 2, (pad if i else first) + "- ", "", lines)
    elif isinstance(inner, MappingABC) and inner:
        if after:
            lines.append(first)
            indent += 2
            pad = first = " " * indent
        for i, key in enumerate(sorted(inner)):
            if len(key) > 100 or "\n" in key:
                raise undetermined("a long key in YAML")
            _block(inner[key], indent, f"{pad if i else first}{_quoted(key)}:", " ", lines)
    elif isinstance(inner, str):
        _text(inner, indent + 2 if after or not first else indent, first + after, lines)
    else:
        lines.append(first + after + _flow(inner))


def _flow(inner: Any) -> str:
    if isinstance(inner, tuple):
        return "[]"
    if isinstance(inner, MappingABC):
        return "{}"
    if inner is None:
        return "null"
    if isinstance(inner, bool):
        return "true" if inner else "false"
    return text(inner)


_ESCAPES = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
    '"': '\\"',
    "\\": "\\\\",
    "\x85": "\\N",
    "\u2028": "\\L",
    "\u2029": "\\P",
}
WIDTH = 80
"""Column behind which a text is continued on the next line at its next space."""


def _printable(character: str) -> bool:
    """What the emitter writes as it is."""
    code = ord(character)
    return 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xD7FF or (0xE000 <= code <= 0xFFFD and code != 0xFEFF)


def _escaped(character: str) -> str:
    found = _ESCAPES.get(character)
    if found is not None:
        return found
    code = ord(character)
    if _printable(character):
        return character
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _quoted(string: str) -> str:
    return '"' + "".join(map(_escaped, string)) + '"'


def _text(string: str, indent: int, first: str, lines: list[str]) -> None:
    spend(len(string) // 5)
    if "\n" in string and not any(row.endswith(" ") for row in string.split("\n")):
        if "\u2028" in string or "\u2029" in string:
            raise undetermined("line separators in a YAML text of several lines")
        if all(map(_printable, string.replace("\n", ""))):
            _literal(string, indent, first, lines)
            return
    _folded(string, indent, first, lines)


def _folded(string: str, indent: int, first: str, lines: list[str]) -> None:
    """A quoted text, broken at spaces behind the last column."""
    line = [first + '"']
    column = len(first) + 1
    after_space = False
    for at, character in enumerate(string):
        if character == " " and not after_space and column > WIDTH and 0 < at < len(string) - 1:
            lines.append("".join(line))
            # A space at the start of a line must be marked.
            start = " " * indent + ("\\" if string[at + 1] == " " else "")
            line, column = [start], len(start)
        else:
            written = _escaped(character)
            line.append(written)
            column += len(written)
        after_space = character == " "
    lines.append("".join(line) + '"')


def _literal(string: str, indent: int, first: str, lines: list[str]) -> None:
    rows = string.split("\n")
    hint = "2" if string[0] in " \n" else ""
    chomp = "-" if rows[-1] else "+" if string == "\n" or string.endswith("\n\n") else ""
    lines.append(f"{first}|{hint}{chomp}")
    if not rows[-1]:
        rows.pop()
    lines.extend(" " * indent + row if row else "" for row in rows)
