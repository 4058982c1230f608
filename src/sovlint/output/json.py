"""JSON: the report for programs. Its schema is published as `policies/schema/report.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from sovlint.model.fact import Hop, Place
from sovlint.model.finding import Alternative, Ceilings, Finding, RegisteredWaiver, Report, Solved, Waiver
from sovlint.model.problem import Problem
from sovlint.output.style import Style
from sovlint.output.terminal import json_safe
from sovlint.output.words import counts, shown

SCHEMA: Final = "sovlint-report/1"
"""Name and major version of the format; the number changes when a key is renamed or loses its meaning."""

JsonObject: TypeAlias = dict[str, Any]


def render(report: Report, style: Style) -> str:
    """The report as indented JSON. Keys keep their order; the same report gives the same bytes.

    Findings become text one by one: as objects, and as the many small texts that the encoder makes, they take ten times
    the memory of the report.
    """
    findings = shown(report, style)
    frame = json_safe(json.dumps(_document(report, findings, []), ensure_ascii=False, indent=2))
    if not findings:
        return frame + "\n"
    before, empty, after = frame.partition('\n  "findings": []')
    assert empty
    # A text in JSON holds no line feed: every one of them is the encoder's, and may be indented.
    rows = (
        json_safe(json.dumps(finding_object(finding, report), ensure_ascii=False, indent=2)).replace("\n", "\n    ")
        for finding in findings
    )
    return "".join((before, '\n  "findings": [\n    ', ",\n    ".join(rows), "\n  ]", after, "\n"))


def document(report: Report, style: Style) -> JsonObject:
    """The report as plain values, as the schema describes it."""
    findings = shown(report, style)
    return _document(report, findings, [finding_object(finding, report) for finding in findings])


def _document(report: Report, findings: Sequence[Finding], objects: list[JsonObject]) -> JsonObject:
    return {
        **head_object(report, findings),
        "findings": objects,
        "problems": [problem_object(problem) for problem in report.problems],
        "inputs": list(report.inputs),
        "notes": list(report.notes),
        "environments": list(report.environments),
        "comparison": comparison_object(report),
        "waivers": [registered_object(entry) for entry in report.waivers],
        "ceilings": None if report.ceilings is None else ceilings_object(report.ceilings),
    }


def head_object(report: Report, findings: Sequence[Finding]) -> JsonObject:
    """What a report starts with: which format, by whom, judged by what, and the counts of what follows."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "sovlint", "version": report.version},
        "profile": report.profile,
        "summary": {
            "files": report.files,
            "resources": report.resources,
            "undetermined": report.undetermined,
            "findings": counts(findings),
            "waived": report.waived,
        },
    }


def comparison_object(report: Report) -> JsonObject | None:
    """What the findings were compared with, and what came of it; None where they were compared with nothing."""
    if not report.compared:
        return None
    return {
        "with": report.compared,
        "known": report.known,
        "solved": [solved_object(solved) for solved in report.solved],
        "change": list(report.change),
    }


def solved_object(solved: Solved) -> JsonObject:
    """What was there before and is there no more."""
    return {
        "rule": solved.rule,
        "address": solved.address,
        "path": solved.path,
        "line": solved.line,
        "message": solved.message,
    }


def ceilings_object(ceilings: Ceilings) -> JsonObject:
    """The highest levels that the findings still allow; never a level that is reached."""
    return {
        "framework": ceilings.framework,
        "version": ceilings.version,
        "at_most": ceilings.at_most,
        "objectives": [
            {
                "objective": ceiling.objective,
                "title": ceiling.title,
                "visible": ceiling.visible,
                "at_most": ceiling.at_most,
                "rule": ceiling.rule or None,
                "path": ceiling.location.path if ceiling.location else None,
                "line": ceiling.location.line if ceiling.location else None,
                "column": ceiling.location.column if ceiling.location else None,
                "heuristic": ceiling.heuristic,
            }
            for ceiling in ceilings.objectives
        ],
    }


def registered_object(entry: RegisteredWaiver) -> JsonObject:
    """A line of the register of accepted risks."""
    waiver = entry.waiver
    return {
        **_waiver(waiver),
        "paths": list(waiver.paths),
        "addresses": list(waiver.addresses),
        "configured": waiver.configured,
        "state": entry.state,
        "defect": waiver.defect,
        "covers": entry.covers,
    }


def finding_object(finding: Finding, report: Report) -> JsonObject:
    """One finding as plain values; the unit of `jsonl`, too."""
    location = finding.location
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "verdict": finding.verdict,
        "confidence": finding.confidence,
        "message": finding.message,
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
        "resource": finding.resource,
        "kind": finding.kind,
        "value": finding.value,
        "place": None if finding.place is None else place_object(finding.place, report),
        "affects": list(finding.affects),
        "instances": finding.instances,
        "units": list(finding.units),
        "environments": list(finding.environments),
        "via": _hops(finding.via),
        "related": _hops(finding.related),
        "alternatives": [alternative_object(alternative) for alternative in finding.alternatives],
        "informs": list(finding.informs),
        "inputs": list(finding.inputs),
        "profile": finding.profile,
        "fingerprint": finding.fingerprint,
        "waiver": None if finding.waiver is None else _waiver(finding.waiver),
    }


def place_object(place: Place, report: Report) -> JsonObject:
    """A place. Of a multi-region, `country` is null and `zones` are those that all its countries share.

    So it is for a name that several operators use; `operator` is null then.
    """
    zones = [report.zones_of_country.get(country, ()) for country in place.countries]
    return {
        "operator": place.operator or None,
        "region": place.name,
        "title": place.title,
        "kind": place.kind,
        "country": place.countries[0] if len(place.countries) == 1 else None,
        "countries": list(place.countries),
        "zones": [zone for zone in zones[0] if all(zone in other for other in zones)] if zones else [],
    }


def _hops(hops: Iterable[Hop]) -> list[JsonObject]:
    """Places on the way of a value, from the cause outward."""
    return [
        {"path": hop.location.path, "line": hop.location.line, "column": hop.location.column, "note": hop.note}
        for hop in hops
    ]


def alternative_object(alternative: Alternative) -> JsonObject:
    """A way out, with why it is shown."""
    return {
        "title": alternative.title,
        "kind": alternative.kind,
        "operator": alternative.operator,
        "country": alternative.country,
        "terraform_types": list(alternative.terraform_types),
        "effort": alternative.effort,
        "api": alternative.api,
        "loses": alternative.loses,
        "licence": alternative.licence,
        "replaces": list(alternative.replaces),
        "source": alternative.source,
        "as_of": alternative.as_of,
        "evidence": [
            {"scheme": evidence.scheme, "source": evidence.source, "as_of": evidence.as_of}
            for evidence in alternative.evidence
        ],
    }


def _waiver(waiver: Waiver) -> JsonObject:
    """The accepted risk that covers a finding, and where it is written."""
    return {
        "rules": list(waiver.rules),
        "until": waiver.until,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "path": waiver.location.path,
        "line": waiver.location.line,
    }


def problem_object(problem: Problem) -> JsonObject:
    """Input that could not be used."""
    return {
        "code": problem.code,
        "path": problem.location.path,
        "line": problem.location.line,
        "column": problem.location.column,
        "message": problem.message,
        "level": problem.level,
    }
