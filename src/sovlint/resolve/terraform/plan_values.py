"""Values out of a plan (`terraform show -json`), with the place in the source that a person would edit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sovlint.model.resource import ProviderConfig, Route
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Reference, Step, Unknown, Value
from sovlint.parse.yaml import Mapping, Node, Scalar, Sequence, deref
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.data_files import from_yaml
from sovlint.resolve.terraform.values import EvaluationError, NotKnown, plain


def fields(node: Node | None) -> dict[str, Node]:
    """Keys and values of a JSON object; empty for anything else."""
    target = deref(node) if node is not None else None
    if not isinstance(target, Mapping):
        return {}
    return {key.text: value for key, value in target.entries if isinstance(key, Scalar)}


def elements(node: Node | None) -> list[Node]:
    """Items of a JSON array; empty for anything else."""
    target = deref(node) if node is not None else None
    return list(target.items) if isinstance(target, Sequence) else []


def text(node: Node | None) -> str:
    """A JSON string; empty for anything else."""
    return node.text if isinstance(node, Scalar) else ""


def is_null(node: Node | None) -> bool:
    """Whether nothing is there, or `null`."""
    return node is None or (isinstance(node, Scalar) and not node.style and node.text == "null")


def is_true(node: Node | None) -> bool:
    """Whether it is `true`."""
    return isinstance(node, Scalar) and not node.style and node.text == "true"


def any_true(node: Node | None) -> bool:
    """Whether `true` stands anywhere in it."""
    stack = [node] if node is not None else []
    while stack:
        current = stack.pop()
        if is_true(current):
            return True
        stack.extend(fields(current).values())
        stack.extend(elements(current))
    return False


@dataclass(slots=True, eq=False)
class Planned:
    """One resource instance of a plan.

    Attributes:
        address: Terraform's own.
        after: values after apply; `unknown` marks those that are not known yet, `sensitive` those not to be shown.
        span: the place of the address in the plan.
    """

    address: str
    after: Node | None
    unknown: Node | None
    sensitive: Node | None
    span: Span


Origin = Callable[[str, Known], Value | None]
"""(top-level attribute, planned value) → the same value as an argument of a module call, if it comes from there."""


class PlanAttributes:
    """What a plan says of a resource, at the places of the source; implements `Attributes`.

    Args:
        planned: the instance in the plan.
        file: the plan's text.
        source: the block in the source evaluated as far as possible; None if it is not there.
        place: where to stand if neither an argument nor a part of the plan fits: the module call that brought the
            resource; None to stand in the plan.
        origin: finds the argument of a module call that a value was given as.
        references: attribute → what its expression refers to, used where the source is not there.
        written: whether an attribute is written in the configuration, used likewise.
    """

    def __init__(
        self,
        planned: Planned,
        file: SourceFile,
        source: BlockAttributes | None,
        place: Span | None,
        origin: Origin,
        references: Callable[[str], tuple[Reference, ...]],
        written: Callable[[str], bool],
    ) -> None:
        self.planned = planned
        self.file = file
        self.source = source
        self.place = place
        self.provider: ProviderConfig | None = None
        self._origin = origin
        self._references = references
        self._written = written
        self._after = fields(planned.after)
        self._unknown = fields(planned.unknown)
        self._sensitive = fields(planned.sensitive)

    @property
    def address(self) -> str:
        """The instance's address."""
        return self.planned.address

    def names(self) -> list[str]:
        """See `Attributes.names`: what is written, then what the plan adds."""
        written = self.source.names() if self.source is not None else []
        added = [name for name, node in self._after.items() if not is_null(node)]
        return list(dict.fromkeys((*written, *added)))

    def key_span(self, route: Route) -> Span | None:
        """See `Attributes.key_span`."""
        if self.source is not None:
            return self.source.key_span(route)
        node = self._after.get(route[0])
        if is_null(node) or node is None:
            return None
        return self.place or Span(self.file, node.start, node.end)

    def references(self) -> Iterator[tuple[str, str, str]]:
        """See `Attributes.references`."""
        if self.source is not None:
            yield from self.source.references()
            return
        for name in self.names():
            for address, path in self._references(name):
                yield name, address, path

    def select(self, route: Route) -> Iterator[tuple[str, Value]]:
        """See `Attributes.select`."""
        ours = list(self.source.select(route)) if self.source is not None else []
        name = route[0]
        if self.planned.after is None or not (name in self._after or name in self._unknown):
            yield from ours
            return
        by_path = dict(ours)
        sensitive = any_true(self._sensitive.get(name))
        for path, after, unknown in _walk(self._after.get(name), self._unknown.get(name), route, 1, name):
            if is_null(after) and not any_true(unknown):
                if path in by_path:
                    own = by_path[path]
                    yield path, own if same(own, None) else Known(None, self._written_at(route, own), owner="")
                continue
            if is_true(unknown) and path not in by_path and not self._is_written(name):
                continue  # Nobody wrote it: the provider computes it.
            value = self._known(route, path, after, unknown, ours, by_path)
            if sensitive and not value.sensitive:
                value.sensitive = True
            yield path, value

    def _is_written(self, name: str) -> bool:
        if self.source is not None:
            return name in self.source.declared.names()
        return self._written(name)

    def _known(
        self,
        route: Route,
        path: str,
        after: Node | None,
        unknown: Node | None,
        ours: list[tuple[str, Value]],
        by_path: dict[str, Value],
    ) -> Value:
        own = by_path.get(path)
        if is_true(unknown):
            if own is not None:
                return own
            span = self._written_at(route, None)
            refs = self._references(route[0])
            return Unknown(f"{self.address}.{path} is known after apply", span, (), refs, self.address)
        planned = self._from_plan(after, unknown)
        data = _plain(planned)
        # Sets stand in another order in the plan: the same value anywhere at the route is the same value.
        for other in (own, *(value for _, value in ours)):
            if other is not None and same(other, data):
                return other
        for other in (own, *(value for _, value in ours)):
            if type(other) is Unknown:
                return _placed(planned, other.span, other.via, other.refs, other.owner or self.address)
        if own is None and not ours:
            found = self._unwritten(route[0], data) or self._origin(route[0], planned)
            if found is not None:
                return found
        if self.source is None and self.place is None:
            return planned
        step = Step(planned.span, f"{self.address}.{path}", f"{self.address}.{path} in the plan")
        refs = own.refs if own is not None else ()
        return _placed(planned, self._written_at(route, own), (step,), refs, self.address)

    def _from_plan(self, after: Node | None, unknown: Node | None) -> Known:
        """The value as it stands in the plan; unknown inside where the plan says so."""
        assert after is not None
        return _build(after, unknown, self.file, self.address)

    def _unwritten(self, name: str, data: object) -> Value | None:
        """What nobody wrote in the resource may be what its provider configuration says: `region`."""
        config = self.provider
        if config is None or config.attributes is None:
            return None
        for _, value in config.attributes.select((name,)):
            if same(value, data):
                return value
        return None

    def _written_at(self, route: Route, own: Value | None) -> Span:
        """The expression in the source, else the block's name, else the module call, else the plan."""
        if self.source is not None:
            found = self.source.declared.attribute(route[0])
            if found is not None:
                file, attribute = found
                expression = attribute.expression
                return Span(file, expression.start, expression.end)
            if own is not None:
                return own.span
            return self.source.key_span(route) or self.source.declared.label_span
        if self.place is not None:
            return self.place
        node = self._after.get(route[0])
        return self.planned.span if node is None else Span(self.file, node.start, node.end)


def _walk(
    after: Node | None, unknown: Node | None, route: Route, depth: int, path: str
) -> Iterator[tuple[str, Node | None, Node | None]]:
    """The rest of a route through values and marks together: path, value, mark."""
    after = deref(after) if after is not None else None
    if is_true(unknown):
        yield path, None, unknown
        return
    if isinstance(after, Sequence):
        marks = elements(unknown)
        for i, item in enumerate(after.items):
            yield from _walk(item, marks[i] if i < len(marks) else None, route, depth, f"{path}[{i}]")
        return
    if depth == len(route):
        yield path, after, unknown
        return
    table, marked = fields(after), fields(unknown)
    names = [*table, *(name for name in marked if name not in table)] if route[depth] == "*" else [route[depth]]
    for name in names:
        if name in table or name in marked:
            yield from _walk(table.get(name), marked.get(name), route, depth + 1, f"{path}.{name}")


def _build(after: Node, unknown: Node | None, file: SourceFile, address: str, depth: int = 0) -> Known:
    span = Span(file, after.start, after.end)
    target = deref(after)
    if unknown is not None and depth < 100 and any_true(unknown):
        if isinstance(target, Mapping):
            marks = fields(unknown)
            inner: dict[str, Value] = {}
            table = fields(target)
            for name in dict.fromkeys((*table, *marks)):
                if is_true(marks.get(name)) or name not in table:
                    if name in table or any_true(marks.get(name)):
                        inner[name] = Unknown(f"{address}: {name} is known after apply", span, (), (), address)
                else:
                    inner[name] = _build(table[name], marks.get(name), file, address, depth + 1)
            return Known(inner, span, (), (), address)
        if isinstance(target, Sequence):
            items: list[Value] = []
            mark_list = elements(unknown)
            for i, item in enumerate(target.items):
                mark = mark_list[i] if i < len(mark_list) else None
                if is_true(mark):
                    items.append(Unknown(f"{address}: known after apply", span, (), (), address))
                else:
                    items.append(_build(item, mark, file, address, depth + 1))
            return Known(tuple(items), span, (), (), address)
    try:
        value = from_yaml(target, file, None)
    except EvaluationError:
        return Known(None, span, (), (), address)
    assert type(value) is Known
    return Known(value.value, span, (), (), address)


def _placed(value: Known, span: Span, via: tuple[Step, ...], refs: tuple[Reference, ...], owner: str) -> Known:
    return Known(value.value, span, via, refs, owner, (), False, value.sensitive)


def _plain(value: Value) -> object:
    try:
        return plain(value)
    except (NotKnown, EvaluationError, RecursionError):
        return NotImplemented


def same(value: Value, data: object) -> bool:
    """Whether a value is known and equal; a number and its text are the same, as the provider converts them."""
    if type(value) is Unknown or data is NotImplemented:
        return False
    own = _plain(value)
    if own is NotImplemented:
        return False
    return own == data or (_scalar_text(own) == _scalar_text(data) is not None)


def _scalar_text(data: object) -> str | None:
    if isinstance(data, bool):
        return "true" if data else "false"
    return None if data is None or isinstance(data, (list, dict)) else str(data)
