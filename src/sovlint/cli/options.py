"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from sovlint.cli.completion import complete_profiles

F = TypeVar("F", bound=Callable[..., Any])


def input_options(function: F) -> F:
    """Options that say what is read and with which inputs."""
    options = [
        click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(readable=False)),
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
        click.option("--values", multiple=True, metavar="FILE", help="Helm values for every chart; later ones win."),
        click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="A Helm value."),
        click.option(
            "--helm-engine",
            type=click.Choice(["none", "auto", "helm", "sdk"]),
            help="What renders charts: a helm on PATH, Helm as a library, or nothing (the default).",
        ),
        click.option("--plan", metavar="FILE", help="Output of `terraform show -json` for a plan of the root module."),
        click.option(
            "--exclude", multiple=True, metavar="GLOB", help="Paths to leave out, besides the configuration's."
        ),
        click.option(
            "--size-limit",
            type=click.FloatRange(0, 100, min_open=True),
            metavar="MB",
            help="Files above are skipped with a warning (default: 10).",
        ),
        click.option(
            "--profile",
            metavar="NAME",
            help="Profile to judge by (default: eu-baseline).",
            shell_complete=complete_profiles,
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(1, 64),
            metavar="N",
            help="Worker processes (default: one per processor, at most 8, where there are many files).",
        ),
        click.option("--no-cache", is_flag=True, help="Neither read nor write the cache folder."),
    ]
    for option in reversed(options):
        function = option(function)
    return function
