"""The HCL parser on broken text: what it keeps, where it goes on, what it says."""

from __future__ import annotations

import pytest
from hcl_support import assert_spans, read


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
