"""Atoms, findings and the report: what judge makes of facts."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from sovlint.model.fact import Cause, Confidence, Hop, Place, Subject
from sovlint.model.problem import Problem
from sovlint.model.source import Location

Severity: TypeAlias = Literal["critical", "high", "medium", "low", "note"]
Verdict: TypeAlias = Literal["violation", "undetermined"]

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "note")
"""Most severe first."""


def severity_rank(severity: str) -> int:
    """0 for critical … 4 for note; 5 for `never`, which no severity reaches."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


class Evidence(NamedTuple):
    """Why an alternative is shown: an attestation or document with its date."""

    scheme: str
    source: str
    as_of: str


class Alternative(NamedTuple):
    """A way out. `kind`: `region` (same operator, inside the zone), `managed` (another operator), `self-hosted`.

    `effort` is S, M, L or XL; `api` what it is compatible with; `loses` what does not come along; `licence` (SPDX) for
    self-hosted software.
    """

    title: str
    kind: Literal["region", "managed", "self-hosted"]
    operator: str = ""
    country: str = ""
    terraform_types: tuple[str, ...] = ()
    effort: str = ""
    api: str = ""
    loses: str = ""
    licence: str = ""
    evidence: tuple[Evidence, ...] = ()


class Waiver(NamedTuple):
    """A recorded, accepted risk. `location` is where the waiver is written; `until` is inclusive (UTC).

    One in an annotation covers the object declared at `covers`, there the attributes whose paths begin with `within`.
    """

    location: Location
    rules: tuple[str, ...]
    until: str
    owner: str
    reason: str
    defect: str = ""
    covers: Location | None = None
    within: str = ""


class Atom(NamedTuple):
    """What one rule says of one fact. Waivers, baselines, selection and PATH act on atoms; grouping comes last.

    Attributes:
        group: key of the group it belongs to, apart from rule, verdict, severity and profile.
        fingerprint: of this atom: rule, unit, address, attribute, normalised value; never a line number.
        operator: operator id the finding is about, empty where it is about none.
    """

    rule: str
    severity: Severity
    verdict: Verdict
    profile: str
    confidence: Confidence
    subject: Subject
    attribute: str
    cause: Cause
    message: str
    places: tuple[Place, ...]
    operator: str
    service: str | None
    group: tuple[object, ...]
    fingerprint: str
    waiver: Waiver | None = None


class Finding(NamedTuple):
    """A group of atoms, ready to show. Nothing changes it afterwards; field meanings as in INTERFACE ("JSON report").

    Attributes:
        affects: instance addresses, sorted, never empty.
        related: further places worth a look (declarations of affected resources, other uses of an unresolved input).
        snippet: the source line of `location`, empty if it cannot be shown.
    """

    rule: str
    name: str
    severity: Severity
    verdict: Verdict
    confidence: Confidence
    message: str
    location: Location
    resource: str
    kind: str
    value: str | None
    place: Place | None
    affects: tuple[str, ...]
    via: tuple[Hop, ...]
    related: tuple[Hop, ...]
    alternatives: tuple[Alternative, ...]
    informs: tuple[str, ...]
    fingerprint: str
    profile: str
    inputs: tuple[str, ...] = ()
    waiver: Waiver | None = None
    snippet: str = ""


class RuleInfo(NamedTuple):
    """What a report has to know of a rule. `help` is markdown: why, what to do, when it is fine."""

    code: str
    name: str
    title: str
    severity: Severity
    informs: tuple[str, ...]
    help: str
    tags: tuple[str, ...] = ()


class Report(NamedTuple):
    """The result of a run; every output format is a function of this alone.

    Attributes:
        findings: sorted by path, line, column, rule; without waived ones unless they were asked for.
        rules: every rule of the profile, so that formats can describe them; never varies with results.
        undetermined: number of resource instances of which something could not be determined.
        inputs: variables that would determine them, sorted.
        zone_labels: profile zone id → what to call it ("EEA").
        place_zones: zones a country belongs to, for the `place.zones` of JSON.
        notes: sentences about the run itself (charts that were not rendered, remote modules that were not read).
        framework_labels: framework id → what people call it ("gaia-x" → "Gaia-X").
    """

    version: str
    profile: str
    files: int
    resources: int
    undetermined: int
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    rules: tuple[RuleInfo, ...]
    waived: int = 0
    inputs: tuple[str, ...] = ()
    zones_of_country: Mapping[str, tuple[str, ...]] = {}
    country_names: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()
    framework_labels: Mapping[str, str] = {}
