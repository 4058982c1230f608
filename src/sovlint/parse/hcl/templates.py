"""Quoted strings, heredocs and bare templates."""

from __future__ import annotations

import re

from sovlint.parse.hcl import patterns
from sovlint.parse.hcl.nodes import Expression, String
from sovlint.parse.hcl.pieces import Directive, Interpolation, Piece, Text, assemble, unindent
from sovlint.parse.hcl.reader import HclSyntaxError, Reader

_EXTRA = (
    "Extra characters after interpolation expression: expected a closing brace. If this sequence belongs to another "
    'language, such as shell, escape it as "$${" instead of "${".'
)


MAX_VAIN_SEARCHES = 50

_SPACE_IN_LINE = frozenset(patterns.SPACE) - {"\n"}


class TemplateReader(Reader):
    """Reads everything that is text with sequences in it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._vain: dict[str, int] = {}

    def quoted(self, start: int) -> Expression:
        """The string whose opening quote is at `start`.

        Raises:
            HclSyntaxError: it is not closed on its line, or something in it is malformed.
        """
        pieces, end = self._quoted_pieces(start)
        return assemble(self, pieces, start, end)

    def interpolated(self, start: int, first: Expression) -> Expression:
        """The string whose opening quote is at `start` and that begins with the interpolation of `first`.

        Raises:
            HclSyntaxError: interpolation or string is not closed, or something in the rest is malformed.
        """
        position, trim = self._closing_brace(start + 1, first.end, _EXTRA)
        pieces, end = self._quoted_pieces(start, Interpolation(start + 1, position, first), trim)
        return assemble(self, pieces, start, end)

    def label(self, start: int) -> tuple[str, int]:
        """The block label whose opening quote is at `start`, and the offset after it.

        HCL does not normalise labels.

        Raises:
            HclSyntaxError: it is not closed on its line, or has more than text in it.
        """
        pieces, end = self._quoted_pieces(start)
        texts = [piece.value for piece in pieces if type(piece) is Text]
        if len(texts) < len(pieces):
            message = "Invalid block label: template sequences are not allowed; a literal ${ is written $${."
            raise self.fail(end, message, start=start)
        return "".join(texts), end

    def _quoted_pieces(
        self, start: int, first: Interpolation | None = None, trim: bool = False
    ) -> tuple[list[Piece], int]:
        """The pieces of the string that starts at `start`, and the offset after it; `first` has been read already."""
        text = self.text
        pieces: list[Piece] = [first] if first else []
        position = first.end if first else start + 1
        while True:
            found = patterns.quoted_piece(text, position)
            if found is None:
                raise self._unterminated(start, position)
            kind = found.lastindex
            end = found.end()
            if kind == patterns.QUOTED_END:
                return pieces, end
            if kind in (patterns.TEMPLATE_INTERPOLATION, patterns.TEMPLATE_DIRECTIVE):
                position, trim = self._sequence(pieces, found)
                continue
            value = found[0]
            if kind == patterns.QUOTED_TEXT:
                if "\\" in value:
                    value = self._unescaped(position, value)
            elif kind == patterns.TEMPLATE_ESCAPE:
                value = value[1:]
            pieces.append(Text(position, end, value.lstrip(patterns.SPACE) if trim else value))
            trim = False
            position = end

    def heredoc(self, start: int) -> Expression:
        """The heredoc whose `<<` is at `start`; it ends after the closing marker.

        Raises:
            HclSyntaxError: it has no end (reported at its start), or something in it is malformed.
        """
        text = self.text
        flush = text[start + 2 : start + 3] == "-"
        name = start + 2 + flush
        name_end = self.identifier_end(name)
        newline = text.find("\n", name_end, name_end + 2)
        if name_end == name or text[name_end : newline + 1] not in {"\n", "\r\n"}:
            message = "Invalid heredoc: << must be followed by a marker, like <<EOT, and the marker by a newline."
            raise self.fail(name_end, message, start=start)
        marker = text[name:name_end]
        position = newline + 1
        closing = self.closing_line(marker, position)
        if closing is None and len(self._vain) < MAX_VAIN_SEARCHES:
            message = f"Unterminated heredoc: there is no line that consists of the closing marker {marker[:60]}."
            error = self.fail(name_end, message, start=start)
            error.resume = position
            raise error
        pieces: list[Piece] = []
        if closing is not None and not self._has_sequences(position, closing[0]):
            end = closing[1]
            content = text[position : closing[0]]
            if not flush:
                return String(start, end, self.normalised(content))
            for line in content.split("\n")[:-1]:
                pieces.append(Text(position, position + len(line) + 1, line + "\n"))
                position += len(line) + 1
        else:
            try:
                end = self._lines(pieces, position, marker)
            except HclSyntaxError as error:
                if error.resume == error.start and (after := self.closing_line(marker, error.start)):
                    error.resume = after[1]  # Else an inner heredoc has found a place already.
                raise
        if flush:
            unindent(pieces)
        return assemble(self, pieces, start, end)

    def _has_sequences(self, start: int, end: int) -> bool:
        find = self.text.find
        return find("$", start, end) >= 0 or find("%", start, end) >= 0 or find("\r", start, end) >= 0

    def bare_template(self) -> Expression:
        """The whole text as a template without quotes.

        Raises:
            HclSyntaxError: a sequence in it is malformed.
        """
        pieces: list[Piece] = []
        self._lines(pieces, 0, None)
        return assemble(self, pieces, 0, len(self.text))

    def _lines(self, pieces: list[Piece], position: int, marker: str | None) -> int:
        """Read lines up to the closing marker, or to the end of the text when there is no marker.

        Returns:
            The offset after the closing marker.

        Raises:
            HclSyntaxError: there is no closing marker, or a sequence is malformed.
        """
        from sovlint.parse.hcl import rare

        text = self.text
        length = len(text)
        trim = False
        line_starts = True
        while position < length:
            if line_starts:
                newline = text.find("\n", position) + 1 or length
                line = text[position:newline]
                if marker is not None and line.endswith("\n") and line.strip(patterns.SPACE) == marker:
                    return self._after_marker(position + line.index(marker) + len(marker))
                if "\r" in line and marker is not None and line.count("\r") > line.endswith("\r\n"):
                    raise self.fail(position + line.index("\r"), "Invalid character in heredoc.")
                if "$" not in line and "%" not in line:
                    pieces.append(Text(position, newline, line.lstrip(patterns.SPACE) if trim else line))
                    trim = False
                    position = newline
                    continue
                line_starts = False
            found = rare.unquoted_piece(text, position)
            if found is None:
                break
            kind = found.lastindex
            end = found.end()
            if kind in (patterns.TEMPLATE_INTERPOLATION, patterns.TEMPLATE_DIRECTIVE):
                position, trim = self._sequence(pieces, found)
                continue
            value = found[0][1:] if kind == patterns.TEMPLATE_ESCAPE else found[0]
            pieces.append(Text(position, end, value.lstrip(patterns.SPACE) if trim else value))
            trim = False
            position = end
            line_starts = value.endswith("\n")
        if marker is None:
            return length
        raise self.fail(position, "Unterminated template string: no closing marker was found.")

    def _after_marker(self, end: int) -> int:
        """The end of a heredoc whose closing marker ends at `end`; odd white space, only valid here, is included."""
        line_end = self.text.index("\n", end)
        return line_end if self.text[end:line_end].strip(" \t\r") else end

    def closing_line(self, marker: str, position: int) -> tuple[int, int] | None:
        """The first line, starting at `position` or later, that can close a heredoc.

        Vain searches go to the end of the text. They are remembered, and limited in number.

        Returns:
            The offset of the line and the offset after the marker, or `None`.
        """
        text = self.text
        if self._vain.get(marker, len(text)) <= position or len(self._vain) >= MAX_VAIN_SEARCHES:
            return None
        at = text.find(marker, position)
        while at >= 0:
            start = at
            while start > position and text[start - 1] in _SPACE_IN_LINE:
                start -= 1
            end = after = at + len(marker)
            if start == position or text[start - 1] == "\n":
                while text[after : after + 1] in _SPACE_IN_LINE:
                    after += 1
                if text[after : after + 1] == "\n":
                    return start, self._after_marker(end)
            at = text.find(marker, end)
        self._vain[marker] = position
        return None

    def _sequence(self, pieces: list[Piece], opening: re.Match[str]) -> tuple[int, bool]:
        """Read an interpolation or directive from its opening on.

        Returns:
            The offset after the closing brace, and whether white space after it is to be trimmed.
        """
        last = pieces[-1] if pieces else None
        if type(last) is Text and opening[0].endswith("~"):
            last.value = last.value.rstrip(patterns.SPACE)
        start = opening.start()
        if opening.lastindex == patterns.TEMPLATE_INTERPOLATION:
            expression = self.expression(opening.end(), True)
            end, trim = self._closing_brace(start, expression.end, _EXTRA)
            pieces.append(Interpolation(start, end, expression))
        else:
            directive = self._directive(start, opening.end())
            end, trim = self._closing_brace(
                start,
                directive.end,
                f"Extra characters in {directive.keyword} marker: expected a closing brace to end the sequence.",
            )
            directive.end = end
            pieces.append(directive)
        return end, trim

    def _closing_brace(self, start: int, position: int, message: str) -> tuple[int, bool]:
        text = self.text
        if text[position : position + 1] == "}":
            return position + 1, False
        position = self.skip(position, True)
        if text[position : position + 1] == "}":
            return position + 1, False
        if text[position : position + 2] == "~}":
            return position + 2, True
        if position >= len(text) or text[position] == '"':
            message = "Unclosed template sequence: there is no closing brace for this sequence before the string ends."
            raise self.fail(start + 2, message, start=start)
        raise self.fail(position, message)

    def _directive(self, start: int, position: int) -> Directive:
        """The directive whose keyword follows at `position`; its `end` is provisional."""
        position = self.skip(position, True)
        end = self.identifier_end(position)
        keyword = self.text[position:end]
        if keyword == "if":
            test = self.expression(end, True)
            return Directive(start, test.end, keyword, test)
        if keyword == "for":
            key_name, value_name, position = self.names_in(end, "directive")
            collection = self.expression(position, True)
            return Directive(start, collection.end, keyword, collection, key_name, value_name)
        if keyword in {"else", "endif", "endfor"}:
            return Directive(start, end, keyword)
        if not keyword:
            raise self.fail(position, "Invalid template directive: expected a keyword (if, for, …) after %{.")
        message = f"Invalid template control keyword: {keyword[:40]!r} is none of if, for, else, endif, endfor."
        raise self.fail(end, message, start=position)

    def names_in(self, position: int, what: str) -> tuple[str | None, str, int]:
        """`key, value in` or `value in` of a `for`: key name, value name, offset after `in`."""
        text = self.text
        names: list[str] = []
        while True:
            position = self.skip(position, True)
            end = self.identifier_end(position)
            if end == position:
                raise self.fail(position, f"Invalid 'for' {what}: a variable name is required here.")
            names.append(text[position:end])
            position = self.skip(end, True)
            if len(names) == 2 or text[position : position + 1] != ",":
                break
            position += 1
        if not self.is_keyword(position, "in"):
            raise self.fail(position, f"Invalid 'for' {what}: the keyword 'in' is required after the names.")
        return (names[0] if len(names) == 2 else None), names[-1], position + 2

    def _unescaped(self, start: int, value: str) -> str:
        """The value of text with backslash sequences that starts at `start`."""
        from sovlint.parse.hcl import rare

        def replacement(found: re.Match[str]) -> str:
            if found[1]:
                return patterns.SIMPLE_ESCAPES[found[1]]
            digits = found[2] or found[3]
            if digits:
                code = int(digits, 16)
                if code < 0xD800 or 0xDFFF < code <= 0x10FFFF:
                    return chr(code)
                message = f"Invalid escape sequence: U+{code:04X} is not a character."
            elif found[4] in "uU":
                count = "four" if found[4] == "u" else "eight"
                message = f"Invalid escape sequence: \\{found[4]} must be followed by {count} hexadecimal digits."
            else:
                message = f"Invalid escape sequence: \\{found[4]} is none; a backslash itself is written as \\\\."
            raise self.fail(start + found.end(), message, start=start + found.start())

        return rare.escape.sub(replacement, value)

    def _unterminated(self, start: int, position: int) -> HclSyntaxError:
        if position >= len(self.text):
            return self.fail(position, "Unterminated string: no closing quote was found before the end.", start=start)
        if self.text[position] == "\\":
            position += 1
        message = (
            "Unterminated string: quoted strings may not be split over lines. "
            "Close the quote, write \\n for a newline, or use a heredoc."
        )
        return self.fail(position, message, start=start)
