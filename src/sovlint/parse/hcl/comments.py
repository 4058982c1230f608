"""Comments of a file, found without the parser, so that a syntax error elsewhere does not hide them."""

from __future__ import annotations

from collections.abc import Iterator

from sovlint.model.source import SourceFile

_CODE, _STRING = "code", "string"


def comments(source: SourceFile) -> Iterator[tuple[int, int]]:
    """The spans of all comments, in order: `#` and `//` without their line end, `/* */` with its marks.

    Marks in strings and heredocs are no comments, but those inside their `${ }` are. An unterminated string ends with
    its line, a heredoc without end is not taken for one.
    """
    from sovlint.parse.hcl import rare

    text = source.text
    last_lines = _last_lines(text) if "<<" in text else {}
    # What encloses the current place: "code" for one brace, "string", or the marker of a heredoc.
    outer: list[tuple[str, str]] = []
    mode, marker = _CODE, ""
    position = 0
    while True:
        if mode == _CODE:
            found = rare.in_code(text, position)
            if found is None:
                return
            position = found.end()
            if found[1]:
                yield found.start(), found.end() - found[1].endswith("\r")
            elif found[2]:
                if last_lines.get(found[2], -1) >= position:
                    outer.append((mode, marker))
                    mode, marker = "heredoc", found[2]
                    position -= 1  # The line end, so that the first line is seen as a line.
            elif found[3]:
                outer.append((mode, marker))
                mode = _STRING
            elif found[4]:
                outer.append((mode, marker))
            elif outer:
                mode, marker = outer.pop()
            continue
        found = (rare.in_string if mode == _STRING else rare.in_heredoc)(text, position)
        if found is None:
            return
        position = found.end()
        if found[1]:
            outer.append((mode, marker))
            mode = _CODE
        elif mode == _STRING:
            if found[2]:
                mode, marker = outer.pop()
        elif found[0] == "\n":
            end = text.find("\n", position)
            line_end = len(text) if end < 0 else end
            if text[position:line_end].strip() == marker:
                position = line_end
                mode, marker = outer.pop()


def _last_lines(text: str) -> dict[str, int]:
    """For each line's content without surrounding white space, where it occurs last."""
    result: dict[str, int] = {}
    position = 0
    for line in text.split("\n"):
        result[line.strip()] = position
        position += len(line) + 1
    return result
