"""`sovlint completion`."""

from __future__ import annotations

import click

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
