"""`.gitignore`: as pathspec reads it, but no line stops a run or takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from sovlint.discovery.ignore import ignore_spec

LINES = st.lists(
    st.sampled_from(["a", "b", "/", "*", "**", "/**/", "?", "[ab]", "[!a]", "\\*", "*a", "!", "#"]),
    min_size=1,
    max_size=8,
).map("".join)
PATHS = st.lists(st.text("ab*!", min_size=1, max_size=5), min_size=1, max_size=5).map("/".join)


@given(st.lists(LINES, min_size=1, max_size=3), PATHS)
@example(["a/**/a/**/b"], "a/a/a/b/b")
@example(["*a*b*a"], "b/aabba")
@example(["**/[ab]*a*/**"], "a/bba/b")
@example(["a*b[*]*c*d"], "ab*cd")
@example(["/a*/**/b*b*/**/a"], "a/b/bb/b/a")
def test_patterns_mean_what_pathspec_says(lines: list[str], path: str) -> None:
    try:
        theirs = GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return
    assert ignore_spec(lines).check_file(path).include == theirs.check_file(path).include


@pytest.mark.parametrize(
    "line", ["!", "[z-a]", "[{-z]", "a/***b", "\\", "[[:alpha:", "[", "/", "!/", "a[9999999999999]"]
)
def test_a_line_that_is_no_pattern_stops_nothing(line: str) -> None:
    spec = ignore_spec([line, "*.tmp"])
    assert spec.check_file("x.tmp").include
    assert not spec.check_file("main.tf").include


@pytest.mark.parametrize("line", ["*a" * 20 + "*b", "**/a/" * 12 + "b", "a/**/" * 12 + "*a*a*a*b", "?*" * 30 + "b"])
def test_no_line_takes_long(line: str) -> None:
    spec = ignore_spec([line])
    since = time.process_time()
    for path in ("a" * 200, "a/" * 300 + "a", "aa/" * 300 + "a" * 200):
        assert not spec.check_file(path).include
    assert time.process_time() - since < 2


def test_names_with_line_feeds() -> None:
    assert ignore_spec(["*.tf"]).check_file("a\nb/c\nd.tf").include
    assert ignore_spec(["a/**/b.tf"]).check_file("a/x\ny/b.tf").include
