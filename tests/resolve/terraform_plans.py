"""Compares what sovlint makes of a Terraform project with what `terraform plan` recorded."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

from sovlint.discovery.tree import WorkingTree
from sovlint.model.value import Known, SetValue, Value
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.load import LoadedRoot, load_root
from sovlint.resolve.terraform.values import LazyObject

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECTS = REPOSITORY / "fixtures" / "terraform"

UNKNOWN = object()


def recorder() -> ModuleType:
    """`tools/record_plans.py` as a module."""
    found = sys.modules.get("record_plans")
    if found is not None:
        return found
    spec = importlib.util.spec_from_file_location("record_plans", REPOSITORY / "tools" / "record_plans.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def case_of(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = recorder().case_of(project)
    return found


def expected_of(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project / "plan.expected.json").read_text(encoding="utf-8"))
    return found


def given_of(project: Path) -> Given:
    """The same inputs that the recorded plan had."""
    case = case_of(project)
    arguments = [(kind, text) for kind, text in case.get("arguments", ())]
    return Given(case.get("environment", {}), arguments, case.get("workspace", "default"))


def load(project: Path) -> LoadedRoot:
    return load_root(FolderCache(WorkingTree(project)), "", given_of(project))


def plain(value: Value | None) -> Any:
    """A value as JSON has it; `UNKNOWN` where it is."""
    if type(value) is not Known:
        return UNKNOWN
    inner = value.value
    if isinstance(inner, (tuple, SetValue)):
        return [plain(item) for item in inner]
    if isinstance(inner, LazyObject):
        return {key: plain(inner.attribute(key, value.span)) for key in inner}
    if isinstance(inner, Mapping):
        return {key: plain(item) for key, item in inner.items()}
    return inner


def differences(expected: Any, unknown: Any, ours: Any, path: str) -> Iterator[str]:
    """Where our value is another one, where it is unknown and Terraform's is not, and the other way round."""
    if unknown is True:
        if ours is not UNKNOWN:
            yield f"{path}: unknown to Terraform, {ours!r} to us"
    elif ours is UNKNOWN:
        yield f"{path}: unknown to us, {expected!r} to Terraform"
    elif isinstance(ours, dict) and isinstance(expected, dict):
        marks = unknown if isinstance(unknown, dict) else {}
        names = set(expected) | {name for name, mark in marks.items() if mark is True}
        if names != set(ours):
            yield f"{path}: keys {sorted(ours)} instead of {sorted(names)}"
        for name in sorted(names & set(ours)):
            yield from differences(expected.get(name), marks.get(name), ours[name], f"{path}.{name}")
    elif isinstance(ours, list) and isinstance(expected, list):
        mark_list: list[Any] = unknown if isinstance(unknown, list) else [False] * len(expected)
        if len(ours) != len(expected):
            yield f"{path}: {len(ours)} elements instead of {len(expected)}"
        for i, (one, mark, other) in enumerate(zip(expected, mark_list, ours, strict=False)):
            yield from differences(one, mark, other, f"{path}[{i}]")
    elif not _equal(expected, ours):
        yield f"{path}: {ours!r} instead of {expected!r}"


def _equal(expected: Any, ours: Any) -> bool:
    if isinstance(expected, bool) or isinstance(ours, bool) or expected is None or ours is None:
        return expected is ours
    if isinstance(expected, (int, float)) and isinstance(ours, (int, Decimal)):
        return Decimal(repr(expected)) == Decimal(ours) or float(expected) == float(ours)
    return type(expected) is type(ours) and bool(expected == ours)


def resource_differences(address: str, recorded: dict[str, Any], item: BlockAttributes) -> Iterator[str]:
    """Differences in the arguments of a resource; what nobody wrote comes from the provider and is not compared."""
    known, unknown = recorded["known"], recorded["unknown"]
    for name in item.names():
        ours = item.value(name)
        if ours is None:
            yield from _block_differences(f"{address}.{name}", known.get(name), item.composite(name))
            continue
        yield from differences(known.get(name), unknown.get(name), plain(ours), f"{address}.{name}")
    for name, value in known.items():
        builtin = "terraform_data." in address
        if builtin and value is not None and name not in item.names():
            yield f"{address}.{name}: not written for us, {value!r} to Terraform"


def _block_differences(path: str, expected: Any, ours: Value | None) -> Iterator[str]:
    """Nested blocks: every argument that is written has Terraform's value."""
    blocks = plain(ours)
    if blocks is UNKNOWN or not isinstance(expected, list) or len(blocks) != len(expected):
        yield f"{path}: {blocks!r} instead of {expected!r}"
        return
    for i, (mine, theirs) in enumerate(zip(blocks, expected, strict=True)):
        for name, value in mine.items():
            yield from differences(theirs.get(name), None, value, f"{path}[{i}].{name}")
