"""`sovlint check`: its options."""

from __future__ import annotations

from typing import Any

import click

from sovlint.cli.completion import complete_codes, complete_formats
from sovlint.cli.lint import lint
from sovlint.cli.options import input_options
from sovlint.model.finding import SEVERITIES
from sovlint.output import FORMATS


@click.command("check")
@input_options
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help=f"One of: {', '.join(FORMATS)}.",
    shell_complete=complete_formats,
)
@click.option("-o", "--output", "outputs", multiple=True, metavar="FILE", help="Where to; - is standard output.")
@click.option(
    "--select",
    multiple=True,
    metavar="CODES",
    help="Only these rules (codes or prefixes).",
    shell_complete=complete_codes,
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="CODES",
    help="Not these rules (codes or prefixes).",
    shell_complete=complete_codes,
)
@click.option("--fail-on", type=click.Choice([*SEVERITIES, "never"]), help="Lowest severity that gives exit 1.")
@click.option("--unknown", type=click.Choice(["ignore", "note", "fail"]), help="What an undetermined location means.")
@click.option(
    "--min-confidence", type=click.Choice(["heuristic", "resolved", "literal"]), help="Leave out less certain ones."
)
@click.option("--diff", metavar="BASE", help="Only what the change since this git revision brings or worsens.")
@click.option("--baseline", metavar="FILE", help="Known findings pass, new ones fail, solved ones are named.")
@click.option("--write-baseline", metavar="FILE", help="Write the findings of this run as a baseline.")
@click.option("--no-group", is_flag=True, help="One finding per resource instead of one per cause.")
@click.option("--no-waivers", is_flag=True, help="Report waived findings as if nobody had waived them.")
@click.option("--show-waived", is_flag=True, help="Report waived findings, marked.")
@click.option("--today", metavar="DATE", help="The day waivers are judged by.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing on standard error but errors.")
@click.option("-v", "--verbose", is_flag=True, help="No lists cut short; waivers, and how long each stage took.")
@click.option("--statistics", is_flag=True, help="In text and concise: how often each rule was found.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in text.")
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Lint files and directories (default: the current one)."""
    return lint(paths, **options)
