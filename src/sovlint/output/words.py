"""Wording that formats share: counts, lists cut short, framework citations, the summary sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sovlint.model.finding import SEVERITIES, Finding, Report
from sovlint.output.style import Style
from sovlint.output.terminal import visible

HOME: Final = "https://sovlint.dev"
"""Where the documentation lives; the identifiers of the published schemas start with it, too."""

_PLACING: Final = frozenset({"SOV101", "SOV102", "SOV103", "SOV104", "SOV105", "SOV106", "SOV108", "SOV802"})
"""Rules whose cause puts resources somewhere."""

_INPUTS_SHOWN: Final = 5


def help_uri(code: str) -> str:
    """The page that documents a rule."""
    return f"{HOME}/rules/{code}"


def shown(report: Report, style: Style) -> list[Finding]:
    """The findings to show, in the order of the report: waived ones only if they were asked for."""
    return [finding for finding in report.findings if finding.waiver is None or style.show_waived]


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """Severity → number of findings that no waiver covers; every severity is there, most severe first."""
    result: dict[str, int] = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        if finding.waiver is None:
            result[finding.severity] += 1
    return result


def plural(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def some(items: Sequence[str], limit: int) -> str:
    """The first items, comma-separated, and how many are left out; a single one is not left out."""
    if len(items) <= limit + 1:
        return ", ".join(items)
    return f"{', '.join(items[:limit])}, … {len(items) - limit} more"


def affects_verb(code: str) -> str:
    """What the cause does to the resources that a finding lists."""
    return "places" if code in _PLACING else "affects"


def citations(informs: Iterable[str], labels: Mapping[str, str]) -> str:
    """`csf:SOV-3`, `gaia-x:P5.1.1`, `gaia-x:P5.1.2` → `CSF SOV-3, Gaia-X P5.1.1/P5.1.2`, in the order given.

    Args:
        informs: ids of framework criteria.
        labels: framework id → what people call it; the id itself where it is missing.
    """
    by_framework: dict[str, list[str]] = {}
    for criterion in informs:
        framework, _, number = criterion.partition(":")
        by_framework.setdefault(framework, []).append(number)
    parts = []
    for framework, numbers in by_framework.items():
        criteria = "/".join(filter(None, numbers))
        parts.append(f"{labels.get(framework, framework)} {criteria}".rstrip())
    return visible(", ".join(parts))


def summary(report: Report, findings: Sequence[Finding], style: Style) -> str:
    """The last line: what was read, what was found, what stayed open. Never silent about what could not be judged."""
    read = f"{plural(report.resources, 'resource')} in {plural(report.files, 'file')}"
    number = counts(findings)
    parts = [style.paint(_of_severity(severity, count), severity) for severity, count in number.items() if count]
    errors = sum(problem.level == "error" for problem in report.problems)
    warnings = len(report.problems) - errors
    if parts:
        found = ", ".join(parts)
    elif not report.files and not report.resources:
        found = "no Terraform, Kubernetes or Helm input was found"
    else:
        calm = not (report.undetermined or errors)
        found = f"nothing found under profile {visible(report.profile)}"
        found = style.paint(found, "good") if calm else found
    clauses = [f"{read}: {found}"]
    if report.waived:
        clauses.append(f"{report.waived} waived")
    if report.undetermined:
        clauses.append(f"{report.undetermined} could not be determined{_hint(report.inputs, style)}")
    if errors:
        clauses.append(style.paint(f"{plural(errors, 'input')} could not be read", "error"))
    if warnings:
        clauses.append(plural(warnings, "warning"))
    return "; ".join(clauses)


def _of_severity(severity: str, count: int) -> str:
    """`2 high`, `3 notes`: only the note is a noun."""
    return plural(count, "note") if severity == "note" else f"{count} {severity}"


def _hint(inputs: Sequence[str], style: Style) -> str:
    """Which inputs would decide what stayed open."""
    if not inputs:
        return ""
    names = [visible(name) for name in inputs]
    return f" (give a value to {some(names, len(names) if style.verbose else _INPUTS_SHOWN)})"
