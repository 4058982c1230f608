"""Carets stand under the span in a terminal, whatever the line holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import finding, location, report

from sovlint.model.finding import Finding
from sovlint.output import FORMATS, Style
from sovlint.output.snippet import marked
from sovlint.output.terminal import columns, visible, wrap


def width_of(text: str) -> int:
    """Columns by a logic of its own: no tabs, no controls, no emoji sequences."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def spanning(snippet: str, span: str, **changes: object) -> Finding:
    """A finding at `span` of `snippet`."""
    start = snippet.index(span)
    return finding(
        location=location("a.tf", 5, start + 1, start + 1 + len(span)), snippet=snippet, message="here", **changes
    )


def drawn(shown: Finding, width: int = 80) -> tuple[str, str]:
    """The source line and the line of carets, without the gutter."""
    lines = FORMATS["text"](report(shown), Style(width=width)).splitlines()
    number = next(index for index, line in enumerate(lines) if line.startswith(" 5 | "))
    return lines[number][5:], lines[number + 1][5:]


def under(source: str, carets: str) -> str:
    """The part of the source line over the carets."""
    start, end = carets.index("^"), carets.rindex("^") + 1
    column = 0
    marked_text = ""
    for char in source:
        if start <= column < end:
            marked_text += char
        column += width_of(char)
    return marked_text


@pytest.mark.parametrize(
    ("snippet", "span"),
    [
        ('region = "us-east-1"', '"us-east-1"'),
        ('地域 = "us-east-1" # 北京', '"us-east-1"'),
        ('x = "北京一区" # y', '"北京一区"'),
        ('ｆｕｌｌ = "a"', '"a"'),
        ('한국 = "a"', '"a"'),
        ("e\u0301te\u0301 = 'a'", "'a'"),
        ("🚀🇪🇺 = 'a'", "'a'"),
        ("x", "x"),
    ],
)
def test_aligned(snippet: str, span: str) -> None:
    source, carets = drawn(spanning(snippet, span))
    assert source == snippet
    assert under(source, carets) == span
    assert carets.endswith("^ here")


@pytest.mark.parametrize(
    ("before", "shown", "taken"),
    [
        ("\t", "    ", 4),
        ("ab\t", "ab  ", 4),
        ("北\t", "北  ", 4),
        ("\x1b[2J", "\\x1b[2J", 7),
        ("\u202e", "\\u202e", 6),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀", 2),
        ("✈\ufe0f", "✈\ufe0f", 2),
        ("👍🏽", "👍🏽", 2),
        ("\r", "\\r", 2),
    ],
)
def test_what_does_not_take_one_column(before: str, shown: str, taken: int) -> None:
    source, carets = drawn(spanning(f"{before}'a' b", "'a'"))
    assert source == f"{shown}'a' b"
    assert carets == " " * taken + "^^^ here"


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("prefix", ["", "k: ", "x" * 30, "x" * 300, "北" * 100])
@pytest.mark.parametrize("suffix", ["", " # end", "y" * 300, "京" * 100])
@pytest.mark.parametrize("span", ['"us-east-1"', '"北京"'])
def test_long_lines_are_cut_around_the_span(width: int, prefix: str, suffix: str, span: str) -> None:
    source, carets = drawn(spanning(prefix + span + suffix, span), width)
    assert width_of(source) <= width - 5
    assert under(source, carets) == span
    assert source.startswith("…") or source.startswith((prefix + span)[:20])
    assert source.strip("…") in prefix + span + suffix


def test_span_longer_than_the_line() -> None:
    source, carets = drawn(spanning("key = '" + "a" * 500 + "'", "'" + "a" * 500 + "'"), 60)
    assert source.startswith("key = 'aaa")
    assert source.endswith("a…")
    assert len(source) == 55
    assert carets == " " * 6 + "^" * 48
    source, carets = drawn(spanning("b" * 100 + "'" + "a" * 500 + "'", "'" + "a" * 500 + "'"), 60)
    assert source.startswith("…bb")
    assert carets.lstrip() == "^" * carets.count("^")
    assert under(source, carets).startswith("'aaa")


def test_several_lines_are_marked_to_the_end_of_the_first() -> None:
    shown = finding(location=location("a.tf", 5, 10, 2, 9), snippet="region = <<EOT", message="here")
    assert drawn(shown) == ("region = <<EOT", "         ^^^^^ here")


def test_places_that_do_not_exist() -> None:
    beyond = finding(location=location("a.tf", 5, 90, 95), snippet="x = 1", message="here")
    assert drawn(beyond) == ("x = 1", "     ^ here")
    empty = finding(location=location("a.tf", 5, 1, 1), snippet="x = 1", message="here")
    assert drawn(empty) == ("x = 1", "^ here")
    backwards = finding(location=location("a.tf", 5, 4, 2), snippet="x = 1", message="here")
    assert drawn(backwards) == ("x = 1", "   ^ here")


@given(st.text(max_size=200), st.integers(1, 220), st.integers(0, 50), st.integers(1, 150))
def test_any_line(snippet: str, start: int, length: int, width: int) -> None:
    line = marked(finding(location=location("a.tf", 1, start, start + length), snippet=snippet), width)
    whole = line.before + line.span + line.after
    assert whole == visible(whole)
    assert line.carets >= 1
    assert columns(whole) <= max(width, 20)
    assert line.indent + line.carets <= max(width, 20) + 1


@given(st.text(), st.integers(1, 50), st.integers(1, 50))
def test_wrapping_loses_nothing(text: str, first: int, rest: int) -> None:
    lines = wrap(text, first, rest)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(columns(line) <= max(first, rest) or " " not in line.strip(" ") for line in lines)


@given(st.text())
def test_visible_text_obeys_nothing(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in shown)
    assert visible(shown) == shown
    shown.encode()
