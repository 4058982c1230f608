"""`sovlint console`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from sovlint.cli.options import input_options
from sovlint.cli.settings import make_config
from sovlint.config import Config
from sovlint.model.errors import UsageError


@click.command("console")
@input_options
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Evaluate Terraform expressions from standard input, one a line, against the root module in DIR.

    Every line is answered by one line of JSON. Terraform itself is not needed and nothing is executed.
    """
    if len(paths) > 1:
        raise UsageError("console takes one folder")
    config = make_config(paths, **options)
    from sovlint.discovery import WorkingTree
    from sovlint.discovery.locate import locate
    from sovlint.resolve.terraform.console import Console
    from sovlint.resolve.terraform.inputs import Given

    if not os.path.isdir(os.path.join(config.working_directory, config.paths[0])):
        raise UsageError(f"{config.paths[0]} is not a folder")
    located = locate(config.paths, config.working_directory)
    tree = WorkingTree(located.root, config.size_limit)
    given = Given(config.environment, _arguments(config, Path(tree.root)), config.workspace)
    console = Console(tree, located.paths[0], given)
    for problem in console.problems:
        click.echo(f"{problem.level}: {problem.location}: {problem.message} [{problem.code}]", err=True)
    for line in sys.stdin.buffer:
        try:
            answer = console.answer(line.decode("utf-8").rstrip("\r\n"))
        except UnicodeDecodeError:
            answer = '{"error": "the line is not UTF-8"}'
        sys.stdout.buffer.write(answer.encode("utf-8", "backslashreplace") + b"\n")
        # Whoever sits at the other end of the pipe waits for the answer before it asks again.
        sys.stdout.buffer.flush()
    return 2 if any(problem.level == "error" for problem in console.problems) else 0


def _arguments(config: Config, root: Path) -> list[tuple[str, str]]:
    """`--var` and `--var-file` in order, files as paths in the tree.

    Raises:
        UsageError: a file is not there, or outside the tree.
    """
    out: list[tuple[str, str]] = []
    for kind, text in config.arguments:
        if kind == "var":
            out.append((kind, text))
            continue
        path = Path(os.path.realpath(os.path.join(config.working_directory, text)))
        if not path.is_file():
            raise UsageError(f"--var-file {text}: no such file")
        if not path.is_relative_to(root):
            raise UsageError(f"--var-file {text}: the file lies outside the tree")
        out.append((kind, path.relative_to(root).as_posix()))
    return out
