"""Our parser against HashiCorp's own, compiled to WebAssembly (npm `@cdktf/hcl2json`).

`SOVLINT_HCL2JSON` names a folder in which `npm install @cdktf/hcl2json@0.21.0` was run; `SOVLINT_HCL_CORPUS`, optional,
a folder with `.tf` files. Both parsers must accept and reject the same texts and read the same from what they accept.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sovlint.model.source import SourceFile
from sovlint.parse.hcl import parse_file
from sovlint.parse.hcl.nodes import (
    Body,
    Conditional,
    Expression,
    Literal,
    Object,
    ObjectKey,
    String,
    Template,
    TemplateFor,
    TemplateIf,
    TemplateWrap,
    Traversal,
    Tuple,
    Unary,
)

ROOT = Path(__file__).parents[2]
FOLDER = os.environ.get("SOVLINT_HCL2JSON", "")
CORPUS = os.environ.get("SOVLINT_HCL_CORPUS", "")
BATCH = 200


def _reason() -> str:
    if os.environ.get("CI"):
        return "differential tests are run by hand, not in CI"
    if not shutil.which("node"):
        return "needs node"
    if not FOLDER:
        return "needs SOVLINT_HCL2JSON, a folder with @cdktf/hcl2json installed"
    if not (Path(FOLDER) / "node_modules" / "@cdktf" / "hcl2json").is_dir():
        return "SOVLINT_HCL2JSON names a folder without @cdktf/hcl2json"
    return ""


pytestmark = pytest.mark.skipif(bool(_reason()), reason=_reason() or "not skipped")


class Converter:
    """Our tree in the JSON shape of hcl2json: expressions that JSON cannot say are quoted from the text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def body(self, body: Body) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for block in body.blocks:
            place, key = out, block.type
            for label in block.labels:
                place, key = place.setdefault(key, {}), label
            place.setdefault(key, []).append(self.body(block.body))
        for name, attribute in body.attributes.items():
            out[name] = self.expression(attribute.expression)
        return out

    def expression(self, node: Expression) -> Any:
        match node:
            case Literal(value=value):
                return value
            case Unary(operator="-", operand=Literal(value=int() | Decimal() as value)):
                return -value
            case Unary(operator="!", operand=Literal(value=bool() as value)):
                return not value
            case String(value=text):
                return text.replace("${", "$${").replace("%{", "%%{")
            case Template(parts=parts):
                return self.parts(parts)
            case TemplateWrap(inner=inner):
                return self.expression(inner)
            case Tuple(items=items):
                return [self.expression(item) for item in items]
            case Object(items=pairs):
                return {self.key(key): self.expression(value) for key, value in pairs}
            case _:
                return self.quoted(node)

    def key(self, node: Expression) -> str:
        if isinstance(node, Traversal):
            return self.text[node.start : node.end]
        return self.part(node)

    def parts(self, parts: list[Expression]) -> str:
        return "".join([self.part(part) for part in parts])

    def part(self, node: Expression) -> str:
        match node:
            case ObjectKey():
                return self.source(node)
            case Literal(value=value):
                return number(value)
            case String(value=text):
                return text.replace("${", "$${").replace("%{", "%%{")
            case Template(parts=parts):
                return self.parts(parts)
            case TemplateWrap(inner=inner):
                return self.part(inner)
            case TemplateIf(test=test, yes=yes, no=no):
                return self.choice(test, self.parts(yes), self.parts(no))
            case Conditional(test=test, yes=first, no=second):
                return self.choice(test, self.part(first), self.part(second))
            case TemplateFor(key_name=key, value_name=name, collection=collection, body=body):
                names = f"{key}, {name}" if key else name
                return f"%{{for {names} in {self.source(collection)}}}{self.parts(body)}%{{endfor}}"
            case _:
                return self.quoted(node)

    def choice(self, test: Expression, yes: str, no: str) -> str:
        return f"%{{if {self.source(test)}}}{yes}{'%{else}' if no else ''}{no}%{{endif}}"

    def source(self, node: Expression) -> str:
        return self.text[node.start : node.end]

    def quoted(self, node: Expression) -> str:
        return "${" + self.source(node) + "}"


def number(value: bool | int | Decimal | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def same(ours: Any, theirs: Any) -> bool:
    """Equality, but numbers went through JavaScript's."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, (int, Decimal)) and not isinstance(ours, bool):
        return theirs is None or (isinstance(theirs, (int, float)) and math.isclose(float(ours), theirs))
    return bool(ours == theirs)


def verdicts(texts: list[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(texts), BATCH):
        script = [str(shutil.which("node")), str(Path(__file__).with_name("hcl2json.cjs")), FOLDER]
        done = subprocess.run(
            script, input=json.dumps(texts[start : start + BATCH]), capture_output=True, text=True, check=True
        )
        yield from json.loads(done.stdout)


def differences(texts: dict[str, str]) -> list[str]:
    found = []
    for (name, text), verdict in zip(texts.items(), verdicts(list(texts.values())), strict=True):
        source = SourceFile("main.tf", text)
        result = parse_file(source)
        if verdict.get("error", "").startswith("convert to HCL: "):
            continue  # Parsed, but beyond the converter: a block and an argument of one name, or `!1`.
        if bool(result.problems) != ("error" in verdict):
            found.append(f"{name}: ours {result.problems[:1]}, theirs {verdict.get('error')}")
        elif not result.problems:
            ours = Converter(source.text).body(result.body)
            if not same(ours, verdict["json"]):
                found.append(f"{name}: {first_difference(ours, verdict['json'])}")
    return found


def first_difference(ours: Any, theirs: Any, path: str = "") -> str:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in [*ours, *theirs]:
            if key not in ours or key not in theirs or not same(ours[key], theirs[key]):
                return first_difference(ours.get(key), theirs.get(key), f"{path}.{key}")
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            if not same(one, other):
                return first_difference(one, other, f"{path}[{index}]")
    return f"{path}: ours {str(ours)[:300]!r}, theirs {str(theirs)[:300]!r}"


@pytest.fixture
def much_stack() -> Iterator[None]:
    """Comparing trees that nest hundreds deep recurses here."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("much_stack")
def test_edge_cases() -> None:
    cases = json.loads((ROOT / "tests" / "data" / "hcl-edge-cases.json").read_text(encoding="utf-8"))
    texts = {f"{index} {case['class']} {case['source'][:60]!r}": case["source"] for index, case in enumerate(cases)}
    assert differences(texts) == []


def test_corpus() -> None:
    folders = [ROOT / "fixtures", *([Path(CORPUS)] if CORPUS else [])]
    texts = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.tf")):
            if path.is_file():
                try:
                    texts[str(path.relative_to(folder))] = path.read_bytes().decode("utf-8")
                except UnicodeDecodeError:
                    continue
    lines = sum(text.count("\n") for text in texts.values())
    found = differences(texts)
    print(f"{len(texts)} files, {lines} lines, {len(found)} differences")
    assert found == []
