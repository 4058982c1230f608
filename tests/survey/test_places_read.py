"""Every place of the lists is read: a foreign value gives the finding of its role at that value, a European one none.

One minimal resource per attribute, all of a provider in one root module in memory.
"""

from __future__ import annotations

from functools import cache

import pytest

from places_data import Attribute, attributes, catalogue, hidden, reason, spec_of
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
TARGET = {  # what a reference leads to
    "aws": 'resource "aws_sqs_queue" "t{0}" {{\n  region = "{1}"\n}}\n',
    "azurerm": 'resource "azurerm_resource_group" "t{0}" {{\n  location = "{1}"\n}}\n',
    "google": 'resource "google_storage_bucket" "t{0}" {{\n  location = "{1}"\n}}\n',
}
HOSTS = {
    "service_name": "com.amazonaws.{}.s3",
    "image_uri": "111122223333.dkr.ecr.{}.amazonaws.com/app:1",
    "alias.name": "front.{}.elb.amazonaws.com",
}
MODELS = {"aws": ("us.anthropic.claude-x", "eu.anthropic.claude-x"), "azurerm": ("GlobalStandard", "Standard")}
FOREIGN, EUROPEAN = 0, 1


class Case:
    """One attribute in a resource of its own, and where its value stands."""

    def __init__(self, row: Attribute, spec: PlaceSpec, number: int, side: int) -> None:
        self.row, self.spec = row, spec
        self.address = f"{row.type}.r{number}"
        self.entry: TypeEntry = catalogue().type_entry(row.provider, row.type)
        self.value = self._text(side)
        self.block = [f'resource "{row.type}" "r{number}" {{']
        self.before: list[str] = []
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
        shown = self.value if row.shape == "bool" or spec.carries == "reference" else f'"{self.value}"'
        if spec.carries == "reference":
            shown = f"{TARGET[row.provider].split(chr(34))[1]}.t{number}.id"
        self.block.append(f"{indent}{name} = {f'[{before}{shown}]' if row.shape == 'list' else shown}")
        self.line = len(self.block)
        self.column = self.block[-1].rindex(shown) + 1
        if spec.carries == "reference":
            region = REGIONS[spec.namespace][side][0]
            self.before = TARGET[row.provider].format(number, region).splitlines()
            self.line, self.column = 2, self.before[1].index(f'"{region}"') + 1
        else:
            self.line += len(self.before)
        self.block += ["  " * depth + "}" for depth in range(len(blocks), -1, -1)]

    def _shadowed(self) -> str:
        return self.row.route if self.spec.role == "primary" else ""

    def _text(self, side: int) -> str:
        if self.spec.carries in ("pair", "automatic"):
            return self.spec.words[0]
        if self.spec.carries == "host":
            return HOSTS[self.row.route].format(REGIONS["aws"][side][0])
        if self.spec.carries == "model":
            return MODELS[self.row.provider][side]
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
        if self.value == "GlobalStandard":
            return "SOV801"
        if self.spec.role in ("primary", "residency"):
            return "SOV101" if self.entry.primary else None
        return RULES[self.spec.role]


Judged = list[tuple[Case, int, list[Atom], list[Placement]]]


@cache
def judged(provider: str, side: int) -> Judged:
    """Every attribute of a provider that is read: the case, its first line, what the rules say and the placements."""
    cases: list[Case] = []
    for row in dict.fromkeys((*attributes(), *hidden())):
        spec = spec_of(provider, row.type, row.route) if row.provider == provider and row.type != "provider" else None
        if spec is not None and row.shape != "block":
            cases.append(Case(row, spec, len(cases), side))
    return _judge(provider, cases)


def named_as_none(provider: str) -> Judged:
    """The attributes that the catalogue names as no places, each with the name of a foreign region."""
    cases: list[Case] = []
    for row in attributes():
        if row.provider != provider or row.type == "provider" or row.shape not in ("text", "list"):
            continue
        if spec_of(provider, row.type, row.route) is None and reason(provider, row.type, row.route):
            namespace = {"azurerm": "azure"}.get(provider, provider)
            spec = PlaceSpec(tuple(row.route.split(".")), "client", "region", namespace)
            cases.append(Case(row, spec, len(cases), FOREIGN))
    return _judge(provider, cases)


def _judge(provider: str, cases: list[Case]) -> Judged:
    text, starts = PROVIDER[provider], []
    for case in cases:
        starts.append(text.count("\n"))
        text += "\n".join((*case.before, *case.block)) + "\n"
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


@pytest.mark.parametrize("provider", sorted(PROVIDER))
def test_what_is_named_as_no_place_gives_no_finding(provider: str) -> None:
    cases = named_as_none(provider)
    assert len(cases) > 20
    wrong = [
        f"{case.row.name}: {atom.rule}"
        for case, start, atoms, _ in cases
        for atom in atoms
        if atom.rule in PLACING and atom.cause.location.line == start + case.line
    ]
    assert wrong == []
