"""Concise: one line a finding, for editors, grep and the eye."""

from __future__ import annotations

from sovlint.model.finding import Finding, Report, Solved
from sovlint.model.problem import Problem
from sovlint.model.source import Location
from sovlint.output.style import Style
from sovlint.output.terminal import visible
from sovlint.output.words import shown, summary


def render(report: Report, style: Style) -> str:
    """The report as lines `path:line:column: CODE severity message [affects n]`, then problems, then the summary."""
    findings = shown(report, style)
    lines = [_finding_line(finding, style) for finding in findings]
    lines += [_problem_line(problem, style) for problem in report.problems]
    lines += [_solved_line(solved, style) for solved in report.solved]
    if style.statistics or style.verbose:
        from sovlint.output.closing import register, statistics

        lines += register(report.waivers, style) if style.verbose and report.waivers else []
        lines += statistics(findings, style) if style.statistics and findings else []
    lines.append(summary(report, findings, style))
    return "\n".join(lines) + "\n"


def _finding_line(finding: Finding, style: Style) -> str:
    """One finding; waived ones say so at the end."""
    code = style.paint(finding.rule, "strong")
    severity = style.paint(finding.severity, finding.severity)
    affects = style.paint(f"[affects {max(finding.instances, len(finding.affects))}]", "faint")
    waived = f" [waived until {visible(finding.waiver.until)}]" if finding.waiver else ""
    only = f" [only in {visible(', '.join(finding.environments))}]" if finding.environments else ""
    return f"{_at(finding.location, style)} {code} {severity} {visible(finding.message)} {affects}{only}{waived}"


def _solved_line(solved: Solved, style: Style) -> str:
    """What is there no more; not in the shape of a finding, because there is nothing to jump to."""
    was = visible(f"{solved.rule} {solved.address} (was {solved.path}:{solved.line})")
    return f"{style.paint('solved', 'good')}: {was}"


def _problem_line(problem: Problem, style: Style) -> str:
    """One problem, in the shape of a finding."""
    level = style.paint(problem.level, problem.level)
    return f"{_at(problem.location, style)} {level} {visible(problem.message)} [{visible(problem.code)}]"


def _at(location: Location, style: Style) -> str:
    """`path:line:column:`, which editors turn into a link."""
    return f"{style.paint(visible(str(location)), 'strong')}:"
