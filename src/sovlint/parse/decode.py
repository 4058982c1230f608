"""Bytes to text: UTF-8, or UTF-16/32 announced by a byte order mark; everything else is a problem with a place."""

from __future__ import annotations

import codecs

from sovlint.model.problem import Problem
from sovlint.model.source import Location, SourceFile, whole_file

DEFAULT_MAX_BYTES = 100_000_000
"""Bytes that no text may have, whatever limit a run was given for files."""

MAX_PIECES = 250_000
"""Lines, elements, blocks and placeholders of one file: what syntax trees are made of, at some 500 bytes each.

Pretty-printed files come to it at about the size limit; only what is made of almost nothing else comes to it earlier.
"""

_PIECES = ("\n", ",", "{", "[", "$")

# The marks of UTF-32 come first: UTF-32-LE's begins with UTF-16-LE's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_LOOKED_AT = 4_096
"""Bytes in which UTF-16 of a configuration has a NUL: half of every blank, quote and line end."""

Decoded = tuple[SourceFile | None, tuple[Problem, ...]]


def decode(
    path: str, data: bytes, *, max_bytes: int | None = DEFAULT_MAX_BYTES, max_pieces: int = MAX_PIECES
) -> Decoded:
    """Turn the bytes of a file into a `SourceFile`.

    Args:
        path: path relative to the tree, used in the result and in problems.
        data: the content of the file.
        max_bytes: size limit in bytes; None for no limit.
        max_pieces: limit of lines and elements.

    Returns:
        The source file (None when it cannot be used) and the problems: `too-large` (level warning; by bytes or by
        `MAX_PIECES`), `encoding` at the first character that cannot be decoded, `binary` at the first NUL character.
        Never raises.
    """
    if max_bytes is not None and len(data) > max_bytes:
        message = f"file has {len(data):,} bytes, more than the limit of {max_bytes:,}; it was not read"
        return None, (Problem(whole_file(path), "too-large", message, "warning"),)
    encoding, skip = "utf-8", 0
    for mark, name in _MARKS:
        if data.startswith(mark):
            encoding, skip = name, len(mark)
            break
    body = data[skip:] if skip else data
    # A NUL decides before bad UTF-8 does: a picture or a key store is "binary", whatever its other bytes are.
    if encoding == "utf-8" and (nul := body.find(0)) >= 0:
        message = "file contains a NUL byte: it is binary, or UTF-16 without a byte order mark"
        return None, (Problem(_place(path, body[:nul].decode("utf-8", "replace")), "binary", message),)
    if encoding.startswith("utf-16") and 0 not in body[:_LOOKED_AT] and _is_ascii(body):
        message = f"the file begins with the mark of {encoding[:6].upper()}, but what follows is plain ASCII; "
        return None, (Problem(whole_file(path), "encoding", message + "save the file as UTF-8"),)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"byte 0x{body[error.start]:02x} at offset {error.start + skip} is not valid {encoding.upper()}"
        if encoding == "utf-8":
            message += "; save the file as UTF-8"
        # Everything before error.start is valid, so this second decoding cannot fail.
        return None, (Problem(_place(path, body[: error.start].decode(encoding)), "encoding", message),)
    if len(text) > max_pieces and (pieces := sum(map(text.count, _PIECES))) > max_pieces:
        message = f"file has {pieces:,} lines and elements, more than the limit of {max_pieces:,}; it was not read"
        return None, (Problem(whole_file(path), "too-large", message, "warning"),)
    if encoding != "utf-8" and (nul := text.find("\0")) >= 0:
        return None, (Problem(_place(path, text[:nul]), "binary", "file contains a NUL character"),)
    return SourceFile(path, text), ()


def _is_ascii(body: bytes) -> bool:
    """Whether bytes that claim to be UTF-16 are ASCII text: no character of a configuration has two such halves.

    Ideographs do (U+6161 is `aa`), but not without a single line feed or blank, which in UTF-16 have a NUL.
    """
    return bool(body) and body.isascii() and any(mark in body for mark in (b"\n", b" ", b"=", b":", b'"'))


def _place(path: str, before: str) -> Location:
    """The character that follows `before`, the decoded beginning of the file without its byte order mark."""
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Location(path, line, column, line, column + 1)
