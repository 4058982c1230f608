"""`sovlint init`, and the published schema of the configuration that it writes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_runs import BUCKET, write
from jsonschema import Draft202012Validator

from sovlint.config.read import ALLOWED, read_config
from sovlint.model.errors import ConfigError
from support import POLICIES, REPOSITORY, run_sovlint

SCHEMA: dict[str, Any] = json.loads((POLICIES / "schema" / "config.schema.json").read_text(encoding="utf-8"))
US = 'provider "aws" {\n  region = "us-east-1"\n}\n' + BUCKET


def test_without_a_terminal_the_options_decide(tmp_path: Path) -> None:
    result = run_sovlint(["init", "--profile", "nl-gemeente", "--fail-on", "medium"], cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "wrote .sovlint.yaml\n"), result.stderr
    settings = read_config(tmp_path / ".sovlint.yaml")
    assert (settings["profile"], settings["fail_on"]) == ("nl-gemeente", "medium")


def test_nothing_is_overwritten_without_asking(tmp_path: Path) -> None:
    write(tmp_path, {".github/workflows/sovlint.yml": "mine\n"})
    args = ["init", "--for", "github", "--repository", "https://git.example.eu/sovlint"]
    result = run_sovlint(args, cwd=tmp_path)
    assert result.returncode == 2
    assert "exists" in result.stderr
    assert not (tmp_path / ".sovlint.yaml").exists()
    assert (tmp_path / ".github/workflows/sovlint.yml").read_text() == "mine\n"
    assert run_sovlint([*args, "--force"], cwd=tmp_path).returncode == 0
    assert "sarif" in (tmp_path / ".github/workflows/sovlint.yml").read_text()


def test_what_it_writes_is_valid_and_names_commands_that_exist(tmp_path: Path) -> None:
    places = [word for place in ("pre-commit", "github", "gitlab") for word in ("--for", place)]
    repository = "https://git.example.eu/sovlint"
    result = run_sovlint(["init", *places, "--repository", repository, "--revision", "abc"], cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for path in result.stdout.replace("wrote ", "").split():
        text = (tmp_path / path).read_text(encoding="utf-8")
        assert isinstance(yaml.safe_load(text), dict), path
        for command in re.findall(r"(?<=[ ])sovlint check [^\n]*", text):
            words = [*command.split()[1:], "--no-config"]
            assert run_sovlint(words, cwd=tmp_path).returncode == 0, command
    hooks = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text())
    ids = {hook["id"] for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for repo in hooks["repos"] for hook in repo["hooks"]} <= ids


def test_a_baseline_of_today(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": US})
    result = run_sovlint(["init", "--baseline"], cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert run_sovlint(["check"], cwd=tmp_path).returncode == 0
    write(tmp_path, {"more.tf": 'resource "aws_s3_bucket" "new" {}\n'})
    assert run_sovlint(["check"], cwd=tmp_path).returncode == 1


def test_wrong_usage(tmp_path: Path) -> None:
    for args in (["--profile", "nope"], ["--for", "github"]):
        result = run_sovlint(["init", *args], cwd=tmp_path)
        assert result.returncode == 2
        assert not list(tmp_path.iterdir())


# --- the schema


def test_schema_has_the_keys_of_the_reader() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["properties"]) == set(ALLOWED)


def example() -> str:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    return re.search(r"```yaml\n(profile: eu-baseline\n.*?)```", text, re.S)[1]  # type: ignore[index]


def plain(text: str) -> Any:
    """As the reader sees it: dates are texts."""
    data = yaml.safe_load(text)
    return json.loads(json.dumps(data, default=str))


def test_the_example_of_the_readme_is_valid(tmp_path: Path) -> None:
    write(tmp_path, {".sovlint.yaml": example(), "policies/ministry.yaml": "fail-on: low\n"})
    (tmp_path / "sovereignty").mkdir()
    Draft202012Validator(SCHEMA).validate(plain(example()))
    settings = read_config(tmp_path / ".sovlint.yaml")
    assert [scope.classification for scope in settings["scopes"]] == ["", "base-register"]
    assert set(plain(example())) == set(ALLOWED), "the example shows every key"


@pytest.mark.parametrize(
    "text",
    [
        "scopes: [{paths: [a]}]",
        "waivers: [{rules: [SOV1], until: '2027-06-30', owner: o}]",
        "hosts: {a: {purpose: x}}",
        "limits: {operator-share: 2}",
        "environments: {a: {var-file: []}}",
        "select: [X-1]",
        "policies: ./sovereignty",
        "kubernetes: {providr: x}",
        "unknown: perhaps",
        "nonsense: 1",
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(tmp_path: Path, text: str) -> None:
    write(tmp_path, {".sovlint.yaml": text + "\n"})
    assert list(Draft202012Validator(SCHEMA).iter_errors(plain(text))), text
    with pytest.raises(ConfigError):
        read_config(tmp_path / ".sovlint.yaml")
