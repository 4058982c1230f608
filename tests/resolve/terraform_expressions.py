"""Random expressions over typed variables, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

KINDS = ("string", "number", "bool", "list", "map", "any")

DECLARATIONS = """\
variable "string" { type = string }
variable "number" { type = number }
variable "bool" { type = bool }
variable "list" { type = list(string) }
variable "map" { type = map(string) }
variable "any" {}
"""

STRINGS = ('"a"', '"eu-west-1"', '""', '"10"', '"true"', '"a,b"', '"10.0.0.0/16"', '"e\\u0301"', "null")
NUMBERS = ("0", "1", "2", "-1", "2.5", '"3"', "1e3", "null")
BOOLS = ("true", "false", '"true"', "null")
LISTS = ("[]", '["a"]', '["b", "a", "b"]', '["", null]', '["a", 1]', "[1, 2]", '[["a"], []]', "null")
MAPS = ("{}", '{ a = "x" }', '{ a = "x", b = "y" }', "{ a = 1 }", '{ a = null, b = "2" }', '{ a = 1, b = "x" }')
LITERALS = {
    "string": STRINGS,
    "number": NUMBERS,
    "bool": BOOLS,
    "list": LISTS,
    "map": MAPS,
    "any": (*STRINGS, *NUMBERS, *BOOLS, *LISTS, *MAPS),
}

# What gives a value of a kind; `{s}` stands for an expression of the kind string, and so on. Mistakes are welcome.
SHAPES = {
    "string": (
        '"{{s}}-{{a}}"', '"x{{n}}"', "upper({s})", "title({s})", "replace({s}, {s}, {s})", "substr({s}, {n}, {n})",
        'join(",", {l})', 'format("%s-%v", {s}, {a})', "{l}[{n}]", "{m}[{s}]", "{m}.a", 'lookup({m}, {s}, "d")',
        "element({l}, {n})", "coalesce({s}, {a})", "tostring({a})", "jsonencode({a})", "trimprefix({s}, {s})",
        "({b} ? {s} : {a})", "try({a}, {s})", "one({l})", "sha1({s})", "base64encode({s})", "[{a}, {s}][1]",
        "{{ a = {a}, b = {s} }}.b", 'cidrsubnet({s}, 8, {n})', '"%{{ if {b} }}x%{{ else }}{{s}}%{{ endif }}"',
        '"%{{ for x in {l} }}{{x}}%{{ endfor }}"', "tolist([{a}, {s}])[1]", "tomap({{ a = {a}, b = {s} }}).b",
        "values({m})[0]", "strrev({s})", "yamlencode({a})", 'regex("[a-z]+", {s})', "merge({a}, {m}).a",
        "try({a}.a, {s})", "try({l}[{n}], {a})", "md5({s})", "sort({l})[0]", "flatten([{l}, {a}])[0]",
    ),
    "number": (
        "({n} + {n})", "({n} * {n})", "({n} / {n})", "({n} % {n})", "-{n}", "length({l})", "length({a})",
        "max({n}, {n})", "min({n}, {n})", "tonumber({a})", "abs({n})", "ceil({n})", "floor({n})",
        "sum([{n}, {n}])", "({b} ? {n} : {a})", "index({l}, {s})", "try({n}, {a})", "[{a}, {n}][1]",
        "tolist([{a}, {n}])[1]", "length({s})", "signum({n})", "length(toset([{a}, {s}]))",
        "length(distinct([{s}, {s}]))", "parseint({s}, 10)", "length(keys({m}))",
        "length([for x in {l} : x if x != {s}])", "coalesce({n}, {a})", "{{ a = {n} }}.a",
    ),
    "bool": (
        "({a} == {a})", "({s} == {a})", "({n} == {a})", "({a} != null)", "({n} < {n})", "({b} && {b})", "({b} || {b})",
        "!{b}", "contains({l}, {s})", "contains([{a}, {s}], {s})", "can({a})", "can({a}.a)", "can(tonumber({s}))",
        "alltrue([{b}, {b}])", "anytrue([{b}, {b}])", "startswith({s}, {s})", "tobool({a})", "({b} ? {b} : {a})",
        "({l} == {l})", "({m} == {m})", "(tolist({a}) == {l})", "try({b}, {a})", "([{a}] == [{a}])", "can([{a}, {s}])",
        "({{ a = {a} }} == {m})", "issensitive({a})", "(toset([{a}]) == toset([{s}]))", "(try({a}, 1) == 1)",
    ),
    "list": (
        "[{a}, {a}]", "[{s}, {s}]", "[for x in {l} : upper(x)]", "[for x in {a} : x]", "concat({l}, {a})",
        "tolist({a})", "toset({l})", "distinct({l})", "compact({l})", "sort({l})",
        "reverse({l})", "keys({m})", "values({m})",
        "split(\",\", {s})", "slice({l}, 0, {n})", "flatten([{l}, {l}])", "({b} ? {l} : {a})", "{l}[*]", "{a}[*]",
        "setunion({l}, {l})", "setproduct({l}, {l})", "chunklist({l}, {n})", "range({n})", "coalescelist({l}, {l})",
        "formatlist(\"%s-%s\", {l}, {a})", "matchkeys({l}, {l}, {l})", "try({l}, {a})", "[{m}, {m}][*].a", "{m}[*].a",
        "[for k, v in {m} : v]", "tolist([{a}, {a}])", "toset([{a}, {a}])", "setsubtract({l}, [{a}])",
        "setintersection({l}, {l})", 'regexall("[a-z]", {s})', "jsondecode({s})", "(true ? [{a}] : [{a}, {n}])",
    ),
    "map": (
        "{{ a = {a}, b = {s} }}", "{{ (tostring({s})) = {a} }}", "{{ for x in {l} : tostring(x) => {a} }}",
        "{{ for k, v in {m} : k => upper(v) }}", "merge({m}, {m})", "merge({m}, {a})", "tomap({a})",
        "zipmap({l}, {l})", "({b} ? {m} : {a})", "{{ for x in {l} : tostring(x) => x... }}", "try({m}, {a})",
        "transpose({{ a = {l} }})", "(true ? {{ a = {a} }} : {{ b = {n} }})", "{{ a = {n}, b = {b} }}",
        "yamldecode(yamlencode({m}))", "jsondecode(jsonencode({m}))",
    ),
}  # fmt: skip

_LETTERS = {"s": "string", "n": "number", "b": "bool", "l": "list", "m": "map", "a": "any"}


@st.composite
def expressions(draw: st.DrawFn, kind: str = "any", depth: int = 3) -> str:
    """An expression, mostly of a kind; variables are half of the leaves."""
    if kind == "any":
        kind = draw(st.sampled_from(KINDS))
    if depth == 0 or kind == "any" or draw(st.integers(0, 5)) == 0:
        if draw(st.booleans()):
            return f"var.{kind}"
        return draw(st.sampled_from(LITERALS[kind]))
    shape = draw(st.sampled_from(SHAPES[kind]))
    out: list[str] = []
    at = 0
    while at < len(shape):
        if shape.startswith("{{", at) and shape[at + 2 : at + 3].isalpha() and shape[at + 3 : at + 5] == "}}":
            # An interpolation: {{s}} in a template.
            letter = shape[at + 2]
            inner = "x" if letter == "x" else draw(expressions(_LETTERS[letter], depth - 1))
            out.append("${" + inner + "}")
            at += 5
        elif shape.startswith(("{{", "}}"), at):
            out.append(shape[at])
            at += 2
        elif shape[at] == "{":
            out.append(draw(expressions(_LETTERS[shape[at + 1]], depth - 1)))
            at += 3
        else:
            out.append(shape[at])
            at += 1
    return "".join(out)


def assignments() -> st.SearchStrategy[dict[str, str]]:
    """A literal for every variable."""
    return st.fixed_dictionaries({kind: st.sampled_from(LITERALS[kind]) for kind in KINDS})
