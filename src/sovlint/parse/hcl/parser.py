"""The parser's entrances. None of them raises, whatever the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span
from sovlint.parse.hcl.bodies import MAX_PROBLEMS, BodyReader
from sovlint.parse.hcl.expressions import ExpressionReader
from sovlint.parse.hcl.nodes import Body, Expression
from sovlint.parse.hcl.reader import HclSyntaxError


class HclFile(NamedTuple):
    """What was read from one file.

    Attributes:
        body: arguments and blocks; a block that has an error is there with what stands before the error.
        problems: errors in the order of the text, at most 50; codes `syntax` and `too-deep`.
    """

    body: Body
    problems: tuple[Problem, ...]


def parse_file(source: SourceFile) -> HclFile:
    """Read a `.tf` or `.tfvars` file.

    After a syntax error reading goes on at the next header or argument in column 0.
    """
    reader = BodyReader(source)
    reader.read()
    if not reader.errors:
        return HclFile(reader.root, ())
    errors = sorted(reader.errors, key=lambda error: error.start)
    problems = [_problem(source, error) for error in errors]
    if len(problems) >= MAX_PROBLEMS:
        last = problems[-1]
        message = f"{last.message} (Only {MAX_PROBLEMS} problems are reported.)"
        problems[-1] = Problem(last.location, last.code, message)
    return HclFile(reader.root, tuple(problems))


def parse_expression(source: SourceFile) -> tuple[Expression | None, tuple[Problem, ...]]:
    """Read a text that is one expression; newlines are white space, as inside parentheses.

    Returns:
        The expression, or `None` and the problem.
    """

    def read(reader: ExpressionReader) -> Expression:
        node = reader.whole_expression(0, True)
        end = reader.skip(node.end, True)
        if end < len(source.text):
            raise reader.fail(end, "Extra characters after expression: expected the end of the text.")
        return node

    return _alone(source, read)


def parse_template(source: SourceFile) -> tuple[Expression | None, tuple[Problem, ...]]:
    """Read a text that is one template without quotes: a template file, or a string of the JSON syntax.

    Backslashes mean nothing here; `$${` and `%%{` are escapes.

    Returns:
        The template, or `None` and the problem.
    """
    return _alone(source, ExpressionReader.whole_template)


def _alone(
    source: SourceFile, read: Callable[[ExpressionReader], Expression]
) -> tuple[Expression | None, tuple[Problem, ...]]:
    try:
        return read(ExpressionReader(source.text)), ()
    except HclSyntaxError as error:
        return None, (_problem(source, error),)


def _problem(source: SourceFile, error: HclSyntaxError) -> Problem:
    return Problem(Span(source, error.start, error.end).location(), error.code, error.message)
