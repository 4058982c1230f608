"""Whole projects against the real `terraform plan`: addresses of all instances and every value that Terraform knows.

What it said is recorded in each `plan.expected.json`; where the binary exists the record is made again.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from terraform_plans import (
    PROJECTS,
    case_of,
    differences,
    expected_of,
    load,
    plain,
    recorder,
    resource_differences,
)

from sovlint.model.source import SourceFile, Span
from sovlint.resolve.terraform.attributes import BlockAttributes

ALL = sorted(p for p in PROJECTS.iterdir() if p.is_dir())
NOWHERE = Span(SourceFile("test", ""), 0, 0)


@pytest.fixture(params=ALL, ids=lambda p: str(p.name))
def project(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_there_are_enough_projects() -> None:
    assert len(ALL) >= 12


def test_files_are_read_without_a_problem(project: Path) -> None:
    assert load(project).problems == []


def test_the_same_instances(project: Path) -> None:
    ours = sorted(r.address for r in load(project).resources if r.mode in ("managed", "data"))
    assert ours == sorted(expected_of(project)["resources"])


def test_the_same_values(project: Path) -> None:
    expected = expected_of(project)["resources"]
    excused = case_of(project).get("unknown_to_us", {})
    found: list[str] = []
    for resource in load(project).resources:
        if resource.mode in ("managed", "data"):
            assert isinstance(resource.attributes, BlockAttributes)
            found += resource_differences(resource.address, expected[resource.address], resource.attributes)
    assert [text for text in found if text.partition(": ")[0] not in excused] == []


def test_the_same_outputs(project: Path) -> None:
    loaded = load(project)
    found: list[str] = []
    for name, recorded in expected_of(project)["outputs"].items():
        ours = plain(loaded.root.output(name, NOWHERE))
        found += differences(recorded["known"], recorded["unknown"], ours, f"output.{name}")
    assert found == []


def test_the_same_provider_configurations(project: Path) -> None:
    loaded = load(project)
    ours = {}
    for resource in loaded.resources:
        if resource.provider is not None:
            block = re.sub(r"\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\]", "", resource.address)
            ours[block] = resource.provider.address.rpartition("provider.")[2]
    names = case_of(project).get("provider_names", {})
    recorded = expected_of(project)["providers"]
    assert ours == {block: names.get(recorded[block], recorded[block]) for block in ours}


def test_the_record_is_what_terraform_says_today(project: Path) -> None:
    tool = recorder()
    if not tool.can_be_planned(project):
        pytest.skip("the binary `terraform` is not on PATH, or the provider that the project needs is not installed")
    assert tool.summary(tool.show(project)) == expected_of(project)
