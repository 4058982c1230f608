"""`sovlint check`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from sovlint.cli.options import codes, input_options, make_config, parse_day
from sovlint.model.errors import UsageError
from sovlint.model.finding import SEVERITIES, Report, severity_rank
from sovlint.output import FORMATS, Style
from sovlint.output.terminal import visible


@click.command("check")
@input_options
@click.option("-f", "--format", "formats", multiple=True, metavar="FORMAT", help=f"One of: {', '.join(FORMATS)}.")
@click.option("-o", "--output", "outputs", multiple=True, metavar="FILE", help="Where to; - is standard output.")
@click.option("--select", multiple=True, metavar="CODES", help="Only these rules (codes or prefixes).")
@click.option("--ignore", multiple=True, metavar="CODES", help="Not these rules (codes or prefixes).")
@click.option("--fail-on", type=click.Choice([*SEVERITIES, "never"]), help="Lowest severity that gives exit 1.")
@click.option("--unknown", type=click.Choice(["ignore", "note", "fail"]), help="What an undetermined location means.")
@click.option(
    "--min-confidence", type=click.Choice(["heuristic", "resolved", "literal"]), help="Leave out less certain ones."
)
@click.option("--no-group", is_flag=True, help="One finding per resource instead of one per cause.")
@click.option("--no-waivers", is_flag=True, help="Report waived findings as if nobody had waived them.")
@click.option("--show-waived", is_flag=True, help="Report waived findings, marked.")
@click.option("--today", metavar="DATE", help="The day waivers are judged by.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing on standard error but errors.")
@click.option("-v", "--verbose", is_flag=True, help="No lists cut short.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in text.")
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Lint files and directories (default: the current one)."""
    formats, outputs = options.pop("formats"), options.pop("outputs")
    targets = _targets(formats, outputs)
    quiet, verbose, color = options.pop("quiet"), options.pop("verbose"), options.pop("color")
    today = parse_day(options.pop("today"))
    select, ignore = codes(options.pop("select")), codes(options.pop("ignore"))
    group = False if options.pop("no_group") else None
    waivers = False if options.pop("no_waivers") else None
    show_waived = options.pop("show_waived")
    config = make_config(
        paths,
        select=select,
        ignore=ignore,
        group=group,
        waivers=waivers,
        show_waived=show_waived or None,
        today=today,
        **options,
    )
    from sovlint.run import check

    report = check(config)
    for name, target in targets:
        style = Style(_colored(color, target), _width(target), config.show_waived, verbose)
        _write(FORMATS[name](report, style), target)
    if not quiet and not any(name in ("text", "concise") and target == "-" for name, target in targets):
        for problem in report.problems:
            where, message = visible(str(problem.location)), visible(problem.message)
            click.echo(f"{problem.level}: {where}: {message} [{problem.code}]", err=True)
    return exit_code(report, config.fail_on, config.unknown)


def exit_code(report: Report, fail_on: str, unknown: str) -> int:
    """0 nothing to fail for, 1 findings, 2 input that could not be read."""
    if any(problem.level == "error" for problem in report.problems):
        return 2
    limit = -1 if fail_on == "never" else severity_rank(fail_on)
    if any(f.waiver is None and severity_rank(f.severity) <= limit for f in report.findings):
        return 1
    undetermined = any(f.waiver is None and f.verdict == "undetermined" for f in report.findings)
    return 1 if unknown == "fail" and undetermined else 0


def _targets(formats: tuple[str, ...], outputs: tuple[str, ...]) -> list[tuple[str, str]]:
    """Formats and files pairwise; a format without a file goes to standard output.

    Raises:
        UsageError: an unknown format, more files than formats, or two reports for one place.
    """
    for name in formats:
        if name not in FORMATS:
            raise UsageError(f"no format {name!r}; there are: {', '.join(FORMATS)}")
    names = formats or ("text",)
    if len(outputs) > len(names):
        raise UsageError("more --output files than --format options")
    targets = list(zip(names, [*outputs, *["-"] * (len(names) - len(outputs))], strict=True))
    places = [target if target == "-" else os.path.realpath(target) for _, target in targets]
    if len(set(places)) != len(places):
        raise UsageError("two reports would be written to the same place; give each --format an --output")
    for _, target in targets:
        if target != "-" and (Path(target).is_dir() or not Path(os.path.realpath(target)).parent.is_dir()):
            raise UsageError(f"--output {target}: not a file in an existing folder")
    return targets


def _colored(color: str, target: str) -> bool:
    if color != "auto":
        return color == "always"
    return target == "-" and sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _width(target: str) -> int:
    if target != "-" or not sys.stdout.isatty():
        return 100
    import shutil

    return shutil.get_terminal_size((100, 24)).columns


def _write(text: str, target: str) -> None:
    data = text.encode("utf-8", "backslashreplace")
    if target == "-":
        stream = sys.stdout.buffer
        try:
            stream.write(data)
            stream.flush()
        except BrokenPipeError:
            # The reader went away (`| head`): said by the exit code alone, before click turns it into 1 ("findings").
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(2)
        return
    # A report appears whole or not at all.
    path = Path(os.path.realpath(target))
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a device or pipe, such as /dev/stderr
        return
    import tempfile

    descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        Path(scratch).chmod(0o666 & ~umask)
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
