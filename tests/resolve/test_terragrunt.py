"""Terragrunt's files, on trees in memory: values, their causes, and what must stay unknown."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations import difference, expected, reported
from sovlint.discovery.tree import MemoryTree, Tree, WorkingTree
from sovlint.model.resource import Resource
from sovlint.model.source import SourceFile
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.hcl import parse_expression
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.evaluate import evaluate
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.values import NotKnown, plain
from sovlint.resolve.terragrunt import LoadedUnit, Units, unit_folders
from sovlint.resolve.terragrunt.paths import unmarked
from sovlint.resolve.terragrunt.scope import FileCache, Scope, Session
from sovlint.resolve.terragrunt.text import ComputedText
from sovlint.survey.causes import covering
from support import FIXTURES, REPOSITORY, run_sovlint

RULES = {"SOV101", "SOV102", "SOV103", "SOV201", "SOV601", "SOV602"}
"""The rules that the fixtures' comments speak of; others come and go."""

MODULE = """
variable "region" {
  default = "from-default"
}
variable "tags" {
  type    = any
  default = {}
}
resource "aws_thing" "x" {
  region = var.region
  tags   = var.tags
}
"""


def tree_of(files: dict[str, str]) -> MemoryTree:
    return MemoryTree({"modules/m/main.tf": MODULE, **files})


def load(files: dict[str, str], folder: str = "live/a", inputs: Given | None = None) -> LoadedUnit:
    return load_from(tree_of(files), folder, inputs)


def load_from(tree: Tree, folder: str, inputs: Given | None = None) -> LoadedUnit:
    return Units(FolderCache(tree)).load(folder, inputs or Given())


def resource(unit: LoadedUnit, address: str = "aws_thing.x") -> Resource:
    assert unit.root is not None
    return next(r for r in unit.root.resources if r.address == address)


def value(unit: LoadedUnit, name: str = "region", address: str = "aws_thing.x") -> Value:
    found = list(resource(unit, address).attributes.select((name,)))
    assert len(found) == 1, found
    return found[0][1]


def provider(unit: LoadedUnit, name: str = "region") -> Value:
    config = resource(unit).provider
    assert config is not None
    assert config.attributes is not None
    return next(x for _, x in config.attributes.select((name,)))


def known(found: Value) -> object:
    assert type(found) is Known, getattr(found, "reason", "")
    return plain(found)


def reason(found: Value) -> str:
    assert type(found) is Unknown, plain(found)
    return found.reason


def place(found: Value) -> tuple[str, str]:
    """The file and the exact text that a value has its cause in."""
    return found.span.file.path, found.span.text


UNIT = 'terraform {\n  source = "../../modules/m"\n}\n'


def scope_of(files: dict[str, str], path: str = "live/a/terragrunt.hcl") -> Scope:
    tree = tree_of(files)
    session = Session(FileCache(tree), FolderCache(tree), path.rpartition("/")[0])
    found = session.scope(path, path)
    assert isinstance(found, Scope)
    return found


def in_file(text: str, files: dict[str, str] | None = None) -> Value:
    """The value of an expression in `live/a/terragrunt.hcl`."""
    all_files = {"live/a/terragrunt.hcl": "", **(files or {})}
    source = SourceFile("expression", text)
    node, problems = parse_expression(source)
    assert node is not None, problems
    return unmarked(evaluate(node, Context(scope_of(all_files), source)))


# --- inputs


def test_input_is_the_variables_value_and_the_cause_is_its_literal() -> None:
    text = UNIT + 'inputs = {\n  region = "us-east-1"\n}\n'
    found = value(load({"live/a/terragrunt.hcl": text}))
    assert known(found) == "us-east-1"
    assert place(found) == ("live/a/terragrunt.hcl", '"us-east-1"')
    assert found.span.start == text.index('"us-east-1"')
    assert found.owner == "inputs.region"


def test_input_passes_through_locals_includes_and_read_configurations() -> None:
    root = """
locals {
  region_vars = read_terragrunt_config(find_in_parent_folders("region.hcl"))
  region      = local.region_vars.locals.aws_region
}
inputs = {
  region = local.region
}
"""
    unit = load(
        {
            "live/root.hcl": root,
            "live/us/region.hcl": 'locals {\n  aws_region = "us-east-1"\n}\n',
            "live/us/db/terragrunt.hcl": (
                'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
                'terraform {\n  source = "../../../modules//m"\n}\n'
            ),
        },
        "live/us/db",
    )
    found = value(unit)
    assert known(found) == "us-east-1"
    assert place(found) == ("live/us/region.hcl", '"us-east-1"')
    assert found.owner == "local.aws_region"
    assert [(s.span.file.path, s.text()) for s in found.via] == [
        ("live/root.hcl", "local.region = local.region_vars.locals.aws_region"),
        ("live/root.hcl", "include.root.inputs.region = local.region"),
        ("modules/m/main.tf", "aws_thing.x.region = var.region"),
    ]
    assert unit.used == {"live/us/db", "modules/m"}
    assert set(unit.sources) == {"live/us/db/terragrunt.hcl", "live/root.hcl", "live/us/region.hcl"}


def test_merged_locals_keep_each_literal() -> None:
    text = UNIT + (
        'locals {\n  a = read_terragrunt_config("../a.hcl")\n}\n'
        'inputs = merge(local.a.locals, { tags = { x = "1" } })\n'
    )
    unit = load({"live/a/terragrunt.hcl": text, "live/a.hcl": 'locals {\n  region = "eu-west-1"\n}\n'})
    assert place(value(unit)) == ("live/a.hcl", '"eu-west-1"')
    assert 'inputs.region = merge(local.a.locals, { tags = { x = "1" } })' in [s.text() for s in value(unit).via]
    tags = value(unit, "tags")
    assert known(tags) == {"x": "1"}


def test_yaml_above_the_unit() -> None:
    text = UNIT + (
        'locals {\n  v = yamldecode(file(find_in_parent_folders("place.yaml")))\n}\n'
        "inputs = {\n  region = local.v.region\n}\n"
    )
    found = value(load({"live/a/terragrunt.hcl": text, "live/place.yaml": "region: us-west-1\n"}))
    assert known(found) == "us-west-1"
    assert place(found) == ("live/place.yaml", "us-west-1")


@pytest.mark.parametrize(
    ("files", "inputs", "wanted"),
    [
        ({}, Given(), "from-inputs"),
        ({}, Given(environment={"region": "from-environment"}), "from-environment"),
        ({"modules/m/terraform.tfvars": 'region = "from-module"\n'}, Given(), "from-module"),
        ({"live/a/terraform.tfvars": 'region = "from-unit"\n'}, Given(), "from-unit"),
        ({"live/a/x.auto.tfvars": 'region = "auto"\n'}, Given(environment={"region": "env"}), "auto"),
        ({"live/a/x.auto.tfvars": 'region = "auto"\n'}, Given(arguments=[("var", "region=flag")]), "flag"),
    ],
)
def test_precedence(files: dict[str, str], inputs: Given, wanted: str) -> None:
    text = UNIT + 'inputs = {\n  region = "from-inputs"\n}\n'
    assert known(value(load({"live/a/terragrunt.hcl": text, **files}, inputs=inputs))) == wanted


def test_unit_without_inputs_leaves_the_default() -> None:
    assert known(value(load({"live/a/terragrunt.hcl": UNIT}))) == "from-default"


def test_null_input_is_given() -> None:
    unit = load({"live/a/terragrunt.hcl": UNIT + "inputs = {\n  region = null\n}\n"})
    assert known(value(unit)) is None


def test_untyped_variable_gets_text_from_the_environment() -> None:
    unit = load({"live/a/terragrunt.hcl": UNIT + "inputs = {\n  region = 5\n}\n"})
    assert known(value(unit)) == "5"


@pytest.mark.parametrize(
    "inputs",
    [
        "inputs = dependency.x.outputs.all",
        "inputs = merge({ tags = {} }, dependency.x.outputs.all)",
        'inputs = jsondecode(run_cmd("cat", "inputs.json"))',
        'inputs = { "${get_env("NAME")}" = "x" }',
    ],
)
def test_inputs_that_are_not_known_may_set_any_variable(inputs: str) -> None:
    assert type(value(load({"live/a/terragrunt.hcl": f"{UNIT}{inputs}\n"}))) is Unknown


# --- includes


def merged(child: str, parent: str, strategy: str, *, more: str = "") -> LoadedUnit:
    include = f'include "root" {{\n  path = "../root.hcl"\n{strategy}}}\n'
    return load({"live/root.hcl": parent, "live/a/terragrunt.hcl": include + more + UNIT + child})


CHILD = 'inputs = {\n  tags = { a = "child", list = ["c"], in = { y = 2 } }\n}\n'
PARENT = 'inputs = {\n  region = "parent"\n  tags = { a = "parent", b = "parent", list = ["p"], in = { x = 1 } }\n}\n'


@pytest.mark.parametrize(
    ("strategy", "region", "tags"),
    [
        ("", "parent", {"a": "child", "list": ["c"], "in": {"y": 2}}),
        ('  merge_strategy = "shallow"\n', "parent", {"a": "child", "list": ["c"], "in": {"y": 2}}),
        ('  merge_strategy = "no_merge"\n', "from-default", {"a": "child", "list": ["c"], "in": {"y": 2}}),
        (
            '  merge_strategy = "deep"\n',
            "parent",
            {"a": "child", "b": "parent", "list": ["p", "c"], "in": {"x": 1, "y": 2}},
        ),
        (
            '  merge_strategy = "deep_map_only"\n',
            "parent",
            {"a": "child", "b": "parent", "list": ["c"], "in": {"x": 1, "y": 2}},
        ),
    ],
)
def test_merge_strategies(strategy: str, region: str, tags: object) -> None:
    unit = merged(CHILD, PARENT, strategy)
    assert known(value(unit)) == region
    assert known(value(unit, "tags")) == tags


def test_deeply_merged_values_keep_their_places() -> None:
    unit = merged(CHILD, PARENT, '  merge_strategy = "deep"\n')
    tags = value(unit, "tags")
    assert type(tags) is Known
    assert isinstance(tags.value, dict)
    assert place(tags.value["b"])[0] == "live/root.hcl"
    assert place(tags.value["a"]) == ("live/a/terragrunt.hcl", '"child"')


def test_later_includes_win() -> None:
    files = {
        "live/one.hcl": 'inputs = { region = "one", tags = { a = 1 } }\n',
        "live/two.hcl": 'inputs = { region = "two" }\n',
        "live/a/terragrunt.hcl": 'include "one" {\n  path = "../one.hcl"\n}\n'
        'include "two" {\n  path = "../two.hcl"\n}\n' + UNIT,
    }
    unit = load(files)
    assert known(value(unit)) == "two"
    assert known(value(unit, "tags")) == {"a": 1}


def test_exposed_include() -> None:
    unit = merged(
        "inputs = {\n  region = include.root.locals.region\n}\n",
        'locals {\n  region = "eu-north-1"\n}\n',
        "  expose = true\n",
    )
    assert place(value(unit)) == ("live/root.hcl", '"eu-north-1"')


def test_bare_include_exposes_itself() -> None:
    files = {
        "live/root.hcl": 'inputs = {\n  region = "eu-north-1"\n}\n',
        "live/a/terragrunt.hcl": 'include {\n  path   = "../root.hcl"\n  expose = true\n}\n'
        + UNIT
        + "inputs = {\n  tags = include.inputs\n}\n",
    }
    unit = load(files)
    assert known(value(unit, "tags")) == {"region": "eu-north-1"}
    assert value(unit).owner == "include.inputs.region"


def test_hidden_include_is_an_error_that_try_survives() -> None:
    unit = merged(
        'inputs = {\n  region = try(include.root.locals.region, "tried")\n}\n', 'locals {\n  region = "x"\n}\n', ""
    )
    assert known(value(unit)) == "tried"


def test_included_file_looks_for_files_from_the_unit() -> None:
    files = {
        "live/root.hcl": "inputs = {\n  region = path_relative_to_include()\n  tags = get_path_from_repo_root()\n}\n",
        "live/x/y/terragrunt.hcl": 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
        'terraform {\n  source = "../../../modules/m"\n}\n',
    }
    unit = load(files, "live/x/y")
    assert known(value(unit)) == "x/y"
    assert known(value(unit, "tags")) == "live/x/y"


def test_syntax_error_in_an_included_file() -> None:
    unit = merged(
        "inputs = {\n  tags = { a = 1 }\n}\n", 'inputs = {\n  region = "parent"\n}\nlocals {\n  a = = 1\n}\n', ""
    )
    assert [p.location.path for p in unit.problems] == ["live/root.hcl"]
    assert value(unit).heuristic
    assert value(unit, "tags").heuristic


def test_missing_include_is_a_warning_and_nothing_is_certain() -> None:
    text = (
        'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
        + UNIT
        + "inputs = {\n  tags = { a = 1 }\n}\n"
    )
    unit = load({"live/a/terragrunt.hcl": text})
    assert [(p.level, p.location.line) for p in unit.problems] == [("warning", 2)]
    assert 'include "root"' in reason(value(unit))
    assert value(unit, "tags").heuristic


# --- functions


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ('find_in_parent_folders("nowhere.hcl", "fallback")', "fallback"),
        ("basename(get_terragrunt_dir())", "a"),
        ("basename(dirname(get_terragrunt_dir()))", "live"),
        ('trimprefix(get_terragrunt_dir(), "${get_repo_root()}/")', "live/a"),
        ('replace(get_terragrunt_dir(), get_repo_root(), "")', "/live/a"),
        ("path_relative_to_include()", "."),
        ("path_relative_from_include()", "."),
        ("get_path_from_repo_root()", "live/a"),
        ("get_path_to_repo_root()", "../.."),
        ('fileexists("${get_terragrunt_dir()}/terragrunt.hcl")', True),
        ('file("${get_repo_root()}/live/x.txt")', "text"),
        ('file("../x.txt")', "text"),
        ('file(find_in_parent_folders("x.txt"))', "text"),
        ('read_terragrunt_config("../c.hcl").locals.v', 1),
        ('read_terragrunt_config(find_in_parent_folders("c.hcl")).inputs.i', "in"),
        ('read_terragrunt_config("../missing.hcl", { locals = { v = 2 } }).locals.v', 2),
        ('try(read_terragrunt_config("../missing.hcl").locals.v, "none")', "none"),
        ('try(read_terragrunt_config("../c.hcl").locals.missing, "none")', "none"),
        ('contains(get_terraform_commands_that_need_vars(), "plan")', True),
        ('mark_as_read("x")', "x"),
        ('upper("x")', "X"),
    ],
)
def test_functions(expression: str, wanted: object) -> None:
    files = {"live/x.txt": "text", "live/c.hcl": 'locals {\n  v = 1\n}\ninputs = {\n  i = "in"\n}\n'}
    assert known(in_file(expression, files)) == wanted


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ('run_cmd("touch", "never-made")', "never run"),
        ('run_cmd("--terragrunt-quiet", "echo", "us-east-1")', "never run"),
        ('sops_decrypt_file("secrets.yaml")', "not decrypted"),
        ("get_aws_account_id()", "AWS account"),
        ('get_env("HOME")', "environment variable HOME"),
        ("get_platform()", "machines"),
        ("get_terragrunt_dir()", "machines"),
        ('"${get_repo_root()}/x"', "machines"),
        ("length(get_terragrunt_dir())", "machines"),
        ('split("/", get_terragrunt_dir())[1]', "machines"),
        ("sha1(get_repo_root())", "machines"),
        ("jsonencode({ a = get_repo_root() })", "machines"),
        ("dirname(get_repo_root())", "machines"),
        ('replace(get_terragrunt_dir(), "/.*live/", "")', "machines"),
        ('find_in_parent_folders("nowhere.hcl")', "no parent folder"),
        ('read_terragrunt_config("../../../../etc/passwd")', "outside the tree"),
        ('read_terragrunt_config("/etc/passwd")', "outside the tree"),
        ('file("${get_repo_root()}/../x")', "outside the tree"),
        ('file("/etc/passwd")', "outside the tree"),
        ("dependency.vpc.outputs.region", "dependency.vpc"),
        ("feature.x.value", "feature.x"),
        ("values.region", "stack file"),
        ("var.x", "nothing called var"),
    ],
)
def test_what_is_not_known(expression: str, says: str) -> None:
    assert says in reason(in_file(expression))


def test_default_of_an_environment_variable_is_a_candidate() -> None:
    found = in_file('get_env("REGION", "eu-west-3")')
    assert type(found) is Unknown
    assert [known(x) for x in found.candidates] == ["eu-west-3"]


def test_mock_outputs_are_no_values() -> None:
    text = UNIT + (
        'dependency "n" {\n  config_path = "../n"\n  mock_outputs = {\n    region = "us-east-1"\n  }\n}\n'
        "inputs = {\n  region = dependency.n.outputs.region\n}\n"
    )
    assert "dependency.n" in reason(value(load({"live/a/terragrunt.hcl": text})))


def test_several_includes_need_a_name() -> None:
    files = {
        "live/one.hcl": "",
        "two.hcl": "",
        "live/a/terragrunt.hcl": 'include "one" {\n  path = "../one.hcl"\n}\n'
        'include "two" {\n  path = "../../two.hcl"\n}\n',
    }
    assert known(in_file('path_relative_to_include("two")', files)) == "live/a"
    assert known(in_file('path_relative_from_include("one")', files)) == ".."
    assert known(in_file('basename(get_parent_terragrunt_dir("one"))', files)) == "live"
    assert "name" in reason(in_file("path_relative_to_include()", files))


# --- where the module is


@pytest.mark.parametrize(
    "source",
    [
        '"../../modules/m"',
        '"../..//modules/m"',
        '"../../modules//m"',
        '"../../modules//m/"',
        '"${get_repo_root()}/modules//m"',
        '"${get_terragrunt_dir()}/../../modules/m"',
        '"${local.base}//m"',
    ],
)
def test_local_sources(source: str) -> None:
    text = (
        f'locals {{\n  base = "../../modules"\n}}\nterraform {{\n  source = {source}\n}}\ninputs = {{ region = "r" }}\n'
    )
    unit = load({"live/a/terragrunt.hcl": text})
    assert unit.used == {"live/a", "modules/m"}
    assert known(value(unit)) == "r"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ('"tfr:///terraform-aws-modules/vpc/aws?version=5.0.0"', "terraform-aws-modules/vpc/aws"),
        ('"tfr://example.org/ns/vpc/aws//modules/x?version=1.0.0"', "example.org/ns/vpc/aws//modules/x"),
        (
            '"git::https://example.org/terraform-aws-vpc.git//x?ref=v1"',
            "git::https://example.org/terraform-aws-vpc.git//x?ref=v1",
        ),
        ('"../../../outside"', "../../../outside"),
        ('"../../modules/missing"', "../../modules/missing"),
        ('get_env("SOURCE")', "(not a literal)"),
        (
            '"git::https://example.org/terraform-aws-vpc.git?ref=${get_env("V")}"',
            "git::https://example.org/terraform-aws-vpc.git?ref=",
        ),
        ('"tfr:///ns/vpc/aws?version=${get_env("V")}"', "ns/vpc/aws"),
    ],
)
def test_remote_sources(source: str, kind: str) -> None:
    text = f'terraform {{\n  source = {source}\n}}\ninputs = {{\n  region = "us-east-1"\n}}\n'
    unit = load({"live/a/terragrunt.hcl": text})
    assert unit.root is not None
    assert unit.root.remote_modules == [kind]
    found = resource(unit, "terraform.source")
    assert (found.mode, found.kind, found.unit, found.span.text) == ("module", kind, "live/a", source)
    assert list(found.attributes.names()) == ["region"]
    assert place(value(unit, "region", "terraform.source")) == ("live/a/terragrunt.hcl", '"us-east-1"')
    key = found.attributes.key_span(("region",))
    assert key is not None
    assert key.text == "region"


def test_source_may_come_from_an_include() -> None:
    files = {
        "live/shared.hcl": 'terraform {\n  source = "../../modules/m"\n}\n',
        "live/a/terragrunt.hcl": 'include "s" {\n  path = "../shared.hcl"\n}\ninputs = { region = "r" }\n',
    }
    assert known(value(load(files))) == "r"


def test_folder_with_its_own_terraform_files() -> None:
    files = {"live/a/terragrunt.hcl": 'inputs = {\n  region = "own"\n}\n', "live/a/main.tf": MODULE}
    unit = load(files)
    assert unit.used == {"live/a"}
    assert known(value(unit)) == "own"


def test_own_files_lie_on_top_of_the_module() -> None:
    files = {
        "live/a/terragrunt.hcl": UNIT + 'inputs = {\n  region = "r"\n}\n',
        "live/a/main.tf": 'resource "aws_other" "y" {\n}\n',
        "live/a/more.tf": 'resource "aws_more" "z" {\n}\n',
    }
    unit = load(files)
    assert unit.root is not None
    assert {r.address for r in unit.root.resources} == {"aws_other.y", "aws_more.z"}


def test_file_that_leads_nowhere_is_no_unit() -> None:
    unit = load({"live/terragrunt.hcl": 'inputs = {\n  region = "r"\n}\n'}, "live")
    assert unit.root is None
    assert unit.used == set()


@pytest.mark.parametrize("text", ["skip = true\n", 'exclude {\n  if = true\n  actions = ["all"]\n}\n'])
def test_skipped_unit(text: str) -> None:
    unit = load({"live/a/terragrunt.hcl": text + UNIT})
    assert unit.root is None
    assert unit.used == {"live/a", "modules/m"}


def test_units_share_a_module_and_not_their_values() -> None:
    files = {f"live/{x}/terragrunt.hcl": UNIT + f'inputs = {{ region = "{x}" }}\n' for x in "ab"}
    units = Units(FolderCache(tree_of(files)))
    assert [known(value(units.load(f"live/{x}", Given()))) for x in "ab"] == ["a", "b"]


def test_units_below_a_named_file() -> None:
    files = {"live/terragrunt.hcl": "", "live/us/region.hcl": "", "live/us/a/terragrunt.hcl": ""}
    tree = tree_of(files)
    assert unit_folders(tree, ["live/us/region.hcl"]) == ["live/us/a"]
    assert unit_folders(tree, ["live/terragrunt.hcl", "live/us/a/terragrunt.hcl"]) == ["live", "live/us/a"]


# --- extra_arguments


def extra(block: str, files: dict[str, str] | None = None, inputs: str = "") -> LoadedUnit:
    text = 'terraform {\n  source = "../../modules/m"\n  extra_arguments "x" {\n' + block + "\n  }\n}\n" + inputs
    return load({"live/a/terragrunt.hcl": text, **(files or {})})


PLAN = '    commands = ["plan", "apply"]\n'
COMMON = {"live/common.tfvars": 'region = "common"\n'}


@pytest.mark.parametrize(
    "block",
    [
        PLAN + '    required_var_files = ["${get_terragrunt_dir()}/../common.tfvars"]',
        PLAN + '    optional_var_files = ["../missing.tfvars", "../common.tfvars"]',
        PLAN + '    arguments = ["-no-color", "-var-file=../common.tfvars"]',
        "    commands = get_terraform_commands_that_need_vars()\n"
        '    required_var_files = [find_in_parent_folders("common.tfvars")]',
    ],
)
def test_var_files(block: str) -> None:
    found = value(extra(block, COMMON, 'inputs = {\n  region = "weaker"\n}\n'))
    assert known(found) == "common"
    assert place(found) == ("live/common.tfvars", '"common"')


def test_arguments_and_environment() -> None:
    found = value(extra(PLAN + '    arguments = ["-var", "region=flag"]', inputs='inputs = { region = "weaker" }\n'))
    assert known(found) == "flag"
    assert place(found) == ("live/a/terragrunt.hcl", '"region=flag"')
    block = PLAN + '    env_vars = { TF_VAR_region = "environment" }'
    assert known(value(extra(block, inputs='inputs = { region = "weaker" }\n'))) == "environment"


def test_argument_with_a_path_of_the_machine() -> None:
    block = (
        PLAN
        + '    arguments = ["-var", "region=${get_terragrunt_dir()}"]\n    env_vars = { TF_VAR_tags = get_repo_root() }'
    )
    assert "machines" in reason(value(extra(block)))
    assert "machines" in reason(value(extra(block), "tags"))


def test_flag_of_the_caller_wins() -> None:
    text = UNIT.replace("\n}", '\n  extra_arguments "x" {\n' + PLAN + '    arguments = ["-var=region=unit"]\n  }\n}')
    unit = load({"live/a/terragrunt.hcl": text}, inputs=Given(arguments=[("var", "region=caller")]))
    assert known(value(unit)) == "caller"
    assert place(value(unit))[0] == "modules/m/main.tf"


def test_arguments_of_other_commands_do_not_count() -> None:
    block = '    commands = ["init"]\n    arguments = ["-var", "region=flag"]'
    assert known(value(extra(block))) == "from-default"


@pytest.mark.parametrize(
    "block",
    [
        PLAN + '    arguments = ["-var-file=${get_env("X")}.tfvars"]',
        PLAN + '    optional_var_files = ["${get_env("X")}.tfvars"]',
        PLAN + '    required_var_files = ["/etc/values.tfvars"]',
        PLAN + '    optional_var_files = ["../../../values.tfvars"]',
        PLAN + '    required_var_files = ["missing.tfvars"]',
        '    commands = [get_env("X")]\n    arguments = ["-var", "region=flag"]',
        PLAN + '    env_vars = { TF_VAR_region = get_env("X") }',
    ],
)
def test_arguments_that_are_not_known(block: str) -> None:
    assert type(value(extra(block, inputs='inputs = {\n  region = "weaker"\n}\n'))) is Unknown


# --- generated files


def generating(contents: str, more: str = "", files: dict[str, str] | None = None) -> tuple[LoadedUnit, str]:
    head = 'generate "provider" {\n  path = "provider.tf"\n  if_exists = "overwrite"\n'
    text = f"{UNIT}{more}{head}  contents = {contents}\n}}\n"
    return load({"live/a/terragrunt.hcl": text, **(files or {})}), text


PROVIDER = 'provider "aws" {\n  region = "us-west-2"\n}\n'


@pytest.mark.parametrize(
    "contents",
    [
        f"<<EOF\n{PROVIDER}EOF",
        "<<-EOF\n" + "".join(f"      {line}\n" for line in PROVIDER.splitlines()) + "      EOF",
        json.dumps(PROVIDER),
        f"<<EOF\n# $${{no}} interpolation, 100%%{{ }}\n{PROVIDER}EOF",
        f"<<EOF\n# ${{local.a}}\n{PROVIDER}EOF",
        f"<<EOF\n%{{ if true }}{PROVIDER}%{{ endif }}\nEOF",
    ],
)
def test_literal_in_a_generated_file_stands_in_the_terragrunt_file(contents: str) -> None:
    unit, text = generating(contents, 'locals {\n  a = "x"\n}\n')
    assert not unit.problems
    found = provider(unit)
    assert known(found) == "us-west-2"
    at = text.index("us-west-2")
    assert found.span.file.path == "live/a/terragrunt.hcl"
    assert text[found.span.start : found.span.end].strip('\\"') == "us-west-2"
    assert found.span.start <= at < found.span.end
    config = resource(unit).provider
    assert config is not None
    assert config.span is not None
    assert config.span.text.strip('\\"') == "aws"


def test_interpolated_value_keeps_its_cause() -> None:
    unit, text = generating(
        '<<EOF\nprovider "aws" {\n  region = "${local.region}"\n}\nEOF', 'locals {\n  region = "us-east-2"\n}\n'
    )
    found = provider(unit)
    assert known(found) == "us-east-2"
    assert place(found) == ("live/a/terragrunt.hcl", '"us-east-2"')
    assert found.owner == "local.region"
    assert found.via[-1].text() == 'provider.aws.region = "${local.region}"'
    assert found.via[-1].span.start == text.index('"${local.region}"')


def test_part_of_a_generated_text_can_be_the_cause() -> None:
    unit, _ = generating(
        '<<EOF\nprovider "aws" {\n  region = "x-${local.region}-y"\n}\nEOF', 'locals {\n  region = "us-east-2"\n}\n'
    )
    found = provider(unit)
    assert known(found) == "x-us-east-2-y"
    assert found.span.text == '"x-${local.region}-y"'
    assert place(covering(found, 2, 11)) == ("live/a/terragrunt.hcl", '"us-east-2"')
    assert place(covering(found, 0, 1))[1] == "x-"


@pytest.mark.parametrize(
    "line",
    [
        'region = "${get_env("REGION")}"',
        'region = "${get_env("REGION")}-1"',
        'region = ${get_env("REGION")}',
        'region = var.${get_env("REGION")}',
        'region = ${get_env("REGION")}(1)',
        'region = ["a", "${get_env("REGION")}"][1]',
        'region = upper("${get_env("REGION")}")',
        'region = { "${get_env("REGION")}" = "x", y = "z" }.y',
        'region = { ${get_env("REGION")} = 1 }',
        'region = "${get_terragrunt_dir()}"',
        'region = "a\\t${get_env("REGION")}"',
    ],
)
def test_unknown_in_a_generated_file_stays_unknown(line: str) -> None:
    unit, _ = generating(f'<<EOF\nprovider "aws" {{\n  {line}\n}}\nEOF')
    found = provider(unit)
    if type(found) is Known:
        with pytest.raises(NotKnown):
            plain(found)
    else:
        assert "__sovlint" not in reason(found)


def test_candidates_survive_generation() -> None:
    unit, _ = generating('<<EOF\nprovider "aws" {\n  region = "${get_env("R", "us-east-1")}"\n}\nEOF')
    found = provider(unit)
    assert type(found) is Unknown
    assert [(known(x), x.span.text) for x in found.candidates] == [("us-east-1", '"us-east-1"')]


def test_list_keeps_the_places_of_its_elements() -> None:
    files = {
        "modules/m/main.tf": 'variable "zones" {\n  type = list(string)\n}\nvariable "map" {\n  type = map(string)\n}\n'
        'resource "aws_thing" "x" {\n  region = var.zones[1]\n  tags = var.map\n}\n',
        "live/map.hcl": "locals {\n  a = 1\n}\n",
        "live/a/terragrunt.hcl": UNIT
        + 'inputs = {\n  zones = ["a", "b"]\n  map = read_terragrunt_config("../map.hcl").locals\n}\n',
    }
    unit = load(files)
    assert place(value(unit)) == ("live/a/terragrunt.hcl", '"b"')
    assert known(value(unit, "tags")) == {"a": "1"}


def test_other_types_are_put_in_as_text() -> None:
    unit, _ = generating(
        '<<EOF\nprovider "aws" {\n  max_retries = ${local.n}\n  profile = "${local.n}"\n  skip = ${local.b}\n}\nEOF',
        "locals {\n  n = 5\n  b = true\n}\n",
    )
    assert [known(provider(unit, x)) for x in ("max_retries", "profile", "skip")] == [5, "5", True]


def test_value_that_writes_syntax_is_read_as_syntax() -> None:
    unit, _ = generating(
        '<<EOF\nprovider "aws" {\n  region = "${local.x}"\n}\nEOF', 'locals {\n  x = "a\\"\\n  profile = \\"p"\n}\n'
    )
    assert known(provider(unit)) == "a"
    assert known(provider(unit, "profile")) == "p"


def test_interpolation_meant_for_terraform() -> None:
    unit, _ = generating(
        '<<EOF\nprovider "aws" {\n  region = "$${var.region}"\n}\nEOF', 'inputs = { region = "eu-west-1" }\n'
    )
    found = provider(unit)
    assert known(found) == "eu-west-1"
    assert place(found) == ("live/a/terragrunt.hcl", '"eu-west-1"')


def test_contents_from_elsewhere() -> None:
    files = {"live/a/provider.tpl": 'provider "aws" {\n  region = "${region}"\n}\n', "live/p.txt": PROVIDER}
    unit, _ = generating('templatefile("provider.tpl", { region = "us-west-1" })', files=files)
    assert place(provider(unit)) == ("live/a/terragrunt.hcl", '"us-west-1"')
    unit, _ = generating('file(find_in_parent_folders("p.txt"))', files=files)
    assert place(provider(unit)) == ("live/p.txt", '"us-west-2"')
    unit, _ = generating("local.text", f"locals {{\n  text = <<EOF\n{PROVIDER}EOF\n}}\n")
    assert place(provider(unit)) == ("live/a/terragrunt.hcl", '"us-west-2"')


def test_contents_in_json() -> None:
    files = {
        "live/a/terragrunt.hcl": UNIT + 'generate "p" {\n  path = "p.tf.json"\n'
        '  contents = jsonencode({ provider = { aws = { region = "us-west-2" } } })\n}\n'
    }
    found = provider(load(files))
    assert known(found) == "us-west-2"
    assert found.span.file.path == "live/a/terragrunt.hcl"


def test_alias_of_a_generated_provider() -> None:
    files = {
        "modules/m/main.tf": 'resource "aws_thing" "x" {\n  provider = aws.other\n}\n',
        "live/a/terragrunt.hcl": UNIT
        + 'locals {\n  alias = "other"\n}\ngenerate "p" {\n  path = "p.tf"\n  contents = <<EOF\nprovider "aws" {\n'
        '  alias = "${local.alias}"\n  region = "us-west-2"\n}\nEOF\n}\n',
    }
    assert known(provider(load(files))) == "us-west-2"


@pytest.mark.parametrize(
    ("if_exists", "wanted"), [("overwrite", "us-west-2"), ("overwrite_terragrunt", "us-west-2"), ("skip", "written")]
)
def test_generated_file_and_one_that_exists(if_exists: str, wanted: str) -> None:
    files = {
        "modules/m/provider.tf": 'provider "aws" {\n  region = "written"\n}\n',
        "live/a/terragrunt.hcl": UNIT + f'generate "p" {{\n  path = "provider.tf"\n  if_exists = "{if_exists}"\n'
        f"  contents = <<EOF\n{PROVIDER}EOF\n}}\n",
    }
    assert known(provider(load(files))) == wanted


def test_generated_override() -> None:
    files = {
        "modules/m/provider.tf": 'provider "aws" {\n  region = "written"\n  profile = "kept"\n}\n',
        "live/a/terragrunt.hcl": UNIT
        + f'generate "p" {{\n  path = "p_override.tf"\n  contents = <<EOF\n{PROVIDER}EOF\n}}\n',
    }
    units = Units(FolderCache(tree_of(files)))
    for _ in range(2):
        unit = units.load("live/a", Given())
        assert [known(provider(unit, x)) for x in ("region", "profile")] == ["us-west-2", "kept"]


def test_disabled_generation() -> None:
    text = UNIT + f'generate "p" {{\n  path = "p.tf"\n  disable = true\n  contents = <<EOF\n{PROVIDER}EOF\n}}\n'
    config = resource(load({"live/a/terragrunt.hcl": text})).provider
    assert config is None or config.attributes is None


def test_child_replaces_a_generated_file_of_the_same_name() -> None:
    block = 'generate "p" {{\n  path = "p.tf"\n  contents = <<EOF\nprovider "aws" {{\n  region = "{}"\n}}\nEOF\n}}\n'
    unit = merged(block.format("child"), block.format("parent"), "")
    assert known(provider(unit)) == "child"


def test_syntax_error_in_a_generated_file() -> None:
    unit, _ = generating('<<EOF\nprovider "aws" {\n  region = = 3\n}\nEOF')
    assert [p.location.path for p in unit.problems] == ["live/a/terragrunt.hcl"]
    assert "provider.tf" in unit.problems[0].message


def test_comments_of_a_generated_file_have_places() -> None:
    unit, text = generating(f"<<EOF\n# first ${{local.a}}\n{PROVIDER}  # second\nEOF", 'locals {\n  a = "x"\n}\n')
    assert [text[c.start : c.end] for c in unit.comments] == ["# first ${local.a}", "# second"]


def test_generated_values() -> None:
    text = (
        UNIT + 'generate "v" {\n  path = "v.auto.tfvars"\n'
        '  contents = <<EOF\nregion = "${get_path_to_repo_root()}"\nEOF\n}\n'
    )
    assert known(value(load({"live/a/terragrunt.hcl": text}))) == "../.."


# --- remote state


def test_remote_state_is_the_backend() -> None:
    config = """
remote_state {
  backend = "s3"
  config = {
    bucket = "b"
    key    = "${path_relative_to_include()}/x"
    region = local.region
    file   = "${get_terragrunt_dir()}/state"
  }
}
locals {
  region = "us-east-1"
}
"""
    module = MODULE + 'terraform {\n  backend "s3" {\n    region = "eu-west-1"\n  }\n}\n'
    unit = merged("", config, "")
    files = {"live/a/terragrunt.hcl": config + UNIT, "modules/m/main.tf": module}
    for loaded, owner in ((unit, "include.root.remote_state"), (load(files), "remote_state")):
        assert loaded.root is not None
        backends = [r for r in loaded.root.resources if r.mode == "backend"]
        assert [(r.address, r.kind, r.span.text) for r in backends] == [("terraform.backend.s3", "s3", '"s3"')]
        found = value(loaded, "region", "terraform.backend.s3")
        assert place(found)[1] == '"us-east-1"'
        assert found.via[-1].text() == f"{owner}.config.region = local.region"
        assert "machines" in reason(value(loaded, "file", "terraform.backend.s3"))


def test_remote_state_as_an_attribute_and_from_a_local() -> None:
    text = UNIT + (
        'locals {\n  config = { region = "us-east-1" }\n}\n'
        'remote_state = {\n  backend = "s3"\n  config = local.config\n}\n'
    )
    unit = load({"live/a/terragrunt.hcl": text})
    assert place(value(unit, "region", "terraform.backend.s3")) == ("live/a/terragrunt.hcl", '"us-east-1"')


def test_generated_backend() -> None:
    text = UNIT + (
        'generate "backend" {\n  path = "backend.tf"\n  contents = <<EOF\nterraform {\n  backend "s3" {\n'
        '    region = "us-east-1"\n  }\n}\nEOF\n}\n'
    )
    unit = load({"live/a/terragrunt.hcl": text})
    assert resource(unit, "terraform.backend.s3").span.text == '"s3"'
    assert place(value(unit, "region", "terraform.backend.s3")) == ("live/a/terragrunt.hcl", '"us-east-1"')


# --- what goes round, or leads out


@pytest.mark.parametrize(
    "files",
    [
        {
            "live/a/terragrunt.hcl": UNIT
            + 'locals {\n  b = read_terragrunt_config("../b.hcl")\n  v = local.b.locals.v\n}\n'
            "inputs = { region = local.v }\n",
            "live/b.hcl": 'locals {\n  a = read_terragrunt_config("a/terragrunt.hcl")\n  v = local.a.locals.v\n}\n',
        },
        {
            "live/a/terragrunt.hcl": UNIT
            + 'inputs = merge(read_terragrunt_config("../b.hcl").inputs, { region = "x" })\n',
            "live/b.hcl": 'inputs = merge(read_terragrunt_config("a/terragrunt.hcl").inputs, {})\n',
        },
        {"live/a/terragrunt.hcl": UNIT + "locals {\n  v = local.v\n}\ninputs = { region = local.v }\n"},
        {
            "live/a/terragrunt.hcl": 'include "a" {\n  path = "terragrunt.hcl"\n  expose = true\n}\n'
            + UNIT
            + "inputs = { region = include.a.inputs.region }\n"
        },
        {
            "live/a/terragrunt.hcl": 'include "b" {\n  path = local.p\n  expose = true\n}\n'
            + UNIT
            + "locals {\n  p = include.b.locals.p\n}\ninputs = { region = local.p }\n",
        },
    ],
)
def test_cycles_end(files: dict[str, str]) -> None:
    assert type(value(load(files))) is Unknown


def test_files_that_hold_each_other_end() -> None:
    """Every local holds all locals of the other file, twice."""
    files = {
        f"live/{a}.hcl": "locals {\n"
        f'  x = read_terragrunt_config("{b}.hcl").locals\n  y = read_terragrunt_config("{b}.hcl").locals\n'
        "  z = get_terragrunt_dir()\n}\n"
        for a, b in (("p", "q"), ("q", "p"))
    }
    text = UNIT + 'inputs = {\n  region = "r"\n  tags = read_terragrunt_config("../p.hcl").locals\n}\n'
    unit = load({"live/a/terragrunt.hcl": text, **files})
    assert known(value(unit)) == "r"
    with contextlib.suppress(NotKnown):
        plain(value(unit, "tags"))


def test_values_that_double_with_every_file_end() -> None:
    files = {
        f"live/{i}.hcl": "".join(
            f'locals {{\n  x = read_terragrunt_config("{i + 1}.hcl").locals\n'
            f'  y = read_terragrunt_config("{i + 1}.hcl").locals\n}}\n'
        )
        for i in range(40)
    }
    files["live/40.hcl"] = 'locals {\n  x = "x"\n}\n'
    text = UNIT + 'inputs = {\n  region = "r"\n  tags = read_terragrunt_config("../0.hcl").locals\n}\n'
    unit = load({"live/a/terragrunt.hcl": text, **files})
    assert known(value(unit)) == "r"
    assert type(value(unit, "tags")) is Unknown


def test_long_chain_of_files_ends() -> None:
    files = {
        f"live/{i}.hcl": f'locals {{\n  v = read_terragrunt_config("{i + 1}.hcl").locals.v\n}}\n' for i in range(3000)
    }
    text = UNIT + 'inputs = {\n  region = read_terragrunt_config("../0.hcl").locals.v\n}\n'
    unit = load({"live/a/terragrunt.hcl": text, **files})
    assert unit.problems or type(value(unit)) is Unknown


def test_symbolic_link_out_of_the_tree_is_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "secret.hcl"
    outside.write_text('locals {\n  v = "secret"\n}\n')
    tree = tmp_path / "tree"
    (tree / "live/a").mkdir(parents=True)
    (tree / "modules/m").mkdir(parents=True)
    (tree / "modules/m/main.tf").write_text(MODULE)
    (tree / "live/link.hcl").symlink_to(outside)
    (tree / "live/a/terragrunt.hcl").write_text(
        'include "l" {\n  path = find_in_parent_folders("link.hcl", "../link.hcl")\n  expose = true\n}\n'
        + UNIT
        + 'inputs = {\n  region = include.l.locals.v\n  tags = read_terragrunt_config("../link.hcl").locals.v\n}\n'
    )
    unit = load_from(WorkingTree(tree), "live/a")
    assert type(value(unit)) is Unknown
    assert type(value(unit, "tags")) is Unknown
    assert "secret" not in str(unit.problems)


# --- properties

TOKENS = st.sampled_from(
    [
        'provider "aws" {\n',
        "}\n",
        '  region = "us-east-1"\n',
        "${local.a}",
        '"',
        "\n",
        "  ",
        "$${x}",
        "%%{",
        "\\",
        "\\n",
        "# c\n",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(TOKENS, max_size=25), st.sampled_from(["<<EOF", "<<-EOF"]))
def test_offsets_of_literal_text_lead_back(tokens: list[str], opening: str) -> None:
    text = 'locals {\n  a = "A"\n}\nx = ' + opening + "\n" + "".join(tokens) + "\nEOF\n"
    scope = scope_of({"live/a/terragrunt.hcl": text})
    attribute = scope.body.attributes.get("x")
    if attribute is None:
        return
    computed = ComputedText(scope.evaluated(attribute), scope.span_of(attribute.expression))
    if not computed.unknown:
        assert computed.text == known(scope.evaluated(attribute))
    for piece in computed.pieces:
        if piece.offsets is not None:
            file = piece.places[0].file
            assert [file.text[i] for i in piece.offsets] == list(computed.text[piece.start : piece.end])


@settings(max_examples=300, deadline=None)
@given(st.lists(TOKENS, max_size=25))
def test_generating_anything_never_fails(tokens: list[str]) -> None:
    unit, text = generating("<<EOF\n" + "".join(tokens) + "\nEOF", 'locals {\n  a = "A"\n}\n')
    if unit.root is None:
        return
    for item in unit.root.resources:
        config = item.provider
        for _, found in config.attributes.select(("region",)) if config is not None and config.attributes else ():
            assert 0 <= found.span.start <= found.span.end <= len(text)


EXPRESSIONS = st.recursive(
    st.sampled_from(
        [
            "get_terragrunt_dir()",
            "get_repo_root()",
            'get_env("X")',
            'get_env("X", "d")',
            "local.a",
            "local.missing",
            "include.root.locals.x",
            "dependency.d.outputs.o",
            'find_in_parent_folders("x")',
            'run_cmd("x")',
            '"text"',
            "1",
            "null",
            '{ a = "b" }',
            "[1, 2]",
        ]
    ),
    lambda inner: st.one_of(
        st.tuples(
            st.sampled_from(
                ["upper", "dirname", "basename", "jsonencode", "read_terragrunt_config", "file", "length", "try"]
            ),
            inner,
        ).map(lambda x: f"{x[0]}({x[1]})"),
        st.tuples(inner, inner).map(lambda x: f"merge({x[0]}, {x[1]})"),
        st.tuples(inner, inner).map(lambda x: f'"${{{x[0]}}}/${{{x[1]}}}"'),
        inner.map(lambda x: f"({x}).locals.v"),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_no_expression_lets_a_path_of_the_machine_out(expression: str) -> None:
    text = UNIT + f"locals {{\n  a = {expression}\n}}\ninputs = {{\n  region = {expression}\n  tags = local.a\n}}\n"
    unit = load({"live/a/terragrunt.hcl": text})
    for name in ("region", "tags"):
        for _, found in resource(unit).attributes.select((name,)):
            for item in (found, *(found.candidates if type(found) is Unknown else ())):
                assert type(item) is Known or "\0" not in reason(item)
                with contextlib.suppress(NotKnown):
                    assert "\0" not in str(plain(item))


# --- the command


@pytest.mark.parametrize("name", ["live-repository", "european"])
def test_fixture(name: str) -> None:
    folder = FIXTURES / "terragrunt" / name
    path = folder.relative_to(REPOSITORY).as_posix()
    result = run_sovlint(["check", "--format", "json", "--no-config", path])
    assert result.returncode in (0, 1), result.stderr
    report = json.loads(result.stdout)
    assert report["problems"] == []
    report["findings"] = [finding for finding in report["findings"] if finding["rule"] in RULES]
    wanted = Counter({mark: n for mark, n in expected(folder).items() if mark.rule in RULES})
    differs = difference(wanted, reported(report, path), report, path)
    assert not differs, differs


def repository(folder: Path, files: dict[str, str]) -> Path:
    (folder / ".git").mkdir()
    for name, text in {"modules/m/main.tf": MODULE, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


DATABASE = 'variable "region" {\n  type = string\n}\nresource "aws_db_instance" "x" {\n  engine = "postgres"\n}\n'
ROOT = """locals {{
  region = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals.region
}}
generate "provider" {{
  path     = "provider.tf"
  contents = <<EOF
provider "aws" {{
  {waiver}
  region = "us-west-2"
  profile = "${{local.region}}"
}}
EOF
}}
"""
WAIVER = '# sovlint:waive SOV101 until=2999-01-01 owner=x reason="a test"'


def findings(folder: Path, *paths: str) -> list[tuple[str, int]]:
    result = run_sovlint(["check", "--format", "json", "--no-config", "--select", "SOV101", *paths], cwd=folder)
    assert result.returncode in (0, 1), result.stderr + result.stdout
    return [(f["path"], f["line"]) for f in json.loads(result.stdout)["findings"]]


@pytest.mark.parametrize(("waiver", "wanted"), [("", [("live/root.hcl", 9)]), (WAIVER, [])])
def test_waiver_inside_a_generated_file(tmp_path: Path, waiver: str, wanted: list[tuple[str, int]]) -> None:
    folder = repository(
        tmp_path,
        {
            "modules/m/main.tf": DATABASE,
            "live/root.hcl": ROOT.format(waiver=waiver),
            "live/region.hcl": 'locals {\n  region = "us-east-1"\n}\n',
            "live/a/terragrunt.hcl": 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n' + UNIT,
        },
    )
    assert findings(folder, ".") == wanted
    assert findings(folder, "live") == wanted
    assert findings(folder, "live/root.hcl") == wanted
    assert findings(folder, "live/a/terragrunt.hcl") == wanted


def test_module_of_a_unit_is_no_root_of_its_own(tmp_path: Path) -> None:
    files = {
        "modules/m/main.tf": 'variable "location" {\n  default = "us-east1"\n}\n'
        'resource "google_storage_bucket" "b" {\n  location = var.location\n}\n',
        "live/a/terragrunt.hcl": UNIT + 'inputs = {\n  location = "europe-west4"\n}\n',
    }
    folder = repository(tmp_path, files)
    assert findings(folder, ".") == []
    assert findings(folder, "modules") == [("modules/m/main.tf", 2)]
