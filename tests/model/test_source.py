"""Places in texts: lines end at line feeds, and nowhere else."""

from hypothesis import given
from hypothesis import strategies as st

from sovlint.model.source import SourceFile

TEXTS = st.text(st.sampled_from("ab\n\r\u2028\x85\x0b\x0cé😀"), max_size=40)


@given(TEXTS)
def test_a_position_is_counted_in_line_feeds(text: str) -> None:
    source = SourceFile("f", text)
    for offset in range(len(text) + 1):
        before = text[:offset]
        assert source.position(offset) == (before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


@given(TEXTS)
def test_a_line_is_what_stands_between_line_feeds(text: str) -> None:
    source = SourceFile("f", text)
    lines = text.split("\n")
    assert [source.line(number) for number in range(1, len(lines) + 1)] == [line.rstrip("\r") for line in lines]
    assert source.line(0) == source.line(len(lines) + 1) == ""
