"""The HCL parser: syntax, spans, recovery, limits."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hcl_support import assert_spans, expression, good, nodes_of, read, shape, soup
from hypothesis import given, settings
from hypothesis import strategies as st

from sovlint.model.source import SourceFile
from sovlint.parse.hcl import children, comments, parse_expression, parse_template
from sovlint.parse.hcl.nodes import (
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    IndexExpression,
    Literal,
    Object,
    Parentheses,
    RelativeTraversal,
    Splat,
    String,
    Template,
    TemplateFor,
    TemplateIf,
    TemplateWrap,
    Traversal,
    Tuple,
    Unary,
)

EDGE_CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "hcl-edge-cases.json").read_text(encoding="utf-8"),
)
EXAMPLE = """\
# A comment.
resource "aws_s3_bucket" "logs" {
  bucket = "logs-${var.region}" // another
  tags = {
    Owner   = "ops"
    "a:b"   = upper(local.x)
    (each.key) : each.value,
  }

  lifecycle { prevent_destroy = true }
  dynamic rule {
    for_each = [for r in var.rules : r.id if r.on]
    content {
      id = rule.value
    }
  }
}

locals {
  script = <<-EOT
    hello %{ if var.x ~}
      there
    %{ endif ~}
  EOT
}
"""


def texts(source: str, nodes: list[Expression]) -> list[str]:
    return [source[node.start : node.end] for node in nodes]


def value(text: str) -> Any:
    node = expression(text)
    assert isinstance(node, (Literal, String))
    return node.value


@pytest.mark.parametrize("case", EDGE_CASES, ids=[f"{i}-{case['class']}" for i, case in enumerate(EDGE_CASES)])
def test_hashicorp_verdict(case: dict[str, Any]) -> None:
    result = read(case["source"])
    if any(problem.code == "too-deep" for problem in result.problems):
        assert case["class"] in {"depth", "depth2000", "many-ternary"}, "only these nest beyond our limit"
        return
    assert (not result.problems) == case["accepted"]
    if case["accepted"]:
        text = case["source"].removeprefix("\ufeff")
        assert_spans(text, result.body)


# Bodies


def test_blocks_and_attributes() -> None:
    body = good(EXAMPLE)
    assert_spans(EXAMPLE, body)
    bucket, local = body.blocks
    assert (bucket.type, bucket.labels, local.type, local.labels) == (
        "resource",
        ["aws_s3_bucket", "logs"],
        "locals",
        [],
    )
    assert [EXAMPLE[start:end] for start, end in bucket.label_spans] == ['"aws_s3_bucket"', '"logs"']
    assert EXAMPLE[bucket.start :].startswith("resource") and EXAMPLE[: bucket.end].endswith("  }\n}")
    assert EXAMPLE[bucket.body.start - 1] == "{" and EXAMPLE[bucket.body.end] == "}"
    assert list(bucket.body.attributes) == ["bucket", "tags"]
    attribute = bucket.body.attributes["bucket"]
    assert EXAMPLE[attribute.start : attribute.end] == 'bucket = "logs-${var.region}"'
    one_line, dynamic = bucket.body.blocks
    assert EXAMPLE[one_line.start : one_line.end] == "lifecycle { prevent_destroy = true }"
    assert dynamic.labels == ["rule"]
    assert [EXAMPLE[start:end] for start, end in dynamic.label_spans] == ["rule"]
    assert dynamic.body.blocks[0].type == "content"


def test_label_escapes_and_names() -> None:
    block = good('b "x\\"y" z "$${w}" "é" é {}\n').blocks[0]
    assert block.labels == ['x"y', "z", "${w}", "é", "é"]
    assert block.body.attributes == {} and block.body.blocks == []
    assert good('b "e\u0301" "$${e\u0301" {}\n').blocks[0].labels == ["e\u0301", "${e\u0301"], (
        "HCL keeps labels as they are"
    )


def test_line_ends_and_byte_order_mark() -> None:
    text = '\ufeffa = 1\r\nb "c" {\r\n  d = "x" # y\r\n}\r\n'
    body = good(text)
    attribute = body.blocks[0].body.attributes["d"]
    assert text.removeprefix("\ufeff")[attribute.start : attribute.end] == 'd = "x"'


def test_redefinition_keeps_the_first_and_goes_on() -> None:
    result = read("a = 1\na = 2\nb = 3\n")
    assert shape(result.body.attributes["a"].expression) == ("Literal", 1)
    assert list(result.body.attributes) == ["a", "b"]
    (problem,) = result.problems
    assert (problem.location.line, problem.location.column, problem.location.end_column) == (2, 1, 2)
    assert "line 1" in problem.message


# Expressions: one test per kind of node, with spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("007", 7),
        ("1.50", Decimal("1.5")),
        ("1e5", 100000),
        ("2.0", 2),
        ("1.5E-3", Decimal("0.0015")),
        ("99999999999999999999999999", 99999999999999999999999999),
        ("1e400", Decimal("1e400")),
        ("true", True),
        ("false", False),
        ("null", None),
    ],
)
def test_literal(text: str, expected: object) -> None:
    node = expression(text)
    assert isinstance(node, Literal)
    assert node.value == expected and type(node.value) is type(expected)
    assert (node.start, node.end) == (0, len(text))


@pytest.mark.parametrize(
    "digits", ["9" * 5000, "1" + "0" * 100_000, "0." + "0" * 5000 + "1", "1e999999999999999999999"]
)
def test_huge_numbers(digits: str) -> None:
    body = read(f"a = {digits}\n").body
    for attribute in body.attributes.values():
        assert isinstance(attribute.expression, Literal)
        assert isinstance(attribute.expression.value, (int, Decimal))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"plain"', "plain"),
        ('""', ""),
        (r'"\n\r\t\"\\"', '\n\r\t"\\'),
        (r'"\u00e9\U0001F600"', "é😀"),
        ('"$${x} %%{y} $ % $$ $x"', "${x} %{y} $ % $$ $x"),
        ('"$$$${x}"', "$$${x}"),
        ('"e\u0301"', "é"),
        (r'"e\u0301"', "é"),
    ],
)
def test_string(text: str, expected: str) -> None:
    node = expression(text)
    assert isinstance(node, String)
    assert node.value == expected
    assert (node.start, node.end) == (0, len(text))


def test_template() -> None:
    text = '"a ${b}$${c} %{ if d }e${f}%{ else }g%{ endif }%{ for h, i in j }k%{ endfor }"'
    node = expression(text)
    assert isinstance(node, Template)
    assert (node.start, node.end) == (0, len(text))
    first, reference, escaped, choice, loop = node.parts
    assert isinstance(first, String) and first.value == "a "
    assert isinstance(escaped, String) and escaped.value == "${c} "
    assert isinstance(reference, Traversal) and text[reference.start : reference.end] == "b"
    assert isinstance(choice, TemplateIf)
    assert text[choice.start : choice.end] == "%{ if d }e${f}%{ else }g%{ endif }"
    assert texts(text, [choice.test, *choice.yes, *choice.no]) == ["d", "e", "f", "g"]
    assert isinstance(loop, TemplateFor)
    assert (loop.key_name, loop.value_name) == ("h", "i")
    assert texts(text, [loop.collection, *loop.body]) == ["j", "k"]
    assert text[loop.start : loop.end] == "%{ for h, i in j }k%{ endfor }"


def test_template_wrap() -> None:
    node = expression('"${ x }"')
    assert isinstance(node, TemplateWrap)
    assert (node.start, node.end) == (0, 8)
    assert shape(node.inner) == ("Traversal", "x", [])
    assert isinstance(expression('"${x}${y}"'), Template)
    assert shape(expression('"${"${x}"}"')) == ("TemplateWrap", ("TemplateWrap", ("Traversal", "x", [])))


def test_trimming() -> None:
    node = expression('"a  ${~ b ~}  c  %{~ if d ~}  e  %{~ endif ~}  f"')
    assert isinstance(node, Template)
    a, _, c, choice, f = node.parts
    assert shape([a, c, f]) == [("String", "a"), ("String", "c"), ("String", "f")]
    assert isinstance(choice, TemplateIf) and shape(choice.yes) == [("String", "e")]


def test_nested_directives() -> None:
    node = expression('"%{ if a }%{ if b }%{ for c in d }e%{ endfor }%{ endif }%{ else }f%{ endif }"')
    assert shape(node) == (
        "Template",
        [
            (
                "TemplateIf",
                ("Traversal", "a", []),
                [
                    (
                        "TemplateIf",
                        ("Traversal", "b", []),
                        [("TemplateFor", None, "c", ("Traversal", "d", []), [("String", "e")])],
                        [],
                    )
                ],
                [("String", "f")],
            )
        ],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<<EOT\nhi\n there\nEOT", "hi\n there\n"),
        ("<<EOT\nEOT", ""),
        ("<<EOT\nhi\n   EOT", "hi\n"),
        ('<<EOT\n"q" \\n $${x} %%{y} $5 $$ 100%\nEOT', '"q" \\n ${x} %{y} $5 $$ 100%\n'),
        ("<<-EOT\n    a\n\n   \n      b\n  EOT", "a\n\n   \n  b\n"),
        ("<<-EOT\n\ta\n\t\tb\nEOT", "a\n\tb\n"),
        ("<<EOT\r\nhi\r\nEOT", "hi\r\n"),
        ("<<EOT\nEOTX\nx EOT\nEOT", "EOTX\nx EOT\n"),
        ("<<ÉOT\ne\u0301\nÉOT", "é\n"),
    ],
)
def test_heredoc(text: str, expected: str) -> None:
    node = expression(text)
    assert isinstance(node, String)
    assert node.value == expected
    assert (node.start, node.end) == (0, len(text))


def test_heredoc_template() -> None:
    text = "<<-EOT\n    a ${b}\n  ${c ~}\n    d\n    %{ if e ~}\n    f\n    %{ endif }\n  EOT"
    node = expression(text)
    assert shape(node) == (
        "Template",
        [
            ("String", "  a "),
            ("Traversal", "b", []),
            ("String", "\n"),
            ("Traversal", "c", []),
            ("String", "    d\n  "),
            ("TemplateIf", ("Traversal", "e", []), [("String", "    f\n  ")], []),
            ("String", "\n"),
        ],
    )


def test_heredoc_inside_others() -> None:
    body = good("a = f(<<A\nx\nA\n, {\n  b = <<B\ny\nB\n  c = 1\n})\n")
    assert shape(body.attributes["a"].expression) == (
        "Call",
        "f",
        [
            ("String", "x\n"),
            ("Object", [[("ObjectKey", "b"), ("String", "y\n")], [("ObjectKey", "c"), ("Literal", 1)]]),
        ],
        False,
    )


def test_traversal() -> None:
    text = 'aws_s3_bucket . a["x"].arn[0].1.null'
    node = expression(text)
    assert isinstance(node, Traversal)
    assert shape(node) == (
        "Traversal",
        "aws_s3_bucket",
        ["a", ("Index", "x"), "arn", ("Index", 0), ("Index", 1), "null"],
    )
    assert (node.start, node.end) == (0, len(text))


def test_relative_traversal() -> None:
    text = "f(x).a[0]"
    node = expression(text)
    assert isinstance(node, RelativeTraversal)
    assert shape(node.steps) == ["a", ("Index", 0)]
    assert texts(text, [node, node.source]) == [text, "f(x)"]
    assert shape(expression("(a.b).c")) == ("RelativeTraversal", ("Parentheses", ("Traversal", "a", ["b"])), ["c"])
    assert shape(expression("true.x")) == ("RelativeTraversal", ("Literal", True), ["x"])


def test_index_expression() -> None:
    text = "a.b[c].d[-1]"
    node = expression(text)
    assert isinstance(node, IndexExpression)
    assert texts(text, children(node)) == ["a.b[c].d", "-1"]
    inner = node.source
    assert isinstance(inner, RelativeTraversal) and isinstance(inner.source, IndexExpression)
    assert text[inner.source.start : inner.source.end] == "a.b[c]"


def test_full_splat_takes_everything_after_it() -> None:
    text = "x[*].y[0]"
    node = expression(text)
    assert isinstance(node, Splat)
    assert shape(node) == (
        "Splat",
        ("Traversal", "x", []),
        ("RelativeTraversal", ("SplatItem",), ["y", ("Index", 0)]),
        True,
    )
    assert texts(text, [node, *children(node), *children(node.each)]) == [text, "x", "[*].y[0]", "[*]"]


def test_attribute_splat_ends_at_an_index() -> None:
    text = "x.*.y.0.z[0]"
    node = expression(text)
    assert shape(node) == (
        "RelativeTraversal",
        ("Splat", ("Traversal", "x", []), ("RelativeTraversal", ("SplatItem",), ["y", ("Index", 0), "z"]), False),
        [("Index", 0)],
    )
    assert isinstance(node, RelativeTraversal)
    assert texts(text, [node.source]) == ["x.*.y.0.z"]


def test_nested_splats() -> None:
    assert shape(expression("x[*][*].y")) == (
        "Splat",
        ("Traversal", "x", []),
        ("Splat", ("SplatItem",), ("RelativeTraversal", ("SplatItem",), ["y"]), True),
        True,
    )
    assert shape(expression("x[*].y.*.z")) == (
        "Splat",
        ("Traversal", "x", []),
        (
            "Splat",
            ("RelativeTraversal", ("SplatItem",), ["y"]),
            ("RelativeTraversal", ("SplatItem",), ["z"]),
            False,
        ),
        True,
    )


def test_call() -> None:
    text = "provider::aws::arn_parse(a, [b]...)"
    node = expression(text)
    assert isinstance(node, Call)
    assert (node.name, node.expand) == ("provider::aws::arn_parse", True)
    assert texts(text, [node, *node.args]) == [text, "a", "[b]"]
    assert shape(expression("f()")) == ("Call", "f", [], False)
    assert shape(expression("if (x,)")) == ("Call", "if", [("Traversal", "x", [])], False)


def test_unary() -> None:
    text = "- !a.b"
    node = expression(text)
    assert isinstance(node, Unary)
    assert shape(node) == ("Unary", "-", ("Unary", "!", ("Traversal", "a", ["b"])))
    assert texts(text, [node, node.operand]) == [text, "!a.b"]


def test_binary_precedence() -> None:
    text = "a || b && c == d + e * -f - g"
    node = expression(text)
    assert isinstance(node, Binary)
    assert text[node.start : node.end] == text

    def brackets(node: Expression) -> str:
        if isinstance(node, Binary):
            return f"({brackets(node.left)}{node.operator}{brackets(node.right)})"
        return text[node.start : node.end]

    assert brackets(node) == "(a||(b&&(c==((d+(e*-f))-g))))"


def test_conditional_is_right_associative() -> None:
    text = "a ? b : c ? d : e"
    node = expression(text)
    assert isinstance(node, Conditional)
    assert texts(text, children(node)) == ["a", "b", "c ? d : e"]
    assert isinstance(node.no, Conditional)


def test_tuple() -> None:
    text = "[1, # c\n  a,\n]"
    node = expression(text)
    assert isinstance(node, Tuple)
    assert texts(text, [node, *node.items]) == [text, "1", "a"]


def test_object_keys() -> None:
    text = '{a = 1, "b": 2, (c) = 3, d.e = 4, "${f}" = 5, true = 6\n  null = 7, 8 = 9\n}'
    node = expression(text)
    assert isinstance(node, Object)
    assert shape([key for key, _ in node.items]) == [
        ("ObjectKey", "a"),
        ("String", "b"),
        ("Parentheses", ("Traversal", "c", [])),
        ("Traversal", "d", ["e"]),
        ("TemplateWrap", ("Traversal", "f", [])),
        ("ObjectKey", "true"),
        ("ObjectKey", "null"),
        ("Literal", 8),
    ]
    assert texts(text, [key for key, _ in node.items]) == ["a", '"b"', "(c)", "d.e", '"${f}"', "true", "null", "8"]
    assert shape([item for _, item in node.items]) == [("Literal", number) for number in (1, 2, 3, 4, 5, 6, 7, 9)]


def test_object_lines() -> None:
    """The fast path for lines of objects reads what the general path reads."""
    text = '{\n  # c\n\n  a = "x" # d\n  "b" : 1.5,\n  c = d.e // f\n  g = h(i.j),\n  k = []\n  l = {}\n  m = true\n}'
    node = expression(text)
    assert isinstance(node, Object)
    assert texts(text, [item for _, item in node.items]) == ['"x"', "1.5", "d.e", "h(i.j)", "[]", "{}", "true"]
    plain = expression('{a = "x", "b" : 1.5, c = d.e, g = h( i.j ), k = [ ], l = { }, m = true }')
    assert shape(node) == shape(plain)


def test_for() -> None:
    text = "{for k, v in m : k => v... if v > 1}"
    node = expression(text)
    assert isinstance(node, For)
    assert (node.key_name, node.value_name, node.group, node.is_object) == ("k", "v", True, True)
    assert texts(text, [node, *children(node)]) == [text, "m", "k", "v", "v > 1"]
    node = expression("[for v in m : v]")
    assert isinstance(node, For)
    assert (node.key_name, node.value_name, node.group, node.is_object) == (None, "v", False, False)


def test_parentheses() -> None:
    text = "(\n a # c\n + b\n)"
    node = expression(text)
    assert isinstance(node, Parentheses)
    assert texts(text, [node, node.inner]) == [text, "a # c\n + b"]


def test_identifiers() -> None:
    assert shape(expression("π.aé-b.नाम")) == ("Traversal", "π", ["aé-b", "नाम"])
    assert shape(expression("a-b")) == ("Traversal", "a-b", [])
    assert shape(expression("for.in")) == ("Traversal", "for", ["in"])
    assert read("a = b²\n").problems
    body = good("日本 = 1\nx { é = 2 }\n")
    assert list(body.attributes) == ["日本"] and list(body.blocks[0].body.attributes) == ["é"]


# Stand-alone expressions and templates


def test_expression_alone() -> None:
    node, problems = parse_expression(SourceFile("x", "\n a +\n b # c\n"))
    assert problems == () and isinstance(node, Binary)
    for text in ("a b", "", "a +", "(", "a = 1", "a\n}"):
        node, problems = parse_expression(SourceFile("x", text))
        assert node is None and len(problems) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("String", "")),
        ('a\\n"b"\n', ("String", 'a\\n"b"\n')),
        ("$${a} 5$", ("String", "${a} 5$")),
        ("${a}", ("TemplateWrap", ("Traversal", "a", []))),
        ("x${a}", ("Template", [("String", "x"), ("Traversal", "a", [])])),
        (
            "%{ for a in b ~}\n${a}\n%{ endfor ~}\n",
            (
                "Template",
                [
                    ("TemplateFor", None, "a", ("Traversal", "b", []), [("Traversal", "a", []), ("String", "\n")]),
                    ("String", ""),
                ][:1],
            ),
        ),
    ],
)
def test_template_alone(text: str, expected: object) -> None:
    node, problems = parse_template(SourceFile("x", text))
    assert problems == () and node is not None
    assert shape(node) == expected
    assert (node.start, node.end) == (0, len(text))


def test_template_alone_errors() -> None:
    for text in ("${", "${a", "%{ if a }", "%{ endif }", "%{ nope }"):
        node, problems = parse_template(SourceFile("x", text))
        assert node is None and len(problems) == 1


# Comments


def test_comments() -> None:
    text = (
        'a = "# no ${ b /* 1 */ } // no" # 2\r\n'
        "c = <<E\n# no\n${ d # 3\n}\n  E\n"
        "// 4\n/* 5\n*/ e = 1 /**/\n"
        'f = "unclosed # no\n# 6\ng = <<NEVER\n# 7'
    )
    found = [text[start:end] for start, end in comments(SourceFile("x", text))]
    assert found == ["/* 1 */", "# 2", "# 3", "// 4", "/* 5\n*/", "/**/", "# 6", "# 7"]


@given(soup)
def test_comments_never_raise(text: str) -> None:
    source = SourceFile("x", text)
    end = 0
    for start, stop in comments(source):
        assert end <= start < stop <= len(source.text)
        assert source.text[start] in "#/"
        end = stop


# Recovery


def test_error_keeps_what_stands_before_and_after() -> None:
    text = 'r "a" {\n  x = 1\n  n {\n    y = 2\n    z = [1 2]\n    q = 3\n  }\n}\nr "b" {\n  x = 1\n}\nv = 2\n'
    result = read(text)
    (problem,) = result.problems
    assert str(problem.location) == "main.tf:5:12"
    assert problem.code == "syntax" and "comma" in problem.message
    broken, whole = result.body.blocks
    assert broken.labels == ["a"] and list(broken.body.attributes) == ["x"]
    assert list(broken.body.blocks[0].body.attributes) == ["y"]
    assert text[broken.start : broken.end].endswith("y = 2")
    assert whole.labels == ["b"] and list(whole.body.attributes) == ["x"]
    assert list(result.body.attributes) == ["v"]
    assert_spans(text, result.body)


def test_several_errors() -> None:
    text = "".join(
        f"b{i} {{\n  ok = 1\n  x = {bad}\n}}\n" for i, bad in enumerate(["'a'", '"a', "<<E", "(1", "f(", "1 +"])
    )
    result = read(text)
    assert [block.type for block in result.body.blocks] == [f"b{i}" for i in range(6)]
    assert [problem.location.line for problem in result.problems] == [3, 7, 11, 16, 20, 23]
    assert all(list(block.body.attributes) == ["ok"] for block in result.body.blocks)


def test_problems_are_capped() -> None:
    assert len(read("a = ;\n" * 500).problems) == 50
    assert len(read("a = 1\n" * 500).problems) == 50


@pytest.mark.parametrize("error_after", ["", 'e {\n  x = "\n}\n'])
def test_unclosed_block(error_after: str) -> None:
    text = 'a {\n  x = 1\n  n {\n    y = 2\n\nb "c" {\n  y = 1\n}\nd {}\n' + error_after
    result = read(text)
    assert [block.type for block in result.body.blocks][:3] == ["a", "b", "d"]
    assert list(result.body.blocks[0].body.blocks[0].body.attributes) == ["y"]
    assert [problem.location.line for problem in result.problems] == ([3] if not error_after else [3, 11])
    assert "Unclosed" in result.problems[0].message
    assert_spans(text, result.body)


def test_unclosed_last_block() -> None:
    text = "a {\n  x = 1\n"
    result = read(text)
    assert list(result.body.blocks[0].body.attributes) == ["x"]
    assert "Unclosed" in result.problems[0].message


def test_stray_brace() -> None:
    result = read("a {\n}\n}\nb {\n}\n")
    assert [block.type for block in result.body.blocks] == ["a", "b"]
    assert [str(problem.location) for problem in result.problems] == ["main.tf:3:1"]


def test_heredoc_without_end_is_reported_at_its_start() -> None:
    result = read("a {\n  x = <<EOT\n  text ${b}\n}\nb {\n}\n")
    assert [str(problem.location) for problem in result.problems] == ["main.tf:2:7"]
    assert "EOT" in result.problems[0].message
    assert [block.type for block in result.body.blocks] == ["a", "b"]


def test_error_in_heredoc_does_not_read_its_lines_as_hcl() -> None:
    result = read("a {\n  x = <<-EOT\n${FOO:-bar}\nFOO=1\nf {\n  EOT\n}\nb {\n}\n")
    assert [str(problem.location) for problem in result.problems] == ["main.tf:3:6"]
    assert "$${" in result.problems[0].message
    assert [block.type for block in result.body.blocks] == ["a", "b"] and not result.body.attributes


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a = 'x'\n", "1:5", "single quotes"),
        ("a = “x”\n", "1:5", "curly"),
        ("a = 1;\n", "1:6", "semicolons"),
        ("a = b & c\n", "1:7", "&&"),
        ("a = 1 b = 2\n", "1:7", "newline"),
        ("a = \n", "1:5", "before the end of the line"),
        ("b {\n a = 1,\n}\n", "2:7", "comma"),
        ('"a" = 1\n', "1:1", "quoted"),
        ("a : 1\n", "1:1", "equals sign"),
        ('b "c"\n{\n}\n', "1:6", "same line"),
        ("a = x ?? y\n", "1:8", "expression"),
        ('a = "\\d"\n', "1:6", "escape"),
        ("a = 1.2.3\n", "1:5", "number"),
        ("a = x.0.1\n", "1:7", "[0][1]"),
        ("a = 1 /* x\n", "1:7", "comment"),
        ('a = "${b\n', "1:6", "Unclosed template"),
        ("a = {x = 1 y = 2}\n", "1:12", "comma"),
        ("a = {x}\n", "1:7", "equals sign"),
        ("a = [for x in y : x => x]\n", "1:21", "tuple"),
        ("a = f(x y)\n", "1:9", "comma"),
        ("b { a = 1, c = 2 }\n", "1:10", "single line"),
        ('a = "%{ if x }"\n', "1:6", "endif"),
    ],
)
def test_messages(text: str, place: str, words: str) -> None:
    problem = read(text).problems[0]
    assert f"{problem.location.line}:{problem.location.column}" == place
    assert words in problem.message
    assert problem.level == "error" and problem.code == "syntax"


# Depth and time


def many(count: int) -> list[tuple[str, str]]:
    half = count // 2
    return [
        ("parentheses", "(" * count),
        ("closed parentheses", "(" * half + "1" + ")" * half),
        ("brackets", "[" * count),
        ("braces", "{" * count),
        ("object braces", "{a=" * count),
        ("not", "!" * count + "x"),
        ("minus", "-" * count + "1"),
        ("conditional", "a?b:" * count + "c"),
        ("nested conditional", "a?" * count),
        ("templates", '"${' * count),
        ("plus", "1" + "+1" * count),
        ("mixed operators", "1" + "+1*2||3" * count),
        ("index", "x" + "[y]" * count),
        ("call and index", "f(x)" + "[y].a" * count),
        ("splats", "x" + "[*]" * count),
        ("attribute splats", "x" + ".*[0]" * count),
        ("calls", "f(" * count),
        ("for", "[for x in " * count),
        ("directives", '"' + "%{if a}" * count + "%{endif}" * count + '"'),
        ("heredocs", "<<E\n${" * count),
        ("wrapped sums", "(" * 150 + "1" + ("+1" * 150 + ")") * 150),
    ]


@pytest.mark.parametrize("text", [text for _, text in many(100_000)], ids=[name for name, _ in many(1)])
def test_depth_is_limited(text: str) -> None:
    for ending in ("\n", "\nb = 1\n"):
        result = read(f"a = {text}{ending}")
        assert result.problems and result.problems[0].code in {"too-deep", "syntax"}
        assert not result.body.blocks and "a" not in result.body.attributes
    parse_expression(SourceFile("x", text))
    parse_template(SourceFile("x", text))


@pytest.mark.parametrize(
    "text",
    [text for name, text in many(100_000) if name not in {"braces", "heredocs"}],
    ids=[name for name, _ in many(1) if name not in {"braces", "heredocs"}],
)
def test_depth_message(text: str) -> None:
    (problem,) = read(f"a = {text}\n").problems
    assert problem.code == "too-deep"
    assert "200" in problem.message


@pytest.mark.parametrize("header", ["b {\n", "  b {\n", "b {", 'b "x" {\n'])
def test_depth_of_blocks(header: str) -> None:
    result = read(header * 100_000)
    assert result.problems
    assert all(problem.code in {"too-deep", "syntax"} for problem in result.problems)


def test_accepted_depth_stays_within_the_default_recursion_limit() -> None:
    """What the parser accepts must not surprise a recursive reader of the tree."""

    def height(node: Expression) -> int:
        level, count = [node], 0
        while level:
            level = [child for parent in level for child in children(parent)]
            count += 1
        return count

    for _, text in many(190):
        body = read(f"a = {text}\n").body
        if "a" in body.attributes:
            assert height(body.attributes["a"].expression) <= 260 < sys.getrecursionlimit() / 3


def test_little_stack_left_is_a_problem_not_an_exception() -> None:
    def deep(count: int) -> str:
        if count:
            return deep(count - 1)
        problems = read("a = " + "[" * 190 + "]" * 190 + "\nb = 1\n").problems
        return problems[0].code if problems else ""

    assert deep(sys.getrecursionlimit() - 300) in {"too-deep", ""}


LONG = {
    "indices": ("x" + "[0]" * 50_000, 1),
    "attributes": ("a" + ".b" * 50_000, 1),
    "call steps": ("f(x)" + ".b[0]" * 50_000, 3),
    "splat steps": ("x[*]" + ".b[0]" * 50_000, 4),
    "attribute splat steps": ("x.*" + ".b" * 50_000, 4),
    "arguments": ("f(" + "x," * 50_000 + ")", 50_001),
    "items": ("[" + "1,\n" * 50_000 + "]", 50_001),
    "object items": ("{" + "a = b.c\n" * 50_000 + "}", 100_001),
    "comments": ("[" + "/* x */ # y\n" * 50_000 + "]", 1),
    "spaces": ("[" + " " * 500_000 + "\n" * 50_000 + "]", 1),
    "interpolations": ('"' + "a${b}" * 50_000 + '"', 100_001),
    "heredoc interpolations": ("<<E\n" + "a${b}" * 50_000 + "\nE", 100_002),
    "dollars": ('"' + "$" * 100_000 + '"', 1),
    "escapes": ('"' + "\\n" * 100_000 + '"', 1),
    "percents": ("<<E\n" + "%$" * 50_000 + "\nE", 1),
    "heredoc lines": ("<<-E\n" + "  a\n" * 50_000 + "E", 1),
    "dots": ("1" + "." * 100_000, None),
    "digits": ("1" + ".1" * 50_000, None),
    "exponents": ("1" + "e1" * 50_000, None),
    "name": ("a" * 500_000, 1),
    "unicode name": ("é" * 100_000, 1),
    "unclosed comment": ("/*" + "* " * 100_000, None),
    "comment starts": ("/*" * 100_000, None),
    "unclosed string": ('"' + "a" * 500_000, None),
    "backslashes": ('"' + "\\" * 100_001, None),
    "heredoc starts": ("<<A\n" * 50_000, None),
}


@pytest.mark.parametrize("name", LONG)
def test_long_input_takes_linear_time(name: str) -> None:
    """A quadratic step on these sizes would take minutes; the runner's time limit is the guard."""
    text, count = LONG[name]
    result = read(f"a = {text}\n")
    if count is None:
        assert result.problems
    else:
        assert result.problems == ()
        assert len(nodes_of(result.body)) - 1 == count


@pytest.mark.parametrize(
    "text",
    [
        "<<A{}\n",
        "a {{\n x = <<B{}\n",
        "a = <<B{}\n",
        "a{} {{\n",
        "a {{\n x = 1\n",
        'x "{}"\n',
        "# {}\n",
        "a.{}\n",
        '"${{<<A{}\n',
    ],
)
def test_long_broken_files_take_bounded_time(text: str) -> None:
    broken = "".join(text.format(number) for number in range(30_000))
    read(broken)
    list(comments(SourceFile("x", broken)))


# Properties


@settings(max_examples=400, deadline=None)
@given(soup)
def test_any_text(text: str) -> None:
    """Nothing raises, spans are nested and inside the text, problems have places inside it."""
    source = SourceFile("main.tf", text)
    result = read(text)
    assert_spans(source.text, result.body)
    lines = len(source.line_starts)
    for problem in result.problems:
        assert 1 <= problem.location.line <= problem.location.end_line <= lines
        assert problem.location.column >= 1
    for parse in (parse_expression, parse_template):
        node, problems = parse(source)
        assert (node is None) == bool(problems)
        if node is not None:
            assert 0 <= node.start <= node.end <= len(source.text)


@settings(deadline=None)
@given(st.integers(0, len(EXAMPLE)), st.integers(0, 30), soup)
def test_damaged_text(start: int, length: int, insertion: str) -> None:
    text = EXAMPLE[:start] + insertion + EXAMPLE[start + length :]
    assert_spans(text.removeprefix("\ufeff"), read(text).body)


VALID = [case["source"] for case in EDGE_CASES if case["accepted"] and "depth" not in case["class"]]
BLOCKS = [text for text in VALID if (body := read(text).body).blocks and not body.attributes and "\ufeff" not in text]


@settings(deadline=None)
@given(st.lists(st.sampled_from(BLOCKS), max_size=6))
def test_concatenation_keeps_the_nodes(parts: list[str]) -> None:
    ended = [part if part.endswith("\n") else part + "\n" for part in parts]
    together = shape(good("".join(ended)))
    assert together == ("Body", {}, [shape(block) for part in ended for block in good(part).blocks])
