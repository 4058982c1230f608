"""Wording that formats share: counts, lists cut short, framework citations, the summary sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sovlint.model.finding import SEVERITIES, Alternative, Finding, Report
from sovlint.output.style import Style
from sovlint.output.terminal import visible

HOME: Final = "https://sovlint.dev"
"""Where the documentation lives; the identifiers of the published schemas start with it, too."""

_PLACING: Final = frozenset({"SOV101", "SOV102", "SOV103", "SOV104", "SOV105", "SOV106", "SOV108", "SOV802"})
"""Rules whose cause puts resources somewhere."""

_INPUTS_SHOWN: Final = 5


def help_uri(code: str) -> str:
    """The page that documents a rule; of a rule of the user's own, the one about such rules."""
    return f"{HOME}/rules/{code}" if code.startswith("SOV") else f"{HOME}/custom-policies"


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


def some(items: Sequence[str], limit: int, total: int = 0) -> str:
    """The first items, comma-separated, and how many of `total` are left out; a single one is not left out."""
    total = max(total, len(items))
    if total <= limit + 1 and total == len(items):
        return ", ".join(items)
    return f"{', '.join(items[:limit])}, … {total - min(limit, len(items))} more"


def affects_verb(code: str) -> str:
    """What the cause does to the resources that a finding lists."""
    return "places" if code in _PLACING else "affects"


_AFFECTS_NAMED: Final = 3
_WAYS_OUT: Final = 2


def affects_line(finding: Finding, names: Sequence[str] = (), limit: int = _AFFECTS_NAMED) -> str:
    """`places 14 resources: a, b, c, … 11 more`; a single one by its name; the same name in several units once.

    Args:
        finding: whose.
        names: the first names as they are to be written, more than `limit` if there are more; its own if not given.
        limit: how many are named.
    """
    names = names or finding.affects
    verb = affects_verb(finding.rule)
    total = max(finding.instances, len(finding.affects))
    where = f" in {len(finding.units)} units" if len(finding.units) > 1 else ""
    if total <= 1:
        return f"{verb} {names[0]}"
    if len(finding.affects) == 1:
        return f"{verb} {names[0]}, {plural(total, 'instance')}{where}"
    return f"{verb} {plural(total, 'resource')}{where}: {some(names, limit, total)}"


def holds_in(finding: Finding) -> str:
    """`only in prod, test`; empty for what holds in every environment."""
    return f"only in {', '.join(finding.environments)}" if finding.environments else ""


def ways_out(finding: Finding) -> str:
    """`instead: eu-central-1 (Frankfurt) keeps the operator; to leave it: …`; titles only."""
    staying = [way.title for way in finding.alternatives if way.kind == "region" and way.operator]
    leaving = [_titled(way) for way in finding.alternatives if way.kind != "region"]
    parts = [way.title for way in finding.alternatives if way.kind == "region" and not way.operator]
    if staying:
        parts.append(f"{some(staying, _WAYS_OUT)} {'keeps' if len(staying) == 1 else 'keep'} the operator")
    if leaving:
        parts.append(f"{'to leave it: ' if staying else ''}{some(leaving, _WAYS_OUT)}")
    return f"instead: {'; '.join(parts)}" if parts else ""


def _titled(way: Alternative) -> str:
    """`Scaleway Kubernetes Kapsule (FR) for Elastic Kubernetes Service`."""
    where = f" ({way.country})" if way.country else ""
    services = " and ".join(way.replaces)
    return f"{way.title}{where}{' for ' if services else ''}{services}"


def waived_until(finding: Finding) -> str:
    """`waived until 2027-03-31 by platform-team: reason`; empty for what nobody waived."""
    waiver = finding.waiver
    return f"waived until {waiver.until} by {waiver.owner}: {waiver.reason}" if waiver else ""


def sentence(text: str) -> str:
    """A text with a first capital and a full stop; a name (`ghcr.io`, `var.a`, `s3`) keeps its spelling."""
    text = text.strip()
    first, space, rest = text.partition(" ")
    if first.isalpha() and first.islower():
        first = f"{first[:1].upper()}{first[1:]}"
    return f"{first}{space}{rest}" + ("" if text.endswith((".", "!", "?")) else ".")


def cut(text: str, longest: int) -> str:
    """A text of at most so many characters; what is cut off is marked."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def comparison(report: Report) -> str:
    """`compared with baseline x.json: 12 known, 3 solved`; empty for a run that was compared with nothing."""
    if not report.compared:
        return ""
    return f"compared with {visible(report.compared)}: {report.known} known, {len(report.solved)} solved"


def change(report: Report) -> str:
    """`this change: +2 on Amazon Web Services, -1 on Google Cloud`; empty where dependencies stay."""
    return f"this change: {visible(', '.join(report.change))}" if report.change else ""


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
    if report.environments:
        names = [visible(name) for name in report.environments]
        noun = "environment" if len(names) == 1 else "environments"
        read += f", {noun} {some(names, len(names) if style.verbose else _INPUTS_SHOWN)}"
    number = counts(findings)
    present = [severity for severity, count in number.items() if count]
    parts = [style.paint(words, severity) for severity, words in zip(present, severities(number), strict=True)]
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
        clauses.append(f"{report.undetermined} could not be determined{_hint(report, style)}")
    if errors:
        clauses.append(style.paint(f"{plural(errors, 'input')} could not be read", "error"))
    if warnings:
        clauses.append(plural(warnings, "warning"))
    clauses += filter(None, (comparison(report), change(report)))
    return "; ".join(clauses)


def severities(number: Mapping[str, int]) -> list[str]:
    """`2 high`, `3 notes`, most severe first, without those there are none of: only the note is a noun."""
    return [
        plural(count, "note") if severity == "note" else f"{count} {severity}"
        for severity, count in number.items()
        if count
    ]


def _hint(report: Report, style: Style) -> str:
    """Which inputs would decide what stayed open, and how much of it."""
    if not report.inputs:
        return ""
    names = [visible(name) for name in report.inputs]
    named = some(names, len(names) if style.verbose else _INPUTS_SHOWN)
    if 0 < report.decidable < report.undetermined:
        return f" ({report.decidable} of them by a value for {named})"
    return f" (give a value to {named})"
