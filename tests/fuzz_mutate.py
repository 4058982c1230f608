"""Changes a file as an editor, a merge or an enemy would: by token, line and node, and sometimes by byte.

Every change is a pure function of the input and a few numbers, so that hypothesis can shrink it and a seed repeats it.
"""

from __future__ import annotations

# ruff: noqa: E501 - files of the input, as they are
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import yaml

Syntax: TypeAlias = Literal["hcl", "yaml", "lines", "bytes"]

MAX_BYTES = 200_000
"""Inputs do not grow beyond it: what large input costs is measured by other tests."""

_MAX_COMPOSED = 30_000

_TOKEN = re.compile(rb"\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|[\w.-]+|[ \t]+|\r?\n|[^\w\s]")
_HCL_VALUE = re.compile(rb"=[ \t]*([^\n=>][^\n]*)")
_PLACEHOLDER = re.compile(rb"\$\{[^}\n]*\}|\{\{[^}\n]*\}\}|\$\w+|\$\([^)\n]*\)")
_NAME = re.compile(rb"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")

ODD = [
    b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\r\n", b"\t", b"\x1b[31m", b"\x85", b"\x0c",
    "\u2028".encode(), "\u202e".encode(), "\ud800".encode("utf-8", "surrogatepass"), "e\u0301".encode(),
    "\U0001f468\u200d\U0001f469".encode(), b"'", b'"', b"\\", b"`", b"{{", b"}}", b"${", b"%{", b"$${", b"<<EOT\n",
    b"<<-E\n", b"/*", b"*/", b"#", b"//", b"---\n", b"...\n", b"&a ", b"*a", b"<<: *a\n", b"!!binary ", b"!x ", b"? ",
    b"- ", b": ", b"|+9\n", b">-\n", b"%YAML 1.1\n", b"[", b"]", b"{", b"}", b"(", b")", b",", b"=", b"*", b"@",
    b"\n" * 40, b" " * 300, b"[" * 60, b"{" * 60, b"(" * 60, b"-" * 60, b"!" * 60, b"a." * 200, b"\xc3", b"\xe2\x80",
]  # fmt: skip
"""Bytes that mean something to a reader of some format, or should not be there at all."""

NODES = [
    b"null", b"~", b"true", b"0", b"-1", b"1.5", b".inf", b".nan", b"1e999", b"9" * 400, b'""', b"''", b'"x"', b"[]",
    b"{}", b"[null]", b"[[]]", b"[{}]", b"{null: null}", b"{a: b}", b"{[a]: b}", b"{1: 2}", b"[1, 2, 3]",
    b'["x", {"a": ["b"]}]', b'{"a": {"b": {"c": [{"d": null}]}}}', b"2001-01-01", b"0x1f", b"017", b"12:30:45", b"no",
    b"!!binary aGVsbG8=", b"!!set {a}", b"!Ref x", b"&a [*a]", b"&a {x: *a}", b'"{{ .Values.x }}"', b'"${var.x}"',
    b'"$(HOME)"', b'"../../x"', b'"/etc/passwd"', b'"."', b'".."', b'"a/b:c@sha256:d"', b'"https://[::1"', b'"://"',
    b'"us-east-1"', b'"\\u0000"', b'"\\ud800"', b'"a\\nb"', b'"%s%d"', b'"*"', b'"[a"', b'"(a+)+$"', b'"' + b"x" * 5000
    + b'"', b"|\n  a\n  b\n", b">\n  a\n",
]  # fmt: skip
"""Values of every type, as YAML (most are JSON, too), to stand where another type is expected."""

EXPRESSIONS = [
    b"null", b"true", b"0", b"-1", b"1e400", b'""', b"[]", b"{}", b"[null]", b"{ a = null }", b"[[]]", b"[{}]",
    b"var.x", b"var", b"local", b"each.value", b"each.key", b"count.index", b"self", b"path.module", b"module.x",
    b"module.x[0].y", b"data.x.y.z", b"aws_s3_bucket.b", b"aws_s3_bucket.b[*].id", b"terraform.workspace",
    b'"${var.x}"', b'"${[]}"', b'"a${1}b${null}"', b'"%{ if true }x%{ else }y%{ endif }"', b'"%{ for a in [1] }${a}%{ endfor }"',
    b"[for a in var.x : a]", b"[for k, v in {} : v if k]", b"{ for a in [1, 1] : a => a... }", b"{ for a in null : a => a }",
    b"true ? 1 : \"x\"", b"var.x ? [] : {}", b"null ? 1 : 2", b"!null", b"-[]", b"1 / 0", b"1 % 0", b"[] == {}",
    b"null[0]", b"{}[null]", b'[1]["a"]', b"[1][1e9]", b"[1][-1]", b"var.x[*].y[0]", b"var.x.*.y",
    b"merge({}, null)", b"lookup({}, 1)", b"lookup(null, \"a\", 1)", b"element([], 0)", b"concat([], null)", b"try(var.x)",
    b"try()", b"can(1)", b"coalesce()", b"coalescelist([])", b"one([1, 2])", b"toset([[]])", b"tomap([1])", b"tonumber([])",
    b"zipmap([1], [2])", b"setproduct([], [1])", b"flatten([[], [[1]]])", b"keys(1)", b"values([])", b"format(\"%s\")",
    b"format(\"%z\", 1)", b"formatlist(\"%s\", [1], [1, 2])", b"join(1, 2)", b"split(\"\", \"ab\")", b"regex(\"(\", \"a\")",
    b"regexall(\"(?P<a>.)\", \"x\")", b"replace(\"a\", \"/(/\", \"b\")", b"substr(\"a\", -1, 9)", b"jsondecode(\"{\")",
    b"jsondecode(\"[1,{\\\"a\\\":null}]\")", b"yamldecode(\"a: [\")", b"yamldecode(\"- a\\n- b: c\")", b"csvdecode(\"a,b\\n1\")",
    b"jsonencode(var.x)", b"yamlencode({ a = [null] })", b"base64decode(\"!\")", b"base64encode(1)", b"file(\"main.tf\")",
    b"file(\"../x\")", b"templatefile(\"main.tf\", {})", b"fileset(\".\", \"**\")", b"fileset(\"..\", \"[\")",
    b"cidrsubnet(\"10.0.0.0/8\", 99, 1)", b"cidrhost(\"::1\", 2)", b"cidrsubnets(\"10.0.0.0/24\", 8, 8, 9)", b"range(5, 1, 0)",
    b"range(1, 1e9)", b"timeadd(\"x\", \"1h\")", b"formatdate(\"YYYY\", \"2020\")", b"timestamp()", b"uuid()", b"sum([])",
    b"max()", b"min([]...)", b"pow(2, 1e9)", b"log(0, 0)", b"parseint(\"z\", 99)", b"signum(null)", b"chunklist([1], -1)",
    b"slice([1], 1, 0)", b"transpose({ a = [null] })", b"matchkeys([1], [2], [])", b"index([], 1)", b"distinct(null)",
    b"sensitive(1)", b"nonsensitive(1)", b"type(1)", b"title(\"\xc3\x9f\")", b"strrev(\"e\\u0301\")", b"indent(1, \"a\\nb\")",
    b"templatestring(var.x, {})", b"provider::a::b(1)", b"ephemeralasnull(1)", b"issensitive(null)", b"nope(1)",
    b"(((1)))", b"<<EOT\n${var.x}\nEOT\n", b"<<-EOT\n  a\n   b\n  EOT\n", b"{ a = { a = { a = 1 } } }", b"{ (null) = 1 }",
    b"{ \"a\" : 1, a = 2 }", b"[1, 2, 3,]", b"object({ a = optional(string, []) })", b"any", b"list(any)", b"map(string)",
    b"tuple([])", b"object({})", b"toset([\"us-east-1\"])", b"[\"us-east-1\", \"eu-west-1\"]",
]  # fmt: skip
"""Expressions of HCL, to stand where another is expected."""


class Step(NamedTuple):
    """One change: which, where (two positions) and with what; all of them any numbers from 0 on."""

    change: int
    first: int
    second: int
    choice: int


def mutated(data: bytes, steps: Sequence[Step], pool: Sequence[bytes], syntax: Syntax) -> bytes:
    """The input after some changes.

    Args:
        data: a file.
        steps: what to change.
        pool: other files of its kind, to take parts from.
        syntax: how the file is written.
    """
    changes = CHANGES[syntax]
    for step in steps:
        data = changes[step.change % len(changes)](data, step, pool)[:MAX_BYTES]
    return data


def _span(length: int, step: Step, widest: int) -> tuple[int, int]:
    start = step.first % (length + 1)
    return start, min(length, start + step.second % (widest + 1))


def truncate(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Ends early."""
    return data[: step.first % (len(data) + 1)]


def cut(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Leaves some bytes out."""
    start, end = _span(len(data), step, 40)
    return data[:start] + data[end:]


def insert(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Puts odd bytes in."""
    at = step.first % (len(data) + 1)
    return data[:at] + ODD[step.choice % len(ODD)] + data[at:]


def flip(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Changes a byte."""
    if not data:
        return b"\0"
    at = step.first % len(data)
    return data[:at] + bytes([(data[at] ^ (1 << step.choice % 8)) & 0xFF]) + data[at + 1 :]


def repeat(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Some bytes, up to many thousand times: what takes the square of its input shows."""
    start, end = _span(len(data), step, 30)
    times = min(1 << step.choice % 16, 100_000 // max(1, end - start))
    return data[:end] + data[start:end] * times + data[end:]


def repeat_token(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """A token, up to many thousand times."""
    tokens = _tokens(data)
    if not tokens:
        return data
    start, end = tokens[step.first % len(tokens)]
    times = min(1 << step.choice % 16, 100_000 // max(1, end - start))
    return data[:end] + data[start:end] * times + data[end:]


def _tokens(data: bytes) -> list[tuple[int, int]]:
    return [match.span() for match in _TOKEN.finditer(data) if not match[0].isspace()]


def token_cut(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Leaves some tokens out."""
    tokens = _tokens(data)
    if not tokens:
        return data
    start = step.first % len(tokens)
    return data[: tokens[start][0]] + data[tokens[min(len(tokens) - 1, start + step.second % 4)][1] :]


def token_swap(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Swaps two tokens."""
    tokens = _tokens(data)
    if not tokens:
        return data
    one, two = sorted((step.first % len(tokens), step.second % len(tokens)))
    (a, b), (c, d) = tokens[one], tokens[two]
    return data if one == two else data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def token_copy(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Puts a token (or a few) of this or another file in place of one."""
    other = pool[step.choice % len(pool)] if pool and step.choice % 2 else data
    tokens, others = _tokens(data), _tokens(other)
    if not tokens or not others:
        return data
    a, b = tokens[step.first % len(tokens)]
    start = step.second % len(others)
    end = others[min(len(others) - 1, start + step.choice % 6)][1]
    return data[:a] + other[others[start][0] : end] + data[b:]


def name_copy(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Gives one name everywhere to what has another: references lead elsewhere, and in circles."""
    names = sorted({match[0] for match in _NAME.finditer(data)})
    if len(names) < 2:
        return data
    old, new = names[step.first % len(names)], names[step.second % len(names)]
    return re.sub(rb"(?<![\w.-])" + re.escape(old) + rb"(?![\w-])", lambda match: new, data)


def lines_changed(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Leaves lines out, doubles, swaps, indents or repeats them."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    start = step.first % len(lines)
    end = min(len(lines), start + 1 + step.second % 8)
    part = lines[start:end]
    form = step.choice % 7
    if form == 0:
        part = []
    elif form == 1:
        part = part * 2
    elif form == 2:
        part = part[::-1]
    elif form == 3:
        part = [b"  " + line for line in part]
    elif form == 4:
        part = [line[1:] if line[:1] == b" " else line for line in part]
    elif form == 5:
        part = part * (2 + step.second % 60)
    else:
        part = [line.rstrip(b"\r\n") for line in part]
    return b"".join(lines[:start] + part + lines[end:])


def splice(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Lines of another file in the middle of this one."""
    other = (pool[step.choice % len(pool)] if pool else data).splitlines(keepends=True)
    lines = data.splitlines(keepends=True)
    at = step.first % (len(lines) + 1)
    start = step.second % (len(other) + 1)
    return b"".join(lines[:at] + other[start : start + 1 + step.choice % 12] + lines[at:])


def tail_of_another(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """The beginning of this file with the end of another."""
    other = pool[step.choice % len(pool)] if pool else data
    return data[: step.first % (len(data) + 1)] + other[step.second % (len(other) + 1) :]


def placeholder(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Changes what stands in `${}` or `{{ }}`."""
    found = [match.span() for match in _PLACEHOLDER.finditer(data)]
    if not found:
        return insert(data, step, pool)
    start, end = found[step.first % len(found)]
    text = EXPRESSIONS[step.choice % len(EXPRESSIONS)]
    return data[:start] + data[start : start + 2] + text + data[end - 1 : end] + data[end:]


@lru_cache(maxsize=512)
def nodes_of(data: bytes) -> list[tuple[int, int]]:
    """Where values and keys of YAML or JSON stand, in code points of the decoded text; empty if it is neither."""
    # libyaml's composer recurses in C: what nests without end would take the process along.
    if len(data) > _MAX_COMPOSED or max(data.count(b"["), data.count(b"{"), data.count(b"- ")) > 2_000:
        return []
    out: list[tuple[int, int]] = []
    try:
        text = data.decode()
        stack = [node for node in yaml.compose_all(text, Loader=yaml.CSafeLoader) if node is not None]
        seen: set[int] = set()
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            out.append((node.start_mark.index, node.end_mark.index))
            if isinstance(node, yaml.SequenceNode):
                stack.extend(node.value)
            elif isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    stack.extend((key, value))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        return []
    return sorted(out)


def node_changed(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Another type of value in place of one."""
    nodes = nodes_of(data)
    if not nodes:
        return token_copy(data, step, pool)
    text = data.decode()
    start, end = nodes[step.first % len(nodes)]
    ending = "\n" if text[start:end].endswith("\n") else ""
    return (text[:start] + NODES[step.choice % len(NODES)].decode() + ending + text[end:]).encode()


def node_moved(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """A value of this or another file in place of one, as it stands there."""
    other = pool[step.choice % len(pool)] if pool and step.choice % 2 else data
    nodes, others = nodes_of(data), nodes_of(other)
    if not nodes or not others:
        return token_copy(data, step, pool)
    text, source = data.decode(), other.decode()
    start, end = nodes[step.first % len(nodes)]
    first, last = others[step.second % len(others)]
    return (text[:start] + source[first:last] + text[end:]).encode()


def hcl_value(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Another expression in place of an argument's."""
    found = [match.span(1) for match in _HCL_VALUE.finditer(data)]
    if not found:
        return token_copy(data, step, pool)
    start, end = found[step.first % len(found)]
    return data[:start] + EXPRESSIONS[step.choice % len(EXPRESSIONS)] + data[end:]


def hcl_operand(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """Another expression in place of a token."""
    tokens = _tokens(data)
    if not tokens:
        return data
    start, end = tokens[step.first % len(tokens)]
    return data[:start] + EXPRESSIONS[step.choice % len(EXPRESSIONS)] + data[end:]


def hcl_line(data: bytes, step: Step, pool: Sequence[bytes]) -> bytes:
    """An argument or block more, on a line of its own."""
    lines = data.splitlines(keepends=True)
    at = step.first % (len(lines) + 1)
    expression = EXPRESSIONS[step.choice % len(EXPRESSIONS)]
    names = (
        b"count",
        b"for_each",
        b"provider",
        b"region",
        b"source",
        b"location",
        b"depends_on",
        b"providers",
        b"alias",
    )
    if step.second % 3:
        new = b"  " + names[step.second % len(names)] + b" = " + expression + b"\n"
    else:
        new = b'  dynamic "x" {\n    for_each = ' + expression + b"\n    content {\n      a = x.value\n    }\n  }\n"
    return b"".join([*lines[:at], new, *lines[at:]])


Change: TypeAlias = Callable[[bytes, Step, Sequence[bytes]], bytes]

_TEXT: list[Change] = [truncate, cut, insert, flip, token_cut, token_swap, token_copy, name_copy, lines_changed, splice]
_LARGE: list[Change] = [repeat, repeat_token]

CHANGES: dict[Syntax, list[Change]] = {
    "bytes": [truncate, cut, insert, flip, tail_of_another, repeat],
    "lines": [*_TEXT, *_LARGE, tail_of_another, placeholder],
    "yaml": [*_TEXT, *_LARGE, placeholder, *[node_changed] * 6, *[node_moved] * 4],
    "hcl": [*_TEXT, *_LARGE, placeholder, *[hcl_value] * 5, *[hcl_operand] * 2, *[hcl_line] * 2],
}
"""How files of each syntax are changed; what finds most stands there several times."""
