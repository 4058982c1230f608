"""Names of files and folders that are strange or meant to deceive."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from check_runs import GOOD, POD, Outcome, write

from sovlint.output import FORMATS
from support import run_sovlint

NAMES = [
    b"with space",
    b"new\nline",
    b"tab\t",
    b"escape\x1b[31m",
    b"bell\x07",
    b"invalid\xff\xfe",
    b"percent%20",
    b"colon:1:2",
    b"back\\slash",
    b"'quote\"",
    "\u202eright-to-left".encode(),
    "\u6f22\u5b57\U0001f600".encode(),
    "\u2028separator".encode(),
    "\u009b31mc1".encode(),
    b"-f",
    b"#hash?",
    b"*",
    b"{brace}",
]
"""File names without suffix, as bytes."""

FORMS = tuple(form for form in FORMATS if form != "json")

OBEYED = ("\x1b", "\x07", "\u202e", "\u2028", "\u009b")
"""What a terminal would act on."""


def strange(folder: Path, name: bytes) -> Path:
    """A path with a name that need not be UTF-8."""
    return Path(os.fsdecode(os.fsencode(folder) + b"/" + name))


def assert_nothing_obeyed(out: Outcome) -> None:
    for text in (out.run.stdout, out.run.stderr, *out.others.values()):
        for character in OBEYED:
            assert character not in text
    for form in ("text", "concise"):
        assert not any(line.startswith("line") for line in out.others[form].splitlines())


def test_strange_names_of_files(tmp_path: Path) -> None:
    for number, name in enumerate(NAMES):
        folder = tmp_path / f"d{number:02}"
        folder.mkdir()
        strange(folder, name + b".tf").write_text(GOOD)
        strange(folder, name + b".yaml").write_text(POD)
    out = Outcome(tmp_path, forms=FORMS)
    assert out.code == 1
    assert out.problems == []
    assert len(out.regions()) == len(out.regions("SOV501")) == len(NAMES)
    assert_nothing_obeyed(out)
    for path in ("d00/with space.tf", "d06/percent%20.tf", "d07/colon:1:2.tf", "d11/\u6f22\u5b57\U0001f600.tf"):
        assert path in {p for p, _, _ in out.regions()}
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(out.others["sarif"])["runs"][0]["results"]
    ]
    assert "d00/with%20space.tf" in uris
    assert "d06/percent%2520.tf" in uris
    assert "d15/%23hash%3F.tf" in uris
    assert len(set(uris)) == 2 * len(NAMES)
    assert out.others["text"].count("SOV101") >= len(NAMES)
    assert out.others["concise"].count(" critical ") == len(NAMES)


def test_strange_names_of_folders_and_named_paths(tmp_path: Path) -> None:
    names = [name for name in NAMES if name != b"-f"]
    for name in names:
        folder = strange(tmp_path, name)
        folder.mkdir()
        write(folder, {"main.tf": GOOD, "pod.yaml": POD, "broken.tf": "x = = 1\n"})
    whole = Outcome(tmp_path, forms=FORMS)
    parts = Outcome(tmp_path, *(os.fsdecode(name) for name in names), forms=FORMS)
    files = Outcome(tmp_path, *(os.fsdecode(name) + "/main.tf" for name in names), forms=FORMS)
    for out in (whole, parts, files):
        assert out.code == 2
        assert len(out.regions()) == len(out.problems) == len(names)
        assert_nothing_obeyed(out)
    assert whole.report == parts.report
    assert files.regions("SOV501") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".sovlint.yaml", "[" * 30_000),
        (".sovlint.yaml", "a: &x [*x]\n"),
        (".sovlint.yaml", 'profile: "caf\u00e9'),
        (".sovlint.yaml", "profile: \x07"),
        (".sovlint.yaml", 'profile: "\\e[31m"\n'),
        ("pyproject.toml", "[tool]\nsovlint = 5 # [tool.sovlint]\n"),
        ("pyproject.toml", "[tool.sovlint]\nx = " + "[" * 30_000),
    ],
)
def test_a_hostile_configuration_is_an_error_in_one_line(good: Path, name: str, text: str) -> None:
    write(good, {name: text})
    result = run_sovlint(["check", "."], cwd=good, timeout=20)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("sovlint: ")
    assert "internal error" not in result.stderr
    assert name in result.stderr
    assert result.stderr.count("\n") == 1
    assert "\x1b" not in result.stderr
    assert len(result.stderr) < 1_000


@pytest.mark.parametrize("option", ["PATH", "--var-file", "--profile", "-f", "--config", "--select", "--fail-on", "-o"])
def test_control_characters_in_arguments_do_not_reach_standard_error(good: Path, option: str) -> None:
    name = "no/a\x1b[31m\nforged: SOV101"
    result = run_sovlint(["check", *([] if option == "PATH" else [option]), name, "good"], cwd=good, timeout=20)
    assert result.returncode == 2
    for text in (result.stdout, result.stderr):
        assert "\x1b" not in text
        assert "\nforged" not in text
