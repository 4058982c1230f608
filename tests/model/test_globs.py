"""Globs over paths and addresses: what they cover, by a slow and simple reading, and that no pattern takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sovlint.model.globs import covers, names


def simply_covers(pattern: str, path: str) -> bool:
    text = "".join(
        {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(token, re.escape(token))
        for token in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern.removesuffix("/"))
    )
    return re.fullmatch(text + "(?:/.*)?", path, re.DOTALL) is not None


def simply_names(pattern: str, address: str) -> bool:
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(text, address, re.DOTALL) is not None


PATTERNS = st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "?", "a*", "/*"]), max_size=7).map("".join)
PATHS = st.text("ab/\n", max_size=10)


@given(PATTERNS, PATHS)
@example("**/a/**/b", "a/a/b/b")
@example("a*b*a", "aabba")
@example("**", "")
@example("*/**/a*b*/**", "a/b/ab/b")
def test_what_is_covered(pattern: str, path: str) -> None:
    assert covers((pattern,), path) == simply_covers(pattern, path)
    assert names((pattern,), path) == simply_names(pattern, path)


def test_any_of_several() -> None:
    assert covers(("x/**", "a/*"), "a/b")
    assert not covers(("x/**", "a/*"), "b")
    assert not covers((), "a")
    assert names(("x", "aws_*.b"), "aws_s3_bucket.b")
    assert not names((), "x")


@pytest.mark.parametrize("pattern", ["*a" * 20 + "*b", "**/a/" * 12 + "b", "**a" * 20 + "b", "**/*a*a*/" * 6 + "b"])
def test_no_pattern_takes_long(pattern: str) -> None:
    since = time.process_time()
    for path in ("a" * 200, "a/" * 300, "aa/" * 300 + "a" * 200):
        assert not covers((pattern,), path)
        assert not names((pattern,), path)
    assert time.process_time() - since < 1
