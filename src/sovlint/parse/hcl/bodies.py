"""Bodies: arguments and blocks, and going on after errors."""

from __future__ import annotations

from sovlint.model.source import SourceFile
from sovlint.parse.hcl import patterns
from sovlint.parse.hcl.expressions import ExpressionReader
from sovlint.parse.hcl.nodes import Attribute, Block, Body, Expression
from sovlint.parse.hcl.reader import MAX_HEIGHT, HclSyntaxError

MAX_PROBLEMS = 50
"""Problems reported per file; more would only bury the first."""


class BodyReader(ExpressionReader):
    """Reads a file. Blocks are kept on a stack, so what was read before an error is in the tree already.

    Attributes:
        root: the body of the file.
        errors: what could not be read.
    """

    def __init__(self, source: SourceFile) -> None:
        super().__init__(source.text)
        self.source = source
        self.root = Body(0, len(source.text))
        self.errors: list[HclSyntaxError] = []
        self._open: list[Block] = []

    def read(self) -> None:
        """Read the whole text into `root` and `errors`; never raises."""
        position: int | None = 0
        while position is not None and len(self.errors) < MAX_PROBLEMS:
            try:
                self._items(position)
                if not self._open:
                    return
                position = self._unclosed(self._resume(self._open[0].body.start, headers_only=True))
            except HclSyntaxError as error:
                cut = self._torn_at(error.start)
                if cut is not None:
                    position = self._unclosed(cut)
                else:
                    self.report(error)
                    self._close_all()
                    position = self._resume(error.resume)

    def report(self, error: HclSyntaxError) -> None:
        """Add an error to the problems, unless there are too many."""
        if len(self.errors) < MAX_PROBLEMS:
            # The traceback would keep all frames below, and with them this reader, in a cycle.
            self.errors.append(error.with_traceback(None))

    def _items(self, position: int) -> None:
        """Read items to the end of the text, common lines by one regular expression."""
        text = self.text
        match = patterns.line
        line_end = self._line_end
        opened = self._open
        body = opened[-1].body if opened else self.root
        while True:
            found = match(text, position)
            kind = found.lastindex if found else None
            if found is None or kind is None:
                after = self._uncommon_item(position, body)
                if after is None:
                    return
                position = after
                body = opened[-1].body if opened else self.root
                continue
            position = found.end()
            if kind <= patterns.VALUE_EMPTY:
                if kind == patterns.LINE_ARGUMENT:
                    value = self.whole_expression(position, False)
                    position = value.end
                else:
                    value = self.simple_value(found, kind)
                name = found[1]
                start = found.start(1)
                attributes = body.attributes
                if name in attributes:
                    self._redefined(body, start, name)
                else:
                    attributes[name] = Attribute(start, value.end, name, value)
                if kind == patterns.LINE_ARGUMENT:
                    position = position + 1 if text[position : position + 1] == "\n" else line_end(position, "argument")
            elif kind == patterns.LINE_CLOSE:
                if not opened:
                    raise self._stray_brace(found.start(kind))
                self._closed(found.start(kind))
                body = opened[-1].body if opened else self.root
            else:
                block = self._opened(found.start(1), found.end(kind), found[1], body)
                for group in patterns.LINE_LABELS:
                    label = found[group]
                    if label is None:
                        break
                    start, end = found.span(group)
                    block.labels.append(label)
                    block.label_spans.append((start - 1, end + 1))
                body = block.body

    def _uncommon_item(self, position: int, body: Body) -> int | None:
        """Read the item at or after `position` in full.

        Returns:
            The offset after it, or `None` at the end of the text.

        Raises:
            HclSyntaxError: it is malformed.
        """
        text = self.text
        position = self.skip(position, True)
        if position >= len(text):
            return None
        if text[position] == "}":
            if not self._open:
                raise self._stray_brace(position)
            self._closed(position)
            return self._line_end(position + 1, "block")
        end = self.identifier_end(position)
        if end == position:
            message = "Argument or block definition required here."
            if text[position] == '"':
                message = "Invalid argument name: argument names must not be quoted."
            raise self.fail(position, message)
        after = self.skip(end, False)
        if text[after : after + 1] == "=" and text[after + 1 : after + 2] not in {"=", ">"}:
            return self._line_end(self._argument(position, end, after + 1, body), "argument")
        return self._header(position, end, after, body)

    def _argument(self, start: int, name_end: int, position: int, body: Body) -> int:
        """Read the value of the argument named at `start` from `position` on, and return the offset after it."""
        value = self.whole_expression(position, False)
        self._set(body, start, name_end, value)
        return value.end

    def _set(self, body: Body, start: int, name_end: int, value: Expression) -> None:
        """Put an argument into `body`. The first of several counts, the others are reported, and reading goes on."""
        name = self.text[start:name_end]
        if name in body.attributes:
            self._redefined(body, start, name)
        else:
            body.attributes[name] = Attribute(start, value.end, name, value)

    def _redefined(self, body: Body, start: int, name: str) -> None:
        line, _ = self.source.position(body.attributes[name].start)
        message = f'Attribute redefined: the argument "{name}" was already set on line {line}.'
        self.report(HclSyntaxError(start, start + len(name), message))

    def _header(self, start: int, name_end: int, position: int, body: Body) -> int:
        """Read a block header, and the whole block when it is on one line."""
        text = self.text
        labels: list[str] = []
        spans: list[tuple[int, int]] = []
        while text[position : position + 1] != "{":
            if text[position : position + 1] == '"':
                label, end = self.whole_label(position)
                labels.append(label)
            else:
                end = self.identifier_end(position)
                if end == position:
                    raise self._bad_header(start, position, bool(labels))
                labels.append(text[position:end])
            spans.append((position, end))
            position = self.skip(end, False)
        block = self._opened(start, position + 1, text[start:name_end], body)
        block.labels = labels
        block.label_spans = spans
        after = patterns.line_end(text, position + 1)
        if after is not None:
            return after.end()
        return self._one_line(block, self.skip(position + 1, False))

    def _one_line(self, block: Block, position: int) -> int:
        """Read the rest of a block that has one argument, or none, on the line of its header."""
        text = self.text
        if text[position : position + 1] != "}":
            end = self.identifier_end(position)
            equals = self.skip(end, False)
            if end == position or text[equals : equals + 1] != "=" or text[equals : equals + 2] in {"==", "=>"}:
                message = "Argument definition required: a block on a single line can contain only one argument."
                raise self.fail(position, message)
            position = self.skip(self._argument(position, end, equals + 1, block.body), False)
            if text[position : position + 1] != "}":
                message = (
                    "Invalid single-argument block definition: a block on a single line can contain only one argument "
                    "and must be closed on this line."
                )
                raise self.fail(position, message)
        self._closed(position)
        return self._line_end(position + 1, "block")

    def _closed(self, brace: int) -> None:
        """Close the innermost block, whose closing brace is at `brace`."""
        block = self._open.pop()
        block.body.end = brace
        block.end = brace + 1

    def _opened(self, start: int, end: int, name: str, body: Body) -> Block:
        """A new open block in `body`, with a header from `start` to `end`. It is in the tree from now on."""
        if len(self._open) >= MAX_HEIGHT:
            raise self.too_deep(start, MAX_HEIGHT)
        block = Block(start, end, name, [], [], Body(end, end))
        body.blocks.append(block)
        self._open.append(block)
        return block

    def _line_end(self, position: int, what: str) -> int:
        """The offset of the line after an item that ends at `position`."""
        found = patterns.line_end(self.text, position)
        if found is None:
            position = self.skip(position, False)
            if self.text[position : position + 1] == "," and what == "argument":
                message = "Unexpected comma after argument: arguments are separated by newlines, not commas."
            else:
                message = f"Missing newline after {what}: every {what} definition must end with a newline."
            raise self.fail(position, message)
        return found.end()

    def _bad_header(self, start: int, position: int, labelled: bool) -> HclSyntaxError:
        character = self.text[position : position + 1]
        if not labelled and character not in {"=", "{", '"'}:
            message = 'Argument or block definition required: use the equals sign "=" to set an argument.'
            return self.fail(position, message, start=start)
        if character == "=":
            message = 'Invalid block definition: the equals sign "=" must not be used when defining a block.'
        elif character in {"", "\n", "\r", "#"}:
            message = 'Invalid block definition: the opening brace "{" must be on the same line as the block header.'
        else:
            message = "Invalid block definition: expected a quoted label or an opening brace."
        return self.fail(position, message)

    def _stray_brace(self, position: int) -> HclSyntaxError:
        return self.fail(position, "Argument or block definition required: this closing brace closes no block.")

    def _resume(self, position: int, headers_only: bool = False) -> int | None:
        """The next place at or after `position` that looks like an item in column 0; heredocs are stepped over."""
        from sovlint.parse.hcl import rare

        while found := rare.resume(self.text, position):
            if found.lastindex == rare.RESUME_HEREDOC:
                closing = self.closing_line(found[1], found.end())
                position = closing[1] if closing else found.end()
            elif headers_only and found.lastindex != rare.RESUME_HEADER:
                position = found.end()
            else:
                return found.start()
        return None

    def _torn_at(self, error: int) -> int | None:
        """Where an open block seems to have lost its closing brace before the offset `error`, if it has.

        A header in column 0 inside a block tells so, but only in a text that is indented otherwise.
        """
        if not self._open:
            return None
        body = self._open[0].body
        starts = [item.start for item in body.attributes.values()][:1] + [inner.start for inner in body.blocks[:1]]
        if not starts or self.text[min(starts) - 1] not in " \t":
            return None
        cut = self._resume(body.start, headers_only=True)
        return cut if cut is not None and cut < error else None

    def _close_all(self) -> None:
        """End all open blocks after the last thing that was read into them."""
        _end_with_contents(self._open)
        self._open.clear()

    def _unclosed(self, cut: int | None) -> int | None:
        """Report a block without closing brace; `cut` is where its successor seems to start, if anywhere.

        What was read from there on, be it into the block itself or into one that took its closing brace, leaves the
        tree again, together with its errors, for it will be read anew.

        Returns:
            Where to go on: `cut`.
        """
        if cut is not None:
            torn = self._open[:1]
            while True:
                body = torn[-1].body
                body.blocks = [block for block in body.blocks if block.start < cut]
                body.attributes = {name: item for name, item in body.attributes.items() if item.start < cut}
                last = body.blocks[-1] if body.blocks else None
                if last is None or (last.end <= cut and last not in self._open):
                    break
                torn.append(last)
            self._open[:] = torn
            self.errors = [error for error in self.errors if error.start < cut]
        innermost = self._open[-1]
        message = "Unclosed configuration block: there is no closing brace for this block."
        self.report(HclSyntaxError(innermost.start, innermost.body.start, message))
        self._close_all()
        return cut


def _end_with_contents(blocks: list[Block]) -> None:
    """Set the ends of blocks, each the last in the one before, to the ends of their contents."""
    for block in reversed(blocks):
        body = block.body
        ends = [body.start, *(inner.end for inner in body.blocks), *(item.end for item in body.attributes.values())]
        block.end = body.end = max(ends)
