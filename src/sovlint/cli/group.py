"""The commands with their options, by click. Subcommands are imported when they are called."""

from __future__ import annotations

import importlib

import click

from sovlint import __version__

COMMANDS = {
    "check": ("sovlint.cli.check", "Lint files and directories."),
    "inventory": ("sovlint.cli.inventory", "Every resource with service, place, operator and lock-in."),
    "catalogue": ("sovlint.cli.catalogue", "Print the compiled catalogue."),
    "explain": ("sovlint.cli.explain", "What is known of a rule, type, place, operator or host, with sources."),
    "policy": ("sovlint.cli.policy", "Check, test and list policies of your own."),
    "init": ("sovlint.cli.init", "Write .sovlint.yaml, and hooks or pipelines."),
    "completion": ("sovlint.cli.completion", "Print the script that lets a shell complete commands and options."),
    "console": ("sovlint.cli.console", "Evaluate Terraform expressions from standard input."),
}
"""Name → module that holds a click command called `command`, and the line `--help` shows."""


class _Lazy(click.Group):
    """A group whose commands are imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="sovlint %(version)s")
def cli() -> None:
    """Where is it, under whose law, who holds the keys, how would we leave? Asked of infrastructure as code."""


def run() -> int:
    """Runs the command line of the process and gives its exit code.

    Raises:
        KeyboardInterrupt: interrupted.
    """
    try:
        code = cli.main(prog_name="sovlint", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    return code if isinstance(code, int) else 0
