"""The README says what the program does: its examples are what the program prints, its lists are the program's lists.

An example is a fenced block after `<!-- prints: COMMAND -->`. A line `[…]` in it stands for lines left out;
the pieces between must occur in the output as they are, in this order.
"""

from __future__ import annotations

import re
import shlex

import pytest

from sovlint.catalogue.read import read_policy
from sovlint.cli.group import COMMANDS
from sovlint.config.read import ALLOWED
from sovlint.output import FORMATS
from support import POLICIES, REPOSITORY, run_sovlint

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"<!-- prints: (sovlint .+?) -->\n```\w*\n(.*?)^```$", README, re.S | re.M)
OMISSION = "[…]"
DAY = {"SOURCE_DATE_EPOCH": "1795392000"}
"""2026-11-23: waivers in the example project expire some day."""


def pieces(block: str) -> list[str]:
    """The parts of an example between omissions."""
    return [piece.strip("\n") + "\n" for piece in re.split(rf"^{re.escape(OMISSION)}$", block, flags=re.M)]


def marked(name: str) -> list[str]:
    """The lines of the command that the README marks with `<!-- run: NAME -->`."""
    found = re.findall(rf"<!-- run: {name} -->\n```\w*\n(.*?)\n```", README, re.S)
    assert len(found) == 1, f"one block is marked {name}"
    return str(found[0]).splitlines()


@pytest.mark.parametrize(("command", "block"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_example_is_what_the_program_prints(command: str, block: str) -> None:
    result = run_sovlint(shlex.split(command)[1:], env=DAY)
    assert result.returncode in (0, 1), result.stderr
    at = 0
    for piece in pieces(block):
        found = result.stdout.find(piece, at)
        assert found >= 0, f"{command} does not print (try tools/readme.py):\n{piece}\nIt prints:\n{result.stdout}"
        at = found + len(piece)


def test_there_are_examples() -> None:
    assert any(block.count(OMISSION) for _, block in EXAMPLES)


@pytest.mark.parametrize("name", ["main", "tests"])
def test_newcomers_commands_are_one_line_each(name: str) -> None:
    assert len(marked(name)) == 1


def test_every_format_and_profile_is_named() -> None:
    profiles = [path.stem for path in sorted((POLICIES / "profiles").glob("*.yaml"))]
    missing = [name for name in (*FORMATS, *profiles) if f"`{name}`" not in README]
    assert not missing, f"not in README.md: {missing}"


def test_table_of_rules_is_that_of_the_policies() -> None:
    table = README.partition("<!-- rules -->")[2].partition("<!-- /rules -->")[0]
    rules = [read_policy(path) for path in sorted((POLICIES / "rules").glob("SOV*.yaml"))]
    rows = [f"| `{rule['code']}` | {rule['name']} | {rule['title']} | {rule['severity']} |" for rule in rules]
    assert re.findall(r"^\| `.*$", table, re.M) == rows, "bring it up to date: python tools/readme.py"


def test_every_configuration_key_is_named() -> None:
    missing = [key for key in ALLOWED if not re.search(rf"^#? ?{key}:", README, re.M)]
    assert not missing, f"not in the README's example of .sovlint.yaml: {missing}"


def test_every_command_is_named_and_there() -> None:
    named = re.findall(r"^\| `sovlint (\w+)", README, re.M)
    assert sorted(named) == sorted(COMMANDS)
    for command in named:
        result = run_sovlint([command, "--help"])
        assert result.returncode == 0, f"sovlint {command} --help: {result.stderr}"
