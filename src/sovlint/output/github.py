"""GitHub workflow commands: annotations at the lines of a pull request, from the log of a step.

GitHub shows ten annotations of each level per step and drops the others, so the worst come first and the log says how
many were left out (docs.github.com, "Workflow commands for GitHub Actions"; the limits stand in the runner's source).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sovlint.model.finding import Finding, Report
from sovlint.model.problem import Problem
from sovlint.model.source import Location
from sovlint.output.ordering import worst_first
from sovlint.output.style import Style
from sovlint.output.terminal import visible
from sovlint.output.words import affects_line, cut, holds_in, plural, shown, summary, waived_until, ways_out

LIMIT: Final = 10
"""Annotations of one level that GitHub shows of a step."""

_LEVELS: Final[dict[str, str]] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "notice",
    "note": "notice",
}
_LONGEST: Final = 4000
"""Characters of one message; GitHub takes 64 kB of an annotation, but nobody reads that."""


class _Command(NamedTuple):
    """One annotation before it is written."""

    level: str
    location: Location
    title: str
    message: str


def render(report: Report, style: Style) -> str:
    """The report as workflow commands, then what was left out, then the summary."""
    findings = shown(report, style)
    found: dict[str, list[Finding]] = {"error": [], "warning": [], "notice": []}
    for finding in worst_first(findings):
        found[_level(finding)].append(finding)
    lines: list[str] = []
    left: list[str] = []
    for level, of_level in found.items():
        problems = [problem for problem in report.problems if problem.level == level]
        # Findings first, but one place is kept for input that was not judged at all.
        kept = problems[: max(LIMIT - len(of_level), 1)]
        chosen = of_level[: LIMIT - len(kept)]
        lines += [_written(_annotation(finding)) for finding in chosen]
        lines += [_written(_problem(problem)) for problem in kept]
        if missing := len(of_level) + len(problems) - len(chosen) - len(kept):
            left.append(plural(missing, level))
    if left:
        lines.append(f"sovlint: {', '.join(left)} not annotated: GitHub shows {LIMIT} of each level per step")
    lines += [_harmless(f"solved: {entry.rule} {entry.address}") for entry in report.solved]
    lines.append(_harmless(summary(report, findings, style._replace(color=False))))
    return "\n".join(lines) + "\n"


def _level(finding: Finding) -> str:
    """The level of a finding; what somebody has accepted is a notice."""
    return _LEVELS[finding.severity] if finding.waiver is None else "notice"


def _annotation(finding: Finding) -> _Command:
    """A finding: what is wrong, whom it affects, what to do instead, each on a line of its own."""
    lines = [finding.message, affects_line(finding), holds_in(finding), ways_out(finding), waived_until(finding)]
    message = "\n".join(visible(line) for line in lines if line)
    return _Command(_level(finding), finding.location, f"{finding.rule} {finding.name} ({finding.severity})", message)


def _problem(problem: Problem) -> _Command:
    """Input that could not be read."""
    return _Command(problem.level, problem.location, f"sovlint {problem.code}", visible(problem.message))


def _written(command: _Command) -> str:
    """The command as the runner reads it. Columns make sense on one line only."""
    location = command.location
    properties = {"file": visible(location.path), "line": str(location.line)}
    if location.end_line == location.line:
        properties["col"] = str(location.column)
        properties["endLine"] = str(location.end_line)
        properties["endColumn"] = str(max(location.end_column, location.column))
    else:
        properties["endLine"] = str(max(location.end_line, location.line))
    properties["title"] = visible(command.title)
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{command.level} {written}::{_data(cut(command.message, _LONGEST))}"


def _data(text: str) -> str:
    """Text behind the second `::`."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The value of a property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _harmless(line: str) -> str:
    """A line of the log that the runner must not take for a command: old ones (`##[`) count anywhere in a line."""
    safe = visible(line).replace("##[", "## [")
    return f" {safe}" if safe.startswith(":") else safe
