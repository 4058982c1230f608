"""The HCL parser: what it reads, and where."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hcl_support import EDGE_CASES, EXAMPLE, assert_spans, expression, good, read, shape, soup
from hypothesis import given

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


def texts(source: str, nodes: list[Expression]) -> list[str]:
    return [source[node.start : node.end] for node in nodes]


def value(text: str) -> Any:
    node = expression(text)
    assert isinstance(node, (Literal, String))
    return node.value


@pytest.mark.parametrize("case", EDGE_CASES, ids=[f"{i}-{case['class']}" for i, case in enumerate(EDGE_CASES)])
def test_hashicorp_verdict(case: dict[str, Any]) -> None:
    result = read(case["source"])
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


@pytest.mark.parametrize(
    "text",
    [
        "b@ {@\n}\n",
        'b@"x"@{\n}\n',
        'b@"x"@"y"@{\n}\n',
        'b@"x"@ y@"z"@{\n}\n',
        "a@=@1\n",
        "a@=@x.y@# c\n",
        'a@=@"x"@\n',
        "a@=@{@b@=@1@,@c@=@[@]@,@d@=@x.y@}\n",
        'a@=@{@b@:@f(@x@)@,@# c\n@"c"@=@2@# d\n@}\n',
        "a@=@{@b@=@1@,@\n@\n@c@=@-1@\n@}\n",
        "a@=@{@b@=@{@}@}\n",
        "a@=@f(@1@,@2.5@,@x@.y@...@)\n",
        "a@=@[@1.5@,@x@[@0@]@,@]\n",
        "a@=@x@?@1@:@y@?@2@:@3.5@+@1@\n",
        'a@=@-@(@x@)@.y@==@!@"${@x@}"@\n',
    ],
)
def test_common_forms_are_read_as_their_uncommon_spellings(text: str) -> None:
    """Comments in between keep the patterns for common lines from matching."""
    assert (
        shape(good(text.replace("@", "/**/")))
        == shape(good(text.replace("@", "")))
        == shape(good(text.replace("@", " ")))
    )


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
