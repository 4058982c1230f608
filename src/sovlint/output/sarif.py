"""SARIF 2.1.0, for GitHub code scanning and other viewers.

sarif-om gives the specification's classes; `sarif_json` writes them. What GitHub needs and shows is decided here:
it shows 5,000 of 25,000 results, so the worst come first; it tells alerts apart by `primaryLocationLineHash`, so that
is unique; it shows related locations only where the message links them; it does not honour suppressions, so waived
findings stay out unless they were asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

import sarif_om as om

from sovlint.model.fact import Hop
from sovlint.model.finding import Finding, Report, RuleInfo, Waiver, severity_rank
from sovlint.model.problem import Problem
from sovlint.model.source import Location
from sovlint.output.json import ceilings_object
from sovlint.output.sarif_json import dump
from sovlint.output.style import Style
from sovlint.output.terminal import json_safe
from sovlint.output.words import HOME, affects_verb, help_uri, plural, shown, some

SCHEMA_URI: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

LEVELS: Final[dict[str, str]] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "note": "note",
}
SECURITY_SEVERITY: Final[dict[str, str]] = {
    "critical": "9.5",
    "high": "8.0",
    "medium": "5.5",
    "low": "2.0",
    "note": "2.0",
}
"""GitHub's scale: over 9.0 critical, from 7.0 high, from 4.0 medium, else low; a string, as it demands."""

_AFFECTS: Final = 100
_RELATED: Final = 20
_TAGS: Final = 20
"""GitHub's limit of tags per rule."""
_DESCRIPTION: Final = 1024
"""GitHub's limit of characters per description."""
_AFFECTS_NAMED: Final = 3


def render(report: Report, style: Style) -> str:
    """The report as a SARIF log. The same report gives the same bytes."""
    return json_safe(dump(_log(report, style))) + "\n"


def _log(report: Report, style: Style) -> Any:
    """The log with its one run."""
    index = {rule.code: number for number, rule in enumerate(report.rules)}
    prints: set[str] = set()
    results = (
        _result(finding, index, _unique(finding.fingerprint, prints), style)
        for finding in sorted(shown(report, style), key=_order)
    )
    driver = om.ToolComponent(
        name="sovlint",
        version=report.version,
        semantic_version=report.version,
        information_uri=HOME,
        rules=[_rule(rule) for rule in report.rules],
    )
    run = om.Run(
        tool=om.Tool(driver=driver),
        invocations=[_invocation(report)],
        results=results,
        automation_details=om.RunAutomationDetails(id=f"sovlint/{report.profile}/"),
        column_kind="unicodeCodePoints",
        properties={
            "files": report.files,
            "resources": report.resources,
            "undetermined": report.undetermined,
            "inputs": list(report.inputs),
            "waived": report.waived,
            **({} if report.ceilings is None else {"ceilings": ceilings_object(report.ceilings)}),
        },
    )
    return om.SarifLog(schema_uri=SCHEMA_URI, version="2.1.0", runs=[run])


def _order(finding: Finding) -> tuple[object, ...]:
    """Most severe first, then by position; total, so that ties of fingerprints are numbered the same every time."""
    return (severity_rank(finding.severity), finding.location, finding.rule, finding.fingerprint, finding.message)


def _unique(fingerprint: str, seen: set[str]) -> str:
    """The fingerprint, with an ordinal if it was seen before."""
    candidate, ordinal = fingerprint, 1
    while candidate in seen:
        ordinal += 1
        candidate = f"{fingerprint}:{ordinal}"
    seen.add(candidate)
    return candidate


def _rule(rule: RuleInfo) -> Any:
    """A rule of the profile. It depends on the rule alone: GitHub merges rules of many uploads."""
    title = _sentence(rule.title)
    text = rule.help.strip() or title
    tags = dict.fromkeys(("security", "digital-sovereignty", *rule.tags, *rule.informs))
    return om.ReportingDescriptor(
        id=rule.code,
        name="".join(part.capitalize() for part in rule.name.split("-")),
        short_description=om.MultiformatMessageString(text=title[:_DESCRIPTION]),
        full_description=om.MultiformatMessageString(text=_description(rule)[:_DESCRIPTION]),
        help=om.MultiformatMessageString(text=_plain(text), markdown=text),
        help_uri=help_uri(rule.code),
        default_configuration=om.ReportingConfiguration(level=LEVELS[rule.severity]),
        properties={
            "tags": list(tags)[:_TAGS],
            "precision": "high",
            "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[
                LEVELS[rule.severity]
            ],
            "security-severity": SECURITY_SEVERITY[rule.severity],
            "slug": rule.name,
        },
    )


def _sentence(text: str) -> str:
    """A text with a first capital and a full stop."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")


def _description(rule: RuleInfo) -> str:
    """The first paragraph of the help that is prose; the title where there is none."""
    for paragraph in rule.help.split("\n\n"):
        if paragraph.strip() and not paragraph.lstrip().startswith(("#", "-", "*", "|", "`")):
            return _sentence(" ".join(_plain(paragraph).split()))
    return _sentence(rule.title)


_HEADING: Final = re.compile(r"^#+\s*", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)")


def _plain(markdown: str) -> str:
    """Markdown as plain text: no heading signs, emphasis and code signs; links with their address behind."""
    text = _LINK.sub(r"\1 (\2)", _HEADING.sub("", markdown))
    return text.replace("**", "").replace("`", "")


def _result(finding: Finding, index: dict[str, int], fingerprint: str, style: Style) -> Any:
    """A finding as a result."""
    hops = (*finding.via, *finding.related)[:_RELATED]
    location = _location(finding.location)
    _quote_source(location.physical_location, finding)
    location.logical_locations = [om.LogicalLocation(fully_qualified_name=finding.resource, kind="resource")]
    result = om.Result(
        rule_id=finding.rule,
        rule_index=index.get(finding.rule, -1),
        level=LEVELS[finding.severity],
        message=om.Message(text=_message(finding, len(finding.via), hops)),
        locations=[location],
        partial_fingerprints={"primaryLocationLineHash": fingerprint},
        properties=_properties(finding),
    )
    if hops:
        result.related_locations = [
            _location(hop.location, number, hop.note) for number, hop in enumerate(hops, start=1)
        ]
    if style.show_waived:
        # Once one result has suppressions, an empty list is what says "not suppressed" of the others.
        result.suppressions = [_suppression(finding.waiver)] if finding.waiver else []
    return result


def _properties(finding: Finding) -> dict[str, Any]:
    """What SARIF has no place for."""
    return {
        "severity": finding.severity,
        "confidence": finding.confidence,
        "verdict": finding.verdict,
        "resource": finding.resource,
        "kind": finding.kind,
        "value": finding.value,
        "affects": list(finding.affects[:_AFFECTS]),
        "affectsCount": max(finding.instances, len(finding.affects)),
        "informs": list(finding.informs),
        "profile": finding.profile,
    }


def _message(finding: Finding, via: int, hops: Sequence[Hop]) -> str:
    """The message, whom it affects, and links to every related location: without a link GitHub does not show them."""
    sentences = [_literal(_sentence(finding.message))]
    if len(finding.affects) > 1:
        names = some(finding.affects, _AFFECTS_NAMED)
        verb = affects_verb(finding.rule).capitalize()
        sentences.append(_literal(f"{verb} {plural(len(finding.affects), 'resource')}: {names}."))
    links = [f"[{_link_text(str(hop.location))}]({number})" for number, hop in enumerate(hops, start=1)]
    if links[:via]:
        sentences.append(f"Through {', '.join(links[:via])}.")
    if links[via:]:
        sentences.append(f"See {', '.join(links[via:])}.")
    return " ".join(sentences)


def _literal(text: str) -> str:
    """Text of the input that must not become a link of the message."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") if "](" in text else text


def _link_text(text: str) -> str:
    """Text inside the brackets of a link (SARIF 2.1.0, 3.11.6)."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _quote_source(physical: Any, finding: Finding) -> None:
    """Adds the text of the region and its line, for viewers without the files; only where one line holds it all."""
    location, line = finding.location, finding.snippet
    text = line[location.column - 1 : location.end_column - 1]
    if location.end_line != location.line or not text:
        return
    physical.region.snippet = om.ArtifactContent(text=text)
    if text != line:
        physical.context_region = om.Region(
            start_line=location.line, end_line=location.line, snippet=om.ArtifactContent(text=line)
        )


def _location(location: Location, number: int = -1, note: str = "") -> Any:
    """A place; `number` is what links of the message refer to."""
    region = om.Region(
        start_line=location.line,
        start_column=location.column,
        end_line=location.end_line,
        end_column=location.end_column,
    )
    return om.Location(
        id=number,
        physical_location=om.PhysicalLocation(
            artifact_location=om.ArtifactLocation(uri=_uri(location.path)),
            region=region,
        ),
        message=om.Message(text=note) if note else None,
    )


_NO_BYTE: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates that do not stand for a byte of a file name that is not UTF-8."""


def _uri(path: str) -> str:
    """A path of the tree as a relative URI reference; names that are not UTF-8 keep their bytes."""
    return quote(_NO_BYTE.sub("\ufffd", path), safe="/", errors="surrogateescape")


def _suppression(waiver: Waiver) -> Any:
    """A waiver: in the source, or in a configuration file apart from it."""
    outside = waiver.location.path.endswith((".sovlint.yaml", "pyproject.toml"))
    return om.Suppression(
        kind="external" if outside else "inSource",
        justification=f"{waiver.reason} ({waiver.owner}, until {waiver.until})",
        location=_location(waiver.location),
    )


def _invocation(report: Report) -> Any:
    """How the run went. Input that could not be read makes it unsuccessful: what was not read was not judged."""
    notifications = [*_problems(report.problems), *(_notification("note", note) for note in report.notes)]
    return om.Invocation(
        execution_successful=not any(problem.level == "error" for problem in report.problems),
        tool_execution_notifications=notifications,
    )


def _problems(problems: Iterable[Problem]) -> Iterable[Any]:
    """Problems as notifications."""
    for problem in problems:
        yield _notification(problem.level, problem.message, problem.code, problem.location)


def _notification(level: str, text: str, code: str = "", location: Location | None = None) -> Any:
    """Something about the run itself."""
    return om.Notification(
        level=level,
        message=om.Message(text=text),
        descriptor=om.ReportingDescriptorReference(id=code) if code else None,
        locations=[_location(location)] if location else None,
    )
