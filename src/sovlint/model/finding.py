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

    A `region` without operator says that no particular one can be named.

    `effort` is S, M, L or XL; `api` what it is compatible with; `loses` what does not come along; `licence` (SPDX) for
    self-hosted software; `source` and `as_of` where the option was looked up and when; `replaces` the services it would
    take the place of, where a finding is about several.
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
    source: str = ""
    as_of: str = ""
    replaces: tuple[str, ...] = ()


class Waiver(NamedTuple):
    """A recorded, accepted risk.

    Attributes:
        location: where the waiver is written.
        until: inclusive (UTC), YYYY-MM-DD.
        defect: why it waives nothing; empty if it is in order.
        paths, addresses: globs; what a waiver of the configuration covers. One in a file covers what it stands at.
        covers, within: one in an annotation covers the object declared at `covers`, there the attributes whose paths
            begin with `within`.
    """

    location: Location
    rules: tuple[str, ...]
    until: str
    owner: str
    reason: str
    defect: str = ""
    paths: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    configured: bool = False
    covers: Location | None = None
    within: str = ""


class Atom(NamedTuple):
    """What one rule says of one fact. Waivers, baselines, selection and PATH act on atoms; grouping comes last.

    Attributes:
        group: key of the group it belongs to, apart from rule, verdict, severity and profile.
        fingerprint: of this atom: rule, unit, address, attribute, normalised value; never a line number.
        operator: operator id the finding is about, empty where it is about none.
        root: the cause, for an atom that was moved to the place that brought it.
        environments: those in which it holds, if not in all.
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
    root: Hop | None = None
    environments: tuple[str, ...] = ()


class Finding(NamedTuple):
    """A group of atoms, ready to show. Nothing changes it afterwards; field meanings as in INTERFACE ("JSON report").

    Attributes:
        affects: instance addresses, sorted, never empty; the same address in several units stands once.
        units: units that what is affected belongs to, sorted.
        instances: how many instances are affected, over all units.
        environments: those in which it holds, sorted; empty if it holds in all.
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
    units: tuple[str, ...] = ()
    instances: int = 0
    environments: tuple[str, ...] = ()


class RuleInfo(NamedTuple):
    """What a report has to know of a rule. `help` is markdown: why, what to do, when it is fine."""

    code: str
    name: str
    title: str
    severity: Severity
    informs: tuple[str, ...]
    help: str
    tags: tuple[str, ...] = ()


class RegisteredWaiver(NamedTuple):
    """A waiver of the run, for the register of accepted risks.

    Attributes:
        state: `in-force`; `unused` (in force, but nothing in this run needs it); `expired`; `malformed`.
        covers: how many atoms (rule, resource, attribute) it covered in this run.
    """

    waiver: Waiver
    state: Literal["in-force", "unused", "expired", "malformed"]
    covers: int = 0


class Solved(NamedTuple):
    """What a baseline or the base of a comparison had, and is there no more. `path` and `line` are those of then."""

    rule: str
    address: str
    path: str
    line: int
    message: str


class Ceiling(NamedTuple):
    """The highest level of one objective that the findings still allow.

    Attributes:
        visible: configuration can inform the objective at all.
        at_most: the level; None where no finding limits it, which does not say that any level is reached.
        rule, location: the finding that sets it.
        heuristic: a guess or an assumed fact took part in that finding.
    """

    objective: str
    title: str
    visible: bool
    at_most: int | None = None
    rule: str = ""
    location: Location | None = None
    heuristic: bool = False


class Ceilings(NamedTuple):
    """Ceilings of all objectives of a framework. `cited`: the profile cites the framework."""

    framework: str
    label: str
    version: str
    cited: bool
    objectives: tuple[Ceiling, ...]

    @property
    def at_most(self) -> int | None:
        """The overall ceiling: the lowest of all; None where nothing limits it."""
        return min((c.at_most for c in self.objectives if c.at_most is not None), default=None)


class Report(NamedTuple):
    """The result of a run; every output format is a function of this alone.

    Attributes:
        findings: sorted by path, line, column, rule; without waived ones unless they were asked for.
        rules: every rule of the profile, so that formats can describe them; never varies with results.
        undetermined: number of resource instances of which something could not be determined.
        inputs: variables that would determine them, sorted; `decidable`: how many of them.
        zone_labels: profile zone id → what to call it ("EEA").
        place_zones: zones a country belongs to, for the `place.zones` of JSON.
        notes: sentences about the run itself (charts that were not rendered, remote modules that were not read).
        framework_labels: framework id → what people call it ("gaia-x" → "Gaia-X").
        waivers: all waivers of the run, whether they covered something or not, by place.
        compared: what the findings were compared with: `baseline FILE` or `diff REVISION`; empty for nothing.
        known: with a comparison: atoms that were there before, and are left out.
        solved: with a comparison: what is there no more.
        change: with a comparison: how dependencies change, a clause per operator (`+2 on Amazon Web Services`).
        environments: those of the configuration that were evaluated, in order; after them those of helmfiles if a
            finding holds in some of these only.
        timings: stage → seconds, in order; only where they were asked for.
        ceilings: the highest levels that the findings still allow, None where that was not asked.
        repository: address of the repository that was scanned, empty where it is not known.
        revision: the commit that was scanned, empty where it is not known or the files differ from it.
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
    decidable: int = 0
    zones_of_country: Mapping[str, tuple[str, ...]] = {}
    country_names: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()
    framework_labels: Mapping[str, str] = {}
    waivers: tuple[RegisteredWaiver, ...] = ()
    compared: str = ""
    known: int = 0
    solved: tuple[Solved, ...] = ()
    change: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    timings: tuple[tuple[str, float], ...] = ()
    ceilings: Ceilings | None = None
    repository: str = ""
    revision: str = ""
