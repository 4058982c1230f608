"""`sovlint completion`, and what values of options there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_INTO = {
    "bash": '~/.bashrc: eval "$(sovlint completion bash)"',
    "zsh": '~/.zshrc: eval "$(sovlint completion zsh)"',
    "fish": "~/.config/fish/completions/sovlint.fish: sovlint completion fish | source",
}


@click.command("completion", epilog="Put it into " + "; ".join(_INTO.values()))
@click.argument("shell", type=click.Choice(list(_INTO)))
@click.pass_context
def command(context: click.Context, shell: str) -> int:
    """Print the script that lets a shell complete commands, options and their values."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # the shells above are those of click
    root = context.find_root().command
    click.echo(kind(root, {}, "sovlint", "_SOVLINT_COMPLETE").source())
    return 0


def complete_formats(context: click.Context, parameter: click.Parameter, start: str) -> list[str]:
    """Names of formats."""
    from sovlint.output import FORMATS

    return [name for name in FORMATS if name.startswith(start)]


def complete_codes(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Codes of rules with their names; the last one of a list."""
    from click.shell_completion import CompletionItem

    from sovlint.catalogue import open_catalogue

    before, comma, last = start.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{code}", help=str(rule["name"]))
        for code, rule in sorted(open_catalogue().rules.items())
        if code.startswith(last.upper())
    ]


def complete_profiles(context: click.Context, parameter: click.Parameter, start: str) -> list[str]:
    """Names of profiles."""
    from sovlint.catalogue import open_catalogue

    return sorted(name for name in open_catalogue().profiles if name.startswith(start))
