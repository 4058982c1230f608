"""Options that several commands share, and how flags, environment and file become one `Config`."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from sovlint.config import Config, find_config, read_config
from sovlint.model.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


def input_options(function: F) -> F:
    """Options that say what is read and with which inputs."""
    options = [
        click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]..."),
        click.option("--config", "config_file", type=click.Path(), metavar="FILE", help="Configuration file."),
        click.option("--no-config", is_flag=True, help="Ignore configuration files."),
        click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Value of a Terraform variable."),
        click.option("--var-file", "var_files", multiple=True, metavar="FILE", help="tfvars file to load."),
        click.option("--workspace", metavar="NAME", help="Terraform workspace."),
        click.option(
            "--backend-config",
            "backend_config",
            multiple=True,
            metavar="FILE|KEY=VALUE",
            help="What `terraform init -backend-config` is given.",
        ),
        click.option("--plan", metavar="FILE", help="Output of `terraform show -json` for a plan of the root module."),
        click.option(
            "--exclude", multiple=True, metavar="GLOB", help="Paths to leave out, besides the configuration's."
        ),
        click.option("--profile", metavar="NAME", help="Profile to judge by (default: eu-baseline)."),
        click.option("--no-cache", is_flag=True, help="Neither read nor write the cache folder."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def make_config(
    paths: tuple[str, ...],
    *,
    config_file: str | None,
    no_config: bool,
    variables: tuple[str, ...],
    var_files: tuple[str, ...],
    workspace: str | None,
    exclude: tuple[str, ...],
    profile: str | None,
    no_cache: bool,
    **flags: Any,
) -> Config:
    """Defaults < configuration file < flags.

    Raises:
        UsageError: contradictory or malformed flags.
        ConfigError: the configuration file is not usable.
    """
    here = Path.cwd()
    paths = paths or (".",)
    settings: dict[str, Any] = {}
    if config_file and no_config:
        raise UsageError("--config and --no-config exclude each other")
    if config_file:
        settings = {**read_config(here / config_file), "file": here / config_file}
    elif not no_config:
        first = here / paths[0]
        found = find_config(first if first.is_dir() else first.parent if first.exists() else here)
        if found is not None:
            settings = {**read_config(found), "file": found}
    for variable in variables:
        if "=" not in variable:
            raise UsageError(f"--var {variable}: expected NAME=VALUE")
    arguments = _in_order(variables, var_files)
    given = {key: value for key, value in flags.items() if value not in (None, ())}
    settings.update(given)
    settings["exclude"] = (*settings.get("exclude", ()), *exclude)
    settings["arguments"] = (*settings.get("arguments", ()), *arguments)
    if profile:
        settings["profile"] = profile
        settings.pop("profile_origin", None)
    if workspace:
        settings["workspace"] = workspace
    return Config(
        paths=paths,
        working_directory=here,
        cache=not no_cache,
        environment={k.removeprefix("TF_VAR_"): v for k, v in sorted(os.environ.items()) if k.startswith("TF_VAR_")},
        **settings,
    )


def _in_order(variables: tuple[str, ...], var_files: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """`--var` and `--var-file` in the order of the command line, which is their precedence."""
    import sys

    rest = {"var": list(variables), "var-file": list(var_files)}
    out: list[tuple[str, str]] = []
    for word in sys.argv[1:]:
        for kind in ("var-file", "var"):
            if (word == f"--{kind}" or word.startswith(f"--{kind}=")) and rest[kind]:
                out.append((kind, rest[kind].pop(0)))
                break
    # Callers without a command line (tests of the command object): files first, then single values.
    return (*out, *(("var-file", f) for f in rest["var-file"]), *(("var", x) for x in rest["var"]))


def parse_day(text: str | None) -> datetime.date:
    """`--today`, else `SOURCE_DATE_EPOCH`, else the current day in UTC.

    Raises:
        UsageError: no date.
    """
    if text:
        try:
            if len(text) != 10:
                raise ValueError(text)
            return datetime.date.fromisoformat(text)
        except ValueError:
            raise UsageError(f"--today {text}: expected YYYY-MM-DD") from None
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        try:
            return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()
        except (ValueError, OverflowError, OSError):
            raise UsageError(f"SOURCE_DATE_EPOCH={epoch}: expected seconds since 1970") from None
    return datetime.datetime.now(datetime.UTC).date()


def codes(values: tuple[str, ...]) -> tuple[str, ...]:
    """Codes and prefixes from repeated, comma-separated options.

    Raises:
        UsageError: something that is no code.
    """
    import re

    out = tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())
    for code in out:
        if not re.fullmatch(r"SOV\d{0,3}", code):
            raise UsageError(f"{code}: expected a rule code or prefix such as SOV101 or SOV1")
    return out
