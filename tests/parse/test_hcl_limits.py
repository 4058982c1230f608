"""The HCL parser on hostile text: depth, time, and properties that hold for any text."""

from __future__ import annotations

import sys
import threading

import pytest
from hcl_support import EDGE_CASES, EXAMPLE, assert_spans, good, nodes_of, read, shape, soup
from hypothesis import given, settings
from hypothesis import strategies as st

from sovlint.model.source import SourceFile
from sovlint.parse.hcl import children, comments, parse_expression, parse_template
from sovlint.parse.hcl.nodes import Expression


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


RECURSIVE = {"brackets", "object braces", "nested conditional", "calls", "for"}
"""Nesting for which the parser recurses, and which therefore has the lower limit."""


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, text in many(100_000) if name not in {"braces", "heredocs"}]
)
def test_depth_message(name: str, text: str) -> None:
    (problem,) = read(f"a = {text}\n").problems
    assert problem.code == "too-deep"
    assert (" 200 levels" if name in RECURSIVE else " 1000 levels") in problem.message or "read here" in problem.message


CLOSED = {
    "parentheses": ("(", "x", ")", 999),
    "not": ("!", "x", "", 999),
    "minus": ("-", "x", "", 999),
    "templates": ('"${', "x", '}"', 999),
    "signed parentheses": ("-(", "x", ")", 499),
    "indexed parentheses": ("((", "x", ")[y])", 333),
    "summed parentheses": ("(", "x", " + 1)", 499),
    "chosen parentheses": ("(", "x", " ? 1 : 2)", 499),
    "templates with more": ('"${', "x", '} a"', 999),
    "chosen templates": ('"${', "x", ' ? "" : y}"', 499),
    "conditionals": ("x ? 1 : ", "x", "", 999),
    "tests of conditionals": ("(", "x", ") ? 1 : 2", 499),
    "sums": ("", "x", "+1", 999),
    "splats": ("", "x", "[*]", 998),
    "indices": ("", "x", "[y]", 998),
    "brackets": ("[", "x", "]", 199),
    "braces": ("{a=", "x", "}", 199),
    "calls": ("f(", "x", ")", 199),
}


@pytest.mark.parametrize("name", CLOSED)
def test_depth_up_to_the_limit_and_beyond(name: str) -> None:
    """What is too deep costs its argument alone, and the problem stands where it is."""
    opening, inner, closing, limit = CLOSED[name]
    for count, fits in ((limit, True), (limit + 2, False), (20_000, False)):
        text = f"b = 1\na = {opening * count}{inner}{closing * count}\nc = 2\nr {{\n  d = 3\n}}\n"
        result = read(text)
        assert set(result.body.attributes) == ({"a", "b", "c"} if fits else {"b", "c"})
        assert [block.type for block in result.body.blocks] == ["r"]
        assert [(problem.code, problem.location.line) for problem in result.problems] == [("too-deep", 2)] * (not fits)


def test_depth_of_blocks_up_to_the_limit_and_beyond() -> None:
    for count in (1000, 1001):
        result = read("b {\n" * count + "}\n" * count + "c {\n}\n")
        assert result.body.blocks[-1].type == "c"
        assert [problem.code for problem in result.problems[:1]] == ["too-deep"] * (count > 1000)


def test_depth_of_an_expression_does_not_depend_on_the_blocks_around_it() -> None:
    for count in (1, 900):
        assert read("b {\n" * count + "a = " + "[" * 150 + "]" * 150 + "\n" + "}\n" * count).problems == ()


@pytest.mark.parametrize("piece", ["[", "f(", "{a=", "x${", '"x${', '"${', "(", "<<E\n${"])
def test_depth_in_a_label(piece: str) -> None:
    """Nothing may nest in a label, but the parser sees that only after it has read it."""
    assert read('b "${' + piece * 100_000 + '" {\n}\n').problems
    assert read('b "${' + '"x${' * 190 + '}"' * 190 + '}" {\n}\n').problems


def test_no_stack_of_c_is_used() -> None:
    """Reading takes frames of Python only, so half the usual stack suffices, however high the limit of recursion is.

    Far less would do for reading, but Python 3.13 itself recurses when it frees what is nested.
    """
    done: list[str] = []

    def work() -> None:
        for name, text in [*many(100_000), *many(190)]:
            read(f"a = {text}\n")
            done.append(name)

    before, size = sys.getrecursionlimit(), threading.stack_size(4 * 1024 * 1024)
    try:
        sys.setrecursionlimit(12_000)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(before)
    assert len(done) == 2 * len(many(1))


@pytest.mark.parametrize("header", ["b {\n", "  b {\n", "b {", 'b "x" {\n'])
def test_depth_of_blocks(header: str) -> None:
    result = read(header * 100_000)
    assert result.problems
    assert all(problem.code in {"too-deep", "syntax"} for problem in result.problems)


def test_accepted_depth_is_bounded() -> None:
    """What the parser accepts must not surprise a recursive reader of the tree."""

    def height(node: Expression) -> int:
        level, count = [node], 0
        while level:
            level = [child for parent in level for child in children(parent)]
            count += 1
        return count

    for size in (190, 490, 990):
        for _, text in many(size):
            body = read(f"a = {text}\n").body
            if "a" in body.attributes:
                assert height(body.attributes["a"].expression) <= 1000


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
