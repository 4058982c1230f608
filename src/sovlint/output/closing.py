"""What stands behind the findings in text: waivers, what is solved, statistics, and the worst once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sovlint.model.finding import SEVERITIES, Finding, RegisteredWaiver, Report, severity_rank
from sovlint.output.style import Style
from sovlint.output.terminal import columns, visible, wrap
from sovlint.output.words import plural

_MANY: Final = 10
"""Findings above which the critical ones are listed again: they have scrolled away."""
_LISTED: Final = 10
_LEAST: Final = 15
_STATES: Final = {"in-force": "good", "unused": "warning", "expired": "warning", "malformed": "error"}


def closing(report: Report, findings: Sequence[Finding], style: Style) -> list[str]:
    """The blocks between the findings and the summary; none for a short report of an ordinary run."""
    blocks = []
    if style.verbose and report.waivers:
        blocks.append(register(report.waivers, style))
    if report.solved:
        blocks.append(_solved(report, style))
    if style.statistics and findings:
        blocks.append(statistics(findings, style))
    critical = [finding for finding in findings if finding.severity == "critical" and finding.waiver is None]
    if critical and len(findings) > _MANY:
        blocks.append(_critical(critical, style))
    return ["\n".join(block) for block in blocks]


def register(entries: Sequence[RegisteredWaiver], style: Style) -> list[str]:
    """The register of accepted risks, a waiver each."""
    lines = [f"{style.paint('waivers', 'strong')}: {len(entries)}"]
    for entry in entries:
        waiver = entry.waiver
        state = entry.state.replace("-", " ")
        covers = ", ".join((*waiver.paths, *waiver.addresses))
        parts = [
            f"{state}, until {waiver.until}: {', '.join(waiver.rules) or 'no rules'}",
            f" for {covers}" if covers else "",
            f" by {waiver.owner or 'nobody'}: {waiver.reason or 'no reason'}",
            f"; {waiver.defect}" if waiver.defect else "",
            f" ({waiver.location}), covers {entry.covers}",
        ]
        lines += _item(visible("".join(parts)), state, _STATES[entry.state], style)
    return lines


def _solved(report: Report, style: Style) -> list[str]:
    """What a baseline or another revision had, and is there no more."""
    entries = report.solved
    number = len(entries) if style.verbose or len(entries) == _LISTED + 1 else _LISTED
    head = "solved" + (f" since {visible(report.compared)}" if report.compared else "")
    lines = [f"{style.paint(head, 'good')}: {len(entries)}"]
    for entry in entries[:number]:
        text = f"{entry.rule} {entry.address} (was {entry.path}:{entry.line}): {entry.message}"
        lines += _item(visible(text), visible(entry.rule), "strong", style)
    return [*lines, *_more(len(entries) - number)]


def statistics(findings: Sequence[Finding], style: Style) -> list[str]:
    """Rules by how often they were found: findings, affected instances, severities."""
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault((finding.rule, finding.name), []).append(finding)
    ordered = sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0]))
    rows = []
    for (rule, name), found in ordered:
        affected = sum(max(finding.instances, len(finding.affects)) for finding in found)
        worst = min((finding.severity for finding in found), key=severity_rank)
        rows.append((str(len(found)), str(affected), worst, f"{visible(rule)} {visible(name)}"))
    wide = max(len("findings"), *(len(row[0]) for row in rows))
    affects = max(len("affected"), *(len(row[1]) for row in rows))
    severity = max(map(len, SEVERITIES))
    lines = [style.paint(f"{'findings':>{wide}}  {'affected':>{affects}}  {'worst':<{severity}}  rule", "faint")]
    for number, affected_text, worst, name in rows:
        painted = style.paint(worst, worst) + " " * (severity - len(worst))
        lines.append(f"{number:>{wide}}  {affected_text:>{affects}}  {painted}  {name}")
    return lines


def _critical(findings: Sequence[Finding], style: Style) -> list[str]:
    """The critical ones, a line each."""
    number = len(findings) if style.verbose or len(findings) == _LISTED + 1 else _LISTED
    lines = [f"{style.paint('critical', 'critical')}: {plural(len(findings), 'finding')}"]
    for finding in findings[:number]:
        where = visible(f"{finding.location.path}:{finding.location.line}")
        text = f"{where} {visible(finding.rule)}"
        message = f" {visible(finding.message)}"
        room = style.width - 2 - columns(text)
        # A list to look over: what is wrong in full stands above.
        lines.append(f"  {style.paint(where, 'strong')}{text[len(where) :]}{_shortened(message, room)}")
    return [*lines, *_more(len(findings) - number)]


def _shortened(text: str, room: int) -> str:
    """As much of a text as there is room for; nothing rather than two words."""
    if columns(text) <= room:
        return text
    while text and columns(text) > room - 1:
        text = text[: max(room - 1, 0)] if len(text) > room else text[:-1]
    return f"{text.rstrip()}…" if room > _LEAST else ""


def _more(number: int) -> list[str]:
    return [f"  … {number} more"] if number > 0 else []


def _item(text: str, start: str, kind: str, style: Style) -> list[str]:
    """An indented item that starts with a coloured word, wrapped under itself."""
    first, *rest = wrap(text, style.width - 2, style.width - 6)
    if first.startswith(start):
        first = style.paint(start, kind) + first[len(start) :]
    return [f"  {first}", *(f"      {part}" for part in rest)]
