"""Configuration files: which one applies, what it may say, and errors that name file, line and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_runs import BUCKET, GOOD, LIMIT_SECONDS, Outcome, write

from sovlint.config import find_config
from sovlint.config.read import read_config
from sovlint.model.errors import ConfigError
from support import run_sovlint

# --- errors

YAML_ERRORS = [
    ("selct: [SOV1]\n", [":1:1: ", "selct", "select", "profile"]),
    ("fail-on: loud\n", [":1:1: ", "critical", "never"]),
    ("fail-on: [high]\n", [":1:1: ", "critical", "never"]),
    ("unknown: perhaps\n", [":1:1: ", "ignore, note, fail"]),
    ("\n# x\nmin-confidence: sure\n", [":3:1: ", "heuristic, resolved, literal"]),
    ("fail-on: high\nselect: SOV1\n", [":2:1: ", "list"]),
    ("fail-on: high\nselect: [X-1]\n", [":2:", "X-1"]),
    ("ignore: [SOV1, region-outside-zone]\n", [":1:", "REGION"]),
    ("exclude: [1]\n", [":1:", "list of texts"]),
    ("profile: [x]\n", [":1:1: ", "name"]),
    ("profile: null\n", [":1:1: ", "name"]),
    ("terraform: {var-file: [x]}\n", [":1:13: ", "var-files"]),
    ("terraform:\n  workspace: 5\n", [":2:3: ", "workspace"]),
    ("terraform: prod\n", [":1:1: ", "var-files", "workspace"]),
    ("fail-on: high\nfail-on: low\n", [":2:1: ", "fail-on", "twice"]),
    ("terraform:\n  workspace: a\n  workspace: b\n", [":3:3: ", "workspace", "twice"]),
    ("- a\n", [":1:1: ", "mapping"]),
    ("just text\n", [":1:1: ", "mapping"]),
    ("5: x\n", [":1:1: ", "5"]),
    ("profile: [x\n", [":2:1: "]),
    ("a: b\n---\nc: d\n", [":2:1: "]),
    ("x: !!python/object/apply:os.system [id]\n", [":1:4: "]),
    ("a: [" * 5_000, ["nested too deeply"]),
]

TOML_ERRORS = [
    ('[tool.sovlint]\nselct = ["SOV1"]\n', [":2:1: ", "selct", "select"]),
    ('[tool.sovlint]\nfail-on = "loud"\n', [":2:1: ", "critical"]),
    ('[project]\nname = "x"\n\n[tool.sovlint]\n# x\nselect = ["SOV1", "n0"]\n', [":6:1: ", "N0"]),
    ('[tool.other]\nprofile = "a"\n\n[tool.sovlint]\nprofile = 5\n', [":5:1: ", "name"]),
    ('[tool.sovlint]\n"unknown" = "x"\n', [":2:1: ", "ignore, note, fail"]),
    ('[tool.sovlint.terraform]\nvar-file = ["x"]\n', [":2:1: ", "var-files"]),
    ("[tool.sovlint]\nterraform = { workspace = 5 }\n", [":2:", "workspace"]),
    ("[tool.sovlint]\nterraform.workspace = 5\n", [":2:", "workspace"]),
    ("[tool]\nsovlint = { selct = 1 }\n# [tool.sovlint]\n", ["selct", "select"]),
    ("[tool]\nsovlint = 5 # [tool.sovlint]\n", ["mapping"]),
    ('[tool.sovlint]\nprofile = "a"\nprofile = "b"\n', [":3:"]),
    ("[tool.sovlint]\nprofile = \n", [":2:"]),
    ("[tool.sovlint]\nx = " + "[" * 5_000, ["nested too deeply"]),
]


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        *((".sovlint.yaml", text, parts) for text, parts in YAML_ERRORS),
        *(("pyproject.toml", text, parts) for text, parts in TOML_ERRORS),
    ],
)
def test_errors_name_file_line_and_what_is_allowed(tmp_path: Path, name: str, text: str, parts: list[str]) -> None:
    write(tmp_path, {name: text})
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / name)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / name) + ":")
    assert len(message) < 1_000
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        (".sovlint.yaml", "fail-on: high\nprofile: nope\n", ".sovlint.yaml:2:1: "),
        ("pyproject.toml", '[tool.sovlint]\nprofile = "nope"\n', "pyproject.toml:2:1: "),
        (".sovlint.yaml", "select: [SOV1]\nignore: [SOV999]\n", ".sovlint.yaml:2:"),
        (".sovlint.yaml", "selct: [SOV1]\n", ".sovlint.yaml:1:1: "),
    ],
)
def test_an_error_ends_the_run_in_one_line(good: Path, name: str, text: str, part: str) -> None:
    write(good, {name: text})
    result = run_sovlint(["check"], cwd=good, timeout=LIMIT_SECONDS)
    assert (result.returncode, result.stdout) == (2, "")
    assert part in result.stderr
    assert result.stderr.count("\n") == 1
    if "nope" in text:
        assert "eu-baseline" in result.stderr
        assert "nl-rijk-2026" in result.stderr
        # The flag wins, so nobody needs the name in the file.
        assert run_sovlint(["check", "--profile", "nl-rijk-2026"], cwd=good).returncode == 1
    assert Outcome(good).code == 1  # --no-config


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (["--config", "missing.yaml"], "missing.yaml"),
        (["--config", "c.yaml", "--no-config"], "--no-config"),
        (["--config", "good"], "good"),
    ],
)
def test_a_configuration_that_cannot_be_used(good: Path, args: list[str], part: str) -> None:
    write(good, {"c.yaml": "fail-on: low\n"})
    result = run_sovlint(["check", *args], cwd=good, timeout=LIMIT_SECONDS)
    assert (result.returncode, result.stdout) == (2, "")
    assert part in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_configuration_that_is_not_text(tmp_path: Path) -> None:
    write(tmp_path, {".sovlint.yaml": b"profile: caf\xe9\n"})
    with pytest.raises(ConfigError, match=r"sovlint\.yaml"):
        read_config(tmp_path / ".sovlint.yaml")
    assert read_config_of(tmp_path, b"\xef\xbb\xbfprofile: a\n")["profile"] == "a"
    assert read_config_of(tmp_path, b"") == read_config_of(tmp_path, b"# only a comment\n") == {}


def read_config_of(folder: Path, data: bytes) -> dict[str, object]:
    write(folder, {".sovlint.yaml": data})
    return read_config(folder / ".sovlint.yaml")


# --- which file


def test_the_nearest_configuration_up_to_the_repository_root(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".sovlint.yaml": "",
            "repo/.git/HEAD": "",
            "repo/a/b/.sovlint.yaml": "",
            "repo/a/b/c/pyproject.toml": "[project]\nname = 'x'\n",
            "repo/a/pyproject.toml": "[tool.sovlint]\n",
            "repo/d/pyproject.toml": "[tool.sovlint]\n",
            "repo/d/.sovlint.yaml": "",
            "repo/e/x": "",
            "repo/nested/.git": "gitdir: elsewhere\n",
            "plain/x/y": "",
        },
    )
    expected = {
        "repo/a/b/c": "repo/a/b/.sovlint.yaml",
        "repo/a/b": "repo/a/b/.sovlint.yaml",
        "repo/a": "repo/a/pyproject.toml",
        "repo/d": "repo/d/.sovlint.yaml",
        "repo/e": None,
        "repo": None,
        "repo/nested": None,
        "plain/x": ".sovlint.yaml",
    }
    for folder, name in expected.items():
        assert find_config(tmp_path / folder) == (str(tmp_path / name) if name else None), folder


def test_the_configuration_of_the_first_path_applies(tmp_path: Path) -> None:
    write(tmp_path, {"a/main.tf": GOOD, "b/main.tf": GOOD, "b/.sovlint.yaml": "select: [SOV2]\n"})
    assert Outcome(tmp_path, "b", config=True).rules == {"SOV201"}
    assert Outcome(tmp_path, "b/main.tf", config=True).rules == {"SOV201"}
    assert Outcome(tmp_path, "a", config=True).rules == {"SOV101", "SOV201"}
    assert Outcome(tmp_path, "b").rules == {"SOV101", "SOV201"}
    assert Outcome(tmp_path, "--config", "b/.sovlint.yaml", "a", config=True).rules == {"SOV201"}


# --- what it says


def test_flags_win_over_the_configuration(tmp_path: Path) -> None:
    text = (
        "profile: nl-rijk-2026\nfail-on: never\nunknown: fail\nmin-confidence: resolved\nselect: [SOV1]\n"
        "exclude: [old/**]\nterraform: {workspace: prod, var-files: [../vars/x.tfvars]}\n"
    )
    write(
        tmp_path,
        {
            "conf/c.yaml": text,
            "conf/pyproject.toml": '[tool.sovlint]\nprofile = "nl-rijk-2026"\nfail-on = "never"\nunknown = "fail"\n'
            'min-confidence = "resolved"\nselect = ["sov1"]\nexclude = ["old/**"]\n'
            '[tool.sovlint.terraform]\nworkspace = "prod"\nvar-files = ["../vars/x.tfvars"]\n',
            "vars/x.tfvars": 'r = "us-east-1"\n',
            "vars/y.tfvars": 'r = "us-east-2"\n',
            "main.tf": 'variable "r" {}\nprovider "aws" {\n'
            '  region = terraform.workspace == "prod" ? var.r : "us-west-1"\n}\n' + BUCKET,
            "old/main.tf": GOOD,
        },
    )
    assert read_config(tmp_path / "conf/pyproject.toml") | {"profile_origin": ""} == read_config(
        tmp_path / "conf/c.yaml"
    ) | {"profile_origin": ""}
    config = ("--config", "conf/c.yaml")
    plain = Outcome(tmp_path, *config, ".", config=True)
    assert plain.code == 0
    assert plain.rules == {"SOV101"}
    assert plain.report["profile"] == "nl-rijk-2026"
    assert plain.regions() == [("vars/x.tfvars", 1, 5)]
    flags = ("--profile", "eu-baseline", "--select", "SOV1,SOV2", "--fail-on", "medium", "--var-file", "vars/y.tfvars")
    flagged = Outcome(tmp_path, *config, *flags, ".", config=True)
    assert flagged.code == 1
    assert flagged.rules == {"SOV101", "SOV201"}
    assert flagged.report["profile"] == "eu-baseline"
    assert flagged.regions() == [("vars/y.tfvars", 1, 5)]
    elsewhere = Outcome(tmp_path, *config, "--workspace", "test", "--exclude", "none", ".", config=True)
    assert [f["value"] for f in elsewhere.findings] == ["us-west-1"]
