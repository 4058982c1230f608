"""The source line of a finding with carets under the exact span."""

from typing import Final, NamedTuple

from sovlint.model.finding import Finding
from sovlint.model.lazy import pattern
from sovlint.output.terminal import cells

_ELLIPSIS: Final = "…"
_LEAST: Final = 20
"""Columns that a source line gets even in an absurdly narrow terminal."""


_SECRET: Final = pattern(
    r"""(?i)(?:pass|pwd|secret|token|credential|private|access_?key|api_?key|auth|\bvalue\b)[\w.-]{0,40}["']?\s{0,40}[:=]\s{0,40}"""
    r"""("(?:\\.|[^"\\])*"?|'[^']*'?|[^\s,{}\[\]"']+)|://[^\s/@"':]{0,200}:([^\s/@"']{1,500})@"""
)
"""A key that names a secret, or a variable's value, with what it is given; a password in an address."""


def shown_line(finding: Finding) -> str:
    """The source line of a finding, of the same length, with stars for secrets that stand beside what it is about."""
    line, location = finding.snippet, finding.location
    start = location.column - 1
    end = location.end_column - 1 if location.end_line == location.line else len(line)
    for match in _SECRET.finditer(line):
        first, last = match.span(match.lastindex or 0)
        # What the finding is about stays, also where its span is only a part.
        if last <= start or first >= end:
            line = line[:first] + "*" * (last - first) + line[last:]
    return line


class Marked(NamedTuple):
    """A source line cut to the width, split where colour changes, and the place of its carets.

    Attributes:
        before, span, after: the parts of the line; together they are what is shown.
        indent: columns before the first caret.
        carets: number of carets, at least one.
    """

    before: str
    span: str
    after: str
    indent: int
    carets: int


def marked(finding: Finding, width: int) -> Marked:
    """The source line of a finding, at most `width` columns, and its carets.

    A span of several lines is marked to the end of its first line. Spans that lie beyond the line get one caret at its
    end. A line that is too long is cut around the span; of a span that is too long itself, the beginning is shown.
    """
    location = finding.location
    line = cells(shown_line(finding))
    start = min(location.column - 1, len(line))
    end = min(location.end_column - 1, len(line)) if location.end_line == location.line else len(line)
    end = max(end, start)
    left, right = _window(line, start, end, max(width, _LEAST))
    stop = min(end, right)
    before = (_ELLIPSIS if left else "") + _text(line, left, start)
    after = _text(line, stop, right) + (_ELLIPSIS if right < len(line) else "")
    indent = (1 if left else 0) + _width(line, left, start)
    return Marked(before, _text(line, start, stop), after, indent, max(1, _width(line, start, stop)))


def _window(line: list[tuple[str, int]], start: int, end: int, width: int) -> tuple[int, int]:
    """Which cells to show so that the span is seen with as much around it as fits."""
    if _width(line, 0, len(line)) <= width:
        return 0, len(line)
    if _width(line, 0, end) < width:
        return 0, _fill(line, 0, width - 1)
    room = width - 2
    behind = min(_width(line, end, len(line)), room // 4)
    ahead = room - behind - _width(line, start, end)
    if ahead < room // 4:
        ahead = min(room // 4, _width(line, 0, start))
    left = start
    used = 0
    while left and used + line[left - 1][1] <= ahead:
        left -= 1
        used += line[left][1]
    while left < start and line[left][1] == 0:
        left += 1
    if left == 0:
        return 0, _fill(line, 0, width - 1)
    whole = _width(line, left, len(line)) <= width - 1
    return left, len(line) if whole else _fill(line, left, room)


def _fill(line: list[tuple[str, int]], left: int, room: int) -> int:
    """The cell up to which `room` columns from `left` suffice; marks stay with the character they belong to."""
    right = left
    while right < len(line) and line[right][1] <= room:
        room -= line[right][1]
        right += 1
    return right


def _text(line: list[tuple[str, int]], start: int, end: int) -> str:
    """What some cells show."""
    return "".join(text for text, _ in line[start:end])


def _width(line: list[tuple[str, int]], start: int, end: int) -> int:
    """Columns that some cells take."""
    return sum(width for _, width in line[start:end])
