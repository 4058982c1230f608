"""A computed text, piece by piece: which characters stand where in which file, and which were put in by what value."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value
from sovlint.resolve.terraform.values import EvaluationError, to_text
from sovlint.resolve.terragrunt.paths import unmarked

MAX_DEPTH = 20
"""Templates inside templates that are taken apart."""

UNKNOWN = "__sovlint_unknown_{}__"
"""Stands in the text for a value that is not known: a word, so that what surrounds it can be read."""


@dataclass(slots=True, eq=False)
class Piece:
    """A part of a computed text.

    Attributes:
        start: where it starts in the computed text; `end` likewise.
        places: from the innermost file outward: where it stands.
        offsets: for literal text: the offset in the innermost file of every character; None for a value.
        value: what was put in, for a value.
    """

    start: int
    end: int
    places: tuple[Span, ...]
    offsets: list[int] | None
    value: Value


class ComputedText:
    """The text of a value, with the way back from its offsets to the files.

    Args:
        value: a text, or an unknown with parts.
        span: the expression that gives it.
    """

    def __init__(self, value: Value, span: Span) -> None:
        self.pieces: list[Piece] = []
        self.unknown: list[Piece] = []
        self._texts: list[str] = []
        self._length = 0
        self._whole(value, (span,), 0)
        self.text = "".join(self._texts)
        self._starts = [piece.start for piece in self.pieces]

    # --- taking apart

    def _whole(self, value: Value, places: tuple[Span, ...], depth: int) -> None:
        """A value that is a text of its own: a literal, a file, a template with parts."""
        if places[0].key != value.span.key:
            places = (value.span, *places)
        if value.parts and depth < MAX_DEPTH:
            self._parts(value, places, depth)
            return
        text = _text(value)
        if text is None:
            self._put(value, places)
            return
        offsets = _aligned(value.span, text, value.span.file.text[value.span.start : value.span.start + 1] == '"', True)
        if offsets is None:
            self._put(value, places)
        else:
            self._append(text, places, offsets, value)

    def _parts(self, value: Value, places: tuple[Span, ...], depth: int) -> None:
        span = value.span
        literal = [self._literal(part, span) for part in value.parts]
        # A value stands between the literal texts around it.
        before, last = [], span.start
        for part, offsets in zip(value.parts, literal, strict=True):
            before.append(last)
            last = last if offsets is None else part.span.end
        after, following = [span.end] * len(literal), span.end
        for i in range(len(literal) - 1, -1, -1):
            after[i] = following
            following = following if literal[i] is None else value.parts[i].span.start
        for i, part in enumerate(value.parts):
            offsets = literal[i]
            if offsets is not None:
                self._append(_text(part) or "", (part.span, *places[1:]), offsets, part)
                continue
            gap = Span(span.file, before[i], after[i]) if before[i] < after[i] else span
            inner = (gap, *places[1:])
            text = _text(part)
            if (part.parts and text is None) or (text is not None and "\n" in text):
                self._whole(part, inner, depth + 1)
            else:
                self._put(part, inner)

    @staticmethod
    def _literal(part: Value, whole: Span) -> list[int] | None:
        """Offsets of a part that is literal text of the template itself."""
        text, span = _text(part), part.span
        if text is None or part.via or part.parts or span.file is not whole.file:
            return None
        if not (whole.start <= span.start and span.end <= whole.end):
            return None
        return _aligned(span, text, whole.file.text[whole.start : whole.start + 1] == '"')

    def _put(self, value: Value, places: tuple[Span, ...]) -> None:
        value = unmarked(value)
        text = _text(value)
        if text is None:
            text = UNKNOWN.format(len(self.unknown))
            if type(value) is Known:
                value = Unknown("this is no text", value.span, value.via, value.refs, value.owner, failed=True)
        piece = self._append(text, places, None, value)
        if type(value) is Unknown:
            self.unknown.append(piece)

    def _append(self, text: str, places: tuple[Span, ...], offsets: list[int] | None, value: Value) -> Piece:
        piece = Piece(self._length, self._length + len(text), places, offsets, value)
        if text:
            self.pieces.append(piece)
            self._texts.append(text)
            self._length += len(text)
        return piece

    # --- the way back

    def at(self, offset: int) -> Piece | None:
        """The piece that an offset lies in."""
        index = bisect_right(self._starts, offset) - 1
        return self.pieces[index] if index >= 0 and offset < self.pieces[index].end else None

    def covering(self, start: int, end: int) -> list[Piece]:
        """The pieces that a range touches."""
        index = max(bisect_right(self._starts, start) - 1, 0)
        out: list[Piece] = []
        while index < len(self.pieces) and self.pieces[index].start < end:
            if self.pieces[index].end > start:
                out.append(self.pieces[index])
            index += 1
        return out

    def values(self, start: int, end: int) -> bool:
        """Whether a value was put into a range."""
        return any(piece.offsets is None for piece in self.covering(start, end))

    def file_at(self, offset: int) -> SourceFile | None:
        """The file that the character at an offset stands in."""
        piece = self.at(offset)
        return piece.places[0].file if piece is not None else None

    def span(self, start: int, end: int, file: SourceFile) -> Span | None:
        """Where a range stands in a file; None if it does not."""
        if not self.pieces:
            return None
        first = self.at(start) or self.pieces[-1]
        last = self.at(end - 1) if end > start else first
        a, b = _place(first, start, file), _place(last or self.pieces[-1], max(end - 1, start), file)
        if a is None or b is None or a.start > b.end:
            return None
        return Span(file, a.start, b.end if end > start else a.start)


def _place(piece: Piece, offset: int, file: SourceFile) -> Span | None:
    """Where one character stands in a file."""
    if piece.offsets is not None and piece.places[0].file is file:
        here = piece.offsets[min(offset - piece.start, len(piece.offsets) - 1)]
        return Span(file, here, here + 1)
    return next((place for place in piece.places if place.file is file), None)


def _text(value: Value) -> str | None:
    if type(value) is not Known:
        return None
    try:
        return to_text(value)
    except EvaluationError:
        return None


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def _aligned(span: Span, text: str, quoted: bool, opening: bool = False) -> list[int] | None:
    """Offsets of a literal's characters; None if the source does not show them in order.

    Heredocs lose indentation, quoted strings their escapes; `$${` stands for `${`.

    Args:
        span: where the literal stands.
        text: its value.
        quoted: whether backslashes mean something.
        opening: whether the opening quote or the line of a heredoc's marker belongs to the span.
    """
    source, position, end = span.file.text, span.start, span.end
    if opening and quoted:
        position += 1
    elif opening and source.startswith("<<", position):
        position = source.find("\n", position, end) + 1
        if not position:
            return None
    out: list[int] = []
    for character in text:
        while True:
            if position >= end:
                return None
            found = source[position]
            width = 1
            if quoted and found == "\\":
                found, width = _ESCAPES.get(source[position + 1 : position + 2], ""), 2
            elif found in "$%" and source.startswith(found * 2 + "{", position):
                position += 1
            if found == character:
                out.append(position)
                position += width
                break
            if width == 2 or not found.isspace():
                return None
            position += 1
    return out
