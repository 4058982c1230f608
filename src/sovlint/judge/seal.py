"""The highest level per objective of a framework that findings still allow, and what sets it.

It never says that a level is reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.judge.profile import Profile, control_relation
from sovlint.model.finding import Atom, Ceiling, Ceilings, severity_rank

FRAMEWORK = "csf"
"""The framework whose data holds `ceilings`."""


def ceilings(atoms: Sequence[Atom], catalogue: Catalogue, profile: Profile) -> Ceilings | None:
    """What the atoms of a run leave of each objective; None where the catalogue has no such framework.

    Waivers do not lift a ceiling: an accepted dependency is still one. What is undetermined sets none, since it may
    turn out either way.

    Args:
        atoms: what the rules said, waived or not.
        catalogue: for the framework and the operators.
        profile: whose control area decides who is foreign.
    """
    data: dict[str, Any] = catalogue.shard("frameworks").get(FRAMEWORK, {})
    if "ceilings" not in data:
        return None
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in data["ceilings"]:
        for code in row["rules"]:
            rows.setdefault(code, []).append(row)
    # What decides is the same for very many atoms; of those the first in the files stands for all.
    first: dict[tuple[str, str, str, bool], Atom] = {}
    for atom in atoms:
        if atom.verdict == "violation":
            likeness = (atom.rule, atom.severity, atom.operator, atom.confidence == "heuristic")
            other = first.get(likeness)
            if other is None or atom.cause.location < other.cause.location:
                first[likeness] = atom
    lowest: dict[str, tuple[tuple[Any, ...], Atom]] = {}
    for atom in first.values():
        for row in rows.get(atom.rule, ()):
            if _counts(row, atom, catalogue, profile):
                # The lowest level sets it; of equal ones the surest, the most severe, the first in the files.
                order = (
                    row["at_most"],
                    atom.confidence == "heuristic",
                    severity_rank(atom.severity),
                    atom.cause.location,
                    atom.rule,
                )
                for objective in row["objectives"]:
                    if objective not in lowest or order < lowest[objective][0]:
                        lowest[objective] = (order, atom)
    return Ceilings(
        framework=FRAMEWORK,
        label=data["label"],
        version=data["version"],
        cited=FRAMEWORK in profile.cite,
        objectives=tuple(_ceiling(key, entry, lowest.get(key)) for key, entry in data["criteria"].items()),
    )


def _counts(row: dict[str, Any], atom: Atom, catalogue: Catalogue, profile: Profile) -> bool:
    if severity_rank(atom.severity) > severity_rank(row.get("from", "note")):
        return False
    return "control" not in row or control_relation(catalogue, atom.operator, profile.control_area) in row["control"]


def _ceiling(key: str, entry: dict[str, Any], found: tuple[tuple[Any, ...], Atom] | None) -> Ceiling:
    visible = "informs" in entry
    if found is None:
        return Ceiling(key, entry["title"], visible)
    order, atom = found
    return Ceiling(
        key, entry["title"], visible, order[0], atom.rule, atom.cause.location, atom.confidence == "heuristic"
    )
