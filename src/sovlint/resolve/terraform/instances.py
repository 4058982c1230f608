"""`count` and `for_each`: how many instances a block has, and what each of them sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from sovlint.model.source import Span
from sovlint.model.value import Known, Step, Unknown, Value
from sovlint.resolve.terraform.attributes import BlockAttributes, repeated
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.folder import Declared
from sovlint.resolve.terraform.values import EvaluationError, NotKnown, plain, to_number

if TYPE_CHECKING:
    from sovlint.resolve.terraform.module import Module

MAX_INSTANCES = 10_000
"""Instances of one block that are looked at; Terraform itself becomes unusable long before."""

MAX_MODULES = 10_000
MAX_TOTAL = 1_000_000


class Budget:
    """How many instances one root module may have: nested calls multiply, and a run must end.

    Attributes:
        modules: module instances left.
        instances: instances of resources and module calls left.
    """

    __slots__ = ("instances", "modules")

    def __init__(self, modules: int = MAX_MODULES, instances: int = MAX_TOTAL) -> None:
        self.modules = modules
        self.instances = instances

    def take_module(self) -> bool:
        """Whether one more module instance may be read."""
        self.modules -= 1
        return self.modules >= 0

    def take(self, number: int) -> bool:
        """Whether this many more instances may be looked at."""
        if number > self.instances:
            return False
        self.instances -= number
        return True


class Instances:
    """The instances of one block.

    Attributes:
        mode: `single`, `count`, `each`, or `unknown` where the number is not known (one placeholder stands for all).
        items: instance key → contents; None is the key of a single one, `*` of the placeholder.
        cause: for `unknown`: why.
    """

    __slots__ = ("_elements", "cause", "items", "mode")

    def __init__(
        self,
        mode: Literal["single", "count", "each", "unknown"],
        items: dict[int | str | None, BlockAttributes],
        cause: Unknown | None = None,
        _elements: tuple[Value, ...] | dict[str, Value] | None = None,
    ) -> None:
        self.mode = mode
        self.items = items
        self.cause = cause
        self._elements = _elements

    def attributes(self) -> list[BlockAttributes]:
        """Contents of every instance."""
        return list(self.items.values())

    def as_value(self, span: Span, make: Callable[[BlockAttributes, Span], Value]) -> Value:
        """What a reference to the block sees. Elements are made once: a block may be referred to ten thousand times."""
        if self.mode == "single":
            return make(self.items[None], span)
        if self.mode == "unknown":
            cause = self.cause
            assert cause is not None
            placeholder = self.items["*"]
            # A module is not a place: only references to resources lead somewhere.
            refs = () if placeholder.declared.block.type == "module" else ((placeholder.address, ""),)
            return Unknown(cause.reason, span, (), refs, "", (), cause.inputs)
        if self._elements is None:
            made = {key: make(item, item.declared.label_span) for key, item in self.items.items()}
            self._elements = tuple(made.values()) if self.mode == "count" else {str(k): v for k, v in made.items()}
        return Known(self._elements, span)


def expand(declared: Declared, module: Module, address: str, *, unsure: bool = False) -> Instances:
    """The instances of a resource or module block; an unknown number while its own expansion is being asked for.

    Args:
        declared: the block.
        module: the module instance it stands in.
        address: the block's address without an instance key.
        unsure: one placeholder is wanted, whatever the number is.
    """
    context = module.context(declared.source)
    if unsure:
        return _placeholder(declared, context, address, Unknown("which instance is not known", declared.label_span))
    count = declared.attribute("count")
    each = declared.attribute("for_each")
    if count is None and each is None:
        return Instances("single", {None: BlockAttributes(declared, context, address)})
    from sovlint.resolve.terraform.evaluate import evaluate

    source, attribute = count or each  # type: ignore[misc]
    if address in module._busy:
        return _placeholder(declared, context, address, Unknown(f"{address} depends on itself", declared.label_span))
    module._busy.add(address)
    try:
        value = evaluate(attribute.expression, module.context(source))
        if count:
            found = _counted(declared, context, address, value)
        else:
            span = Span(source, attribute.expression.start, attribute.expression.end)
            found = _each(declared, context, address, value, Step(span, f"{address}.for_each"))
        if not module.root.budget.take(len(found.items)):
            raise EvaluationError("more instances than are looked at in one root module")
        return found
    except NotKnown as error:
        return _placeholder(declared, context, address, error.unknown)
    except (EvaluationError, RecursionError) as error:
        reason = str(error) if isinstance(error, EvaluationError) else "references nest too deeply"
        return _placeholder(declared, context, address, Unknown(reason, Span(source, attribute.start, attribute.end)))
    finally:
        module._busy.discard(address)


def _placeholder(declared: Declared, context: Context, address: str, cause: Unknown) -> Instances:
    names: dict[str, Value] = {
        "each": Known({"key": cause, "value": cause}, cause.span),
        "count": Known({"index": cause}, cause.span),
    }
    item = BlockAttributes(declared, context.for_instance(names), f"{address}[*]")
    return Instances("unknown", {"*": item}, cause)


def _counted(declared: Declared, context: Context, address: str, value: Value) -> Instances:
    number = to_number(value)
    if not isinstance(number, int) or not number >= 0:
        raise EvaluationError("count must be a whole number")
    if number > MAX_INSTANCES:
        raise EvaluationError(f"count of {number}: more than {MAX_INSTANCES} instances are not looked at")
    items: dict[int | str | None, BlockAttributes] = {}
    for i in range(number):
        inner = context.for_instance({"count": Known({"index": Known(i, value.span)}, value.span)})
        items[i] = BlockAttributes(declared, inner, f"{address}[{i}]")
    return Instances("count", items)


def _each(declared: Declared, context: Context, address: str, value: Value, step: Step) -> Instances:
    from sovlint.resolve.terraform.evaluate import entries_of

    if type(value) is Known and isinstance(value.value, tuple):
        entries = [(item, item) for item in (pair[1] for pair in entries_of(value))]
    else:
        entries = entries_of(value)
    if len(entries) > MAX_INSTANCES:
        raise EvaluationError(f"more than {MAX_INSTANCES} instances are not looked at")
    items: dict[int | str | None, BlockAttributes] = {}
    for key, item in entries:
        name = plain(key)
        if not isinstance(name, str):
            raise EvaluationError("for_each takes a map, or a set of strings")
        pair: dict[str, Value] = {"key": repeated(key, step), "value": repeated(item, step)}
        inner = context.for_instance({"each": Known(pair, item.span)})
        items[name] = BlockAttributes(declared, inner, f"{address}[{json.dumps(name, ensure_ascii=False)}]")
    return Instances("each", items)
