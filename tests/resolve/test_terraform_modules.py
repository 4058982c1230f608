"""Modules, roots and files: what Terraform reads from where, and what is never read."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from sovlint.discovery.tree import MemoryTree, Tree, WorkingTree
from sovlint.model.resource import Resource
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.folder import FolderCache, terraform_files
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.load import LoadedRoot, load_root
from sovlint.resolve.terraform.roots import root_folders

NOWHERE = Span(SourceFile("test", ""), 0, 0)


def load(files: Mapping[str, str] | Tree, folder: str = "", given: Given | None = None) -> LoadedRoot:
    tree = MemoryTree(files) if isinstance(files, Mapping) else files
    return load_root(FolderCache(tree), folder, given or Given())


def by_address(loaded: LoadedRoot) -> dict[str, Resource]:
    return {resource.address: resource for resource in loaded.resources}


def the(resource: Resource, *route: str) -> Value:
    values = [value for _, value in resource.attributes.select(route)]
    assert len(values) == 1, values
    return values[0]


def known(value: Value) -> object:
    assert isinstance(value, Known), value
    return value.value


def output(loaded: LoadedRoot, name: str = "it") -> Value:
    return loaded.root.output(name, NOWHERE)


# --- downloaded modules

MANIFEST = {
    "Modules": [
        {"Key": "", "Source": "", "Dir": "."},
        {
            "Key": "vpc",
            "Source": "registry.terraform.io/acme/vpc/aws",
            "Version": "1.2.3",
            "Dir": ".terraform/modules/vpc",
        },
        {"Key": "vpc.inner", "Source": "./modules/inner", "Dir": ".terraform/modules/vpc/modules/inner"},
        {"Key": "vpc.git", "Source": "git::https://git.example.eu/a/b.git?ref=v1", "Dir": ".terraform/modules/vpc.git"},
    ]
}

DOWNLOADED = {
    "live/main.tf": (
        'module "vpc" {\n  source  = "acme/vpc/aws"\n  version = "1.2.3"\n  region  = "eu-west-1"\n}\n'
        'output "it" {\n  value = module.vpc.region\n}\n'
    ),
    "live/.terraform/modules/modules.json": json.dumps(MANIFEST),
    "live/.terraform/modules/vpc/main.tf": (
        'variable "region" {}\n'
        'variable "other" {\n  default = "us-east-1"\n}\n'
        'resource "aws_vpc" "a" {\n  region = var.region\n}\n'
        'resource "aws_vpc" "b" {\n  region = var.other\n}\n'
        'module "inner" {\n  source = "./modules/inner"\n  region = "us-west-2"\n}\n'
        'module "git" {\n  source = "git::https://git.example.eu/a/b.git?ref=v1"\n}\n'
        'module "absent" {\n  source = "acme/absent/aws"\n  region = "us-west-1"\n}\n'
        'output "region" {\n  value = aws_vpc.b.region\n}\n'
    ),
    "live/.terraform/modules/vpc/modules/inner/main.tf": (
        'variable "region" {}\nprovider "aws" {\n  region = "ap-south-1"\n}\n'
        'resource "aws_vpc" "c" {\n  region = "${var.region}"\n}\n'
    ),
    "live/.terraform/modules/vpc.git/main.tf": 'resource "aws_vpc" "d" {}\n',
}


def test_downloaded_modules_are_read() -> None:
    loaded = load(DOWNLOADED, "live")
    assert loaded.problems == []
    assert sorted(by_address(loaded)) == [
        "module.vpc.aws_vpc.a",
        "module.vpc.aws_vpc.b",
        "module.vpc.module.absent",
        "module.vpc.module.git.aws_vpc.d",
        "module.vpc.module.inner.aws_vpc.c",
    ]
    assert loaded.remote_modules == ["acme/absent/aws"]


def test_what_stands_inside_a_download_points_at_the_call() -> None:
    resources = by_address(load(DOWNLOADED, "live"))
    for address in ("module.vpc.aws_vpc.b", "module.vpc.module.inner.aws_vpc.c"):
        resource = resources[address]
        value = the(resource, "region")
        assert (resource.span.file.path, resource.span.text) == ("live/main.tf", '"vpc"')
        assert (value.span.file.path, value.span.text) == ("live/main.tf", '"vpc"')
        assert value.via[0].span.text in ('"us-east-1"', '"us-west-2"')
        assert resource.via[0].span.file.path.startswith("live/.terraform/modules/vpc/")
    provider = resources["module.vpc.module.inner.aws_vpc.c"].provider
    assert provider is not None and provider.span is not None and provider.attributes is not None
    assert provider.span.file.path == "live/main.tf"
    assert next(iter(provider.attributes.select(("region",))))[1].span.text == '"vpc"'
    absent = resources["module.vpc.module.absent"]
    assert absent.span.text == '"vpc"' and the(absent, "region").span.text == '"vpc"'


def test_what_is_passed_into_a_download_points_at_the_argument() -> None:
    value = the(by_address(load(DOWNLOADED, "live"))["module.vpc.aws_vpc.a"], "region")
    assert value.span.text == '"eu-west-1"'


@pytest.mark.parametrize(
    "source",
    ["acme/other/aws", "git::https://git.example.eu/a/other.git", "./.terraform/modules/absent", "acme/vpc/google"],
)
def test_a_record_of_another_source_is_not_used(source: str) -> None:
    files = {**DOWNLOADED, "live/main.tf": f'module "vpc" {{\n  source = "{source}"\n}}\n'}
    assert [r.mode for r in load(files, "live").resources] == ["module"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"Modules": 1}', '{"Modules": [1]}', '{"Modules": [{"Key": "vpc"}]}', "[" * 5000]
    + [json.dumps({"Modules": [{"Key": "vpc", "Source": "x/acme/vpc/aws", "Dir": d}]}) for d in ("../..", "/etc", "x")],
)
def test_a_broken_manifest_is_no_download(text: str) -> None:
    files = {**DOWNLOADED, "live/.terraform/modules/modules.json": text}
    assert [r.mode for r in load(files, "live").resources] == ["module"]


# --- calls that lead nowhere


def test_arguments_of_a_remote_module_are_kept_per_instance() -> None:
    loaded = load(
        {
            "main.tf": 'module "x" {\n  source   = "acme/x/aws"\n  version  = "1"\n  for_each = toset(["a", "b"])\n'
            '  region   = "us-east-1"\n  name     = each.key\n}\noutput "it" {\n  value = module.x["a"].id\n}\n'
        }
    )
    resources = by_address(loaded)
    assert sorted(resources) == ['module.x["a"]', 'module.x["b"]']
    one = resources['module.x["b"]']
    assert (one.mode, one.kind, one.span.text) == ("module", "acme/x/aws", '"x"')
    assert list(one.attributes.names()) == ["region", "name"]
    assert known(the(one, "name")) == "b" and the(one, "region").span.text == '"us-east-1"'
    value = output(loaded)
    assert isinstance(value, Unknown) and "acme/x/aws is not in the tree" in value.reason and not value.failed
    assert loaded.remote_modules == ["acme/x/aws"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("./absent", "missing-module"),
        ("../outside", "outside-tree"),
        ("../../x", "outside-tree"),
        ("./", "module-cycle"),
    ],
)
def test_a_local_call_that_leads_nowhere_is_a_warning(source: str, code: str) -> None:
    loaded = load({"main.tf": f'module "x" {{\n  source = "{source}"\n  region = "us-east-1"\n}}\n'})
    assert [(p.code, p.level) for p in loaded.problems] == [(code, "warning")]
    assert [r.mode for r in loaded.resources] == ["module"]


def test_module_cycles_end() -> None:
    files = {
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\nresource "x_y" "a" {\n  z = module.b.it\n}\n'
        'output "it" {\n  value = module.b.it\n}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\nresource "x_y" "b" {}\n'
        'output "it" {\n  value = module.a.it\n}\n',
    }
    loaded = load(files, "a")
    assert sorted(by_address(loaded)) == ["module.b.module.a", "module.b.x_y.b", "x_y.a"]
    assert isinstance(the(by_address(loaded)["x_y.a"], "z"), Unknown)
    assert root_folders(MemoryTree(files), files) == ["a", "b"]


def test_modules_that_multiply_end() -> None:
    files = {
        f"m{i}/main.tf": f'module "a" {{\n  source = "../m{i + 1}"\n}}\nmodule "b" {{\n  source = "../m{i + 1}"\n}}\n'
        'resource "x_y" "z" {}\n'
        for i in range(30)
    }
    loaded = load({**files, "m30/main.tf": 'resource "x_y" "z" {}\n'}, "m0")
    assert len(loaded.resources) < 50_000
    assert any(p.code == "too-many-modules" for p in loaded.problems)


def test_a_module_source_may_be_computed_as_in_opentofu() -> None:
    loaded = load(
        {
            "main.tf": 'locals {\n  name = "x"\n}\nmodule "m" {\n  source = "./modules/${local.name}"\n}\n',
            "modules/x/main.tf": 'resource "a_b" "c" {}\n',
        }
    )
    assert list(by_address(loaded)) == ["module.m.a_b.c"]


# --- roots


def test_roots() -> None:
    files = {
        "envs/prod/main.tf": 'module "m" {\n  source = "../../modules/m"\n}\n',
        "envs/test/main.tf": 'module "m" { source = "../../modules/m" }\n',
        "envs/json/main.tf.json": '{"module": {"m": {"source": "../../modules/m"}}}',
        "modules/m/main.tf": 'module "n" {\n  source = "./n"\n}\n',
        "modules/m/n/main.tf": "",
        "alone/main.tf": "",
        "cycle/a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
        "cycle/b/main.tf": 'module "a" {\n  source = "../a"\n}\nmodule "c" {\n  source = "../c"\n}\n',
        "cycle/c/main.tf": "",
        "self/main.tf": 'module "self" {\n  source = "./"\n}\n',
    }
    assert root_folders(MemoryTree(files), files) == [
        "alone",
        "cycle/a",
        "cycle/b",
        "envs/json",
        "envs/prod",
        "envs/test",
        "self",
    ]


def test_a_cycle_that_a_root_enters_has_no_root_of_its_own() -> None:
    files = {
        "top/main.tf": 'module "a" {\n  source = "../a"\n}\n',
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
    }
    assert root_folders(MemoryTree(files), files) == ["top"]


def test_a_folder_called_from_an_excluded_one_is_a_root() -> None:
    files = {"examples/main.tf": 'module "m" {\n  source = "../"\n}\n', "main.tf": ""}
    assert root_folders(MemoryTree(files), ["main.tf"]) == [""]


def test_each_root_has_its_own_tfvars() -> None:
    files = {
        "a/main.tf": 'variable "region" {}\nmodule "m" {\n  source = "../m"\n  region = var.region\n}\n',
        "a/terraform.tfvars": 'region = "eu-west-1"\n',
        "b/main.tf": 'variable "region" {}\nmodule "m" {\n  source = "../m"\n  region = var.region\n}\n',
        "b/x.auto.tfvars.json": '{"region": "us-east-1"}',
        "m/main.tf": 'variable "region" {}\nresource "a_b" "c" {\n  region = var.region\n}\n',
    }
    tree = MemoryTree(files)
    cache = FolderCache(tree)
    found = {}
    for root in root_folders(tree, files):
        value = the(load_root(cache, root, Given()).resources[0], "region")
        found[root] = (known(value), value.span.file.path)
    assert found == {"a": ("eu-west-1", "a/terraform.tfvars"), "b": ("us-east-1", "b/x.auto.tfvars.json")}


# --- files


def test_opentofu_files_take_the_place_of_terraform_files() -> None:
    files = {
        "main.tf": 'resource "a_b" "terraform" {}\n',
        "main.tofu": 'resource "a_b" "tofu" {}\n',
        "other.tf": 'resource "a_b" "other" {}\n',
        "j.tf.json": '{"resource": {"a_b": {"j": {}}}}',
        "j.tofu.json": '{"resource": {"a_b": {"jt": {"region": "x"}}}}',
        "x_override.tofu": 'resource "a_b" "other" {\n  region = "override"\n}\n',
        "override.tf.json": '{"resource": {"a_b": {"other": {"size": 1}}}}',
        ".hidden.tf": "broken {",
        "x.tfvars": "",
    }
    names = ["j.tofu.json", "main.tofu", "other.tf", "override.tf.json", "x_override.tofu"]
    assert terraform_files(MemoryTree(files), "") == names
    loaded = load(files)
    assert sorted(by_address(loaded)) == ["a_b.jt", "a_b.other", "a_b.tofu"]
    other = by_address(loaded)["a_b.other"]
    assert (known(the(other, "region")), known(the(other, "size"))) == ("override", 1)


def test_overrides_replace_nested_blocks_by_type() -> None:
    files = {
        "main.tf": 'resource "a_b" "c" {\n  rule {\n    region = "1"\n  }\n  rule {\n    region = "2"\n  }\n'
        '  kept {\n    region = "k"\n  }\n  dynamic "moving" {\n    for_each = ["m"]\n'
        "    content {\n      region = 1\n    }\n  }\n}\n",
        "override.tf": 'resource "a_b" "c" {\n  dynamic "rule" {\n    for_each = ["3"]\n    content {\n'
        '      region = rule.value\n    }\n  }\n  moving {\n    region = "n"\n  }\n}\n',
    }
    resource = by_address(load(files))["a_b.c"]
    for block, expected in (("rule", ["3"]), ("kept", ["k"]), ("moving", ["n"])):
        assert [known(value) for _, value in resource.attributes.select((block, "region"))] == expected


def test_overrides_of_settings() -> None:
    files = {
        "main.tf": 'terraform {\n  backend "s3" {\n    region = "us-east-1"\n  }\n  required_providers {\n'
        '    a = {\n      source = "One/A"\n    }\n    b = {\n      source = "one/b"\n    }\n  }\n}\n'
        'resource "a_x" "y" {}\nresource "b_x" "y" {}\n',
        "z_override.tf": 'terraform {\n  backend "gcs" {\n    bucket = "b"\n  }\n  required_providers {\n'
        '    a = {\n      source = "Two/A"\n    }\n  }\n}\n',
    }
    resources = by_address(load(files))
    assert [r.kind for r in resources.values() if r.mode == "backend"] == ["gcs"]
    sources = {r.kind: r.provider.source for r in resources.values() if r.provider is not None}
    assert sources == {"a_x": "two/a", "b_x": "one/b"}


def test_dynamic_blocks_and_numbers_in_json() -> None:
    files = {
        "main.tf.json": json.dumps(
            {
                "resource": {
                    "a_b": {
                        "c": {
                            "dynamic": {
                                "rule": {
                                    "for_each": ["x", "y"],
                                    "iterator": "it",
                                    "content": {"region": "${it.value}-${it.key}"},
                                }
                            },
                            "dynamic_text": {"dynamic": "argument"},
                        }
                    }
                },
                "locals": {"exact": 0.1, "big": 12345678901234567890123},
                "output": {"it": {"value": "${local.big + 1} ${local.exact}"}},
            }
        ),
        "check.tf.json": '{"check": {"c": {"data": {"http": {"h": {"url": "u"}}}, "assert": {"condition": true}}}}',
    }
    loaded = load(files)
    resource = by_address(loaded)["a_b.c"]
    assert [known(value) for _, value in resource.attributes.select(("rule", "region"))] == ["x-0", "y-1"]
    assert known(output(loaded)) == "12345678901234567890124 0.1"
    assert by_address(loaded)["data.http.h"].mode == "data"


def test_data_sources_and_ephemeral_resources_are_resources() -> None:
    files = {
        "main.tf": 'data "a_b" "c" {\n  region = "1"\n}\nephemeral "a_b" "c" {\n  region = "2"\n}\n'
        'resource "a_b" "c" {\n  region = "3"\n}\n'
        'check "x" {\n  data "a_b" "checked" {\n    region = "4"\n  }\n  assert {\n    condition = true\n  }\n}\n'
        'output "it" {\n  value = [data.a_b.c.region, ephemeral.a_b.c.region, a_b.c.region, resource.a_b.c.region]\n}\n'
    }
    loaded = load(files)
    found = {r.address: (r.mode, known(the(r, "region"))) for r in loaded.resources}
    assert found == {
        "a_b.c": ("managed", "3"),
        "data.a_b.c": ("data", "1"),
        "data.a_b.checked": ("data", "4"),
        "ephemeral.a_b.c": ("data", "2"),
    }
    value = output(loaded)
    assert isinstance(value, Known) and isinstance(value.value, tuple)
    assert [known(item) for item in value.value] == ["1", "2", "3", "3"]


# --- providers


def provider_of(resource: Resource) -> tuple[str, str, str]:
    config = resource.provider
    assert config is not None
    regions = [known(v) for _, v in config.attributes.select(("region",))] if config.attributes is not None else []
    return config.name, config.address, str(regions[0]) if regions else ""


def test_a_local_name_means_the_provider_of_its_source() -> None:
    files = {
        "main.tf": 'terraform {\n  required_providers {\n    foo = {\n      source = "HashiCorp/AWS"\n    }\n  }\n}\n'
        'provider "foo" {\n  region = "eu-west-1"\n}\nprovider "foo" {\n  alias  = "us"\n  region = "us-east-1"\n}\n'
        'resource "aws_vpc" "implied" {}\nresource "aws_vpc" "named" {\n  provider = foo\n}\n'
        'resource "aws_vpc" "alias" {\n  provider = foo.us\n}\n'
        'module "m" {\n  source    = "./m"\n  providers = { aws.x = foo.us }\n}\n',
        "m/main.tf": 'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n'
        "      configuration_aliases = [aws.x]\n    }\n  }\n}\n"
        'resource "aws_vpc" "x" {\n  provider = aws.x\n}\nresource "aws_vpc" "default" {}\n',
    }
    resources = by_address(load(files))
    assert {address: provider_of(resource) for address, resource in resources.items()} == {
        "aws_vpc.implied": ("aws", "provider.foo", "eu-west-1"),
        "aws_vpc.named": ("aws", "provider.foo", "eu-west-1"),
        "aws_vpc.alias": ("aws", "provider.foo.us", "us-east-1"),
        "module.m.aws_vpc.x": ("aws", "provider.foo.us", "us-east-1"),
        "module.m.aws_vpc.default": ("aws", "provider.foo", "eu-west-1"),
    }


def test_an_empty_provider_block_in_a_module_is_a_place_for_the_callers() -> None:
    files = {
        "main.tf": 'provider "aws" {\n  alias  = "us"\n  region = "us-east-1"\n}\n'
        'module "m" {\n  source    = "./m"\n  providers = { aws.there = aws.us }\n}\n',
        "m/main.tf": 'provider "aws" {\n  alias = "there"\n}\nresource "aws_vpc" "x" {\n  provider = aws.there\n}\n',
    }
    assert provider_of(by_address(load(files))["module.m.aws_vpc.x"]) == ("aws", "provider.aws.us", "us-east-1")


def test_provider_for_each_of_opentofu() -> None:
    files = {
        "main.tf": 'locals {\n  regions = { eu = "eu-west-1", us = "us-east-1" }\n}\n'
        'provider "aws" {\n  alias    = "by"\n  for_each = local.regions\n  region   = each.value\n}\n'
        'resource "aws_vpc" "each" {\n  for_each = local.regions\n  provider = aws.by[each.key]\n}\n'
        'resource "aws_vpc" "one" {\n  provider = aws.by["us"]\n}\n'
        'module "m" {\n  source    = "./m"\n  for_each  = local.regions\n  providers = { aws = aws.by[each.key] }\n}\n',
        "m/main.tf": 'resource "aws_vpc" "x" {}\n',
    }
    found = {address: provider_of(resource)[1:] for address, resource in by_address(load(files)).items()}
    eu, us = ('provider.aws.by["eu"]', "eu-west-1"), ('provider.aws.by["us"]', "us-east-1")
    assert found == {
        'aws_vpc.each["eu"]': eu,
        'aws_vpc.each["us"]': us,
        "aws_vpc.one": us,
        'module.m["eu"].aws_vpc.x': eu,
        'module.m["us"].aws_vpc.x': us,
    }


# --- backends


def test_backend_configuration_from_files_and_flags() -> None:
    files = {
        "main.tf": 'terraform {\n  backend "s3" {\n    bucket = "b"\n    region = "eu-west-1"\n  }\n}\n',
        "prod.tfbackend": 'region = "us-east-1"\nkey    = "k"\n',
    }
    loaded = load(files, given=Given(backend=["prod.tfbackend", "key=from-flag"]))
    backend = by_address(loaded)["terraform.backend.s3"]
    region, key = the(backend, "region"), the(backend, "key")
    assert (known(region), region.span.file.path, region.span.text) == ("us-east-1", "prod.tfbackend", '"us-east-1"')
    assert (known(key), key.span.text, key.via[0].text()) == (
        "from-flag",
        '"s3"',
        "terraform.backend.s3.key is given by --backend-config",
    )
    assert known(the(backend, "bucket")) == "b" and list(backend.attributes.names()) == ["bucket", "region", "key"]


def test_a_backend_file_that_is_not_there_is_a_problem() -> None:
    loaded = load({"main.tf": 'terraform {\n  backend "s3" {}\n}\n'}, given=Given(backend=["absent"]))
    assert [p.code for p in loaded.problems] == ["missing"]


# --- nothing outside the tree


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A tree whose links lead out of it."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "main.tf").write_text('output "it" {\n  value = "secret"\n}\n')
    (tmp_path / "secret" / "secret.txt").write_text("secret")
    (tmp_path / "secret" / "terraform.tfvars").write_text('region = "secret"\n')
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "linked").symlink_to(tmp_path / "secret")
    (tree / "linked.txt").symlink_to(tmp_path / "secret" / "secret.txt")
    return tree


@pytest.mark.parametrize(
    "expression",
    [
        'file("/etc/passwd")',
        'file("../secret/secret.txt")',
        'file("${path.module}/../../secret/secret.txt")',
        'file("linked.txt")',
        'file("linked/secret.txt")',
        'templatefile("linked.txt", {})',
        "module.linked.it",
        "module.up.it",
        "module.absolute.it",
    ],
)
def test_what_lies_outside_is_unknown_with_a_reason(outside: Path, expression: str) -> None:
    (outside / "main.tf").write_text(
        'module "linked" {\n  source = "./linked"\n}\nmodule "up" {\n  source = "../secret"\n}\n'
        f'module "absolute" {{\n  source = "{outside.parent}/secret"\n}}\noutput "it" {{\n  value = {expression}\n}}\n'
    )
    value = output(load(WorkingTree(outside)))
    assert isinstance(value, Unknown) and value.reason and not value.failed


@pytest.mark.parametrize("name", ["terraform.tfvars", "x.auto.tfvars"])
def test_tfvars_outside_make_every_variable_unknown(outside: Path, name: str) -> None:
    (outside / "main.tf").write_text(
        'variable "region" {\n  default = "inside"\n}\noutput "it" {\n  value = var.region\n}\n'
    )
    (outside / name).symlink_to(outside.parent / "secret" / "terraform.tfvars")
    loaded = load(WorkingTree(outside))
    value = output(loaded)
    assert isinstance(value, Unknown) and name in value.reason
    assert [(p.code, p.level) for p in loaded.problems] == [("outside-tree", "warning")]
    later = Given(arguments=[("var", "region=given")])
    assert known(output(load(WorkingTree(outside), given=later))) == "given"


def test_a_file_that_cannot_be_read_makes_no_name_undeclared(outside: Path) -> None:
    (outside / "main.tf").write_text(
        'output "it" {\n  value = try(local.region, var.region, aws_x.y.z, "fallback")\n}\n'
    )
    (outside / "locals.tf").symlink_to(outside.parent / "secret" / "main.tf")
    assert isinstance(output(load(WorkingTree(outside))), Unknown)


def test_folders_that_link_in_circles_end(tmp_path: Path) -> None:
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "main.tf").write_text(
        'module "a" {\n  source = "./again"\n}\nmodule "b" {\n  source = "./again"\n}\nresource "a_b" "c" {}\n'
    )
    loaded = load(WorkingTree(tmp_path))
    assert loaded.problems and len(loaded.resources) < 50_000


# --- values of resources


def test_null_leaves_the_choice_to_the_provider() -> None:
    loaded = load(
        {
            "main.tf": 'resource "aws_x" "y" {\n  region = null\n  block {\n    region = null\n'
            '    zones  = ["a", "b"]\n'
            '    inner {\n      deep = "d"\n    }\n  }\n}\n'
            'output "it" {\n  value = coalesce(aws_x.y.region, "us-east-1")\n}\n'
            'output "nested" {\n  value = coalesce(aws_x.y.block[0].region, "us-east-1")\n}\n'
            'output "list" {\n  value = aws_x.y.block[0].zones\n}\n'
            'output "deep" {\n  value = aws_x.y.block[0].inner[0].deep\n}\n'
        }
    )
    assert isinstance(output(loaded), Unknown) and isinstance(output(loaded, "nested"), Unknown)
    zones = known(output(loaded, "list"))
    assert isinstance(zones, tuple) and [known(z) for z in zones] == ["a", "b"]
    assert known(output(loaded, "deep")) == "d"


def test_a_block_that_refers_to_itself_ends() -> None:
    loaded = load(
        {
            "main.tf": 'resource "a_b" "c" {\n  rule {\n    x = a_b.c.rule[0].x\n    dynamic "in" {\n'
            "      for_each = a_b.c.rule[0].in\n      content {\n        y = 1\n      }\n    }\n  }\n}\n"
            'output "it" {\n  value = [a_b.c.rule[0].x, a_b.c.rule[0].in]\n}\n'
        }
    )
    value = output(loaded)
    assert isinstance(value, Known) and isinstance(value.value, tuple)
    assert all(isinstance(item, Unknown) for item in value.value)


def test_what_is_broken_in_a_download_is_a_warning_and_its_text_is_not_ours() -> None:
    files = {**DOWNLOADED, "live/.terraform/modules/vpc.git/main.tf": "broken {\n"}
    loaded = load(files, "live")
    assert {p.level for p in loaded.problems} == {"warning"}
    assert list(loaded.sources) == ["live/main.tf"]


# --- many instances


def test_what_is_the_same_for_all_instances_keeps_each_ones_address() -> None:
    files = {
        "main.tf": 'variable "region" {\n  default = "eu-west-1"\n}\nresource "a_b" "c" {\n  count  = 2\n'
        "  region = var.region\n  name   = [for each in [count.index] : each]\n}\n"
    }
    for address, resource in by_address(load(files)).items():
        value = the(resource, "region")
        assert known(value) == "eu-west-1" and value.via[-1].slot == f"{address}.region"
    assert [known(the(r, "name")) for r in load(files).resources] == [0, 1]


def test_references_between_many_instances_are_not_quadratic() -> None:
    files = {
        "main.tf": 'resource "a_b" "a" {\n  count = 3000\n}\nresource "a_b" "b" {\n  count = 3000\n'
        "  all   = a_b.a[*].id\n  one   = a_b.a[count.index].id\n}\n"
    }
    loaded = load(files)
    started = time.process_time()
    for resource in loaded.resources[3000:]:
        assert isinstance(resource.attributes, BlockAttributes)
        value = resource.attributes.value("all")
        assert isinstance(value, Known) and isinstance(value.value, tuple) and len(value.value) == 3000
        resource.attributes.value("one")
    assert time.process_time() - started < 5


@pytest.mark.parametrize("expression", ["a_b.c[0].x", "a_b.c[*].x", "a_b.c[count.index].x", "[for i in a_b.c : i.x]"])
def test_instances_that_depend_on_themselves_end(expression: str) -> None:
    files = {
        "main.tf": f'resource "a_b" "c" {{\n  count = 3\n  x     = {expression}\n}}\n'
        'output "it" {\n  value = a_b.c[1].x\n}\n'
    }
    value = output(load(files))
    if isinstance(value, Known):
        assert isinstance(value.value, tuple) and all(isinstance(item, Unknown) for item in value.value)


@pytest.mark.parametrize("name", ["terraform.foo", "path.foo"])
def test_a_name_that_does_not_exist_is_an_error(name: str) -> None:
    value = output(load({"main.tf": f'output "it" {{\n  value = {name}\n}}\n'}))
    assert isinstance(value, Unknown) and value.failed
