"""Our evaluator against the real one: what `terraform console` said of these expressions is recorded in `console.json`.

Where we differ, we say that we do not know; `DIFFERENT` names every such expression with the reason. Another value, an
error where Terraform has a value, or a value where Terraform reports an error is a failure.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sovlint.discovery.tree import MemoryTree
from sovlint.model.problem import Problem
from sovlint.resolve.terraform.console import Console
from sovlint.resolve.terraform.functions import FUNCTIONS, IMPURE
from sovlint.resolve.terraform.functions.jsontext import json_text
from sovlint.resolve.terraform.functions.marks import has_sensitive, inside
from sovlint.resolve.terraform.inputs import Given

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = json.loads((REPOSITORY / "tests" / "data" / "console.json").read_text(encoding="utf-8"))
FILES: dict[str, str] = DATA["files"]
CASES: list[dict[str, Any]] = DATA["cases"]

INFINITE = "Terraform has an infinite number here"
RUN = "only known when Terraform runs"
ERROR_THERE = "Terraform reports an error; we do not know whether it does"

DIFFERENT: dict[str, str] = {
    **dict.fromkeys(("1 / 0 > 5", 'try(1 / 0 > 5, "caught")', "log(10, 1)", "pow(0, -1)", "pow(0, -2)"), INFINITE),
    **dict.fromkeys(
        (
            'plantimestamp() == ""',
            'plantimestamp() == "a"',
            'bcrypt("x") == "a"',
            'uuid() == "a"',
            'timestamp() == "a"',
            'rsadecrypt("x", "y")',
            'rsadecrypt("aGk=", "not a key")',
            'path.cwd == ""',
        ),
        RUN,
    ),
    **dict.fromkeys(
        ('base64gzip("a")', 'base64gzip("")', 'base64gzip("hi") == base64gzip("hi")'),
        "the bytes depend on the version of Go's compressor",
    ),
    **dict.fromkeys(
        ('cidrsubnet("10.0.0.0/16", 8, -1)', 'cidrsubnet("10.0.0.0/8", -1, 0)', 'cidrhost("::ffff:1.2.3.4/120", 1)'),
        "Terraform's result is an accident of its implementation",
    ),
    **dict.fromkeys(
        (
            'tonumber("1e999999999")',
            'yamldecode("a: 0xFFFFFFFFFFFFFFFFFF")',
            'jsondecode("{\\"e\\\\u0301\\":1}")',
            'textencodebase64("a", "nope")',
        ),
        ERROR_THERE,
    ),
    'provider::aws::arn_parse("x")': "the provider is not there; where it is, only it knows the result",
    'regex("\\\\p{Greek}", "\\u03b1")': "Python knows no Unicode scripts",
    "pow(8, 1.5)": "the last bit depends on the processor",
    'csvdecode("a\\r1")': "a carriage return alone is left to Terraform",
    'fileset("folder", "sub/../one.txt")': "a pattern with .. is not followed",
    "type(var.unset)": "the type of a variable without a value is not known",
    **dict.fromkeys(
        ("false && var.unset_bool", "true || var.unset_bool", "[1, var.unset] == [2, var.unset]"),
        "Terraform calls it unknown, but every value of the variable gives the same result",
    ),
}

UNKNOWN = "unknown"


def console() -> Console:
    """The root module the expressions refer to, in memory."""
    found = Console(MemoryTree(FILES), "", Given())
    assert not found.problems
    return found


CONSOLE = console()


def ours(expression: str) -> str:
    """What our evaluator says: the text that `jsonencode` gives, or one word for the rest."""
    value = CONSOLE.value(expression)
    if isinstance(value, Problem):
        return "error"
    failed, unknown = inside(value)
    if failed:
        return "error"
    if has_sensitive(value):
        return "sensitive"
    return UNKNOWN if unknown is not None else json_text(value)


def expected(case: dict[str, Any]) -> str:
    """What Terraform said."""
    for word in ("error", UNKNOWN, "sensitive"):
        if case.get(word):
            return word
    text = case["value"]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize("case", CASES, ids=[case["expression"] for case in CASES])
def test_evaluates_as_terraform_console(case: dict[str, Any]) -> None:
    got, wanted = ours(case["expression"]), expected(case)
    if case["expression"] in DIFFERENT:
        assert got != wanted, "it does not differ any more: take it out of DIFFERENT"
        assert UNKNOWN in (got, wanted)
    else:
        assert got == wanted


def test_there_are_enough_cases_of_all_kinds() -> None:
    kinds = Counter(next(key for key in ("error", UNKNOWN, "sensitive", "value") if key in case) for case in CASES)
    assert kinds["value"] >= 600
    assert kinds["error"] >= 100
    assert kinds[UNKNOWN] >= 40
    assert kinds["sensitive"] >= 5


OPENTOFU_ONLY = frozenset({"base64gunzip", "cidrcontains", "urldecode"})


def test_every_function_is_compared_at_least_three_times() -> None:
    used = Counter(name for case in CASES for name in set(re.findall(r"\b([a-z0-9]+)\(", case["expression"])))
    names = (set(FUNCTIONS) | IMPURE | {"try", "can", "templatefile", "templatestring", "type"}) - OPENTOFU_ONLY
    # `bcrypt` and its like have no value that could be compared.
    assert {name: used[name] for name in names - IMPURE if used[name] < 3} == {}


def recorder() -> ModuleType:
    """`tools/record_console.py` as a module."""
    spec = importlib.util.spec_from_file_location("record_console", REPOSITORY / "tools" / "record_console.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(shutil.which("terraform") is None, reason="the binary `terraform` is not on PATH")
def test_the_record_is_what_terraform_says_today() -> None:
    recorded = recorder().record(FILES, [case["expression"] for case in CASES])
    assert recorded == CASES
