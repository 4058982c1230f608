"""The command `sovlint`. Subcommands are imported when they are called: start-up counts in a commit hook."""

from __future__ import annotations

import importlib
import os
import sys
from typing import NoReturn

import click

from sovlint import __version__

COMMANDS = {
    "check": ("sovlint.cli.check", "Lint files and directories."),
    "inventory": ("sovlint.cli.inventory", "Every resource with service, place, operator and lock-in."),
    "catalogue": ("sovlint.cli.catalogue", "Print the compiled catalogue."),
    "explain": ("sovlint.cli.explain", "What is known of a rule, type, place, operator or host, with sources."),
    "console": ("sovlint.cli.console", "Evaluate Terraform expressions from standard input."),
}
"""Name → module that holds a click command called `command`, and the line `--help` shows."""

RECURSION_LIMIT = 12_000
"""Long chains of references are evaluated by recursion; Python's own default ends at a few dozen modules."""


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


def _printable(text: str) -> str:
    """Text of the input for standard error: control characters are shown as escapes, so that nothing forges a line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def main() -> NoReturn:
    """Entry point: exit 0, 1 (findings), 2 (the job could not be done), 130 (interrupted)."""
    from sovlint.model.errors import SovlintError

    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("sovlint: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader went away (`| head`); nothing more can be said to it.
        sys.stderr.close()
        sys.exit(2)
    except (SovlintError, OSError) as error:
        lines = str(error).split("\n") if getattr(error, "lines", False) else [str(error)]
        click.echo("sovlint: " + "\n".join(_printable(line) for line in lines), err=True)
        sys.exit(2)
    except Exception as error:  # exit 1 means findings: a mistake of ours must never look like one
        if "SOVLINT_DEBUG" in os.environ:
            raise
        text = _printable(f"{type(error).__name__}: {error}")[:500]
        click.echo(f"sovlint: internal error: {text} (SOVLINT_DEBUG=1 shows where; please report it)", err=True)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
