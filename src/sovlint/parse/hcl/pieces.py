"""From the flat pieces of a template to its tree: white space trimming of heredocs, melding, directives."""

from __future__ import annotations

from typing import TypeAlias

from sovlint.parse.hcl.nodes import Expression, String, Template, TemplateFor, TemplateIf, TemplateWrap
from sovlint.parse.hcl.patterns import SPACE
from sovlint.parse.hcl.reader import MAX_HEIGHT, HclSyntaxError, Reader


class Text:
    """A literal piece; in heredocs it never goes beyond its line."""

    __slots__ = ("end", "start", "value")

    def __init__(self, start: int, end: int, value: str) -> None:
        self.start = start
        self.end = end
        self.value = value


class Interpolation:
    """`${expression}`."""

    __slots__ = ("end", "expression", "start")

    def __init__(self, start: int, end: int, expression: Expression) -> None:
        self.start = start
        self.end = end
        self.expression = expression


class Directive:
    """`%{keyword …}`; `if` and `for` have an expression."""

    __slots__ = ("end", "expression", "key_name", "keyword", "start", "value_name")

    def __init__(
        self,
        start: int,
        end: int,
        keyword: str,
        expression: Expression | None = None,
        key_name: str | None = None,
        value_name: str = "",
    ) -> None:
        self.start = start
        self.end = end
        self.keyword = keyword
        self.expression = expression
        self.key_name = key_name
        self.value_name = value_name


Piece: TypeAlias = Text | Interpolation | Directive


def assemble(reader: Reader, pieces: list[Piece], start: int, end: int) -> Expression:
    """The expression that the pieces between `start` and `end` make.

    Raises:
        HclSyntaxError: directives without partner, or nested too deep.
    """
    pieces = _melded(pieces)
    if not pieces:
        return String(start, end, "")
    first = pieces[0]
    if len(pieces) == 1:
        if type(first) is Text:
            return String(start, end, reader.normalised(first.value))
        if type(first) is Interpolation:
            return TemplateWrap(start, end, first.expression)
    return Template(start, end, _structured(reader, pieces))


def unindent(pieces: list[Piece]) -> None:
    """Take the smallest indentation off all lines, as `<<-` does; it counts literal white space only.

    Blank lines and the line of the closing marker do not count; a line that starts with a sequence has none.
    """
    smallest: int | None = None
    indented: list[Text] = []
    line_starts = True
    for piece in pieces:
        value = piece.value if type(piece) is Text else ""
        if line_starts:
            trimmed = value.lstrip(SPACE)
            if trimmed or not value.endswith("\n"):
                width = len(value) - len(trimmed)
                smallest = width if smallest is None else min(smallest, width)
                if type(piece) is Text:
                    indented.append(piece)
        line_starts = value.endswith("\n")
    for text in indented:
        text.value = text.value[smallest:]
        text.start += smallest or 0


def _melded(pieces: list[Piece]) -> list[Piece]:
    """The pieces with neighbouring texts joined."""
    if len(pieces) < 2:
        return pieces
    result: list[Piece] = []
    run: list[Text] = []
    for piece in pieces:
        if type(piece) is Text:
            run.append(piece)
            continue
        if run:
            result.append(_joined(run))
            run = []
        result.append(piece)
    if run:
        result.append(_joined(run))
    return result


def _joined(run: list[Text]) -> Text:
    if len(run) == 1:
        return run[0]
    return Text(run[0].start, run[-1].end, "".join([text.value for text in run]))


class _Open:
    """A directive that waits for its end, with the parts read so far."""

    __slots__ = ("directive", "first", "second")

    def __init__(self, directive: Directive) -> None:
        self.directive = directive
        self.first: list[Expression] = []
        self.second: list[Expression] | None = None


def _structured(reader: Reader, pieces: list[Piece]) -> list[Expression]:
    """The parts of a template; directives become trees. Not recursive, for they may nest to `MAX_HEIGHT`."""
    root: list[Expression] = []
    parts = root
    waiting: list[_Open] = []
    for piece in pieces:
        if type(piece) is Text:
            if piece.value:
                parts.append(String(piece.start, piece.end, reader.normalised(piece.value)))
        elif type(piece) is Interpolation:
            parts.append(piece.expression)
        elif type(piece) is Directive:
            if piece.expression is not None:
                if len(waiting) >= MAX_HEIGHT:
                    raise reader.too_deep(piece.start, MAX_HEIGHT)
                reader.wraps += 1
                waiting.append(_Open(piece))
                parts = waiting[-1].first
            elif piece.keyword == "else" and waiting and waiting[-1].directive.keyword == "if":
                if waiting[-1].second is not None:
                    raise _unbalanced(reader, piece)
                parts = waiting[-1].second = []
            elif waiting and piece.keyword == "end" + waiting[-1].directive.keyword:
                done = _closed(waiting.pop(), piece.end)
                parts = root
                if waiting:
                    second = waiting[-1].second
                    parts = waiting[-1].first if second is None else second
                parts.append(done)
            else:
                raise _unbalanced(reader, piece)
    if waiting:
        opened = waiting[-1].directive
        message = f"Unexpected end of template: this {opened.keyword} directive has no end{opened.keyword}."
        raise reader.fail(opened.end, message, start=opened.start)
    return root


def _closed(opened: _Open, end: int) -> TemplateIf | TemplateFor:
    directive = opened.directive
    assert directive.expression is not None
    if directive.keyword == "if":
        return TemplateIf(directive.start, end, directive.expression, opened.first, opened.second or [])
    return TemplateFor(
        directive.start, end, directive.key_name, directive.value_name, directive.expression, opened.first
    )


def _unbalanced(reader: Reader, piece: Directive) -> HclSyntaxError:
    message = f"Unexpected {piece.keyword} directive: the directives of this template are unbalanced."
    return reader.fail(piece.end, message, start=piece.start)
