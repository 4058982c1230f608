"""Markdown: a comment for a pull request. The verdict first, then the worst, everything else folded.

GitHub refuses comments above 65,536 characters, so every list is cut where it must be, and says so. What comes from the
scanned files goes through `markdown_text`, so that it neither breaks a table nor mentions or links anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sovlint.model.finding import SEVERITIES, Finding, RegisteredWaiver, Report, Solved
from sovlint.output.markdown_text import code, prose
from sovlint.output.ordering import worst_first
from sovlint.output.style import Style
from sovlint.output.words import (
    affects_line,
    affects_verb,
    change,
    citations,
    comparison,
    counts,
    cut,
    help_uri,
    holds_in,
    plural,
    sentence,
    severities,
    shown,
    some,
    ways_out,
)

LIMIT: Final = 65_000
"""Bytes of UTF-8: whatever unit a host counts in, it is not longer than 65,536."""

_PAGE: Final = 20
"""Rows that are not folded."""
_NARROW: Final = 36
_SHORT: Final = 120
_LONG: Final = 400
_NAMES: Final = 5
_HOPS: Final = 4
_SIGNS: Final[dict[str, str]] = {"critical": "🟣", "high": "🔴", "medium": "🟠", "low": "🔵", "note": "⚪"}
_SHARE: Final = {"solved": 6_000, "problems": 8_000, "waivers": 10_000, "notes": 4_000}
"""Bytes that a section gets at most; the findings get all that is left."""


def render(report: Report, style: Style) -> str:
    """The report as one comment, at most `LIMIT` bytes."""
    findings = worst_first(shown(report, style))
    head = _head(report, findings)
    tail = [*_solved(report), *_problems(report), *_waivers(report), *_notes(report)]
    end = ["<sub>sovlint informs; it decides nothing about what is allowed.</sub>", "<!-- sovlint -->"]
    room = LIMIT - _size([*head, *tail, *end]) - 400
    table = _table(findings[:_PAGE], room // 2)
    room -= _size(table)
    more = _rest(report, findings, room)
    return "\n".join([*head, *table, *more, *tail, *end]) + "\n"


def _size(lines: Sequence[str]) -> int:
    """Bytes of lines with their ends."""
    return sum(len(line.encode("utf-8")) + 1 for line in lines)


def _fitting(lines: Iterable[str], room: int) -> list[str]:
    """The first lines, as many as fit; the others are not even made."""
    fitting: list[str] = []
    for line in lines:
        room -= _size([line])
        if room < 0:
            break
        fitting.append(line)
    return fitting


def _head(report: Report, findings: Sequence[Finding]) -> list[str]:
    """The verdict, what was read, what stayed open."""
    number = counts(findings)
    errors = sum(problem.level == "error" for problem in report.problems)
    sign = next((_SIGNS[severity] for severity in SEVERITIES if number[severity]), "")
    if sign:
        verdict = f"{sign} {', '.join(severities(number))}"
    elif not report.files and not report.resources:
        verdict = "no Terraform, Kubernetes or Helm input was found"
    else:
        verdict = "nothing found"
    if errors:
        verdict += f", {plural(errors, 'input')} could not be read"
    profile = code(cut(report.profile, _SHORT))
    parts = [
        f"{plural(report.resources, 'resource')} in {plural(report.files, 'file')} under profile {profile}"
        + (
            f", environments {', '.join(code(cut(name, _SHORT)) for name in report.environments[:10])}"
            if report.environments
            else ""
        )
    ]
    if report.waived:
        parts.append(f"{report.waived} waived")
    if report.undetermined:
        inputs = [code(cut(name, _SHORT)) for name in report.inputs[: _NAMES + 1]]
        hint = f" (give a value to {some(inputs, _NAMES, len(report.inputs))})" if inputs else ""
        parts.append(f"**{report.undetermined} could not be determined**{hint}")
    if report.compared:
        parts.append(prose(cut(comparison(report), _LONG)))
    lines = [f"### sovlint: {verdict}", "", f"{'; '.join(parts)}.", ""]
    ceilings = report.ceilings
    if ceilings is not None and ceilings.cited and ceilings.at_most is not None:
        name = prose(cut(f"{ceilings.label} {ceilings.version}", _SHORT))
        lines += [
            f"{name}: the findings allow at most SEAL-{ceilings.at_most}; "
            "what configuration does not show may lower it.",
            "",
        ]
    if report.change:
        lines += [f"**{prose(cut(sentence(change(report)), _LONG))}**", ""]
    return lines


def _table(findings: Sequence[Finding], room: int) -> list[str]:
    """The worst findings, a row each."""
    if not findings:
        return []
    head = ["| | What | Where | Rule |", "|---|---|---|---|"]
    return [*head, *_fitting(map(_row, findings), room - _size(head)), ""]


def _row(finding: Finding) -> str:
    """A row: severity, place, message with how many it affects, rule."""
    location = finding.location
    where = code(f"{_end_of(location.path)}:{location.line}", table=True)
    total = max(finding.instances, len(finding.affects))
    affects = f"; {affects_verb(finding.rule)} {plural(total, 'resource')}" if total > 1 else ""
    only = f"; {prose(cut(holds_in(finding), _SHORT))}" if finding.environments else ""
    waived = "; waived" if finding.waiver else ""
    what = f"{prose(cut(finding.message, _LONG))}{affects}{only}{waived}"
    return f"| {_SIGNS[finding.severity]}&nbsp;{finding.severity} | {what} | {where} | {_rule(finding.rule)} |"


def _end_of(path: str) -> str:
    """The last folders of a path: hosts do not break paths, and a wide one pushes the message out of sight."""
    if len(path) <= _NARROW:
        return path
    start = path.find("/", len(path) - _NARROW)
    return f"…{path[start if start >= 0 else -_NARROW :]}"


def _rule(name: str) -> str:
    """A link to a rule of ours; anything else is text."""
    return f"[{name}]({help_uri(name)})" if name.isascii() and name.isalnum() else prose(cut(name, _SHORT))


def _rest(report: Report, findings: Sequence[Finding], room: int) -> list[str]:
    """All findings with their ways in and out, folded, as many as fit; and a note of how many do not."""
    if not findings:
        return []
    start = [
        "<details>",
        f"<summary>{'All ' if len(findings) > 1 else ''}{plural(len(findings), 'finding')} in detail</summary>",
        "",
    ]
    end = ["", "</details>", ""]
    items = (_item(finding, report.framework_labels) for finding in findings)
    lines = _fitting(items, room - _size(start) - _size(end))
    if len(lines) < len(findings):
        lines.append(
            f"… {len(findings) - len(lines)} more, the least severe ones, do not fit into a comment: "
            "`--format json`, `sarif` or `csv` have them all."
        )
    return [*start, *lines, *end]


def _item(finding: Finding, labels: Mapping[str, str]) -> str:
    """One finding as a list item of several lines."""
    location = finding.location
    where = code(cut(str(location), _LONG))
    lines = [f"- {_SIGNS[finding.severity]} {_rule(finding.rule)} {where}: {prose(cut(finding.message, _LONG))}"]
    names = [code(cut(name, _SHORT)) for name in finding.affects[: _NAMES + 1]]
    lines.append(affects_line(finding, names, _NAMES))
    if finding.environments:
        lines.append(prose(cut(holds_in(finding), _SHORT)))
    lines += [
        f"through {code(cut(str(hop.location), _LONG))} {prose(cut(hop.note, _SHORT))}".rstrip()
        for hop in finding.via[:_HOPS]
    ]
    if len(finding.via) > _HOPS:
        lines.append(f"through … {len(finding.via) - _HOPS} more")
    if finding.inputs:
        inputs = [code(cut(name, _SHORT)) for name in finding.inputs[: _NAMES + 1]]
        lines.append(f"give a value to {some(inputs, _NAMES, len(finding.inputs))}")
    if finding.alternatives:
        lines.append(prose(cut(ways_out(finding), _LONG)))
    if finding.waiver is not None:
        waiver = finding.waiver
        lines.append(prose(cut(f"waived until {waiver.until} by {waiver.owner}: {waiver.reason}", _LONG)))
    if finding.informs:
        lines.append(f"informs {prose(cut(citations(finding.informs, labels), _LONG))}")
    return "<br>\n  ".join(lines)


def _folded(title: str, head: Sequence[str], rows: Iterable[str], number: int, room: int) -> list[str]:
    """A folded section of so many rows, as many of them as fit."""
    if not number:
        return []
    fitting = _fitting(rows, room)
    more = ["", f"… {number - len(fitting)} more"] if len(fitting) < number else []
    return ["<details>", f"<summary>{title}</summary>", "", *head, *fitting, *more, "", "</details>", ""]


def _solved(report: Report) -> list[str]:
    """What is there no more."""

    def row(entry: Solved) -> str:
        address = code(cut(entry.address, _SHORT))
        where = code(f"{cut(entry.path, _SHORT)}:{entry.line}")
        return f"- {_rule(entry.rule)} {address}, was {where}: {prose(cut(entry.message, _LONG))}"

    number = len(report.solved)
    return _folded(f"{number} solved", [], map(row, report.solved), number, _SHARE["solved"])


def _problems(report: Report) -> list[str]:
    """What could not be read."""
    rows = (
        f"- {problem.level}: {code(cut(str(problem.location), _LONG))}: {prose(cut(problem.message, _LONG))}"
        for problem in sorted(report.problems, key=lambda problem: problem.level)
    )
    number = len(report.problems)
    return _folded(f"{plural(number, 'problem')} with the input", [], rows, number, _SHARE["problems"])


def _waivers(report: Report) -> list[str]:
    """The register of accepted risks; what is not in order comes first."""
    order = ("malformed", "expired", "unused", "in-force")

    def row(entry: RegisteredWaiver) -> str:
        waiver = entry.waiver
        covers = ", ".join((*waiver.paths, *waiver.addresses))
        cells = [
            f"{entry.state}: {prose(cut(waiver.defect, _LONG))}" if waiver.defect else entry.state,
            prose(cut(waiver.until, _SHORT)),
            prose(cut(" ".join(waiver.rules), _SHORT)),
            prose(cut(waiver.owner, _SHORT)),
            prose(cut(waiver.reason, _LONG)),
            code(f"{cut(waiver.location.path, _SHORT)}:{waiver.location.line}", table=True)
            + (f" for {code(cut(covers, _SHORT), table=True)}" if covers else ""),
            str(entry.covers),
        ]
        return f"| {' | '.join(cells)} |"

    number = len(report.waivers)
    rows = map(row, sorted(report.waivers, key=lambda entry: order.index(entry.state)))
    head = ["| State | Until | Rules | Owner | Reason | Where | Covers |", "|---|---|---|---|---|---|---|"]
    return _folded(f"Register of waivers ({number})", head, rows, number, _SHARE["waivers"])


def _notes(report: Report) -> list[str]:
    """Sentences about the run."""
    rows = (f"- {prose(cut(note, _LONG))}" for note in report.notes)
    number = len(report.notes)
    return _folded(f"{plural(number, 'note')} on the run", [], rows, number, _SHARE["notes"])
