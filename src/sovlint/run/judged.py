"""Facts become atoms as soon as their unit is complete: they need neither be kept nor carried between processes."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from sovlint.config import Config
from sovlint.discovery import Found
from sovlint.judge.profile import zone_relation
from sovlint.judge.scopes import ScopedJudge
from sovlint.judge.ways_out import Instance, neighbours_of
from sovlint.model.fact import Fact, Placement
from sovlint.model.finding import Atom
from sovlint.run.gathered import Gathered


class Judged(NamedTuple):
    """What the rules say of everything that was gathered, before waivers and comparisons.

    Attributes:
        atoms: merged over environments.
        facts: of all environments; only those that were kept for this moment.
        undetermined: instances whose place is not determined, and whether inputs would determine it.
    """

    atoms: list[Atom]
    facts: list[Fact]
    undetermined: dict[Instance, bool]


Settle: TypeAlias = Callable[[Gathered], None]
"""Judges the facts of a part of a run; they are gone then."""


def settling(config: Config, judge: ScopedJudge, found: Found) -> Settle | None:
    """How parts of this run are settled; None where something asks for the facts of all of it.

    Limits do, and charts that are rendered: what comes out replaces what was read.
    """
    if config.limits or config.helm_engine != "none":
        return None

    def settle(part: Gathered) -> None:
        settle_facts(part, config, judge, found)

    return settle


def judged(config: Config, judge: ScopedJudge, found: Found, runs: Sequence[tuple[str, Gathered]]) -> Judged:
    """Judges what every environment gave, as far as that was not done; what several of them say is one atom."""
    facts: list[Fact] = []
    undetermined: dict[Instance, bool] = {}
    for _, gathered in runs:
        facts.extend(settle_facts(gathered, config, judge, found))
        judge.need(gathered.scopes)
        for instance, decidable in gathered.undetermined.items():
            undetermined[instance] = decidable or undetermined.get(instance, False)
    if len(runs) == 1:
        return Judged(runs[0][1].atoms, facts, undetermined)
    merged: dict[tuple[object, ...], tuple[Atom, list[str]]] = {}
    for name, gathered in runs:
        for atom in gathered.atoms:
            cause = atom.cause
            key = (atom.fingerprint, atom.severity, atom.profile, cause.location, cause.known, cause.reason)
            merged.setdefault(key, (atom, []))[1].append(name)
    everywhere = len({name for name, _ in runs})
    atoms = [
        atom if len(set(names)) == everywhere else atom._replace(environments=tuple(dict.fromkeys(names)))
        for atom, names in merged.values()
    ]
    return Judged(atoms, facts, undetermined)


def settle_facts(part: Gathered, config: Config, judge: ScopedJudge, found: Found) -> list[Fact]:
    """Judges the facts of a part and takes them out of it; returns those that are reported on."""
    selected: dict[str, bool] = {}
    facts = []
    for fact in part.facts:
        path = fact.cause.location.path
        known = selected.get(path)
        if known is None:
            known = selected[path] = found.selects(path)
        if known or touches(fact, found):
            facts.append(fact)
    part.facts = []
    atoms = judge.atoms(facts)
    if config.unknown == "ignore" or config.min_confidence != "heuristic":
        atoms = [atom for atom in atoms if _wanted(atom, config)]
    part.atoms.extend(atoms)
    part.scopes.update(judge.scopes())
    placing = judge.placing()
    instances = {(atom.subject.unit, atom.subject.address) for atom in atoms if atom.rule in placing}
    part.neighbours.extend(neighbours_of(facts, instances))
    _note_undetermined(part, facts, judge)
    return facts


def touches(fact: Fact, found: Found) -> bool:
    """Whether a fact belongs to the paths given, when some of them are files."""
    cause = fact.cause
    if found.selects(cause.location.path) or found.selects(fact.subject.declared_at.path):
        return True
    # A unit's own terragrunt.hcl stands for all of it: module, provider and state are often written elsewhere.
    if found.named and posixpath.join(fact.subject.unit, "terragrunt.hcl") in found.named:
        return True
    return any(found.selects(hop.location.path) for hop in cause.via)


def _wanted(atom: Atom, config: Config) -> bool:
    if config.unknown == "ignore" and atom.verdict == "undetermined":
        return False
    order = ("heuristic", "resolved", "literal")
    return order.index(atom.confidence) >= order.index(config.min_confidence)


def _note_undetermined(part: Gathered, facts: list[Fact], judge: ScopedJudge) -> None:
    """The instances whose place is not determined, and what would place them."""
    zone = judge.profile.zone
    for fact in facts:
        if (
            type(fact) is Placement
            and fact.subject.primary
            and fact.role != "default"
            and zone_relation(fact.places, zone) == "undetermined"
        ):
            instance = (fact.subject.unit, fact.subject.address)
            part.inputs.update(fact.cause.inputs)
            part.undetermined[instance] = bool(fact.cause.inputs) or part.undetermined.get(instance, False)
