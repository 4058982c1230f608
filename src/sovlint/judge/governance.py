"""What is said of the run as a whole: waivers that are not in order, shares above their limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from sovlint.catalogue import Catalogue
from sovlint.judge.waivers import Waivers
from sovlint.model.fact import Cause, Fact, Governance, OperatorUse, Subject
from sovlint.model.finding import Waiver
from sovlint.model.source import Location

MIN_RESOURCES = 5
"""Resources below which a share says nothing."""


def governance(role: str, location: Location, address: str, reason: str, value: str | None = None) -> Governance:
    """A fact about the run, at a place of a file.

    Args:
        role: see `Governance`.
        location: where a person would change something.
        address: what it is about; part of the fingerprint.
        reason: one clause for a person.
        value: what stands there.
    """
    subject = Subject("", address, role, "project", "project", "", None, True, location)
    cause = Cause(location, address, value, reason=reason, attribute=role)
    return Governance(subject, role, role, "literal", cause)


def waiver_facts(waivers: Waivers, judged: Callable[[Waiver], bool]) -> Iterator[Governance]:
    """Waivers that are malformed or expired, or have nothing left to waive.

    Args:
        waivers: after they were applied to all atoms.
        judged: whether everything that a waiver could cover was part of the run.
    """
    for waiver in waivers.all:
        codes = ",".join(waiver.rules)
        if waiver.defect:
            reason = f"the waiver waives nothing: {waiver.defect}"
        elif waivers.expired(waiver):
            reason = f"the waiver of {codes} expired on {waiver.until} (owner {waiver.owner})"
        elif judged(waiver) and not waivers.used(waiver):
            reason = f"the waiver of {codes} has nothing left to waive (owner {waiver.owner})"
        else:
            continue
        yield governance("waiver", waiver.location, f"waiver of {codes}", reason, codes)


def share_facts(
    facts: Iterable[Fact],
    limits: Sequence[tuple[str, float, Location]],
    undetermined: int,
    resources: int,
    catalogue: Catalogue,
) -> Iterator[Governance]:
    """Shares above the configured limits.

    Args:
        facts: of the whole run.
        limits: name (`operator-share`, `unknown-share`), share from 0 to 1, and where it is configured.
        undetermined: resources whose place is not determined, of `resources`.
        resources: all resources.
        catalogue: for the names of operators.
    """
    for name, limit, location in limits:
        if name == "unknown-share":
            if resources >= MIN_RESOURCES and undetermined > limit * resources:
                share = f"{undetermined} of {resources} resources ({undetermined / resources:.0%})"
                yield governance("unknown", location, name, f"the place of {share} is not determined", f"{limit:g}")
            continue
        users: dict[str, set[tuple[str, str]]] = {}
        for fact in facts:
            if isinstance(fact, OperatorUse) and fact.role == "operator" and fact.subject.primary and fact.operator:
                users.setdefault(fact.operator, set()).add((fact.subject.unit, fact.subject.address))
        number = Counter({operator: len(subjects) for operator, subjects in users.items()})
        total = len(set().union(*users.values())) if users else 0
        for operator, count in sorted(number.items()):
            if total >= MIN_RESOURCES and count > limit * total:
                known = catalogue.operator(operator)
                title = known.name if known is not None else operator
                reason = f"{title} runs {count} of {total} resources ({count / total:.0%})"
                yield governance("concentration", location, f"{name} {operator}", reason, operator)
