"""Where an expression is evaluated: its file, its module, the names that loops bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Step, Unknown, Value, passed
from sovlint.parse.hcl import children
from sovlint.parse.hcl.nodes import Expression, Literal, Node, String, Traversal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sovlint.resolve.terraform.module import Module


class Context:
    """Surroundings of an expression. Treat as frozen; loops make new ones.

    Attributes:
        module: the module instance, None for files of values (tfvars) that may hold literals only.
        source: the file the expression stands in.
        names: variables of `for`, iterators of dynamic blocks, and `each`, `count`, `self` where they exist.
        base: for one instance of a block: the surroundings of all its instances, without `each` and `count`.
    """

    __slots__ = ("base", "module", "names", "source")

    def __init__(
        self,
        module: Module | None,
        source: SourceFile,
        names: Mapping[str, Value] | None = None,
        base: Context | None = None,
    ) -> None:
        self.module = module
        self.source = source
        self.names = names
        self.base = base

    def span(self, node: Node) -> Span:
        """The node's place."""
        return Span(self.source, node.start, node.end)

    def with_names(self, names: Mapping[str, Value]) -> Context:
        """The same place with further names; new ones hide older ones."""
        merged = {**self.names, **names} if self.names else dict(names)
        return Context(self.module, self.source, merged)

    def for_instance(self, names: Mapping[str, Value]) -> Context:
        """The surroundings of one instance of a block."""
        return Context(self.module, self.source, names, self)

    def in_file(self, source: SourceFile) -> Context:
        """The same surroundings for an expression that stands in another file of the module: in an override."""
        if source is self.source:
            return self
        base = self.base.in_file(source) if self.base is not None else None
        return Context(self.module, source, self.names, base)


class Slot:
    """A named expression that is evaluated once, when asked for: a local, an argument, an attribute, an output.

    Asking for it while it is being evaluated is a cycle and gives `Unknown`.
    """

    __slots__ = ("_busy", "_value", "context", "expression", "name", "owner")

    def __init__(self, expression: Expression, context: Context, name: str, owner: str) -> None:
        self.expression = expression
        self.context = context
        self.name = name
        self.owner = owner
        self._busy = False
        self._value: Value | None = None

    def value(self) -> Value:
        """The value, with this slot added to its way if the value comes from elsewhere."""
        if self._value is None:
            expression, context = self.expression, self.context
            if self._busy:
                return Unknown(f"{self.name} depends on itself", context.span(expression))
            self._busy = True
            try:
                value = _evaluated(expression, context, self.name)
            except RecursionError:
                value = Unknown("references nest too deeply", context.span(expression))
            finally:
                self._busy = False
            span = value.span
            if span.file is context.source and span.start == expression.start and span.end == expression.end:
                if not value.owner:
                    value = passed(value, None, self.owner)
            else:
                value = passed(value, Step(context.span(expression), self.name), self.owner)
            self._value = value
        return self._value


_OF_ONE_INSTANCE = frozenset({"each", "count", "self"})

SEPARATE = Unknown("each instance has its own value", Span(SourceFile("", ""), 0, 0))
"""Stands for "not shared" in `Module.shared`."""


def _evaluated(expression: Expression, context: Context, name: str) -> Value:
    """The value; what is the same for all instances of a block is evaluated once for all of them."""
    from sovlint.resolve.terraform.evaluate import evaluate

    base = context.base
    if base is None or base.module is None or isinstance(expression, (Literal, String)):
        return evaluate(expression, context)
    shared = base.module.shared
    key = id(expression)
    value = shared.get(key)
    if value is None:
        if _differs(expression):
            shared[key] = SEPARATE
            return evaluate(expression, context)
        shared[key] = Unknown(f"{name} depends on itself", context.span(expression))
        try:
            value = evaluate(expression, base)
        except RecursionError:
            del shared[key]
            raise
        shared[key] = value
    return evaluate(expression, context) if value is SEPARATE else value


def _differs(expression: Expression) -> bool:
    """Whether an expression may have another value in every instance of its block."""
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, Traversal) and node.root in _OF_ONE_INSTANCE:
            return True
        stack.extend(children(node))
    return False


def fixed(value: Value) -> Known | Unknown:
    """Identity, for tables that hold ready values beside slots."""
    return value
