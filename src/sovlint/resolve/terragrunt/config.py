"""What a Terragrunt file says as a whole: its own blocks, merged with those of the files it includes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sovlint.model.source import Span
from sovlint.model.value import Known, Step, Unknown, Value, passed, picked
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.context import Slot
from sovlint.resolve.terraform.evaluate import evaluate
from sovlint.resolve.terraform.types import LazyObject
from sovlint.resolve.terraform.values import to_text, unknown_from
from sovlint.resolve.terragrunt.paths import unmarked
from sovlint.resolve.terragrunt.scope import Include, Scope

MAX_MERGE = 100
"""Levels of nested maps that are merged."""


class Entry(Slot):
    """One input or one argument of a backend: what leaves Terragrunt's files, so without absolute paths."""

    __slots__ = ()

    def value(self) -> Value:
        """See `Slot.value`."""
        if self._value is None:
            self._value = unmarked(super().value())
        return self._value


Entries: TypeAlias = "dict[str, Slot | Value]"


def value_of(entry: Slot | Value) -> Value:
    """The value of an entry."""
    return entry.value() if isinstance(entry, Slot) else entry


@dataclass(slots=True)
class Table:
    """A map whose entries are evaluated one by one.

    Attributes:
        entries: what is known to be in it.
        keys: places of the keys, as far as they are written.
        rest: why there may be further entries; None if there are none.
    """

    entries: Entries = field(default_factory=dict)
    keys: dict[str, Span] = field(default_factory=dict)
    rest: Unknown | None = None


@dataclass(slots=True)
class Block:
    """A block, or the attribute in its place, with the file it stands in."""

    scope: Scope
    body: n.Body
    owner: str


@dataclass(slots=True)
class Config:
    """A merged configuration.

    Attributes:
        inputs: None if none are written.
        source: the attribute `terraform.source` and its file.
        extra: `extra_arguments` by name.
        generate: `generate` blocks by name.
        remote_state: the block that counts.
        unread: why more may be configured than is known.
    """

    inputs: Table | None = None
    source: tuple[Scope, n.Attribute, str] | None = None
    extra: dict[str, Block] = field(default_factory=dict)
    generate: dict[str, Block] = field(default_factory=dict)
    remote_state: Block | None = None
    unread: Unknown | None = None

    def source_value(self) -> Value | None:
        """The value of `terraform.source`; absolute paths in it are marked."""
        if self.source is None:
            return None
        scope, attribute, owner = self.source
        return Slot(attribute.expression, scope.context(scope.source), f"{owner}.source", owner).value()

    def as_value(self, name: str, span: Span) -> Value | None:
        """A part of it for expressions elsewhere; None if there is none."""
        if name == "inputs":
            if self.inputs is None:
                return self.unread
            if self.inputs.rest is not None:
                return _TableObject(self.inputs).known(span)
            return Known(EntriesView(self.inputs.entries), span)
        if name == "terraform":
            source = self.source_value()
            return self.unread if source is None else Known({"source": source}, span)
        if self.remote_state is None:
            return self.unread
        block = self.remote_state
        context = block.scope.context(block.scope.source)
        attributes = block.body.attributes
        out = {key: evaluate(a.expression, context) for key, a in attributes.items() if key in ("backend", "config")}
        return Known(out, span)


class Arguments:
    """The arguments of a block in a Terragrunt file."""

    def __init__(self, block: Block) -> None:
        self._block = block

    def value(self, name: str) -> Value | None:
        """An argument; None if it is not written."""
        attribute = self._block.body.attributes.get(name)
        if attribute is None:
            return None
        scope, owner = self._block.scope, self._block.owner
        return Slot(attribute.expression, scope.context(scope.source), f"{owner}.{name}", owner).value()

    def text(self, name: str) -> str | None:
        """A known text."""
        value = self.value(name)
        return value.value if type(value) is Known and isinstance(value.value, str) else None


class EntriesView(Mapping[str, Value]):
    """Entries as an object."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def __getitem__(self, key: str) -> Value:
        return value_of(self._entries[key])

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class _TableObject(LazyObject):
    """A table that may have more entries than are known."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def known(self, span: Span) -> Value:
        """As a value."""
        return Known(self, span)

    def attribute(self, name: str, span: Span) -> Value:
        """See `LazyObject.attribute`."""
        entry = self._table.entries.get(name)
        if entry is not None:
            return value_of(entry)
        assert self._table.rest is not None
        return Unknown(self._table.rest.reason, span)

    def __getitem__(self, key: str) -> Value:
        return value_of(self._table.entries[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.entries)

    def __len__(self) -> int:
        return len(self._table.entries)


# --- one file


def own(scope: Scope, prefix: str = "") -> Config:
    """What a file itself says; owners of literals get the prefix (`include.root.`)."""
    out = Config()
    attributes = scope.body.attributes
    if scope.folder.incomplete:
        out.unread = Unknown(scope.folder.incomplete, Span(scope.source, 0, 0))
    if "inputs" in attributes:
        out.inputs = table_of(scope, attributes["inputs"].expression, f"{prefix}inputs")
    for block in scope.blocks("terraform"):
        source = block.body.attributes.get("source")
        if source is not None and out.source is None:
            out.source = scope, source, f"{prefix}terraform"
        for inner in block.body.blocks:
            if inner.type == "extra_arguments" and inner.labels:
                name = inner.labels[0]
                out.extra.setdefault(name, Block(scope, inner.body, f"{prefix}terraform.extra_arguments.{name}"))
    for block in scope.blocks("generate"):
        if block.labels:
            name = block.labels[0]
            out.generate.setdefault(name, Block(scope, block.body, f"{prefix}generate.{name}"))
    if "generate" in attributes:
        for name, body in _bodies(attributes["generate"].expression):
            out.generate.setdefault(name, Block(scope, body, f"{prefix}generate.{name}"))
    for block in scope.blocks("remote_state"):
        out.remote_state = out.remote_state or Block(scope, block.body, f"{prefix}remote_state")
    if "remote_state" in attributes and out.remote_state is None:
        found = as_body(attributes["remote_state"].expression)
        if found is not None:
            out.remote_state = Block(scope, found, f"{prefix}remote_state")
        else:
            out.unread = out.unread or Unknown(
                "remote_state is not written as an object", scope.span_of(attributes["remote_state"])
            )
    return out


def _bodies(expression: n.Expression) -> Iterator[tuple[str, n.Body]]:
    if isinstance(expression, n.Object):
        for key, value in expression.items:
            name, body = key_name(key), as_body(value)
            if name is not None and body is not None:
                yield name, body


def as_body(expression: n.Expression) -> n.Body | None:
    """An object as a block's contents: Terragrunt takes some blocks as attributes, too."""
    if not isinstance(expression, n.Object):
        return None
    body = n.Body(expression.start, expression.end)
    for key, value in expression.items:
        name = key_name(key)
        if name is None:
            return None
        body.attributes[name] = n.Attribute(key.start, value.end, name, value)
    return body


def key_name(key: n.Expression) -> str | None:
    """A literal key of an object."""
    if isinstance(key, n.ObjectKey):
        return key.name
    return key.value if isinstance(key, n.String) else None


def table_of(scope: Scope, expression: n.Expression, owner: str) -> Table:
    """An expression as a table: an object that is written out is evaluated entry by entry."""
    context = scope.context(scope.source)
    out = Table()
    if isinstance(expression, n.Object):
        for key, item in expression.items:
            name = key_name(key)
            if name is None:
                found = evaluate(key, context)
                if type(found) is not Known or not isinstance(found.value, str):
                    out.rest = unknown_from((found,), scope.span_of(key), f"a key of {owner} is not known")
                    continue
                name = found.value
            address = f"{owner}.{name}"
            out.entries[name] = Entry(item, context, address, address)
            out.keys[name] = scope.span_of(key)
        return out
    whole = Slot(expression, context, owner, "").value()
    span = scope.span_of(expression)
    if type(whole) is Unknown or isinstance(whole.value, LazyObject):  # type: ignore[union-attr]
        out.rest = whole if type(whole) is Unknown else Unknown(f"{owner} cannot be determined", span)
        if type(whole) is Known and isinstance(whole.value, _TableObject):
            out.entries.update({name: whole.value[name] for name in whole.value})
        return out
    assert type(whole) is Known
    if isinstance(whole.value, Mapping):
        for name in whole.value:
            out.entries[name] = _passed_on(picked(whole.value[name], whole), span, f"{owner}.{name}")
    elif whole.value is not None:
        out.rest = Unknown(f"{owner} is no map", span, failed=True)
    return out


def _passed_on(value: Value, span: Span, address: str) -> Value:
    """An element of a computed map: what stands inside the computing expression is the entry's own literal."""
    inside = value.span.file is span.file and span.start <= value.span.start and value.span.end <= span.end
    step = None if inside or any(s.span.key == span.key for s in value.via) else Step(span, address)
    return unmarked(passed(value, step, address))


# --- includes


def merged(scope: Scope) -> Config:
    """A file with what it includes; the file itself wins, then later includes.

    Source: `handleInclude`, `Merge` and `DeepMerge` in Terragrunt's `pkg/config/include.go`.
    """
    out = own(scope)
    for include in reversed(scope.includes()):
        if include.strategy == "no_merge":
            continue
        out = _under(out, include)
    return out


def _under(child: Config, include: Include) -> Config:
    """The child's configuration on top of an included one."""
    target = include.target
    if isinstance(target, Unknown) or not include.strategy:
        unknown = (
            target
            if isinstance(target, Unknown)
            else Unknown(f'the merge strategy of include "{include.name}" is not known', target.span_of(target.body))
        )
        child.inputs = child.inputs or Table()
        child.inputs.rest = child.inputs.rest or unknown
        child.unread = child.unread or unknown
        return child
    parent = own(target, f"include.{include.name}." if include.name else "include.")
    parent.inputs = _merged_tables(parent.inputs, child.inputs, include.strategy)
    parent.source = child.source or parent.source
    parent.extra.update(child.extra)
    parent.generate.update(child.generate)
    parent.remote_state = child.remote_state or parent.remote_state
    parent.unread = child.unread or parent.unread
    return parent


def _merged_tables(parent: Table | None, child: Table | None, strategy: str) -> Table | None:
    if parent is None or child is None:
        return child or parent
    out = Table(dict(parent.entries), dict(parent.keys), child.rest or parent.rest)
    if child.rest is not None:
        out.entries.clear()  # What the child may set in a way that is not known, the parent does not decide.
    for name, entry in child.entries.items():
        old = out.entries.get(name)
        if strategy.startswith("deep") and (old is not None or parent.rest is not None):
            below = value_of(old) if old is not None else parent.rest
            out.entries[name] = deep_merge(below, value_of(entry), strategy)
        else:
            out.entries[name] = entry
    out.keys.update(child.keys)
    return out


def deep_merge(parent: Value | None, child: Value, strategy: str = "deep", depth: int = 0) -> Value:
    """Maps are merged, lists appended (`deep`) or replaced (`deep_map_only`), of others the child's counts."""
    if parent is None or type(child) is Unknown:
        return child
    assert type(child) is Known
    inner = child.value
    if isinstance(inner, LazyObject) or not isinstance(inner, (tuple, Mapping)):
        return child
    if type(parent) is Unknown or depth > MAX_MERGE:
        return unknown_from((parent, child), child.span, "what it is merged with is not known")
    assert type(parent) is Known
    old = parent.value
    if isinstance(inner, Mapping):
        if isinstance(old, LazyObject):
            return unknown_from((parent, child), child.span, "what it is merged with is not known")
        if not isinstance(old, Mapping):
            return child
        out = {key: picked(old[key], parent) for key in old}
        for key in inner:
            item = picked(inner[key], child)
            out[key] = deep_merge(out.get(key), item, strategy, depth + 1)
        return Known(out, child.span, child.via, (*parent.refs, *child.refs), child.owner, sensitive=child.sensitive)
    if strategy != "deep" or not isinstance(old, tuple):
        return child
    items = (*(picked(item, parent) for item in old), *(picked(item, child) for item in inner))
    return Known(items, child.span, child.via, (*parent.refs, *child.refs), child.owner, sensitive=child.sensitive)


def texts_of(value: Value) -> list[Value] | None:
    """The texts of a list, each with its own cause; None where the list or one of them is not known."""
    if type(value) is not Known:
        return None
    if value.value is None:
        return []
    if not isinstance(value.value, tuple):
        return None
    items = [picked(item, value) for item in value.value]
    return items if all(type(item) is Known and to_text(item) is not None for item in items) else None
