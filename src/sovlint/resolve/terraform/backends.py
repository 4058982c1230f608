"""Where a root module keeps its state: `backend` and `cloud` blocks, completed by what `-backend-config` gives."""

from __future__ import annotations

from collections.abc import Sequence

from sovlint.discovery import Tree, TreeError
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource
from sovlint.model.source import whole_file
from sovlint.model.value import Known, Step, Value
from sovlint.parse.decode import decode
from sovlint.parse.hcl import parse_file
from sovlint.parse.hcl.nodes import Block
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.context import Context, Slot
from sovlint.resolve.terraform.folder import Declared
from sovlint.resolve.terraform.module import Module


def backends(root: Module, unit: str, given: Sequence[str]) -> tuple[list[Resource], list[Problem]]:
    """The state backend of a root module (none, one; several only in a configuration that Terraform rejects).

    Args:
        root: the root module.
        unit: its folder.
        given: `-backend-config` values: `KEY=VALUE`, or the path of a file in the tree.
    """
    found = _blocks(root)
    if not found:
        return [], []
    problems: list[Problem] = []
    out: list[Resource] = []
    for declared, block in found:
        cloud = block.type == "cloud"
        kind = "cloud" if cloud or not block.labels else block.labels[0]
        item = Declared(declared.source, block)
        address = "terraform.cloud" if cloud else f"terraform.backend.{kind}"
        extra: dict[str, Value] = {}
        if not cloud and given:
            extra, problems = _given(root.tree, item, address, given)
        attributes = BlockAttributes(item, root.context(declared.source), address, extra)
        out.append(Resource(address, kind, "terraform", "backend", unit, attributes, item.type_span))
    return out, problems


def _blocks(root: Module) -> list[tuple[Declared, Block]]:
    """Backend blocks; one in an override file takes the place of all others, `cloud` and `backend` alike."""
    out: list[tuple[Declared, Block]] = []
    for declared in root.folder.settings:
        blocks = [(declared, b) for b in declared.block.body.blocks if b.type in ("backend", "cloud")]
        if blocks and declared.override:
            out = blocks
        else:
            out.extend(blocks)
    return out


def _given(tree: Tree, item: Declared, address: str, given: Sequence[str]) -> tuple[dict[str, Value], list[Problem]]:
    """Values of `-backend-config`, later ones replace earlier ones; a flag's stand on the backend's label."""
    out: dict[str, Value] = {}
    problems: list[Problem] = []
    for text in given:
        name, equals, value = text.partition("=")
        if equals:
            span = item.type_span
            step = Step(span, f"{address}.{name}", f"{address}.{name} is given by --backend-config")
            out[name.strip()] = Known(value, span, (step,), (), address)
            continue
        try:
            source, found = decode(text, tree.read(text))
        except TreeError as error:
            problems.append(Problem(whole_file(text), error.code, error.message.removeprefix(f"{text}: ")))
            continue
        problems.extend(found)
        if source is None:
            continue
        parsed = parse_file(source)
        problems.extend(parsed.problems)
        context = Context(None, source)
        for name, attribute in parsed.body.attributes.items():
            out[name] = Slot(attribute.expression, context, f"{address}.{name}", address).value()
    return out, problems
