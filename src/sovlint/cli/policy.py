"""`sovlint policy`: validate, test, list."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sovlint.cli.screen import format_options, write, write_json
from sovlint.cli.settings import configured_policies, parse_day
from sovlint.model.errors import UsageError
from sovlint.output.terminal import visible

if TYPE_CHECKING:
    from sovlint.catalogue.custom import Custom

_FOLDER = click.argument("folder", required=False, type=click.Path())
_CACHE = click.option("--no-cache", is_flag=True, help="Neither read nor write the cache folder.")


@click.group("policy")
def command() -> None:
    """Rules, profiles and catalogue entries of your own.

    FOLDER holds rules/, profiles/ and catalogue/; without it, the folders under `policies` in the configuration.
    """


@command.command("validate")
@_FOLDER
@_CACHE
def validate(folder: str | None, no_cache: bool) -> int:
    """Check files against their schemas, and whether what they name exists. Exit 1 for mistakes."""
    folders = _folders(folder)
    custom = _compiled(folders, no_cache)
    if custom.mistakes:
        write("".join(f"{visible(mistake)}\n" for mistake in custom.mistakes))
        count = len(custom.mistakes)
        write(f"{count} {'mistake' if count == 1 else 'mistakes'}\n")
        return 1
    count = len(custom.files)
    write(f"{count} {'file' if count == 1 else 'files'} in order\n")
    return 0


@command.command("test")
@_FOLDER
@_CACHE
@click.option("--today", metavar="DATE", help="The day waivers are judged by.")
@click.option("-q", "--quiet", is_flag=True, help="Only cases that fail, and the sum.")
def test(folder: str | None, no_cache: bool, today: str | None, quiet: bool) -> int:
    """Run the cases in tests/ beside the policies. Exit 1 if one fails, or if there is none."""
    from sovlint.config import Config
    from sovlint.policy import cases_in, overview, run_case

    folders = _folders(folder)
    custom = _compiled(folders, no_cache)
    if custom.mistakes:
        write("".join(f"{visible(mistake)}\n" for mistake in custom.mistakes))
        return 1
    own = tuple(rule["code"] for rule in overview(custom).rules)
    config = Config(today=parse_day(today), cache=not no_cache)
    passed = failed = 0
    for name in folders:
        for case in cases_in(Path(name)):
            outcome = run_case(case, folders, own, config)
            passed, failed = passed + (not outcome.lines), failed + bool(outcome.lines)
            if outcome.lines:
                lines = "".join(f"    {visible(line)}\n" for line in outcome.lines)
                write(f"failed  {visible(case.name)} ({visible(case.at)})\n{lines}")
            elif not quiet:
                write(f"passed  {visible(case.name)}\n")
    if not passed + failed:
        write("no cases: they lie in tests/ beside rules/\n")
        return 1
    write(f"{passed} passed, {failed} failed\n")
    return 1 if failed else 0


@command.command("list")
@_FOLDER
@_CACHE
@format_options
def list_(folder: str | None, no_cache: bool, form: str, color: str) -> int:
    """Print rules, profiles and additions to the catalogue."""
    from sovlint.policy import overview

    custom = _compiled(_folders(folder), no_cache)
    if custom.mistakes:
        raise UsageError(f"{len(custom.mistakes)} mistakes; sovlint policy validate shows them: {custom.mistakes[0]}")
    found = overview(custom)
    if form == "json":
        write_json({"schema": "sovlint-policies/1", **{name: list(rows) for name, rows in found._asdict().items()}})
        return 0
    rows = [
        ("rule", row["code"], f"{row['name']}, {row['severity']}: {row['title']}", row["at"]) for row in found.rules
    ]
    rows += [
        ("profile", row["name"], f"{row['title']} (zone {row['zone']}, control area {row['control_area']})", row["at"])
        for row in found.profiles
    ]
    rows += [(row["kind"], row["name"], "", row["at"]) for row in found.additions]
    widths = [max((len(row[i]) for row in rows), default=0) for i in (0, 1)]
    for kind, name, text, at in rows:
        line = f"{kind:<{widths[0]}}  {name:<{widths[1]}}  {text}{'  ' if text else ''}{at}"
        write(visible(line) + "\n")
    return 0


def _folders(folder: str | None) -> tuple[str, ...]:
    """The folder that was named, else those of the configuration; absolute.

    Raises:
        UsageError: there is none.
    """
    if folder is not None:
        if not os.path.isdir(folder):
            raise UsageError(f"{folder}: no such folder")
        return (os.path.realpath(folder),)
    found = configured_policies()
    if not found:
        raise UsageError("which folder? The configuration names none under `policies`")
    return found


def _compiled(folders: tuple[str, ...], no_cache: bool) -> Custom:
    from sovlint.catalogue import open_catalogue
    from sovlint.catalogue.custom import compile_custom
    from sovlint.catalogue.store import policies_folder

    return compile_custom(folders, open_catalogue(cache=not no_cache).shard, policies_folder() / "schema")
