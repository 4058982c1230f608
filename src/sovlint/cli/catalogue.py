"""`sovlint catalogue`."""

from __future__ import annotations

import click

from sovlint.cli.screen import Terminal, format_options, write, write_json


@click.command("catalogue")
@format_options
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache folder.")
def command(form: str, color: str, no_cache: bool) -> int:
    """Print the compiled catalogue: everything as JSON, counts as text."""
    from sovlint import __version__
    from sovlint.catalogue import open_catalogue
    from sovlint.cli.settings import configured_policies
    from sovlint.explain import Entry, document, render
    from sovlint.explain.whole import overview

    catalogue = open_catalogue(cache=not no_cache, custom=configured_policies())
    if form == "json":
        write_json(document(catalogue))
    else:
        write(render([Entry("catalogue", f"sovlint {__version__}", "", overview(catalogue), {})], Terminal(color)))
    return 0
