"""JUnit XML: rules as test suites, findings as failed cases, for whatever shows test results.

A rule without findings is a passed case, so that it is seen that it was asked. What could not be determined and what
somebody accepted are skipped cases, input that could not be read is a case with an error. There is no standard; names
are those that Jenkins, GitLab and Azure DevOps read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from sovlint.model.finding import Finding, Report
from sovlint.model.source import Location
from sovlint.output.style import Style
from sovlint.output.terminal import visible
from sovlint.output.words import (
    affects_line,
    change,
    citations,
    comparison,
    cut,
    help_uri,
    holds_in,
    shown,
    waived_until,
    ways_out,
)

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold in any spelling (section 2.2)."""
_LONGEST: Final = 4000


class _Suite:
    """One test suite: its cases, and how they went."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cases: list[str] = []
        self.properties: dict[str, str] = {}
        self.failures = self.errors = self.skipped = 0

    def add(self, name: str, location: Location | None, outcome: str, message: str = "", text: str = "") -> None:
        """A case. `outcome` is `failure`, `error`, `skipped` or empty for one that passed."""
        self.failures += outcome == "failure"
        self.errors += outcome == "error"
        self.skipped += outcome == "skipped"
        attributes = {"classname": self.name, "name": name, "time": "0"}
        if location is not None:
            attributes["file"] = visible(location.path)
            attributes["line"] = str(location.line)
        start = f"    <testcase{_attributes(attributes)}"
        if not outcome:
            self.cases.append(f"{start}/>")
            return
        kind = {} if outcome == "skipped" else {"type": self.name}
        inner = f"      <{outcome}{_attributes({'message': message, **kind})}"
        inner += f">{_escape(text)}</{outcome}>" if text and outcome != "skipped" else "/>"
        self.cases += [f"{start}>", inner, "    </testcase>"]

    def counts(self) -> dict[str, int]:
        """Attributes that count cases."""
        cases = sum(line.startswith("    <testcase") for line in self.cases)
        return {"tests": cases, "failures": self.failures, "errors": self.errors, "skipped": self.skipped}

    def lines(self) -> Iterable[str]:
        """The suite as XML."""
        numbers = {key: str(value) for key, value in self.counts().items()}
        yield f"  <testsuite{_attributes({'name': self.name, **numbers, 'time': '0'})}>"
        if self.properties:
            yield "    <properties>"
            for key, value in self.properties.items():
                yield f"      <property{_attributes({'name': key, 'value': value})}/>"
            yield "    </properties>"
        yield from self.cases
        yield "  </testsuite>"


def render(report: Report, style: Style) -> str:
    """The report as XML, a suite per rule in the order of codes, then one for the input."""
    suites: dict[str, _Suite] = {rule.code: _Suite(f"{rule.code} {rule.name}") for rule in report.rules}
    for finding in shown(report, style):
        suite = suites.setdefault(finding.rule, _Suite(visible(f"{finding.rule} {finding.name}")))
        _add(suite, finding, report)
    for suite in suites.values():
        if not suite.cases:
            suite.add("nothing found", None, "")
    suites["input"] = given = _Suite("input")
    given.properties = _properties(report)
    for problem in report.problems:
        where = f"{visible(str(problem.location))}: {visible(problem.message)}"
        outcome = "error" if problem.level == "error" else "skipped"
        given.add(f"{visible(problem.code)} {where}", problem.location, outcome, where, where)
    if not report.problems:
        given.add("everything could be read", None, "")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in suites.values():
        for key, value in suite.counts().items():
            totals[key] += value
    numbers = {key: str(value) for key, value in totals.items()}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites{_attributes({'name': 'sovlint', **numbers, 'time': '0'})}>",
    ]
    for suite in suites.values():
        lines.extend(suite.lines())
    return "\n".join(lines) + "\n</testsuites>\n"


def _properties(report: Report) -> dict[str, str]:
    """What the run was like."""
    values = {
        "profile": report.profile,
        "resources": str(report.resources),
        "files": str(report.files),
        "undetermined": str(report.undetermined),
        "waived": str(report.waived),
        "environments": ", ".join(report.environments),
        "comparison": comparison(report),
        "change": change(report),
    }
    return {key: visible(value) for key, value in values.items() if value}


def _add(suite: _Suite, finding: Finding, report: Report) -> None:
    """A finding as a case of its rule's suite."""
    name = visible(f"{finding.location}: {finding.resource}")
    message = f"{finding.severity}: {visible(finding.message)}"
    if finding.waiver is not None:
        suite.add(name, finding.location, "skipped", visible(waived_until(finding)))
        return
    if finding.verdict == "undetermined":
        suite.add(name, finding.location, "skipped", f"could not be determined: {visible(finding.message)}")
        return
    cited = citations(finding.informs, report.framework_labels)
    details = [
        str(finding.location),
        finding.message,
        affects_line(finding),
        holds_in(finding),
        *(f"through {hop.location} {hop.note}" for hop in finding.via),
        ways_out(finding),
        f"informs {cited}" if cited else "",
        help_uri(finding.rule),
    ]
    text = "\n".join(visible(line) for line in details if line)
    suite.add(name, finding.location, "failure", message, cut(text, _LONGEST))


def _attributes(values: dict[str, str]) -> str:
    """Attributes with a space before each."""
    return "".join(f' {key}="{_escape(value, quoted=True)}"' for key, value in values.items())


def _escape(text: str, quoted: bool = False) -> str:
    """Text of an element or attribute; what XML cannot hold becomes a replacement character."""
    text = _NO_XML.sub("\ufffd", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if quoted:
        text = text.replace('"', "&quot;").replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
    return text
