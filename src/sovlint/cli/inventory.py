"""`sovlint inventory`."""

from __future__ import annotations

from typing import Any

import click

from sovlint.cli.options import input_options
from sovlint.cli.screen import Terminal, format_options, write, write_json
from sovlint.cli.settings import make_config
from sovlint.output.terminal import visible


@click.command("inventory")
@input_options
@format_options
@click.option("-q", "--quiet", is_flag=True, help="Nothing on standard error but errors of the job itself.")
@click.option("-v", "--verbose", is_flag=True, help="No cells cut short.")
def command(paths: tuple[str, ...], form: str, color: str, quiet: bool, verbose: bool, **options: Any) -> int:
    """Every resource with service, place, operator, country and lock-in (default: of the current folder)."""
    config = make_config(paths, **options)
    from sovlint.inventory import build, document, render
    from sovlint.run import facts_of

    surveyed = facts_of(config)
    inventory = build(surveyed.facts, surveyed.declared, surveyed.catalogue, surveyed.profile)
    if form == "json":
        write_json(document(inventory, surveyed.problems))
    else:
        write(render(inventory, Terminal(color), whole=verbose))
    if not quiet:
        for problem in surveyed.problems:
            click.echo(
                f"{problem.level}: {visible(f'{problem.location}: {problem.message} [{problem.code}]')}", err=True
            )
    return 2 if any(problem.level == "error" for problem in surveyed.problems) else 0
