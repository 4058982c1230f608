"""`--plan`: values come from the plan, places from the source where it is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terraform_plans import PROJECTS

from sovlint.discovery.tree import MemoryTree
from sovlint.model.resource import Resource
from sovlint.model.value import Known, Unknown, Value
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.load import LoadedRoot
from sovlint.resolve.terraform.plan import load_plan
from sovlint.resolve.terraform.plan_configuration import key_of, outer_module, split_module, without_keys
from support import run_sovlint

PROJECT = PROJECTS / "plan-file"


def files_of(project: Path) -> dict[str, str | bytes]:
    return {p.relative_to(project).as_posix(): p.read_bytes() for p in sorted(project.rglob("*")) if p.is_file()}


def load(files: dict[str, str | bytes], folder: str = "", plan: str = "plan.json") -> LoadedRoot:
    return load_plan(FolderCache(MemoryTree(files)), folder, Given(), plan)


def by_address(loaded: LoadedRoot) -> dict[str, Resource]:
    return {resource.address: resource for resource in loaded.resources}


def the(resource: Resource, *route: str) -> Value:
    values = [value for _, value in resource.attributes.select(route)]
    assert len(values) == 1, values
    return values[0]


def at(value: Value) -> tuple[str, str]:
    return value.span.file.path, value.span.text


@pytest.fixture(scope="module")
def planned() -> dict[str, Resource]:
    return by_address(load(files_of(PROJECT)))


def test_all_instances_of_the_plan(planned: dict[str, Resource]) -> None:
    assert set(planned) == {
        "aws_dynamodb_table.t",
        'aws_s3_bucket.a["p"]',
        'aws_s3_bucket.a["q"]',
        "aws_instance.i",
        "aws_subnet.s",
        "aws_vpc.v",
        "module.remote.module.deep.aws_ebs_volume.x",
        "module.remote.module.deep.aws_subnet.x",
    }


def test_a_value_of_the_plan_stands_at_its_expression(planned: dict[str, Resource]) -> None:
    value = the(planned["aws_instance.i"], "availability_zone")
    assert isinstance(value, Known) and value.value == "us-east-1a"
    assert at(value) == ("main.tf", '"${var.region}a"')


def test_a_variable_of_the_plan_stands_on_its_declaration(planned: dict[str, Resource]) -> None:
    provider = planned["aws_vpc.v"].provider
    assert provider is not None and provider.attributes is not None
    value = next(iter(provider.attributes.select(("region",))))[1]
    assert isinstance(value, Known) and value.value == "us-east-1"
    assert at(value) == ("main.tf", '"region"')
    assert [step.text() for step in value.via] == [
        "var.region is given by the plan",
        "provider.aws.region = var.region",
    ]


def test_nested_blocks_keep_their_literals(planned: dict[str, Resource]) -> None:
    table = planned["aws_dynamodb_table.t"]
    values = [value for _, value in table.attributes.select(("replica", "region_name"))]
    assert sorted(at(value)[1] for value in values) == ['"eu-west-1"', '"us-east-2"']


def test_unknown_after_apply_keeps_its_reference(planned: dict[str, Resource]) -> None:
    value = the(planned["aws_instance.i"], "subnet_id")
    assert isinstance(value, Unknown) and value.refs == (("aws_subnet.s", "id"),)


def test_what_nobody_wrote_and_the_provider_computes_is_not_there(planned: dict[str, Resource]) -> None:
    assert list(planned["aws_subnet.s"].attributes.select(("availability_zone",))) == []


def test_a_value_passed_through_modules_stands_at_the_literal(planned: dict[str, Resource]) -> None:
    value = the(planned["module.remote.module.deep.aws_ebs_volume.x"], "availability_zone")
    assert at(value) == ("main.tf", '"us-west-1"')


def test_the_plan_wins_over_the_files() -> None:
    files = files_of(PROJECT)
    assert isinstance(files["main.tf"], bytes)
    files["main.tf"] = files["main.tf"].replace(
        b'ami               = "ami-12345678"', b'ami               = "ami-other"'
    )
    value = the(by_address(load(files))["aws_instance.i"], "ami")
    assert isinstance(value, Known) and value.value == "ami-12345678"
    assert at(value) == ("main.tf", '"ami-other"')


def test_a_module_that_is_not_there_stands_at_its_call() -> None:
    files = {path: data for path, data in files_of(PROJECT).items() if not path.startswith("hidden")}
    resources = by_address(load(files))
    volume = the(resources["module.remote.module.deep.aws_ebs_volume.x"], "availability_zone")
    assert at(volume) == ("main.tf", '"us-west-1"')
    subnet = resources["module.remote.module.deep.aws_subnet.x"]
    zone = the(subnet, "availability_zone")
    assert isinstance(zone, Known) and zone.value == "us-west-1a" and at(zone) == ("main.tf", '"remote"')
    assert subnet.span.text == '"remote"'
    assert zone.via[0].span.file.path == "plan.json"
    assert subnet.provider is not None and subnet.provider.address == "provider.aws.dr"
    assert not [r for r in resources.values() if r.mode == "module"]


def test_without_source_everything_stands_in_the_plan() -> None:
    loaded = load({"plan.json": files_of(PROJECT)["plan.json"]})
    resources = by_address(loaded)
    assert loaded.problems == [] and len(resources) == 8
    value = the(resources["aws_instance.i"], "availability_zone")
    assert at(value) == ("plan.json", '"us-east-1a"')
    reference = the(resources["aws_instance.i"], "subnet_id")
    assert isinstance(reference, Unknown) and reference.refs == (("aws_subnet.s", "id"),)
    provider = resources["aws_vpc.v"].provider
    assert provider is not None and provider.attributes is not None
    assert (provider.name, provider.source, provider.address) == ("aws", "hashicorp/aws", "provider.aws")
    region = next(iter(provider.attributes.select(("region",))))[1]
    assert isinstance(region, Known) and region.value == "us-east-1" and at(region) == ("plan.json", '"us-east-1"')


def test_outputs_and_variables_of_absent_modules_lead_to_their_resources() -> None:
    def attribute(address: str, references: list[str]) -> dict[str, Any]:
        return {"address": address, "expressions": {"subnet": {"references": references}}, "mode": "managed"}

    child = {
        "resources": [attribute("x_vm.a", ["var.subnet"])],
        "outputs": {"id": {"expression": {"references": ["x_subnet.here.id", "x_subnet.here"]}}},
    }
    calls = {
        "net": {"module": {**child, "resources": [{"address": "x_subnet.here"}]}},
        "vm": {"module": child, "expressions": {"subnet": {"references": ["module.net.id", "module.net"]}}},
    }
    unknown = {"change": {"actions": ["create"], "after": {}, "after_unknown": {"subnet": True}}, "mode": "managed"}
    plan = {
        "resource_changes": [
            {"address": "module.vm.x_vm.a", "type": "x_vm", "name": "a", **unknown},
            {"address": "module.net.x_subnet.here", "type": "x_subnet", "name": "here", **unknown},
        ],
        "configuration": {"root_module": {"module_calls": calls}},
    }
    value = the(by_address(load({"plan.json": json.dumps(plan)}))["module.vm.x_vm.a"], "subnet")
    assert isinstance(value, Unknown) and value.refs == (("module.net.x_subnet.here", "id"),)


def test_what_is_deleted_is_not_there_and_what_is_looked_up_is() -> None:
    plan = {
        "resource_changes": [
            {"address": "a_b.gone", "type": "a_b", "name": "gone", "change": {"actions": ["delete"], "after": None}},
            {"address": "a_b.old", "type": "a_b", "name": "old", "deposed": "x", "change": {"actions": ["delete"]}},
        ],
        "prior_state": {
            "values": {
                "root_module": {
                    "resources": [
                        {"address": "a_b.gone", "mode": "managed", "type": "a_b", "name": "gone", "values": {}},
                        {
                            "address": "data.a_b.c",
                            "mode": "data",
                            "type": "a_b",
                            "name": "c",
                            "values": {"region": "x"},
                        },
                    ]
                }
            }
        },
    }
    resources = by_address(load({"plan.json": json.dumps(plan)}))
    assert list(resources) == ["data.a_b.c"] and resources["data.a_b.c"].mode == "data"


def test_instances_that_the_source_alone_does_not_determine() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": 'variable "n" {}\nresource "a_b" "c" {\n  count  = var.n\n  region = "r${count.index}"\n}\n',
        "plan.json": json.dumps(
            {
                "resource_changes": [
                    {
                        "address": f"a_b.c[{i}]",
                        "type": "a_b",
                        "name": "c",
                        "mode": "managed",
                        "change": {"actions": ["create"], "after": {"region": f"r{i}"}, "after_unknown": {}},
                    }
                    for i in range(2)
                ]
            }
        ),
    }
    resources = by_address(load(files))
    value = the(resources["a_b.c[1]"], "region")
    assert isinstance(value, Known) and value.value == "r1" and at(value) == ("main.tf", '"r${count.index}"')
    assert not resources["a_b.c[1]"].heuristic


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "{", "not json", '"x"', '{"format_version": "1.2"}', "\x00"])
def test_what_is_no_plan_is_a_problem(text: str) -> None:
    loaded = load({"plan.json": text})
    assert [p.level for p in loaded.problems][:1] == ["error"] and loaded.resources == []


def test_a_plan_that_is_not_there_is_a_problem() -> None:
    assert [p.code for p in load({}).problems] == ["missing"]


def test_addresses() -> None:
    address = 'module.a["x.module.y[0]"].module.b.data.c_d.e["]"]'
    assert split_module(address) == ('module.a["x.module.y[0]"].module.b', 'data.c_d.e["]"]')
    assert outer_module('module.a["x.module.y[0]"].module.b[1]') == ('module.a["x.module.y[0]"]', "b[1]")
    assert without_keys(address) == "module.a.module.b.data.c_d.e"
    assert (key_of("a.b[10]"), key_of('a.b["x\\"y"]'), key_of("a.b")) == (10, 'x"y', None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["aws_x.y", "module.a.b.c", "create", "delete", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "address",
                    "after",
                    "after_unknown",
                    "change",
                    "expressions",
                    "references",
                    "resources",
                    "module",
                    "region",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(changes=JSON, configuration=JSON, variables=JSON, state=JSON)
@settings(max_examples=150, deadline=None)
def test_plans_of_any_shape_end(changes: Any, configuration: Any, variables: Any, state: Any) -> None:
    plan = {
        "resource_changes": changes if isinstance(changes, list) else [changes],
        "configuration": {"root_module": configuration, "provider_config": configuration},
        "variables": variables,
        "planned_values": {"root_module": state},
    }
    files: dict[str, str | bytes] = {
        "plan.json": json.dumps(plan),
        "main.tf": 'resource "aws_x" "y" {\n  region = 1\n}\n',
    }
    for resource in load(files).resources:
        for name in resource.attributes.names():
            list(resource.attributes.select((name,)))
            list(resource.attributes.select((name, "*", "region")))
        list(resource.attributes.references())


# --- on the command line


def lint(folder: Path, *words: str) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]]]:
    result = run_sovlint(["check", *words, "-f", "json"], cwd=folder)
    assert result.stdout, result.stderr
    report = json.loads(result.stdout)
    return result.returncode, report["findings"], report["problems"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path, data in files_of(PROJECT).items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        assert isinstance(data, bytes)
        target.write_bytes(data)
    return tmp_path


def test_check_with_a_plan(project: Path) -> None:
    code, findings, problems = lint(project, "--plan", "plan.json", "--select", "SOV101")
    assert code == 1 and problems == []
    assert [(f["path"], f["value"], f["affects"]) for f in findings] == [
        (
            "main.tf",
            "us-east-1",
            [
                "aws_dynamodb_table.t",
                "aws_instance.i",
                'aws_s3_bucket.a["p"]',
                'aws_s3_bucket.a["q"]',
                "aws_subnet.s",
                "aws_vpc.v",
            ],
        ),
        (
            "main.tf",
            "us-west-1",
            ["module.remote.module.deep.aws_ebs_volume.x", "module.remote.module.deep.aws_subnet.x"],
        ),
    ]


def test_path_names_the_root_module_of_the_plan(project: Path) -> None:
    root = project / "live"
    root.mkdir()
    for path in ("main.tf", "hidden"):
        (project / path).rename(root / path)
    (project / "other").mkdir()
    (project / "other" / "main.tf").write_text(
        'provider "aws" {\n  region = "us-east-2"\n}\nresource "aws_vpc" "o" {}\n'
    )
    _, findings, _ = lint(project, "live", "--plan", "plan.json", "--select", "SOV101")
    assert {f["path"] for f in findings} == {"live/main.tf"}


@pytest.mark.parametrize("name", ["absent.json", "main.tf", "../plan.json"])
def test_a_plan_that_cannot_be_used_gives_exit_2(project: Path, name: str) -> None:
    assert lint(project, "--plan", name)[0] == 2


def test_check_with_backend_configuration(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('terraform {\n  backend "s3" {\n    bucket = "b"\n  }\n}\n')
    (tmp_path / "prod.s3.tfbackend").write_text('region = "us-east-1"\n')
    _, findings, _ = lint(tmp_path, "--backend-config", "prod.s3.tfbackend", "--select", "SOV602")
    assert [(f["path"], f["line"], f["value"]) for f in findings] == [("prod.s3.tfbackend", 1, "us-east-1")]
    _, findings, _ = lint(tmp_path, "--backend-config=region=us-west-2", "--select", "SOV602")
    assert [(f["path"], f["line"], f["value"]) for f in findings] == [("main.tf", 2, "us-west-2")]


def test_the_report_says_how_to_read_remote_modules(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "vpc" {\n  source = "acme/vpc/aws"\n  region = "us-east-1"\n}\n')
    result = run_sovlint(["check"], cwd=tmp_path)
    assert "us-east-1" in result.stdout and "acme/vpc/aws" in result.stdout
    assert "terraform init" in " ".join(result.stdout.split())


def test_a_finding_inside_a_downloaded_module_stands_at_its_call(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "vpc" {\n  source = "acme/vpc/aws"\n}\n')
    inside = tmp_path / ".terraform" / "modules" / "vpc"
    inside.mkdir(parents=True)
    (inside / "main.tf").write_text('provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_vpc" "v" {}\n')
    manifest = {"Modules": [{"Key": "vpc", "Source": "example.eu/acme/vpc/aws", "Dir": ".terraform/modules/vpc"}]}
    (inside.parent / "modules.json").write_text(json.dumps(manifest))
    _, findings, _ = lint(tmp_path, "--select", "SOV101")
    assert [(f["path"], f["line"], f["column"], f["value"]) for f in findings] == [("main.tf", 1, 8, "us-east-1")]
    assert ".terraform/modules/vpc/main.tf" in [hop["path"] for hop in findings[0]["via"]]
