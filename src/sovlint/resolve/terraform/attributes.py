"""Lazy access to the contents of a block: arguments, nested blocks, dynamic blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sovlint.model.resource import Route
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Step, Unknown, Value, passed, picked
from sovlint.parse.hcl.nodes import Attribute, Block, Body
from sovlint.resolve.terraform.context import Context, Slot
from sovlint.resolve.terraform.folder import Declared
from sovlint.resolve.terraform.values import EvaluationError, LazyObject, NotKnown

META = frozenset({"count", "for_each", "provider", "providers", "depends_on", "lifecycle", "provisioner", "connection"})

META_OF_MODULES = META | {"source", "version"}


class BlockAttributes:
    """The contents of one block instance; implements `Attributes`.

    Args:
        declared: the block.
        context: surroundings of its expressions (`each` and `count` included).
        address: what the contents belong to; steps and owners are named after it.
        given: arguments that come from outside the block and replace what is written in it.
    """

    __slots__ = ("_composing", "_composites", "_slots", "address", "context", "declared", "given")

    def __init__(
        self, declared: Declared, context: Context, address: str, given: Mapping[str, Value] | None = None
    ) -> None:
        self.declared = declared
        self.context = context
        self.address = address
        self.given = given
        # Made when the first argument is asked for: of many resources nobody asks anything.
        self._slots: dict[str, Slot] | None = None
        self._composites: dict[str, Value] | None = None
        self._composing: frozenset[str] = frozenset()

    @property
    def prefix(self) -> str:
        """The address with a dot."""
        return self.address + "."

    def value(self, name: str) -> Value | None:
        """The value of a top-level argument; None if it is not written."""
        if self.given is not None and name in self.given:
            return self.given[name]
        if self._slots is None:
            self._slots = {}
        slot = self._slots.get(name)
        if slot is None:
            found = self.declared.attribute(name)
            if found is None:
                return None
            source, attribute = found
            slot = self._slots[name] = self.slot(source, attribute, self.context, self.prefix + name)
        return slot.value()

    def slot(self, source: SourceFile, attribute: Attribute, context: Context, name: str) -> Slot:
        """An argument that stands somewhere in the block, to be evaluated when asked for; `name` is its full path."""
        return Slot(attribute.expression, context.in_file(source), name, self.address)

    def select(self, route: Route) -> Iterable[tuple[str, Value]]:
        """See `Attributes.select`. Most of what a survey asks for is not written: that costs next to nothing."""
        if self.declared.has(route[0]) or (self.given is not None and route[0] in self.given):
            return self._select(route)
        return ()

    def _select(self, route: Route) -> Iterator[tuple[str, Value]]:
        name = route[0]
        value = self.value(name)
        if value is not None:
            yield from walk(value, route, 1, name)
            return
        blocks = self.declared.blocks(name)
        if blocks:
            yield from self._in_blocks(blocks, self.context, route, 0, "")

    def _in_blocks(
        self, blocks: Iterable[tuple[SourceFile, Block]], context: Context, route: Route, depth: int, prefix: str
    ) -> Iterator[tuple[str, Value]]:
        name = route[depth]
        number = 0
        for source, block in blocks:
            for body, inner in self.instances(source, block, context):
                path = f"{prefix}{name}[{number}]"
                number += 1
                if depth + 1 < len(route):
                    yield from self._in_body(source, body, inner, route, depth + 1, path + ".")

    def _in_body(
        self, source: SourceFile, body: Body, context: Context, route: Route, depth: int, prefix: str
    ) -> Iterator[tuple[str, Value]]:
        name = route[depth]
        if name == "*":
            for key in body.attributes:
                yield from self._in_body(
                    source, body, context, (*route[:depth], key, *route[depth + 1 :]), depth, prefix
                )
            return
        attribute = body.attributes.get(name)
        if attribute is not None:
            slot = self.slot(source, attribute, context, self.prefix + prefix + name)
            yield from walk(slot.value(), route, depth + 1, prefix + name)
            return
        blocks = [(source, b) for b in body.blocks if b.type == name or _is_dynamic(b, name)]
        if blocks:
            yield from self._in_blocks(blocks, context, route, depth, prefix)

    def instances(self, source: SourceFile, block: Block, context: Context) -> Iterator[tuple[Body, Context]]:
        """The bodies a nested block stands for: one, or one per element of a dynamic block."""
        context = context.in_file(source)
        if block.type != "dynamic":
            yield block.body, context
            return
        from sovlint.resolve.terraform.evaluate import entries_of, evaluate

        content = next((b for b in block.body.blocks if b.type == "content"), None)
        each = block.body.attributes.get("for_each")
        if content is None or each is None:
            return
        iterator = block.body.attributes.get("iterator")
        name = block.labels[0]
        if iterator is not None:
            # A bare name; in JSON a string.
            name = getattr(iterator.expression, "root", getattr(iterator.expression, "value", name))
        collection: Value = Unknown("references nest too deeply", context.span(each.expression))
        try:
            collection = evaluate(each.expression, context)
            step = Step(context.span(each.expression), f"{self.address}.{block.labels[0]}.for_each")
            entries = [(repeated(key, step), repeated(item, step)) for key, item in entries_of(collection)]
        except (NotKnown, RecursionError):
            # How many there are is not known; what is written in the content holds for each of them.
            span = context.span(each.expression)
            unknown = collection if type(collection) is Unknown else Unknown("for_each is not known", span)
            entries = [(unknown, unknown)]
        except EvaluationError:
            return
        for key, value in entries:
            item = Known({"key": key, "value": value}, value.span)
            yield content.body, context.with_names({name: item})

    def composite(self, name: str) -> Value | None:
        """A nested block type as a value (a list of objects), for references such as `aws_x.y.block[0].attribute`."""
        if self._composites is not None and name in self._composites:
            return self._composites[name]
        blocks = self.declared.blocks(name)
        if not blocks:
            return None
        if name in self._composing:
            source, block = blocks[0]
            span = Span(source, block.start, block.start + len(block.type))
            return Unknown(f"{self.prefix}{name} depends on itself", span, failed=True)
        before, self._composing = self._composing, self._composing | {name}
        try:
            value = self._composite(blocks, self.context, name)
        finally:
            self._composing = before
        if self._composites is None:
            self._composites = {}
        self._composites[name] = value
        return value

    def _composite(self, blocks: Sequence[tuple[SourceFile, Block]], context: Context, path: str) -> Value:
        items: list[Value] = []
        source, block = blocks[0]
        whole = Span(source, block.start, block.end)
        for source, block in blocks:
            span = Span(source, block.start, block.end)
            if block.type == "dynamic":
                unknown = self._not_counted(source, block, context)
                if unknown is not None:
                    return unknown
            for body, inner in self.instances(source, block, context):
                items.append(Known(BodyObject(self, source, body, inner, f"{path}[{len(items)}]."), span))
        return Known(tuple(items), whole)

    def _not_counted(self, source: SourceFile, block: Block, context: Context) -> Unknown | None:
        """Why the number of a dynamic block's instances is not known; None if it is."""
        from sovlint.resolve.terraform.evaluate import entries_of, evaluate

        each = block.body.attributes.get("for_each")
        if each is None:
            return None
        context = context.in_file(source)
        try:
            entries_of(evaluate(each.expression, context))
        except RecursionError:
            return Unknown("references nest too deeply", context.span(each.expression))
        except NotKnown as error:
            return Unknown(error.unknown.reason, context.span(each.expression), inputs=error.unknown.inputs)
        except EvaluationError as error:
            return Unknown(str(error), context.span(each.expression), failed=True)
        return None

    def key_span(self, route: Route) -> Span | None:
        """See `Attributes.key_span`."""
        found = self.declared.attribute(route[0])
        if found is not None:
            source, attribute = found
            return Span(source, attribute.start, attribute.start + len(route[0]))
        for source, block in self.declared.blocks(route[0]):
            found_span = _key_in(source, block, route, 1)
            if found_span is not None:
                return found_span
        return None

    def names(self) -> list[str]:
        """See `Attributes.names`."""
        meta = META_OF_MODULES if self.declared.block.type == "module" else META
        names = [name for name in self.declared.names() if name not in meta]
        return names if not self.given else list(dict.fromkeys((*names, *self.given)))

    def references(self) -> Iterator[tuple[str, str, str]]:
        """See `Attributes.references`."""
        for name in self.names():
            value = self.value(name)
            if value is not None:
                for address, path in value.refs:
                    yield name, address, path


def _key_in(source: SourceFile, block: Block, route: Route, depth: int) -> Span | None:
    """The key at the rest of a route inside a nested block; the block's type where the route ends."""
    if depth == len(route):
        return Span(source, block.start, block.start + len(block.type))
    body = (
        next((b.body for b in block.body.blocks if b.type == "content"), block.body)
        if block.type == "dynamic"
        else block.body
    )
    attribute = body.attributes.get(route[depth])
    if attribute is not None:
        return Span(source, attribute.start, attribute.start + len(attribute.name))
    for inner in body.blocks:
        if inner.type == route[depth] or (inner.type == "dynamic" and inner.labels[:1] == [route[depth]]):
            found = _key_in(source, inner, route, depth + 1)
            if found is not None:
                return found
    return None


class BodyObject(LazyObject):
    """A nested block as an object; each argument is evaluated once."""

    def __init__(self, owner: BlockAttributes, source: SourceFile, body: Body, context: Context, prefix: str) -> None:
        self._owner, self._source, self._body, self._context, self._prefix = owner, source, body, context, prefix
        self._values: dict[str, Value | None] = {}

    def attribute(self, name: str, span: Span) -> Value:
        """See `LazyObject.attribute`."""
        address = f"{self._owner.address}.{self._prefix}{name}"
        if name not in self._values:
            self._values[name] = Unknown(f"{address} depends on itself", span, failed=True)
            self._values[name] = self._evaluate(name, address)
        value = self._values[name]
        return value if value is not None else Unknown(f"{address} is known after apply", span)

    def _evaluate(self, name: str, address: str) -> Value | None:
        attribute = self._body.attributes.get(name)
        if attribute is not None:
            value = self._owner.slot(self._source, attribute, self._context, address).value()
            # Null leaves it to the provider.
            return None if type(value) is Known and value.value is None else value
        blocks = [(self._source, b) for b in self._body.blocks if b.type == name or _is_dynamic(b, name)]
        return self._owner._composite(blocks, self._context, self._prefix + name) if blocks else None

    def __getitem__(self, key: str) -> Value:
        return self.attribute(key, Span(self._source, self._body.start, self._body.end))

    def __iter__(self) -> Iterator[str]:
        names = [
            *self._body.attributes,
            *(b.labels[0] if b.type == "dynamic" and b.labels else b.type for b in self._body.blocks),
        ]
        return iter(dict.fromkeys(names))

    def __len__(self) -> int:
        return len(list(iter(self)))


def repeated(element: Value, step: Step) -> Value:
    """An element as one instance of a block gets it: what is written elsewhere came by way of `for_each`."""
    span, own = step.span, element.span
    if own.file is span.file and span.start <= own.start and own.end <= span.end:
        return element
    return passed(element, step)


def _is_dynamic(block: Block, name: str) -> bool:
    return block.type == "dynamic" and block.labels[:1] == [name]


def walk(value: Value, route: Route, depth: int, path: str) -> Iterator[tuple[str, Value]]:
    """Follows the rest of a route through a value: lists are entered, `*` matches every key."""
    if type(value) is Known and isinstance(value.value, tuple):
        for i, item in enumerate(value.value):
            yield from walk(picked(item, value), route, depth, f"{path}[{i}]")
        return
    if depth == len(route) or type(value) is Unknown:
        yield path, value
        return
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, LazyObject):
        yield from walk(
            picked(inner.attribute(route[depth], value.span), value), route, depth + 1, f"{path}.{route[depth]}"
        )
    elif isinstance(inner, Mapping):
        keys = list(inner) if route[depth] == "*" else [route[depth]]
        for key in keys:
            if key in inner:
                yield from walk(picked(inner[key], value), route, depth + 1, f"{path}.{key}")
