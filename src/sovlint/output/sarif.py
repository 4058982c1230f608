"""SARIF 2.1.0, for GitHub code scanning and other viewers.

sarif-om gives the specification's classes for the frame of the log (here) and its rules (`sarif_rules`); results are
plain dictionaries (`sarif_results`), because there are thousands of them. What GitHub needs and shows is decided there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import sarif_om as om

from sovlint.model.finding import Report
from sovlint.model.problem import Problem
from sovlint.output.json import ceilings_object, comparison_object, registered_object
from sovlint.output.ordering import worst_first
from sovlint.output.sarif_json import dump
from sovlint.output.sarif_places import BASE, Places
from sovlint.output.sarif_results import Results
from sovlint.output.sarif_rules import Taxonomies, rule_descriptor
from sovlint.output.style import Style
from sovlint.output.words import HOME, shown

SCHEMA_URI: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_USER: Final = re.compile(r"(?<=://)[^/@]*@")
"""User and password in the address of a repository: they must not travel with a report."""


def render(report: Report, style: Style) -> str:
    """The report as a SARIF log. The same report gives the same bytes."""
    places = Places()
    taxonomies = Taxonomies(report.rules, report.framework_labels)
    results = Results(report, style, places)
    # Written before the log around them: what files there are is known when all results are.
    written = [results.written(finding) for finding in worst_first(shown(report, style))]
    return dump(_log(report, places, taxonomies), written) + "\n"


def _log(report: Report, places: Places, taxonomies: Taxonomies) -> Any:
    """The log with its one run, without its results."""
    invocation = _invocation(report, places)
    driver = om.ToolComponent(
        name="sovlint",
        version=report.version,
        semantic_version=report.version,
        information_uri=HOME,
        rules=[rule_descriptor(rule, taxonomies) for rule in report.rules],
        supported_taxonomies=taxonomies.references() or None,
    )
    run = om.Run(
        tool=om.Tool(driver=driver),
        invocations=[invocation],
        results=[],
        automation_details=om.RunAutomationDetails(id=f"sovlint/{report.profile}/"),
        column_kind="unicodeCodePoints",
        original_uri_base_ids={BASE: {"description": {"text": "The tree: the root of the repository."}}},
        taxonomies=taxonomies.components() or None,
        version_control_provenance=_provenance(report),
        properties=_properties(report),
    )
    run.artifacts = [{"location": file, "roles": ["analysisTarget"]} for file in places.files()]
    return om.SarifLog(schema_uri=SCHEMA_URI, version="2.1.0", runs=[run])


def _properties(report: Report) -> dict[str, Any]:
    """What SARIF has no place for."""
    return {
        "files": report.files,
        "resources": report.resources,
        "undetermined": report.undetermined,
        "inputs": list(report.inputs),
        "waived": report.waived,
        "environments": list(report.environments),
        # Not as results of the state "absent": GitHub would open alerts for them.
        "comparison": comparison_object(report),
        "waivers": [registered_object(entry) for entry in report.waivers],
        **({} if report.ceilings is None else {"ceilings": ceilings_object(report.ceilings)}),
    }


def _provenance(report: Report) -> list[Any] | None:
    """The commit that was scanned, if the report knows it; a remote that is no URI (`git@host:path`) is none."""
    uri = _USER.sub("", report.repository)
    if "://" not in uri or not uri.isascii() or not uri.isprintable() or " " in uri:
        return None
    return [
        om.VersionControlDetails(
            repository_uri=uri, revision_id=report.revision or None, mapped_to=om.ArtifactLocation(uri_base_id=BASE)
        )
    ]


def _invocation(report: Report, places: Places) -> Any:
    """How the run went. Input that could not be read makes it unsuccessful: what was not read was not judged."""
    notifications = [*_problems(report.problems, places), *(_note(note) for note in report.notes)]
    return om.Invocation(
        execution_successful=not any(problem.level == "error" for problem in report.problems),
        tool_execution_notifications=notifications,
    )


def _problems(problems: Iterable[Problem], places: Places) -> Iterable[Any]:
    """Problems as notifications."""
    for problem in problems:
        yield om.Notification(
            level=problem.level,
            message=om.Message(text=problem.message),
            descriptor=om.ReportingDescriptorReference(id=problem.code),
            locations=[places.location(problem.location)],
        )


def _note(text: str) -> Any:
    """A sentence about the run."""
    return om.Notification(level="note", message=om.Message(text=text))
