"""Functions: what OpenTofu adds, provenance of results, limits."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovlint.discovery.tree import MemoryTree
from sovlint.model.problem import Problem
from sovlint.model.value import Known, Unknown, Value
from sovlint.resolve.terraform.console import Console
from sovlint.resolve.terraform.functions.graphemes import graphemes
from sovlint.resolve.terraform.functions.jsontext import json_text
from sovlint.resolve.terraform.functions.regex_match import compiled
from sovlint.resolve.terraform.functions.yamltext import decode, encode
from sovlint.resolve.terraform.inputs import Given
from sovlint.survey.causes import covering

MAIN = """\
variable "region" { default = "eu-west-1" }
variable "unset" {}
locals {
  zones  = ["eu-west-1a", "us-east-1b"]
  places = { first = "eu-west-1", second = "us-east-1" }
  sets   = [{ region = "eu-north-1" }, { region = "us-west-2" }]
}
"""


def value(expression: str, **files: str) -> Value:
    found = Console(MemoryTree({"main.tf": MAIN, **files}), "", Given()).value(expression)
    assert not isinstance(found, Problem), found
    return found


def text(expression: str) -> str:
    return json_text(value(expression))


# --- OpenTofu's own


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ('base64gunzip("H4sIAAAAAAAAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA==")', '"hello world"'),
        ('base64gunzip("H4sIAAAAAAAA/8rIBAAAAP//AQAA//+sKpPYAgAAAA==")', '"hi"'),
        ('urldecode("a%20b+c%C3%A9")', '"a b cé"'),
        ('urldecode("")', '""'),
        ('urldecode(urlencode("ü/?&"))', '"ü/?\\u0026"'),
        ('cidrcontains("10.0.0.0/8", "10.1.1.1")', "true"),
        ('cidrcontains("10.0.0.0/8", "11.0.0.0/16")', "false"),
        ('cidrcontains("2001:db8::/32", "2001:db8:1::/48")', "true"),
    ],
)
def test_opentofu_functions(expression: str, wanted: str) -> None:
    assert text(expression) == wanted


@pytest.mark.parametrize(
    "expression", ['urldecode("%zz")', 'base64gunzip("aGk=")', 'cidrcontains("10.0.0.0/8", "::1")']
)
def test_opentofu_functions_fail(expression: str) -> None:
    found = value(expression)
    assert type(found) is Unknown
    assert found.failed


def test_a_bomb_is_not_unpacked() -> None:
    import base64
    import gzip

    packed = base64.b64encode(gzip.compress(b"\0" * 50_000_000)).decode()
    found = value(f'base64gunzip("{packed}")')
    assert type(found) is Unknown
    assert not found.failed


# --- provenance


def cause(expression: str) -> str:
    return value(expression).span.text


@pytest.mark.parametrize(
    "expression",
    [
        "local.places.second",
        'lookup(local.places, "second", "x")',
        'lookup({}, "x", local.places.second)',
        "element(values(local.places), 1)",
        'coalesce("", local.places.second)',
        "coalescelist([], [local.places.second])[0]",
        "try(local.places.third, local.places.second)",
        "one([local.places.second])",
        'merge({ x = "y" }, local.places).second',
        "tolist([local.places.first, local.places.second])[1]",
        "flatten([[local.places.first], [local.places.second]])[1]",
        "concat([local.places.first], [local.places.second])[1]",
        "reverse([local.places.second, 1])[1]",
        'compact(["", local.places.second])[0]',
        'distinct(["a", local.places.second])[1]',
        'slice(["a", local.places.second], 1, 2)[0]',
        'sort(["zz", local.places.second])[0]',
        'zipmap(["k"], [local.places.second]).k',
        'matchkeys([local.places.second], ["a"], ["a"])[0]',
        'setproduct(["a"], [local.places.second])[0][1]',
        'chunklist(["a", local.places.second], 1)[1][0]',
        "[for k, v in local.places : v][1]",
        "{ for k, v in local.places : v => v }.us-east-1",
        "{ for k, v in local.places : k => v... }.second[0]",
        "(local.places[*].second)[0]",
        "(true ? local.places.second : 1)",
        "lower(local.places.second)",
        "trimspace(local.places.second)",
        "tostring(local.places.second)",
        'trimsuffix(local.places.second, "x")',
        "ephemeralasnull(local.places.second)",
        "nonsensitive(sensitive(local.places.second))",
        "tomap(local.places).second",
    ],
)
def test_what_passes_a_value_on_keeps_its_cause(expression: str) -> None:
    found = value(expression)
    assert type(found) is Known
    assert found.value == "us-east-1"
    assert found.span.text == '"us-east-1"'


def test_the_way_is_kept_through_functions() -> None:
    found = value("tolist([var.region])[0]")
    assert [step.slot for step in found.via] == ["var.region"]


@pytest.mark.parametrize(
    ("expression", "part", "literal"),
    [
        ('"x-${local.places.second}-y"', "us-east-1", '"us-east-1"'),
        ('format("%s.%s", "x", local.places.second)', "us-east-1", '"us-east-1"'),
        ('join("/", ["x", local.places.second])', "us-east-1", '"us-east-1"'),
        ('format("%-12s|", local.places.second)', "us-east-1", '"us-east-1"'),
        ('join("-", ["a", upper(local.places.second)])', "US-EAST-1", '"us-east-1"'),
        ('formatlist("%s!", [local.places.second])[0]', "us-east-1", '"us-east-1"'),
    ],
)
def test_parts_of_composed_values(expression: str, part: str, literal: str) -> None:
    found = value(expression)
    assert type(found) is Known
    assert isinstance(found.value, str)
    assert "".join(str(x.value) for x in found.parts if type(x) is Known) == found.value
    start = found.value.index(part)
    assert covering(found, start, start + len(part)).span.text == literal


def test_elements_of_a_decoded_file_stand_in_that_file() -> None:
    files = {"a.json": '{"region": "us-east-1", "n": 1.50}', "a.yaml": "region: us-east-1\nn: 017\n"}
    for name, call in (("a.json", "jsondecode"), ("a.yaml", "yamldecode")):
        found = value(f'{call}(file("{name}")).region', **files)
        assert type(found) is Known
        assert found.value == "us-east-1"
        assert found.span.file.path == name
        assert "us-east-1" in found.span.text


# --- unknown


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("length([var.unset, 1])", "2"),
        ("false && var.unset", "false"),
        ('contains([var.unset, "a"], "a")', "true"),
        ('{ a = var.unset, b = "x" }.b', '"x"'),
        ("keys({ a = var.unset })", '["a"]'),
        ("anytrue([true, var.unset])", "true"),
        ("alltrue([false, var.unset])", "false"),
    ],
)
def test_what_does_not_depend_on_the_unknown_is_known(expression: str, wanted: str) -> None:
    assert text(expression) == wanted


@pytest.mark.parametrize(
    "expression", ["tolist([var.unset, 1])[1]", "(true ? 1 : var.unset)", "try([var.unset + 1], 2)"]
)
def test_what_might_change_its_type_is_unknown(expression: str) -> None:
    found = value(expression)
    assert type(found) is Unknown
    assert not found.failed


def test_candidates_of_an_unknown_conditional() -> None:
    found = value('var.unset ? "eu-west-1" : "us-east-1"')
    assert type(found) is Unknown
    assert [c.value for c in found.candidates if type(c) is Known] == ["eu-west-1", "us-east-1"]


def test_candidates_of_try_with_something_unknown() -> None:
    found = value('try(var.unset.region, "us-east-1")')
    assert type(found) is Unknown
    assert [c.value for c in found.candidates if type(c) is Known] == ["us-east-1"]


# --- limits


def test_regular_expressions_take_linear_time() -> None:
    start = time.perf_counter()
    for pattern in ("(a+)+$", "(a|a)*b", "(a*)*c", "(.*)(.*)(.*)(.*)x", "(a?){30}a{30}b"):
        assert compiled(pattern).first("a" * 300 + "!") is None
    assert time.perf_counter() - start < 20


def test_a_template_that_renders_itself_ends() -> None:
    found = value('templatefile("loop.tftpl", { x = 1 })', **{"loop.tftpl": '${templatefile("loop.tftpl", { x = 1 })}'})
    assert type(found) is Unknown


@pytest.mark.parametrize(
    "expression",
    [
        "pow(10, 1000000)",
        "1e1000000",
        'format("%999999999d", 1)',
        'indent(999999999, "a\\nb")',
        "range(1e9)",
        "setproduct(range(1000), range(1000))",
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a + b + c]]]",
        '"%{ for a in range(1000) }%{ for b in range(1000) }%{ for c in range(9) }x%{ endfor }%{ endfor }%{ endfor }"',
        'regex("(((a{1000}){1000}){1000})", "a")',
        "9" * 10_000,
    ],
)
def test_nothing_takes_long(expression: str) -> None:
    start = time.perf_counter()
    value(expression)
    assert time.perf_counter() - start < 30


@pytest.mark.parametrize(
    ("first", "next_one", "ask"),
    [
        ('"xxxxxxxxxx"', '"${%s}${%s}"', "length(%s)"),
        ('["x"]', "concat(%s, %s)", "length(%s)"),
        ('["x"]', "[%s, %s]", "%s == %s"),
        ('["x"]', "[%s, %s]", "toset([%s, 1])"),
        ('["x"]', "[%s, %s]", "jsonencode(%s)"),
        ('["x"]', "[%s, %s]", "flatten(%s)"),
        ('["x"]', "[%s, %s]", "true ? [%s] : [1]"),
        ('["x"]', "[%s, %s]", "try(%s, 1)"),
        ("tolist([1])", "tolist([%s, %s])", "true ? %s : tolist([[]])"),
        ('{ a = "x" }', "{ a = %s, b = %s }", "yamlencode(%s)"),
        ('{ a = "x" }', "{ a = %s, b = %s }", "tomap(%s)"),
        ('{ a = "x" }', "{ a = %s, b = %s }", "merge(%s, {}).a == {}"),
        ('["x"]', 'join(",", flatten([%s, %s]))', "%s"),
        ('"x"', 'format("%%s%%s", %s, %s)', "%s"),
        ('"x"', "jsonencode([%s, %s])", "%s"),
        ('"xx"', 'replace(%s, "x", %s)', "%s"),
    ],
)
def test_doubling_ends(first: str, next_one: str, ask: str) -> None:
    lines = [f"  a0 = {first}", *(f"  a{i} = {next_one % ((f'local.a{i - 1}',) * 2)}" for i in range(1, 60))]
    main = "locals {\n" + "\n".join(lines) + "\n}\n"
    start = time.perf_counter()
    console = Console(MemoryTree({"main.tf": main}), "", Given())
    console.value(ask.replace("%s", "local.a59"))
    console.answer("local.a59")
    assert time.perf_counter() - start < 60


# --- text


@given(st.text(max_size=30))
@settings(deadline=None)
def test_graphemes_are_the_text(sample: str) -> None:
    assert "".join(graphemes(sample)) == sample


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(alphabet="ab 1:-'\"\n\t#é\u00a0", max_size=100),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab :1", min_size=1, max_size=5), inner),
        max_leaves=12,
    )
)
@settings(deadline=None)
def test_yaml_that_we_write_is_read_again(data: object) -> None:
    from sovlint.model.source import SourceFile, Span
    from sovlint.resolve.terraform.values import NotKnown, plain, wrap

    source = SourceFile("x", "")
    try:
        written = encode(wrap(data, Span(source, 0, 0)))
        read = plain(decode(SourceFile("", written), Span(source, 0, 0)))
    except NotKnown:
        return
    assert read == data
