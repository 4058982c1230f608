"""`sovlint explain`."""

from __future__ import annotations

import click

from sovlint.cli.screen import Terminal, format_options, write, write_json


@click.command("explain")
@click.argument("what")
@format_options
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache folder.")
def command(what: str, form: str, color: str, no_cache: bool) -> int:
    """What is known of WHAT, with sources and dates.

    WHAT is a rule (SOV101 or region-outside-zone), a resource type (aws_dynamodb_table), a place (aws:eu-west-2 or
    eu-west-2), an operator (scaleway), a service (aws/s3) or a host or URL (ghcr.io).
    """
    from sovlint.catalogue import open_catalogue
    from sovlint.cli.settings import configured_policies
    from sovlint.explain import explain, render

    entries = explain(what, open_catalogue(cache=not no_cache, custom=configured_policies()))
    if form == "json":
        write_json(
            {
                "schema": "sovlint-explain/1",
                "what": what,
                "entries": [{"kind": entry.kind, "id": entry.id, **entry.data} for entry in entries],
            }
        )
    else:
        write(render(entries, Terminal(color)))
    return 0
