"""Our evaluator against the real one: what `terraform console` said of these expressions is recorded in `console.json`.

A value that we do not compute ("cannot be evaluated without Terraform") is honest and allowed for the functions named
here; another value, an error where Terraform has a value, or a value where Terraform reports an error is not.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sovlint.discovery.tree import MemoryTree
from sovlint.model.source import SourceFile
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.hcl import parse_expression
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.evaluate import evaluate
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given, collect
from sovlint.resolve.terraform.module import Module
from sovlint.resolve.terraform.values import EvaluationError, NotKnown, plain

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = json.loads((REPOSITORY / "tests" / "data" / "console.json").read_text(encoding="utf-8"))
FILES: dict[str, str] = DATA["files"]
CASES: list[dict[str, Any]] = DATA["cases"]

MISSING_FUNCTIONS = frozenset(
    {
        "base64gzip",
        "ephemeralasnull",
        "filebase64",
        "filemd5",
        "fileset",
        "filesha256",
        "formatdate",
        "issensitive",
        "pathexpand",
        "plantimestamp",
        "templatestring",
        "timeadd",
        "timecmp",
        "type",
        "uuidv5",
        "yamlencode",
    }
)
"""Functions of the first depth's leftover; when one is written, it leaves this list and its cases hold."""

ERROR = "an error"
UNKNOWN = "unknown: "


def root_module() -> Module:
    """The root module the expressions refer to, in memory."""
    tree = MemoryTree(FILES)
    cache = FolderCache(tree)
    folder = cache.read("")
    assert not folder.problems
    return Module(folder, cache, collect(tree, folder, Given()).inputs)


MODULE = root_module()


def ours(expression: str) -> Any:
    """What our evaluator says: plain data, `ERROR`, or `UNKNOWN` with the reason."""
    source = SourceFile("console", expression)
    node, problems = parse_expression(source)
    if node is None or problems:
        return ERROR
    value: Value = evaluate(node, Context(MODULE, source))
    if type(value) is Unknown:
        return ERROR if value.failed else UNKNOWN + value.reason
    assert type(value) is Known
    try:
        return numbers(plain(value))
    except NotKnown as error:
        return ERROR if error.unknown.failed else UNKNOWN + error.unknown.reason
    except EvaluationError:
        return ERROR


def numbers(data: Any) -> Any:
    """Every number with 15 digits, so that 64-bit functions may round and `true` is not 1."""
    if isinstance(data, bool) or data is None or isinstance(data, str):
        return data
    if isinstance(data, (int, Decimal)):
        return ("number", format(Decimal(data), ".14e") if data else "0")
    if isinstance(data, (list, tuple)):
        return [numbers(item) for item in data]
    return {key: numbers(item) for key, item in data.items()}


def expected(case: dict[str, Any]) -> Any:
    """What Terraform said."""
    if case.get("error"):
        return ERROR
    return numbers(json.loads(case["value"], parse_float=Decimal, parse_int=Decimal))


def uses_missing_function(expression: str) -> bool:
    return any(f"{name}(" in expression for name in MISSING_FUNCTIONS)


@pytest.mark.parametrize("case", CASES, ids=[case["expression"] for case in CASES])
def test_evaluates_as_terraform_console(case: dict[str, Any]) -> None:
    got = ours(case["expression"])
    if isinstance(got, str) and got.startswith(UNKNOWN) and uses_missing_function(case["expression"]):
        return
    assert got == expected(case)


def test_there_are_enough_cases_of_both_kinds() -> None:
    assert len(CASES) >= 150
    assert sum("error" in case for case in CASES) >= 50


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
