from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovlint.parse.decode import DEFAULT_MAX_BYTES, MAX_PIECES, decode


def test_utf8() -> None:
    source, problems = decode("a.yaml", "a: é😀\r\n".encode())
    assert source is not None
    assert (source.path, source.text, problems) == ("a.yaml", "a: é😀\r\n", ())


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_marks(mark: bytes, encoding: str) -> None:
    source, problems = decode("a", mark + "a: é😀\n".encode(encoding))
    assert source is not None
    assert source.text == "a: é😀\n"
    assert source.position(0) == (1, 1)
    assert problems == ()


def test_latin1_names_the_first_bad_byte() -> None:
    source, (problem,) = decode("a", "ok: ä\nname: ".encode() + "Zürich\n".encode("latin-1"))
    assert source is None
    assert (problem.code, problem.level) == ("encoding", "error")
    assert (problem.location.line, problem.location.column, problem.location.end_column) == (2, 8, 9)
    assert "0xfc at offset 14" in problem.message


def test_bad_byte_after_a_mark() -> None:
    _, (problem,) = decode("a", codecs.BOM_UTF8 + b"x\xff")
    assert (problem.location.line, problem.location.column) == (1, 2)
    assert "offset 4" in problem.message


def test_truncated_utf16() -> None:
    source, (problem,) = decode("a", codecs.BOM_UTF16_LE + "ab\nc".encode("utf-16-le") + b"x")
    assert source is None
    assert (problem.code, problem.location.line, problem.location.column) == ("encoding", 2, 2)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
@pytest.mark.parametrize("text", ['provider "aws" {}\n', "a: b\n", "a = 1", "abcd\n" * 3_000])
def test_ascii_after_a_mark_of_utf_16(mark: bytes, text: str) -> None:
    source, (problem,) = decode("a", mark + text.encode())
    assert source is None
    assert (problem.code, problem.level, problem.location.line) == ("encoding", "error", 1)
    assert "mark of UTF-16" in problem.message
    assert "save the file as UTF-8" in problem.message


def test_ideographs_after_a_mark_are_text() -> None:
    """Each has two bytes of ASCII; a blank between them does not."""
    text = 'x = "\u6161\u6f22\u6a6b\u3042"\n'
    source, problems = decode("a", codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    assert source is not None
    assert (source.text, problems) == (text, ())


@pytest.mark.parametrize("piece", ["\n", "1,", "{", "[", "${a}"])
def test_too_many_pieces(piece: str) -> None:
    assert decode("a", (piece * (MAX_PIECES // 2)).encode())[0] is not None
    source, (problem,) = decode("a", (piece * (MAX_PIECES + 1)).encode())
    assert source is None
    assert (problem.code, problem.level) == ("too-large", "warning")
    assert "limit of 250,000" in problem.message


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"a: b\nc\x00\xff", (2, 2)),
        ("ab".encode("utf-16-le"), (1, 2)),
        (codecs.BOM_UTF16_LE + "a\n\0".encode("utf-16-le"), (2, 1)),
        (b"\x89PNG\r\n\x1a\n\x00\x00", (3, 1)),
    ],
)
def test_binary(data: bytes, place: tuple[int, int]) -> None:
    source, (problem,) = decode("a", data)
    assert source is None
    assert problem.code == "binary"
    assert (problem.location.line, problem.location.column) == place


def test_size_limit() -> None:
    source, (problem,) = decode("a", b"x" * 11, max_bytes=10)
    assert source is None
    assert (problem.code, problem.level) == ("too-large", "warning")
    assert decode("a", b"x" * 10, max_bytes=10)[0] is not None
    assert decode("a", b"x" * (DEFAULT_MAX_BYTES + 1))[0] is None
    assert decode("a", b"x" * (DEFAULT_MAX_BYTES + 1), max_bytes=None)[0] is not None


@given(st.binary(max_size=60), st.sampled_from([b"", codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE]))
def test_any_bytes_give_a_text_or_one_problem(data: bytes, mark: bytes) -> None:
    source, problems = decode("a", mark + data)
    assert (source is None) == (len(problems) == 1)
    for problem in problems:
        assert problem.location.line >= 1
        assert problem.location.column >= 1
