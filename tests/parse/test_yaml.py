from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile
from sovlint.parse.yaml import (
    MAX_DEPTH,
    MERGE_BUDGET,
    Alias,
    BudgetExceededError,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlStream,
    comments,
    deref,
    elements,
    entry,
    get,
    items,
    parse_stream,
    resolve_scalar,
    text,
    to_plain,
)


def read(content: str, path: str = "a.yaml") -> YamlStream:
    return parse_stream(SourceFile(path, content))


def root(content: str) -> Node:
    stream = read(content)
    assert [problem for problem in stream.problems if problem.level == "error"] == []
    (document,) = stream.documents
    return document


def at(node: Node, *path: str | int) -> Node:
    for step in path:
        if isinstance(step, str):
            found = entry(node, step)
            assert found is not None, step
            node = found[1]
        else:
            node = list(elements(node))[step]
    return node


def cut(content: str, *path: str | int) -> str:
    """The slice of the text that the span of the node at the path covers."""
    node = at(root(content), *path)
    source = SourceFile("a", content).text
    return source[node.start : node.end]


def place(problem: Problem) -> tuple[int, int]:
    return problem.location.line, problem.location.column


def inner(node: Node) -> Iterator[Node]:
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield key
            yield value
    elif isinstance(node, Sequence):
        yield from node.items


def check_spans(stream: YamlStream) -> None:
    """All spans are inside the text, children inside their parents, siblings in order; documents in order."""
    size = len(stream.source.text)
    before = 0
    for document in stream.documents:
        assert before <= document.start <= document.end <= size
        before = document.end
        todo = [document]
        while todo:
            node = todo.pop()
            last = node.start
            for child in inner(node):
                assert last <= child.start <= child.end <= node.end, (node, child, stream.source.text)
                last = child.end
                todo.append(child)


# --- spans ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "path", "expected"),
    [
        ("a: b c # x\n", ("a",), "b c"),
        ("é😀: 'q''r'  \n", ("é😀",), "'q''r'"),
        ('a: "x\\n\\\n  y"\n', ("a",), '"x\\n\\\n  y"'),
        ("\ufeffa: b", ("a",), "b"),
        ("\ufeff\ufeffa: b", ("a",), "b"),
        ("x: 1\r\na: b\r\nc: d\r\n", ("a",), "b"),
        ("x: |\r\n  1\r\n  2\r\n\r\na: b\r\n", ("x",), "|\r\n  1\r\n  2"),
        ("x: |\r\n  1\r\n  2\r\n\r\na: b\r\n", ("a",), "b"),
        ("x: 1\ra: b\r", ("a",), "b"),
        ("x: é\u2028y: 😀\x85a: b", ("a",), "b"),
        ("a: x\n  y\n\n  z  \nb: 1\n", ("a",), "x\n  y\n\n  z"),
        ("a: |\n  x\n  y\n\n\nb: 1\n", ("a",), "|\n  x\n  y"),
        ("a: |+\n  x\n  y  \n\n\nb: 1\n", ("a",), "|+\n  x\n  y  "),
        ("a: >-\n  x\n  y\n# c\n", ("a",), ">-\n  x\n  y"),
        ("a: |2-  # c\n\n\nb: 1\n", ("a",), "|2-"),
        ("a: |\n  x", ("a",), "|\n  x"),
        ("a:\n  b: 1\n  c: 2\n\nd: 3\n", ("a",), "b: 1\n  c: 2"),
        ("a:\n- b\n- c # x\nd: 3\n", ("a",), "- b\n- c"),
        ("a:\n- b: 1\n  c: 2\n- d\n", ("a", 0), "b: 1\n  c: 2"),
        ("- - a\n  - b\n- c\n", (0,), "- a\n  - b"),
        ("a: {b: 1, c: [2, 3] } # x\n", ("a",), "{b: 1, c: [2, 3] }"),
        ("a: {b: 1, c: [2, 3] }\n", ("a", "c"), "[2, 3]"),
        ("a: [b: 1 , c]\n", ("a", 0), "b: 1"),
        ("a: [ ]\nb: {}\n", ("a",), "[ ]"),
        ("a: [ ]\nb: {}\n", ("b",), "{}"),
        ("a: &x b\n", ("a",), "b"),
        ("a: !Ref &x 'b'\n", ("a",), "'b'"),
        ("a: &x !Ref # c\n  'b'\n", ("a",), "'b'"),
        ("a: !<tag:yaml.org,2002:str> 1\n", ("a",), "1"),
        ("a: &x |\n  t\n", ("a",), "|\n  t"),
        ("a: &x\n  b: c\n", ("a",), "b: c"),
        ("a: &x !t\n- b\n", ("a",), "- b"),
        ("a: !t {b: c}\n", ("a",), "{b: c}"),
        ("x: &a 1\nb: *a # c\n", ("b",), "*a"),
        ("a: &m\n  &k b: c\n", ("a",), "b: c"),
        ("a:\n  &k b: c\n", ("a",), "&k b: c"),
    ],
)
def test_spans(content: str, path: tuple[str | int, ...], expected: str) -> None:
    assert cut(content, *path) == expected
    check_spans(read(content))


@pytest.mark.parametrize(
    ("content", "offset"),
    [
        ("a:\n\nb: 1\n", 2),
        ("a: &x  \nb: 1\n", 5),
        ("a: !t\nb: 1\n", 5),
        ("? a\n\n? b\n", 3),
        ("{a , b}", 2),
        ("{a: , b}", 3),
    ],
)
def test_empty_values_stand_behind_their_key(content: str, offset: int) -> None:
    node = at(root(content), "a")
    assert (node.start, node.end) == (offset, offset)
    assert text(node) is None or at(root(content), "a").tag == "!t"  # type: ignore[union-attr]
    check_spans(read(content))


def test_anchored_mapping_with_empty_anchored_key() -> None:
    check_spans(read("&a\n&b :"))


def test_json_is_yaml() -> None:
    content = '{\n\t"a":\t1,"b":"\\/x",\n\t"c": [null, true]\n}\n'
    assert cut(content, "b") == '"\\/x"'
    assert to_plain(root(content)) == {"a": 1, "b": "/x", "c": [None, True]}


# --- documents and recovery ----------------------------------------------------------------------------------------


def plain(stream: YamlStream) -> list[Any]:
    return [to_plain(document) for document in stream.documents]


def test_empty_documents_count() -> None:
    stream = read("---\n---\n# only a comment\n---\na: 1\n---\n...\n---\n~\n")
    assert plain(stream) == [{"a": 1}, None] or plain(stream) == [{"a": 1}]
    assert stream.indices[0] == 2
    assert stream.problems == ()


def test_no_document() -> None:
    for content in ("", "\n\n", "# c\n", "...\n"):
        assert read(content).documents == []


def test_end_markers_and_directives() -> None:
    stream = read("%YAML 1.1\n---\na: 1\n...\n# c\n%TAG !x! tag:x,2000:\n---\nb: !x!y 2\n...\n")
    assert [document.entries[0][1].text for document in stream.documents] == ["1", "2"]  # type: ignore[union-attr]
    assert stream.problems == ()


@pytest.mark.parametrize(
    ("broken", "line", "column"),
    [
        ("a: [b\n", 3, 1),
        ("a: 'x\n", 3, 1),
        ("a: b: c\n", 2, 5),
        (" a: 1\nb: 2\n", 3, 1),
        ("a: 1\n  b: 2\n", 3, 4),
        ("a: 1\nb\n", 4, 1),
        ("a:\n\t- b\n", 3, 1),
        ("a: \x01\n", 2, 4),
        ("a: b\0c\n", 2, 5),
        ("a: @b\n", 2, 4),
        ('a: "\\q"\n', 2, 5),
    ],
)
def test_other_documents_survive(broken: str, line: int, column: int) -> None:
    stream = read("---\n" + broken + "---\nok: 1\n---\n" + broken + "---\nok: 2\n")
    assert plain(stream) == [{"ok": 1}, {"ok": 2}]
    assert stream.indices == [1, 3]
    assert [problem.code for problem in stream.problems] == ["syntax", "syntax"]
    assert place(stream.problems[0]) == (line, column)
    shift = broken.count("\n") + 3
    assert place(stream.problems[1]) == (line + shift, column)


def test_broken_document_first_and_unmarked() -> None:
    stream = read(" a: 1\nb: 2\n---\nok: 1\n")
    assert plain(stream) == [{"ok": 1}]
    assert stream.indices == [1]
    assert place(stream.problems[0]) == (2, 1)
    assert "indentation" in stream.problems[0].message


def test_problem_says_where_the_construct_starts() -> None:
    (problem,) = read("x: 1\na: [b,\n  c\n").problems
    assert "flow sequence that starts on line 2" in problem.message


@pytest.mark.parametrize("directive", ["%YAML 2.0", "%YAML 1.3", "%FOO bar", "%TAG x", "%"])
def test_bad_directives_lose_one_document(directive: str) -> None:
    stream = read(f"a: 1\n...\n{directive}\n---\nb: 2\n---\nc: 3\n")
    assert plain(stream)[0] == {"a": 1}
    assert plain(stream)[-1] == {"c": 3}
    assert all(problem.code == "syntax" for problem in stream.problems)


def test_control_characters_do_not_lose_earlier_documents() -> None:
    stream = read("a: 1\n" * 1 + "---\nb: \x07\n---\nc: 3\n")
    assert plain(stream) == [{"a": 1}, {"c": 3}]
    assert "U+0007" in stream.problems[0].message


def test_lone_surrogate_in_text() -> None:
    stream = read("---\na: \ud800\n---\nb: 1\n")
    assert plain(stream) == [{"b": 1}]
    assert place(stream.problems[0]) == (2, 4)


# --- JSON files that libyaml rejects -------------------------------------------------------------------------------


def test_json_fallback() -> None:
    content = '\t{"a":\t"\\ud83d\\ude00é", "' + "k" * 2000 + '":\t[ ],\n\t"n":-1.5e3,"o":{},\n"z":[{"y":"\\ud800"}]}\n'
    stream = read(content, "x.json")
    assert stream.problems == ()
    (document,) = stream.documents
    assert text(get(document, "a")) == "😀é"
    node = get(document, "a")
    assert node is not None
    assert content[node.start : node.end] == '"\\ud83d\\ude00é"'
    assert to_plain(document) == {
        "a": "😀é",
        "k" * 2000: [],
        "n": Decimal("-1.5e3"),
        "o": {},
        "z": [{"y": "\ufffd"}],
    }
    check_spans(stream)
    assert read(content, "x.yaml").problems != ()


@pytest.mark.parametrize(
    "content",
    [
        '\t{"a":1,}',
        '\t{"a"}',
        "\t{1:2}",
        "\t[1 2]",
        "\t[1],",
        '\t"a',
        "\t[01]",
        "\t{]",
        "\t[}",
        "\t[,]",
        "\t",
        '\t{"a":}',
        "\t{{}:1}",
        "\t[1.]",
        '\t"\\x"',
        "\t:",
        "\t]",
        "\t[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    ],
)
def test_json_that_is_neither(content: str) -> None:
    stream = read(content, "x.json")
    assert stream.documents == []


# --- guards --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        "{" * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "{a: " * 100_000,
        "[a," * 100_000,
        "[{" * 50_000,
        "".join(" " * level + "a:\n" for level in range(1_000)),
        ("[" * 300 + "\n---\n") * 500,
        "---\n[\n" * 10_000,
        "%x\n" * 20_000,
        "---\na: \x01\n" * 10_000,
        "[" * 199 + "a," * 20_000 + "]" * 199,
        "- *x\n" * 20_000,
        "a: 1\n" * 20_000,
        "a\n...\n" * 20_000,
        "&" * 100_000,
        "- &a !t # x\n" * 20_000,
        "a: &x" + " " * 100_000 + "#" * 100_000,
        '"' + "\\n" * 100_000 + '"',
        "a: |\n" + "\n" * 100_000 + "b: c",
        "\t" * 100_000,
        "\0" * 100_000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_hostile_input_takes_bounded_time(content: str) -> None:
    for path in ("a.yaml", "a.json"):
        start = time.perf_counter()
        stream = read(content, path)
        check_spans(stream)
        sum(1 for _ in comments(stream.source, stream))
        assert time.perf_counter() - start < 5


def test_depth_cap() -> None:
    fits = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read(fits).problems == ()
    stream = read("a: 1\n---\n[" + fits + "]\n---\nb: 2\n")
    (problem,) = stream.problems
    assert problem.code == "too-deep"
    assert place(problem) == (3, MAX_DEPTH + 1)
    assert plain(stream) == [{"a": 1}, {"b": 2}]


def test_alias_bomb_is_a_small_graph() -> None:
    content = "a0: &a0 x\n" + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 50)
    )
    document = root(content)
    repr(document)
    with pytest.raises(BudgetExceededError):
        to_plain(document)


def test_self_reference() -> None:
    for content in ("a: &x [*x]\n", "a: &x {b: [c, *x]}\n", "a: &x 1\nb: &x [*x]\n"):
        stream = read(content)
        (problem,) = stream.problems
        assert problem.code == "alias-cycle"
        assert place(problem)[1] == content.splitlines()[place(problem)[0] - 1].index("*x") + 1
        to_plain(stream.documents[0])


def test_unknown_anchor() -> None:
    stream = read("a: *x\nb: &x 1\n---\nc: *x\n")
    assert [(problem.code, place(problem)) for problem in stream.problems] == [
        ("unknown-anchor", (1, 4)),
        ("unknown-anchor", (4, 4)),
    ]
    assert plain(stream) == [{"a": None, "b": 1}, {"c": None}]


def test_anchor_used_again() -> None:
    assert to_plain(root("a: &x 1\nb: *x\nc: &x 2\nd: *x\n")) == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_anchors_on_keys() -> None:
    document = root("&k name: &v x\nother: {*k : *v}\n")
    assert to_plain(document) == {"name": "x", "other": {"name": "x"}}
    assert text(get(at(document, "other"), "name")) == "x"


def test_complex_keys_are_kept_and_never_found() -> None:
    document = root("? [a]\n: b\nc: d\n")
    assert isinstance(document, Mapping)
    assert isinstance(document.entries[0][0], Sequence)
    assert [name for name, _, _ in items(document)] == ["c"]


def test_duplicate_keys() -> None:
    content = "a: 1\nb: 2\n'a': 3\n"
    stream = read(content)
    (problem,) = stream.problems
    assert (problem.code, problem.level, place(problem)) == ("duplicate-key", "warning", (3, 1))
    assert "line 1" in problem.message
    (document,) = stream.documents
    assert isinstance(document, Mapping)
    assert len(document.entries) == 3
    assert text(get(document, "a")) == "3"
    assert [(name, text(value)) for name, _, value in items(document)] == [("a", "3"), ("b", "2")]


def test_problems_are_capped() -> None:
    problems = read("a: 1\n" * 5_000).problems
    assert len(problems) < 600
    assert "not listed" in problems[-1].message


# --- merge keys ----------------------------------------------------------------------------------------------------


def test_merge_keys() -> None:
    document = root(
        "base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\n"
        "one: {<<: *b, y: 9}\nafter: {y: 9, <<: *b}\nlist: {<<: [*b, *o]}\ninline: {<<: {x: 5}}\n"
        "twice: &t {<<: *b, w: 0}\nchain: {<<: *t}\nquoted: {'<<': *b}\n"
    )
    assert to_plain(at(document, "one")) == {"y": 9, "x": 1}
    assert to_plain(at(document, "after")) == {"y": 9, "x": 1}
    assert to_plain(at(document, "list")) == {"x": 1, "y": 2, "z": 4}
    assert to_plain(at(document, "inline")) == {"x": 5}
    assert to_plain(at(document, "chain")) == {"w": 0, "x": 1, "y": 2}
    assert to_plain(at(document, "quoted")) == {"<<": {"x": 1, "y": 2}}
    assert text(get(at(document, "chain"), "x")) == "1"
    assert text(get(at(document, "list"), "y")) == "2"
    assert get(at(document, "list"), "no") is None


def test_merge_key_with_something_else() -> None:
    stream = read("a: {<<: 5, b: 1}\n")
    (problem,) = stream.problems
    assert (problem.code, problem.level, place(problem)) == ("merge-key", "warning", (1, 9))
    assert plain(stream) == [{"a": {"b": 1}}]


def test_merge_cycle_is_reported_once() -> None:
    stream = read("a: &a {<<: *a, b: 1}\n")
    assert [problem.code for problem in stream.problems] == ["alias-cycle"]
    assert plain(stream) == [{"a": {"b": 1}}]


def test_merge_budget() -> None:
    depth = MERGE_BUDGET * 3
    content = "a0: &a0 {deep: 1}\n" + "".join(
        f"a{level}: &a{level}\n  <<: *a{level - 1}\n  k{level}: 1\n" for level in range(1, depth)
    )
    stream = read(content)
    assert [(problem.code, problem.level) for problem in stream.problems] == [("merge-key", "warning")]
    last = get(stream.documents[0], f"a{depth - 1}")
    assert last is not None
    assert get(last, "deep") is None
    assert get(last, f"k{depth - 50}") is not None
    with pytest.raises(BudgetExceededError):
        to_plain(stream.documents[0], budget=1_000)


# --- values --------------------------------------------------------------------------------------------------------

DIGITS = "7" * 5_000


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("yes", True),
        ("On", True),
        ("y", True),
        ("NO", False),
        ("off", False),
        ("n", False),
        ("yEs", "yEs"),
        ("017", 15),
        ("0o17", 15),
        ("-017", -15),
        ("089", Decimal(89)),
        ("0x1F", 31),
        ("0b101", 5),
        ("-0b1", -1),
        ("1_000", 1000),
        ("+12", 12),
        ("0", 0),
        ("-0", 0),
        ("00", 0),
        ("12:30:45", "12:30:45"),
        ("2001-12-14", "2001-12-14"),
        ("2001-99-99", "2001-99-99"),
        ("1.10", Decimal("1.10")),
        ("1.2.3", "1.2.3"),
        (".5", Decimal("0.5")),
        ("1.", Decimal(1)),
        ("1e3", Decimal(1000)),
        ("1e999", "1e999"),
        ("1e-999999999999999999999999", Decimal(0)),
        ("0e999999999999999999999999", Decimal(0)),
        ("1e999999999999999999999999", "1e999999999999999999999999"),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", Decimal(18446744073709551616)),
        (DIGITS, Decimal(DIGITS)),
        ("0x" + DIGITS, "0x" + DIGITS),
        ("1" + "_" * 50, 1),
        ("+", "+"),
        ("-", ["-"]),
        (".", "."),
        ("=", "="),
        ("٣", "٣"),
        ("'1'", "1"),
        ('"yes"', "yes"),
        ("|-\n 1", "1"),
        ("!!str 1", "1"),
        ("! 1", "1"),
        ("!Ref 1", "1"),
        ("!!int '5'", 5),
        ("!!int x", "x"),
        ("!!bool 'no'", False),
        ("!!float 5", 5),
        ("!!null ''", None),
        ("!!binary aGk=", "aGk="),
        (".inf", float("inf")),
        ("-.Inf", float("-inf")),
    ],
)
def test_resolve_scalar(written: str, expected: object) -> None:
    if expected == ["-"]:
        value: object = resolve_scalar(Scalar(0, 1, "-"))
        expected = "-"
    else:
        node = at(root(f"a: {written}\n"), "a")
        assert isinstance(node, Scalar)
        value = resolve_scalar(node)
    assert value == expected
    assert type(value) is type(expected)


def test_not_a_number() -> None:
    value = resolve_scalar(Scalar(0, 4, ".nan"))
    assert isinstance(value, float)
    assert value != value


@pytest.mark.parametrize("written", ["9" * 3_000_000, "0x" + "f" * 3_000_000, "1." + "1" * 3_000_000, "1_" * 1_000_000])
def test_huge_numbers_are_linear(written: str) -> None:
    start = time.perf_counter()
    resolve_scalar(Scalar(0, len(written), written))
    assert time.perf_counter() - start < 3


def test_local_tags_are_kept() -> None:
    document = root("a: !Ref x\nb: !Sub [c]\nd: !m {e: f}\n")
    assert [at(document, key).tag for key in "abd"] == ["!Ref", "!Sub", "!m"]  # type: ignore[union-attr]


# --- access --------------------------------------------------------------------------------------------------------


def test_access_on_wrong_nodes() -> None:
    document = root("a: [1]\nb: &b x\nc: *b\n")
    assert get(at(document, "a"), "x") is None
    assert entry(at(document, "b"), "x") is None
    assert list(items(at(document, "b"))) == []
    assert list(elements(document)) == []
    assert text(at(document, "a")) is None
    assert text(None) is None
    assert text(at(document, "c")) == "x"
    assert isinstance(at(document, "c"), Alias)
    assert get(document, "c") is deref(at(document, "b"))


def test_text_keeps_what_was_written() -> None:
    document = root("a: 1.10\nb: NO\nc: ~\nd: '~'\ne:\nf: '5'\n")
    assert [text(get(document, key)) for key in "abcdef"] == ["1.10", "NO", None, "~", None, "5"]


def test_to_plain_budget_counts_nodes() -> None:
    document = root("[1, 2, 3]")
    assert to_plain(document, budget=4) == [1, 2, 3]
    with pytest.raises(BudgetExceededError):
        to_plain(document, budget=3)


def test_to_plain_follows_long_alias_chains() -> None:
    content = "- &a0 x\n" + "".join(f"- &a{level} [*a{level - 1}]\n" for level in range(1, 5_000))
    to_plain(at(root(content), 4_999))


def test_comments() -> None:
    content = (
        "# one\n"
        "a: 'x # no' # two\n"
        "b: x#no\n"
        'c: "y\n  # no"\n'
        "d: | # three\n  # no\n  text # no\n"
        "# four\n"
        "e: >- # five\n"
        "\n"
        "f: [a, #six\n b] #seven\n"
        "g: plain\n  more # eight\n"
        "--- # nine\r\n"
        "- x\r\n"
        "   # ten\r\n"
    )
    found = [content[start:end].lstrip("# ") for start, end in comments(SourceFile("a", content))]
    assert found == ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


# --- any input -----------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "a", "b: ", ": ", "- ", "? ", "[", "]", "{", "}", ",", "&x ", "*x", "!t ", "!!str ", "|\n", ">-\n", "'", '"',
        "#", " # c\n", "\n", "\n  ", "\r\n", "\t", "---\n", "\n---\n", "\n...\n", "%YAML 1.1\n", "<<: ", "\\", "é",
        "😀", "\x85", "\u2028", "\0", "\x07", "\ufeff", "\ud800", "1", "~", "@", "`", "%", "=", "x: |+\n\n  t\n\n",
    ]
)  # fmt: skip
ANY_TEXT = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map("".join))


@settings(max_examples=1_500, deadline=2_000)
@given(ANY_TEXT, st.sampled_from(["a.yaml", "a.json"]))
def test_any_text(content: str, path: str) -> None:
    stream = read(content, path)
    check_spans(stream)
    assert len(stream.documents) == len(stream.indices) == len(set(stream.indices))
    assert stream.indices == sorted(stream.indices)
    for problem in stream.problems:
        assert 1 <= problem.location.line <= content.count("\n") + 1
    for start, end in comments(stream.source, stream):
        assert stream.source.text[start] == "#"
        assert start < end <= len(stream.source.text)
    for document in stream.documents:
        to_plain(document)


@settings(max_examples=800, deadline=2_000)
@given(st.lists(PIECES, max_size=15).map("".join))
def test_a_good_document_survives_any_neighbours(noise: str) -> None:
    # Two directives in a row are one broken prologue; it belongs to the document that follows.
    assume(noise.count("%") <= 1)
    stream = read(f"{noise}\n---\ngood: 1\n---\n{noise}\n---\ngood: 2\n")
    assert {"good": 1} in plain(stream)
    assert {"good": 2} in plain(stream)


# Words on which PyYAML (YAML 1.1 as of 2006) and Kubernetes agree: its `y`, `n`, dates and numbers are tested above.
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "Zs", "Po", "So"]), max_size=12).filter(
    lambda word: word[:1] != "." and word not in {"y", "Y", "n", "N"}
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), WORDS)
DATA = st.recursive(
    LEAVES,
    lambda inside: st.one_of(st.lists(inside, max_size=4), st.dictionaries(WORDS, inside, max_size=4)),
    max_leaves=20,
)


@settings(max_examples=500, deadline=2_000)
@given(DATA, st.booleans(), st.integers(20, 90), st.sampled_from([None, '"', "'", "|", ">"]))
def test_values_agree_with_pyyaml(data: Any, flow: bool, width: int, style: str | None) -> None:
    content = yaml.dump(
        data, default_flow_style=flow, width=width, allow_unicode=True, explicit_start=True, default_style=style
    )
    try:
        expected = yaml.safe_load(content)
    except yaml.YAMLError:
        assume(False)
    stream = read(content)
    assert stream.problems == ()
    check_spans(stream)
    got = plain(stream)[0] if stream.documents else None
    assert got == with_string_keys(expected)


def with_string_keys(data: Any) -> Any:
    if isinstance(data, dict):
        return {key_text(key): with_string_keys(value) for key, value in data.items()}
    return [with_string_keys(value) for value in data] if isinstance(data, list) else data


def key_text(key: object) -> str:
    assert isinstance(key, str)
    return key


@settings(max_examples=300, deadline=2_000)
@given(ANY_TEXT)
def test_any_text_without_libyaml(content: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "__with_libyaml__", False)
        stream = read(content)
    check_spans(stream)


def test_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = ["a: 'b' # x\nc: [d, {e: f}]\ng: |\n  h\n\ni: &j\n- k\nl: *j\n---\n[\n---\nm: n\n"]
    shapes: list[Callable[[], Any]] = []
    for available in (True, False):
        monkeypatch.setattr(yaml, "__with_libyaml__", available)
        for content in contents:
            stream = read(content)
            check_spans(stream)
            shapes.append(lambda stream=stream: (plain(stream), spans(stream), len(stream.problems)))  # type: ignore[misc]
    half = len(shapes) // 2
    for fast, slow in zip(shapes[:half], shapes[half:], strict=True):
        assert fast() == slow()


def spans(stream: YamlStream) -> list[tuple[int, int]]:
    found = []
    todo = list(stream.documents)
    while todo:
        node = todo.pop()
        found.append((node.start, node.end))
        todo.extend(inner(node))
    return found


@pytest.mark.parametrize("filling", [0, 100])
def test_look_ups_in_large_mappings(filling: int) -> None:
    """A large mapping has an index: the last of duplicates, own keys before merged ones, quoted `<<` as a key."""
    padding = "".join(f"k{i}: v{i}\n" for i in range(filling))
    written = (
        "&name anchored: 1\n" + padding + 'a: first\na: last\n<<: {a: merged, b: below}\n"<<": text\n*name : again\n'
    )
    document = root(written)
    wanted = {"a": "last", "b": "below", "<<": "text", "anchored": "again", "missing": None}
    assert {key: text(get(document, key)) for key in wanted} == wanted
    assert type(document) is Mapping
    extra = Scalar(0, 0, "late")
    document.entries.append((Scalar(0, 0, "new"), extra))
    assert get(document, "new") is extra
