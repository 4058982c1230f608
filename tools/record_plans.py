"""Records what the real `terraform plan` says of the projects in `fixtures/terraform/`.

Usage: `python tools/record_plans.py [NAME]…`, with the binary `terraform` on PATH. Each project gets a
`plan.expected.json`: addresses of all instances, values that Terraform knows, what is unknown until apply, and the
provider configuration of each resource. Most projects use only the built-in `terraform_data`, so nothing is downloaded;
those whose `case.json` names a provider need a local mirror of it, named by the variable SOVLINT_TF_PLUGINS.

`case.json` of a project says how it is planned: `arguments` (pairs ["var", "NAME=VALUE"] or ["var-file", path]),
`environment` (TF_VAR_ values by name), `workspace`, `needs_provider`, `keep_plan` (the plan itself is kept as
`plan.json`), `provider_names` (the name that Terraform shows → the one in the files, which both mean the same
provider), and `unknown_to_us` (address and attribute → why sovlint cannot know what Terraform knows).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROJECTS = Path(__file__).resolve().parent.parent / "fixtures" / "terraform"
EXPECTED = "plan.expected.json"
CASE = "case.json"
PLAN = "plan.json"
MIRROR = "SOVLINT_TF_PLUGINS"


class PlanError(Exception):
    """Terraform refused a project."""


def projects() -> list[Path]:
    """All projects, by name."""
    return sorted(p for p in PROJECTS.iterdir() if p.is_dir())


def case_of(project: Path) -> dict[str, Any]:
    """How a project is planned."""
    path = project / CASE
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def can_be_planned(project: Path) -> bool:
    """Whether the binary and the providers a project needs are installed."""
    if shutil.which("terraform") is None:
        return False
    return "needs_provider" not in case_of(project) or bool(os.environ.get(MIRROR))


def show(project: Path) -> dict[str, Any]:
    """The whole output of `terraform show -json` for a plan of the project, made in a scratch copy.

    Raises:
        PlanError: Terraform reports an error.
    """
    case = case_of(project)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    environment |= {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    environment |= {f"TF_VAR_{name}": value for name, value in case.get("environment", {}).items()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        shutil.copytree(project, folder, ignore=shutil.ignore_patterns(EXPECTED, CASE, PLAN))

        def run(*words: str) -> str:
            result = subprocess.run(
                ["terraform", f"-chdir={folder}", *words],
                env=environment,
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=300,
                check=False,
            )
            if result.returncode:
                raise PlanError(f"{project.name}: terraform {words[0]}: {result.stderr}")
            return result.stdout

        mirror = [f"-plugin-dir={os.environ[MIRROR]}"] if "needs_provider" in case else []
        run("init", "-input=false", "-no-color", *mirror)
        if case.get("workspace"):
            run("workspace", "new", case["workspace"])
        arguments = [f"-{kind}={text}" for kind, text in case.get("arguments", ())]
        run("plan", "-input=false", "-no-color", "-refresh=false", "-out=plan.bin", *arguments)
        shown: dict[str, Any] = json.loads(run("show", "-json", "plan.bin"))
        return shown


def summary(shown: dict[str, Any]) -> dict[str, Any]:
    """What is compared: the same on every machine and day."""
    resources = {}
    for change in sorted(shown.get("resource_changes", ()), key=lambda c: str(c["address"])):
        if change["change"]["actions"] == ["delete"]:
            continue
        resources[change["address"]] = {
            "known": change["change"].get("after"),
            "unknown": change["change"]["after_unknown"],
        }
    providers = dict(_provider_keys(shown["configuration"]["root_module"], ""))
    outputs = {
        name: {"known": change.get("after"), "unknown": change["after_unknown"]}
        for name, change in sorted(shown.get("output_changes", {}).items())
    }
    return {"resources": resources, "outputs": outputs, "providers": providers}


def _provider_keys(module: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Address of each resource block and the provider configuration that Terraform chose for it."""
    for resource in module.get("resources", ()):
        yield prefix + resource["address"], resource["provider_config_key"]
    for name, call in sorted(module.get("module_calls", {}).items()):
        yield from _provider_keys(call["module"], f"{prefix}module.{name}.")


def main(arguments: list[str] | None = None) -> int:
    """Records the named projects, or all that can be planned here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    names = parser.parse_args(arguments).names
    for project in projects():
        if names and project.name not in names:
            continue
        if not can_be_planned(project):
            print(f"{project.name}: skipped, the provider it needs is not installed", file=sys.stderr)
            continue
        shown = show(project)
        text = json.dumps(summary(shown), indent=2, ensure_ascii=False, sort_keys=True)
        (project / EXPECTED).write_text(text + "\n", encoding="utf-8")
        if case_of(project).get("keep_plan"):
            shown.pop("timestamp", None)
            (project / PLAN).write_text(json.dumps(shown) + "\n", encoding="utf-8")
        print(f"{project.name}: recorded")
    return 0


if __name__ == "__main__":
    sys.exit(main())
