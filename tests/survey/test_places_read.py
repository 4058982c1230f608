"""Every place of the lists is read: a foreign value gives the finding of its role at that value, a European one none.

One minimal resource per attribute, all of a provider in one root module in memory.
"""

from __future__ import annotations

from functools import cache

import pytest

from places_data import Attribute, attributes, catalogue, spec_of
from sovlint.catalogue.entries import PlaceSpec, TypeEntry
from sovlint.discovery import MemoryTree
from sovlint.judge.judge import Judge
from sovlint.model.fact import Placement
from sovlint.model.finding import Atom
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.load import load_root
from sovlint.survey.dependencies import Dependencies
from sovlint.survey.terraform import TerraformSurvey

RULES = {"copy": "SOV103", "logs": "SOV106", "client": "SOV107", "key": "SOV302", "inference": "SOV802"}
PLACING = {"SOV101", "SOV102", "SOV103", "SOV104", "SOV106", "SOV107", "SOV109", "SOV302", "SOV801", "SOV802"}

REGIONS = {  # namespace → (outside, inside) as region and as zone
    "aws": (("us-east-1", "us-east-1a"), ("eu-central-1", "eu-central-1b")),
    "azure": (("eastus", "eastus"), ("westeurope", "westeurope")),
    "google": (("us-central1", "us-central1-a"), ("europe-west4", "europe-west4-b")),
    "google-spanner": (("regional-us-central1",) * 2, ("regional-europe-west4",) * 2),
    "oci": (("us-ashburn-1",) * 2, ("eu-frankfurt-1",) * 2),
}
PROVIDER = {
    "aws": 'provider "aws" {\n  region = "eu-west-1"\n}\n',
    "azurerm": 'provider "azurerm" {\n  features {}\n}\n',
    "google": 'provider "google" {\n  region = "europe-west1"\n}\n',
}
FOREIGN, EUROPEAN = 0, 1


class Case:
    """One attribute in a resource of its own, and where its value stands."""

    def __init__(self, row: Attribute, spec: PlaceSpec, number: int, side: int) -> None:
        self.row, self.spec = row, spec
        self.address = f"{row.type}.r{number}"
        self.entry: TypeEntry = catalogue().type_entry(row.provider, row.type)
        self.value = self._text(side)
        self.block = [f'resource "{row.type}" "r{number}" {{']
        indent = "  "
        if spec.carries == "pair":
            # The pair of Brazil South lies in another country.
            self.block.append(f'{indent}location = "{("brazilsouth", "westeurope")[side]}"')
        elif row.provider == "azurerm" and "location" not in (row.route, self._shadowed()):
            self.block.append(f'{indent}location = "westeurope"')
        *blocks, name = row.route.split(".")
        for block in blocks:
            self.block.append(f"{indent}{block} {{")
            indent += "  "
        before = f'"{self._text(EUROPEAN)}", ' if row.shape == "list" and not spec.within_configuration else ""
        shown = self.value if row.shape == "bool" else f'"{self.value}"'
        self.block.append(f"{indent}{name} = {f'[{before}{shown}]' if row.shape == 'list' else shown}")
        self.line = len(self.block)
        self.column = self.block[-1].rindex(shown) + 1
        self.block += ["  " * depth + "}" for depth in range(len(blocks), -1, -1)]

    def _shadowed(self) -> str:
        return self.row.route if self.spec.role == "primary" else ""

    def _text(self, side: int) -> str:
        if self.spec.carries in ("pair", "automatic"):
            return self.spec.words[0]
        if self.spec.carries == "model":
            return ("us.anthropic.claude-x", "eu.anthropic.claude-x")[side]
        region, zone = REGIONS[self.spec.namespace][side]
        if self.spec.carries == "arn":
            return f"arn:aws:service:{region}:111122223333:thing/one"
        return zone if self.row.kind == "zone" else region

    def rule(self) -> str | None:
        """The rule that judges the foreign value; None where the type holds nothing."""
        asked = Dependencies(catalogue()).of_type(self.entry)
        if self.spec.role == "primary" and asked is not None and asked.key_copy:
            return RULES["key"]
        if self.spec.carries == "automatic":
            return "SOV104"
        if self.spec.role in ("primary", "residency"):
            return "SOV101" if self.entry.primary else None
        return RULES[self.spec.role]


@cache
def judged(provider: str, side: int) -> list[tuple[Case, int, list[Atom], list[Placement]]]:
    """Every attribute of a provider that is read: the case, its first line, what the rules say and the placements."""
    cases: list[Case] = []
    for row in attributes():
        spec = spec_of(provider, row.type, row.route) if row.provider == provider and row.type != "provider" else None
        if spec is not None and row.shape != "block" and spec.carries not in ("reference", "host"):
            cases.append(Case(row, spec, len(cases), side))
    text, starts = PROVIDER[provider], []
    for case in cases:
        starts.append(text.count("\n"))
        text += "\n".join(case.block) + "\n"
    loaded = load_root(FolderCache(MemoryTree({"main.tf": text})), "", Given())
    assert loaded.problems == []
    facts = list(TerraformSurvey(catalogue()).facts(loaded.resources))
    atoms: dict[str, list[Atom]] = {}
    for atom in Judge(catalogue(), "eu-baseline").atoms(facts):
        atoms.setdefault(atom.subject.address, []).append(atom)
    placements: dict[str, list[Placement]] = {}
    for fact in facts:
        if isinstance(fact, Placement):
            placements.setdefault(fact.subject.address, []).append(fact)
    return [
        (case, start, atoms.get(case.address, []), placements.get(case.address, []))
        for case, start in zip(cases, starts, strict=True)
    ]


@pytest.mark.parametrize("provider", sorted(PROVIDER))
def test_a_foreign_value_is_found_where_it_stands(provider: str) -> None:
    cases = judged(provider, FOREIGN)
    assert len(cases) > 300
    wrong = []
    for case, start, atoms, placements in cases:
        place = (start + case.line, case.column)
        rule = case.rule()
        if rule is None:
            got = [(p.cause.location.line, p.cause.location.column) for p in placements if p.places]
            met = place in got and not any(atom.rule in PLACING for atom in atoms)
        else:
            met = (rule, *place) in [(a.rule, a.cause.location.line, a.cause.location.column) for a in atoms]
        if not met:
            found = [(a.rule, a.cause.location.line - start, a.cause.location.column) for a in atoms]
            wrong.append(f"{case.row.name}: {rule} at {case.line}:{case.column}, found {found}")
    assert wrong == []


@pytest.mark.parametrize("provider", sorted(PROVIDER))
def test_a_european_value_gives_no_finding(provider: str) -> None:
    wrong = []
    for case, _, atoms, _ in judged(provider, EUROPEAN):
        # What belongs to a parent that nobody wrote is undetermined, whatever else it says.
        orphan = {"SOV109"} if case.entry.place_mode == "parent" and case.spec.role != "primary" else set()
        found = sorted({atom.rule for atom in atoms} & PLACING - orphan)
        if found and case.spec.carries != "automatic":
            wrong.append(f"{case.row.name}: {found}")
    assert wrong == []
