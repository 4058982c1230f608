"""`sovlint check` behind its options: configuration, run, reports, exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from sovlint.cli.settings import codes, make_config, parse_day
from sovlint.model.errors import UsageError
from sovlint.model.finding import Report, severity_rank
from sovlint.output import FORMATS, Style

if TYPE_CHECKING:
    from sovlint.cli.progress import Progress


def lint(
    paths: tuple[str, ...],
    *,
    formats: tuple[str, ...] = (),
    outputs: tuple[str, ...] = (),
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    today: str | None = None,
    diff: str | None = None,
    baseline: str | None = None,
    write_baseline: str | None = None,
    no_group: bool = False,
    no_waivers: bool = False,
    show_waived: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    statistics: bool = False,
    color: str = "auto",
    **options: Any,
) -> int:
    """Lints paths, writes the reports and gives the exit code; parameters are named as the options of the command.

    Raises:
        SovlintError: the options or the configuration are not usable.
    """
    targets = _targets(formats, outputs)
    if diff and baseline:
        raise UsageError("--diff and --baseline exclude each other")
    config = make_config(
        paths,
        select=codes(select),
        ignore=codes(ignore),
        group=False if no_group else None,
        waivers=False if no_waivers else None,
        show_waived=show_waived or None,
        today=parse_day(today),
        diff=diff,
        baseline=baseline,
        write_baseline=write_baseline,
        provenance="sarif" in formats or None,
        **options,
    )
    from sovlint.run import check

    progress = _progress(quiet, verbose)
    try:
        report = check(config, progress) if progress else check(config)
    finally:
        timings = progress.end() if progress else ()
    if verbose:
        report = report._replace(timings=timings)
    for name, target in targets:
        style = Style(_colored(color, target), _width(target), config.show_waived, verbose, statistics)
        _write(FORMATS[name](report, style), target)
    if verbose and not quiet:
        from sovlint.cli.progress import say_timings

        say_timings(timings)
    told = any(name in ("text", "concise") and target == "-" for name, target in targets)
    if report.problems and not quiet and not told:
        from sovlint.cli.screen import say_problems

        say_problems(report.problems)
    return exit_code(report, config.fail_on, config.unknown)


def _progress(quiet: bool, verbose: bool) -> Progress | None:
    """Who is told what the run does; nobody where nobody looks."""
    watched = not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if not watched and not verbose:
        return None
    from sovlint.cli.progress import Progress

    return Progress(watched)


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
        if target != "-" and (
            not target or os.path.isdir(target) or not os.path.isdir(os.path.dirname(os.path.realpath(target)))
        ):
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
            # The reader went away (`| head`): said by the exit code alone, never by 1 ("findings").
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(2)
        return
    from sovlint.output.whole import write_whole

    write_whole(data, target)
