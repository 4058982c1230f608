"""Nothing outside of the tree is opened, whatever a file of it says; recorded by an audit hook inside the command."""

from __future__ import annotations

# ruff: noqa: E501 - files of the input, as they are
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from check_runs import BUCKET, GOOD, POD, write

from support import _empty_home

RECORDED = """
import os, sys

outside = sys.argv.pop(1)
record = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def hook(event, args):
    if event in ("open", "os.listdir", "os.scandir") and args and isinstance(args[0], (str, bytes)):
        path = os.path.realpath(os.fsdecode(args[0]))
        if (path + os.sep).startswith(outside + os.sep):
            os.write(record, (event + " " + path + chr(10)).encode())

sys.addaudithook(hook)
from sovlint.cli.main import main
main()
"""
"""The command with a hook that writes down what is opened or listed below one folder."""

CHART = "apiVersion: v2\nname: c\nversion: 1.0.0\n"
CALL = 'module "%s" {\n  source = "%s"\n}\n'
UP = "../" * 6

REACHING = {
    "terraform/main.tf": (
        CALL % ("a", UP + "outside/module") + CALL % ("b", "../../outside/module") + CALL % ("c", "./link")
        + 'locals {\n  a = file("../../outside/secret.txt")\n  b = file("ABOVE/outside/secret.txt")\n'
        '  c = templatefile("../../outside/secret.txt", {})\n  d = fileset("../../outside", "**")\n'
        '  e = filemd5("link/secret.txt")\n  f = yamldecode(file("link.yaml"))\n  g = fileexists("../../outside/x")\n'
        '  h = file("~/secret.txt")\n  i = pathexpand("~/secret.txt")\n}\n' + 'provider "aws" {\n'
        '  region = "${local.a}${local.b}${local.c}${local.e}${local.f.x}${local.h}${length(local.d)}"\n}\n' + BUCKET
        + 'terraform {\n  backend "local" {\n    path = "../../outside/state"\n  }\n}\n'
    ),
    "terraform/.terraform/modules/modules.json": json.dumps(
        {"Modules": [{"Key": "r", "Source": "a/b/c", "Dir": "../../outside/module"},
                     {"Key": "s", "Source": "a/b/d", "Dir": "ABOVE/outside/module"}]}),
    "terraform/r.tf": CALL % ("r", "a/b/c") + CALL % ("s", "a/b/d"),
    "terragrunt/live/terragrunt.hcl": (
        'include "r" {\n  path = find_in_parent_folders("outside.hcl")\n}\ninclude "s" {\n  path = "../../../outside/root.hcl"\n}\n'
        'terraform {\n  source = "../../../outside/module"\n  extra_arguments "x" {\n    commands = ["plan"]\n'
        '    required_var_files = ["../../../outside/a.tfvars", "ABOVE/outside/a.tfvars"]\n  }\n}\n'
        'dependency "d" {\n  config_path = "../../../outside/unit"\n}\nlocals {\n'
        '  a = read_terragrunt_config("../../../outside/root.hcl")\n  b = file("../../../outside/secret.txt")\n'
        '  c = run_cmd("cat", "../../../outside/secret.txt")\n  d = sops_decrypt_file("../../../outside/secret.yaml")\n'
        '  e = read_tfvars_file("../../../outside/a.tfvars")\n  f = get_env("HOME")\n}\ninputs = {\n  r = local.b\n  s = local.a\n'
        '  t = dependency.d.outputs.x\n  u = local.e\n}\n'
    ),
    "kustomize/kustomization.yaml": (
        "resources: [../../outside/pod.yaml, ../../outside, ABOVE/outside/pod.yaml, link.yaml]\n"
        "bases: [../../outside]\ncomponents: [../../outside]\ncrds: [../../outside/pod.yaml]\n"
        "patches: [{path: ../../outside/pod.yaml}]\npatchesStrategicMerge: [../../outside/pod.yaml]\n"
        "patchesJson6902: [{path: ../../outside/pod.yaml, target: {kind: Pod, name: p}}]\n"
        "configMapGenerator: [{name: c, files: [../../outside/secret.txt, x=link/secret.txt], envs: [../../outside/secret.txt]}]\n"
        "secretGenerator: [{name: s, files: [../../outside/secret.txt]}]\nreplacements: [{path: ../../outside/pod.yaml}]\n"
        "transformers: [../../outside/pod.yaml]\ngenerators: [../../outside/pod.yaml]\nconfigurations: [../../outside/pod.yaml]\n"
        "openapi: {path: ../../outside/pod.yaml}\nhelmGlobals: {chartHome: ../../outside}\n"
        "helmCharts: [{name: chart, valuesFile: ../../outside/values.yaml, additionalValuesFiles: [../../outside/values.yaml]}]\n"
    ),
    "chart/Chart.yaml": CHART + "dependencies:\n  - {name: d, version: 1.0.0, repository: 'file://../../outside/chart'}\n"
    "  - {name: e, version: 1.0.0, repository: 'file://ABOVE/outside/chart'}\n",
    "chart/values.yaml": "image: {repository: ghcr.io/a/b}\n",
    "chart/templates/a.yaml": '{{ .Files.Get "../../outside/secret.txt" }}\n{{ (.Files.Glob "link/*").AsConfig }}\n' + POD,
    "chart/.helmignore": "../../outside\n",
    "helmfile.yaml": (
        "bases: [../outside/base.yaml]\nhelmfiles: [../outside/helmfile.yaml]\nvalues: [../outside/values.yaml]\n"
        "environments: {default: {values: [../outside/values.yaml], secrets: [../outside/values.yaml]}}\n"
        "releases:\n  - {name: a, chart: ../outside/chart, values: [../outside/values.yaml, ABOVE/outside/values.yaml]}\n"
        "  - {name: b, chart: ./chart, values: ['{{ readFile \"../outside/secret.txt\" }}']}\n"
    ),
    "argo.yaml": (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    path: ../outside/chart\n"
        "    repoURL: file:///ABOVE/outside\n    helm: {valueFiles: [../../outside/values.yaml, ABOVE/outside/values.yaml]}\n"
    ),
    ".gitlab-ci.yml": "include: [{local: ../outside/ci.yml}, {local: /../../outside/ci.yml}, ../outside/ci.yml]\njob: {image: a, script: x}\n",
    ".github/workflows/w.yml": (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{uses: ./../outside/action}, {uses: ../../outside/action}]\n"
        "  b: {uses: ./../outside/w.yml}\n"
    ),
    "environments.tfvars": "",
    "x.tfvars": 'a = file("../outside/secret.txt")\n',
}  # fmt: skip
"""A tree of files that name what lies beside it, in every way that their formats know."""

OUTSIDE = {
    "outside/secret.txt": "us-gov-west-1",
    "outside/secret.yaml": "x: us-gov-west-1\n",
    "outside/root.hcl": 'inputs = {\n  r = "us-gov-west-1"\n}\n',
    "outside.hcl": 'inputs = {\n  r = "us-gov-west-1"\n}\n',
    "outside/module/main.tf": GOOD,
    "outside/unit/terragrunt.hcl": "",
    "outside/a.tfvars": 'r = "us-gov-west-1"\n',
    "outside/pod.yaml": POD,
    "outside/kustomization.yaml": "resources: [pod.yaml]\n",
    "outside/chart/Chart.yaml": CHART,
    "outside/chart/values.yaml": "region: us-gov-west-1\n",
    "outside/values.yaml": "region: us-gov-west-1\n",
    "outside/base.yaml": "",
    "outside/helmfile.yaml": "",
    "outside/ci.yml": "job: {image: secret.example/x}\n",
    "outside/w.yml": "on: push\n",
    "outside/action/action.yml": "runs: {using: composite, steps: []}\n",
    "outside/gitdir/config": '[remote "origin"]\n  url = https://secret.example/x\n',
    "outside/policy/rules/MIN001.yaml": "code: MIN001\n",
    "outside/baseline.json": "{}",
    "outside/sovlint.yaml": "profile: eu-strict\n",
    "outside/toml/pyproject.toml": "[tool.sovlint]\nprofile = 'eu-strict'\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    write(tmp_path, OUTSIDE)
    write(tmp_path / "tree", {name: text.replace("ABOVE", str(tmp_path)) for name, text in REACHING.items()})
    for link, target in (
        ("terraform/link", "../../outside"), ("terraform/link.yaml", "../../outside/secret.yaml"),
        ("terraform/linked.tf", "../../outside/module/main.tf"), ("terraform/terraform.tfvars", "../../outside/a.tfvars"),
        ("kustomize/link", "../../outside"), ("kustomize/link.yaml", "../../outside/pod.yaml"),
        ("chart/link", "../../outside"), ("chart/values-link.yaml", "../../outside/values.yaml"),
        ("chart/charts", "../../outside"), ("chart/Chart.lock", "../../outside/secret.yaml"),
        ("linked", "../outside"), ("linked.yaml", "../outside/pod.yaml"), ("terraform/.gitignore", "../../outside/secret.txt"),
    ):  # fmt: skip
        (tmp_path / "tree" / link).symlink_to(target)
    (tmp_path / "home").mkdir()
    return tmp_path / "tree"


def opened(tree: Path, *words: str) -> tuple[list[str], subprocess.CompletedProcess[str]]:
    """What a run opened beside the tree."""
    record = tree.parent / "record"
    record.write_text("")
    names = sorted(path for path in tree.parent.iterdir() if path.name.startswith("outside"))
    assert len(names) == 2
    home = {"HOME": str(names[0]), "XDG_CACHE_HOME": f"{_empty_home()}/.cache", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-P", "-c", RECORDED, str(tree.parent / "outside"), str(record), *words]
    done = subprocess.run(command, cwd=tree, env=home, capture_output=True, text=True, timeout=60, check=False)
    assert "internal error" not in done.stderr, done.stderr
    return record.read_text().splitlines(), done


@pytest.mark.parametrize("git", ["folder", "file", "link"])
def test_nothing_beside_the_tree_is_opened(tree: Path, git: str) -> None:
    if git == "folder":
        write(tree, {".git/HEAD": "ref: refs/heads/main\n"})
        (tree / ".git/config").symlink_to("../../outside/gitdir/config")
    elif git == "file":
        write(tree, {".git": f"gitdir: {tree.parent}/outside/gitdir\n"})
    else:
        (tree / ".git").symlink_to("../outside/gitdir")
    for words in (
        ["check", "--no-config", "-f", "json", "."],
        ["check", "--no-config", "-f", "sarif", "."],
        ["check", "--no-config", "--jobs", "2", "-f", "json", "."],
        ["check", "--no-config", "-f", "json", "terraform/main.tf", "linked.yaml", "chart/values-link.yaml", "linked"],
        ["inventory", "--no-config", "--format", "json", "."],
    ):
        found, done = opened(tree, *words)
        assert found == [], words
        assert done.returncode in (0, 1, 2)
        assert "us-gov-west-1" not in done.stdout + done.stderr
        assert "secret.example" not in done.stdout + done.stderr


def test_the_record_records(tree: Path) -> None:
    """What the command line names outside is read where that is what it means, and seen."""
    found, _ = opened(tree, "check", "--config", "../outside/sovlint.yaml", ".")
    assert found == [f"open {tree.parent}/outside/sovlint.yaml"]


CONFIGURED = {
    "extends": "extends: ../outside/sovlint.yaml\n",
    "extends-absolute": "extends: ABOVE/outside/sovlint.yaml\n",
    "policies": "policies: [../outside/policy]\n",
    "baseline": "baseline: ../outside/baseline.json\n",
    "var-files": "terraform: {var-files: [../outside/a.tfvars]}\n",
    "environments": "environments: {a: {var-files: [../outside/a.tfvars], values: {chart: [../../outside/values.yaml]}}}\n",
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_a_configuration_of_the_tree_leads_nowhere_else(tree: Path, name: str) -> None:
    """Whoever may change the tree decides what stands in it, and not what else of the machine is read."""
    write(tree, {".git/HEAD": "", ".sovlint.yaml": CONFIGURED[name].replace("ABOVE", str(tree.parent))})
    found, done = opened(tree, "check", ".")
    assert found == []
    assert done.returncode == 2
    assert "leads out of" in done.stdout + done.stderr or "lies outside the tree" in done.stdout + done.stderr
    assert "us-gov-west-1" not in done.stdout + done.stderr


def test_a_configuration_that_is_a_link_out_of_the_tree_is_not_read(tree: Path) -> None:
    write(tree, {".git/HEAD": ""})
    (tree / "pyproject.toml").symlink_to("../outside/toml/pyproject.toml")
    found, done = opened(tree, "check", "-f", "json", ".")
    assert (found, json.loads(done.stdout)["profile"]) == ([], "eu-baseline")
    (tree / ".sovlint.yaml").symlink_to("../outside/sovlint.yaml")
    found, done = opened(tree, "check", ".")
    assert (found, done.returncode, done.stdout) == ([], 2, "")
    assert ".sovlint.yaml: leads out of" in done.stderr


def test_a_configuration_that_is_named_may_lead_anywhere(tree: Path) -> None:
    write(tree, {".git/HEAD": "", "here.yaml": "extends: ../outside/sovlint.yaml\n", "x.tf": ""})
    found, done = opened(tree, "check", "--config", "here.yaml", "-f", "json", "x.tf")
    assert found == [f"open {tree.parent}/outside/sovlint.yaml"]
    assert json.loads(done.stdout)["profile"] == "eu-strict"
