"""The contents of a block as a whole: every argument and every nested block, where all of them are of interest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sovlint.model.resource import Attributes, Route
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Value, picked
from sovlint.parse.hcl.nodes import Block, Body
from sovlint.resolve.terraform.attributes import META, BlockAttributes
from sovlint.resolve.terraform.context import Context

MAX_DEPTH = 60
MAX_BLOCKS = 5_000
"""Bodies of one resource that are read; dynamic blocks in dynamic blocks multiply."""


class Contents(NamedTuple):
    """One body.

    Attributes:
        arguments: values that are written, null left out.
        blocks: nested bodies by their type, dynamic ones as they come out; in source order.
        name: the type of the block, at its place; None for the resource itself.
    """

    arguments: dict[str, Value]
    blocks: dict[str, list[Contents]]
    name: Value | None = None


def contents_of(attributes: Attributes) -> Contents:
    """All that a resource says of itself.

    Of a dynamic block whose number is not known the content is there once. What a plan knows better than its source
    stands at the place of the source; a plan's list of objects without a source is taken for nested blocks.
    """
    if isinstance(attributes, BlockAttributes):
        return _Reader(attributes, None).read()
    source = getattr(attributes, "source", None)
    if isinstance(source, BlockAttributes):
        return _Reader(source, attributes).read()
    return _planned(attributes)


class _Reader:
    def __init__(self, attributes: BlockAttributes, planned: Attributes | None) -> None:
        self._attributes = attributes
        self._planned = planned
        self._of_route: dict[Route, dict[str, Value]] = {}
        self._left = MAX_BLOCKS

    def read(self) -> Contents:
        """See `contents_of`."""
        attributes = self._attributes
        out = Contents({}, {})
        for name in attributes.names():
            value = attributes.value(name)
            if value is not None:
                _put(out, name, self._better((name,), name, value))
                continue
            for source, block in attributes.declared.blocks(name):
                self._add(out, name, source, block, attributes.context, (), "")
        return out

    def _add(
        self, out: Contents, name: str, source: SourceFile, block: Block, context: Context, route: Route, path: str
    ) -> None:
        """Adds the bodies of a block to the contents it stands in."""
        bodies = out.blocks.setdefault(name, [])
        for body, inner in self._attributes.instances(source, block, context):
            self._left -= 1
            if self._left < 0 or len(route) > MAX_DEPTH:
                return
            written = self._body(source, body, inner, (*route, name), f"{path}{name}[{len(bodies)}].")
            key = Known(block.type, Span(source, block.start, block.start + len(block.type)))
            bodies.append(written._replace(name=key))

    def _body(self, source: SourceFile, body: Body, context: Context, route: Route, path: str) -> Contents:
        out = Contents({}, {})
        for name, attribute in body.attributes.items():
            slot = self._attributes.slot(source, attribute, context, f"{self._attributes.prefix}{path}{name}")
            _put(out, name, self._better((*route, name), f"{path}{name}", slot.value()))
        for block in body.blocks:
            name = block.labels[0] if block.type == "dynamic" and block.labels else block.type
            self._add(out, name, source, block, context, route, path)
        return out

    def _better(self, route: Route, path: str, value: Value) -> Value:
        """What the plan says instead, if there is one."""
        if self._planned is None:
            return value
        if route not in self._of_route:
            self._of_route[route] = dict(self._planned.select(route))
        return self._of_route[route].get(path, value)


def _put(out: Contents, name: str, value: Value) -> None:
    if type(value) is not Known or value.value is not None:
        out.arguments[name] = value


def _planned(attributes: Attributes) -> Contents:
    out = Contents({}, {})
    for name in attributes.names():
        for path, value in () if name in META else attributes.select((name,)):
            if path.endswith("]") and type(value) is Known and isinstance(value.value, Mapping):
                out.blocks.setdefault(name, []).append(_planned_block(value, 0))
            elif not path.endswith("]"):
                _put(out, name, value)
    return out


def _planned_block(value: Known, depth: int) -> Contents:
    out = Contents({}, {}, value)
    assert isinstance(value.value, Mapping)
    for name, one in value.value.items() if depth < MAX_DEPTH else ():
        inner = one.value if type(one) is Known else None
        if isinstance(inner, tuple) and inner and all(type(o) is Known and isinstance(o.value, Mapping) for o in inner):
            found = [_planned_block(known, depth + 1) for o in inner if type(known := picked(o, value)) is Known]
            out.blocks.setdefault(name, []).extend(found)
        else:
            _put(out, name, picked(one, value))
    return out
