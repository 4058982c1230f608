"""The terminal as the commands beside `check` see it: how wide, which colours, what may be written."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from sovlint.model.problem import Problem
from sovlint.output.style import Style
from sovlint.output.terminal import columns, json_safe, visible, wrap

F = TypeVar("F", bound=Callable[..., Any])


class Terminal:
    """Standard output. The rooms beside `output` get it handed in: they do not know each other."""

    def __init__(self, color: str) -> None:
        tty = sys.stdout.isatty()
        colored = tty and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        width = shutil.get_terminal_size((100, 24)).columns if tty else 100
        self._style = Style(color == "always" or (color == "auto" and colored), width)

    @property
    def width(self) -> int:
        """Columns; 100 where the output is no terminal, so that it is the same everywhere."""
        return self._style.width

    def paint(self, text: str, kind: str) -> str:
        """See `Style.paint`."""
        return self._style.paint(text, kind)

    def visible(self, text: str) -> str:
        """See `output.terminal.visible`."""
        return visible(text)

    def columns(self, text: str) -> int:
        """See `output.terminal.columns`."""
        return columns(text)

    def wrap(self, text: str, first: int, rest: int) -> list[str]:
        """See `output.terminal.wrap`."""
        return wrap(text, first, rest)


def format_options(function: F) -> F:
    """`--format text|json` and `--color`."""
    options = [
        click.option(
            "-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print."
        ),
        click.option(
            "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in text."
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def write(text: str) -> None:
    """Writes to standard output as UTF-8, whatever the locale is."""
    stream = sys.stdout.buffer
    try:
        stream.write(text.encode("utf-8", "backslashreplace"))
        stream.flush()
    except BrokenPipeError:
        # The reader went away (`| head`): exit 2; the library of the command line would make it 1, "findings".
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(2)


def write_json(document: Any) -> None:
    """Writes a document as indented JSON that no terminal obeys."""
    write(json_safe(json.dumps(document, ensure_ascii=False, indent=2)) + "\n")


def say_problems(problems: Iterable[Problem]) -> None:
    """Problems on standard error, one a line."""
    for problem in problems:
        where, message = visible(str(problem.location)), visible(problem.message)
        click.echo(f"{problem.level}: {where}: {message} [{problem.code}]", err=True)
