"""In which environments of a helmfile a fact holds: what several of them say is one fact."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sovlint.model.fact import Fact
from sovlint.model.source import Location


def of_environments(found: Sequence[list[Fact]], names: Sequence[str], environments: Sequence[str]) -> list[list[Fact]]:
    """Facts of one unit, each once, with the environments in which it holds if these are not all.

    Args:
        found: facts of each resource.
        names: the environment of each resource; empty where there is only one.
        environments: all of the unit.
    """
    holds: dict[tuple[object, ...], list[str]] = {}
    first: dict[tuple[object, ...], Fact] = {}
    out: list[list[Fact]] = []
    for facts, name in zip(found, names, strict=True):
        kept: list[Fact] = []
        for fact in facts:
            cause = fact.cause
            # What is told of it may lead through other files in each environment.
            key: tuple[object, ...] = (type(fact), fact.role, fact.subject.address, fact.attribute)
            key = (*key, cause.location, cause.value, cause.known)
            if key not in first:
                first[key] = fact
                kept.append(fact)
            holds.setdefault(key, []).append(name)
        out.append(kept)
    # A release may have another name in each environment: it is one value that they share.
    at: dict[tuple[object, ...], set[str]] = {}
    for mark, names_ in holds.items():
        at.setdefault((mark[0], mark[1], mark[4], mark[5]), set()).update(names_)
    for mark, fact in first.items():
        own = set(holds[mark])
        if "" not in own and len(at[mark[0], mark[1], mark[4], mark[5]]) < len(environments):
            fact.cause = fact.cause._replace(environments=tuple(name for name in environments if name in own))
    return out


OVERRIDDEN = "every release of the chart in a helmfile has another value here"


def remark_overridden(facts: Sequence[Fact], places: Collection[Location]) -> None:
    """Findings at values of a chart that are never deployed so are notes."""
    for fact in facts:
        if fact.cause.location in places and fact.subject.format == "helm" and not fact.cause.remark:
            fact.cause = fact.cause._replace(remark=OVERRIDDEN)
