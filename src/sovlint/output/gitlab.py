"""GitLab code quality: the JSON that `artifacts:reports:codequality` reads.

GitLab shows findings at the changed lines of a merge request and tells them apart by fingerprint, so that is unique.
Severities are those of the Code Climate format that GitLab reads (docs.gitlab.com, "Code Quality").
"""

from __future__ import annotations

import json
from typing import Any, Final

from sovlint.model.finding import Finding, Report
from sovlint.model.problem import Problem
from sovlint.output.ordering import Fingerprints, worst_first
from sovlint.output.style import Style
from sovlint.output.terminal import json_safe, visible
from sovlint.output.words import affects_line, cut, holds_in, shown, waived_until, ways_out

SEVERITIES: Final[dict[str, str]] = {
    "critical": "blocker",
    "high": "critical",
    "medium": "major",
    "low": "minor",
    "note": "info",
}
_PROBLEMS: Final[dict[str, str]] = {"error": "major", "warning": "minor"}
_LONGEST: Final = 2000


def render(report: Report, style: Style) -> str:
    """The report as an array: findings, most severe first, then input that could not be read."""
    prints = Fingerprints()
    entries = [_entry(finding, prints) for finding in worst_first(shown(report, style))]
    entries += [_problem(problem, prints) for problem in report.problems]
    encode = json.JSONEncoder(ensure_ascii=False).encode
    # An entry a line: indenting takes three times as long.
    return "[" + ",".join(f"\n  {json_safe(encode(entry))}" for entry in entries) + ("\n]\n" if entries else "]\n")


def _entry(finding: Finding, prints: Fingerprints) -> dict[str, Any]:
    """A finding. GitLab shows the description alone, so it says everything in one line."""
    parts = [finding.message, affects_line(finding), holds_in(finding), ways_out(finding), waived_until(finding)]
    location = finding.location
    return {
        "description": cut(visible("; ".join(part for part in parts if part)), _LONGEST),
        "check_name": f"{finding.rule} {finding.name}",
        "fingerprint": prints.unique(finding.fingerprint),
        "severity": SEVERITIES[finding.severity] if finding.waiver is None else "info",
        "location": {
            "path": location.path,
            "lines": {"begin": location.line, "end": max(location.end_line, location.line)},
        },
    }


def _problem(problem: Problem, prints: Fingerprints) -> dict[str, Any]:
    """Input that was not judged; no line number in its fingerprint either."""
    import hashlib

    text = "\0".join((problem.code, problem.location.path, problem.message))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return {
        "description": cut(visible(problem.message), _LONGEST),
        "check_name": f"sovlint {visible(problem.code)}",
        "fingerprint": prints.unique(digest),
        "severity": _PROBLEMS[problem.level],
        "location": {"path": problem.location.path, "lines": {"begin": problem.location.line}},
    }
