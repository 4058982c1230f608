"""`sovlint init`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sovlint import __version__
from sovlint.model.errors import UsageError
from sovlint.model.finding import SEVERITIES
from sovlint.scaffold import BASELINE, PLACES, Place, files


@click.command("init")
@click.option("--profile", metavar="NAME", help="Profile to judge by (default: eu-baseline).")
@click.option("--fail-on", type=click.Choice([*SEVERITIES, "never"]), help="Lowest severity that fails.")
@click.option("--for", "places", multiple=True, type=click.Choice(PLACES), help="Where sovlint is to run; repeatable.")
@click.option("--repository", metavar="URL", help="Where hooks and pipelines get sovlint from.")
@click.option("--revision", metavar="TAG", default=f"v{__version__}", help="Tag or commit of it.")
@click.option("--baseline/--no-baseline", default=None, help="Record the findings of today: only new ones fail.")
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
def command(
    profile: str | None,
    fail_on: str | None,
    places: tuple[Place, ...],
    repository: str | None,
    revision: str,
    baseline: bool | None,
    force: bool,
) -> int:
    """Write .sovlint.yaml and, if wanted, a pre-commit hook, a GitHub workflow or a GitLab job.

    Asks on a terminal for what no option says; otherwise the options alone decide. Nothing that exists is overwritten
    without --force or a yes.
    """
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    from sovlint.catalogue import open_catalogue

    known = sorted(open_catalogue().profiles)
    if profile is None:
        profile = click.prompt("Profile", default="eu-baseline", type=click.Choice(known)) if asks else "eu-baseline"
    if profile not in known:
        raise UsageError(f"no profile {profile!r}; there are: {', '.join(known)}")
    if not places and asks:
        places = tuple(place for place in PLACES if click.confirm(f"Write the {place} file?", default=False))
    if places and not repository:
        if not asks:
            raise UsageError("--repository is needed: where hooks and pipelines get sovlint from")
        repository = click.prompt("Address of the repository of sovlint")
    if baseline is None:
        baseline = asks and click.confirm("Record the findings of today as a baseline?", default=False)
    wanted = files(profile, places, repository or "", revision, fail_on=fail_on or "high", baseline=baseline)
    existing = [path for path in (*wanted, *([BASELINE] if baseline else ())) if Path(path).exists()]
    for path in existing:
        if force or (asks and click.confirm(f"{path} exists. Overwrite it?", default=False)):
            continue
        raise UsageError(f"{path} exists: nothing was written (--force overwrites)")
    for path, text in wanted.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    if baseline:
        from sovlint.cli.settings import make_config, parse_day
        from sovlint.run import check

        Path(BASELINE).unlink(missing_ok=True)
        config = make_config((".",), write_baseline=BASELINE, today=parse_day(None))._replace(baseline="")
        count = len(check(config).findings)
        click.echo(f"wrote {BASELINE}: {count} {'finding' if count == 1 else 'findings'} of today pass from now on")
    return 0
