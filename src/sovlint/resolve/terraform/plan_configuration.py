"""The `configuration` part of a plan: which expression refers to what, also in modules that are not in the tree."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sovlint.model.value import Reference
from sovlint.parse.yaml import Node
from sovlint.resolve.terraform.plan_values import elements, fields, text

MAX_STEPS = 30
"""References followed through variables and outputs of modules."""

_KEY = re.compile(r"\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\]")
_STEP = re.compile(r"\.?((?:[^.\[\]\"]|\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\])+)")


def without_keys(address: str) -> str:
    """An address as it stands in the configuration: `module.a["x"].b.c[0]` → `module.a.b.c`."""
    return _KEY.sub("", address) if "[" in address else address


def split_module(address: str) -> tuple[str, str]:
    """Module part (empty for the root) and the rest of an instance address."""
    at = 0
    while address.startswith("module.", at):
        match = _STEP.match(address, at + len("module"))
        if match is None or match.end() >= len(address):
            break
        at = match.end() + 1
    return address[: max(at - 1, 0)], address[at:]


def outer_module(address: str) -> tuple[str, str]:
    """The module around a module instance, and the last part of its address: `module.a`, `b["x"]`."""
    steps = list(_STEP.finditer(address))
    if len(steps) < 2:
        return "", address
    return address[: steps[-2].start()], steps[-1][1]


def key_of(address: str) -> int | str | None:
    """The instance key at the end of an address; None if there is none."""
    if not address.endswith("]"):
        return None
    key = ""
    for match in _KEY.finditer(address):
        key = match[0][1:-1]
    try:
        found: int | str = json.loads(key)
    except ValueError:
        return key
    return found


@dataclass(slots=True)
class Configuration:
    """Expressions of a plan's configuration by address without instance keys.

    Attributes:
        resources: `module.a.aws_x.y` → the resource's fields.
        calls: `module.a.module.b` → the call's fields.
        providers: provider configuration key → its fields.
        instances: address without keys → instance addresses of the plan.
    """

    resources: dict[str, dict[str, Node]] = field(default_factory=dict)
    calls: dict[str, dict[str, Node]] = field(default_factory=dict)
    providers: dict[str, dict[str, Node]] = field(default_factory=dict)
    instances: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def references(self, address: str, attribute: str) -> tuple[Reference, ...]:
        """What an attribute's expression refers to, as instance addresses; only where there is exactly one."""
        resource = self.resources.get(without_keys(address), {})
        expression = fields(resource.get("expressions")).get(attribute)
        module, _ = split_module(address)
        out: dict[Reference, None] = {}
        for name in _longest(text(item) for item in elements(fields(expression).get("references"))):
            for reference in self._targets(name, module, 0):
                out[reference] = None
        return tuple(out)

    def is_written(self, address: str, attribute: str) -> bool:
        """Whether an attribute has an expression in the configuration."""
        resource = self.resources.get(without_keys(address), {})
        return attribute in fields(resource.get("expressions"))

    def _targets(self, name: str, module: str, depth: int) -> Iterator[Reference]:
        if depth > MAX_STEPS:
            return
        parts = [match[1] for match in _STEP.finditer(name)]
        prefix = module + "." if module else ""
        if parts[0] == "var" and len(parts) > 1:
            outer, call = self._call_of(module)
            argument = fields(call.get("expressions")).get(without_keys(parts[1]))
            yield from self._all(argument, outer, depth)
        elif parts[0] == "module" and len(parts) > 2:
            inner = f"{prefix}module.{parts[1]}"
            call = self.calls.get(without_keys(inner), {})
            output = fields(fields(call.get("module")).get("outputs")).get(parts[2])
            yield from self._all(fields(output).get("expression"), inner, depth)
        else:
            length = 3 if parts[0] == "data" else 2
            if len(parts) >= length and parts[0] not in ("local", "each", "count", "path", "terraform", "self"):
                target = self._instance(prefix + ".".join(parts[:length]))
                if target is not None:
                    yield target, ".".join(parts[length:])

    def _all(self, expression: Node | None, module: str, depth: int) -> Iterator[Reference]:
        for inner in _longest(text(item) for item in elements(fields(expression).get("references"))):
            yield from self._targets(inner, module, depth + 1)

    def _call_of(self, module: str) -> tuple[str, dict[str, Node]]:
        """The module that calls a module, and the call's fields."""
        outer, _ = outer_module(module)
        return outer, self.calls.get(without_keys(module), {})

    def _instance(self, address: str) -> str | None:
        found = self.instances.get(without_keys(address), [])
        if address in found:
            return address
        return found[0] if len(found) == 1 else None

    def argument_of(self, address: str, attribute: str) -> Iterator[tuple[str, str]]:
        """The chain of module arguments that an attribute's value comes through: (module address, argument).

        From the innermost call outward; it ends where an expression is more than a single variable.
        """
        resource = self.resources.get(without_keys(address), {})
        expression = fields(resource.get("expressions")).get(attribute)
        module, _ = split_module(address)
        for _ in range(MAX_STEPS):
            names = [text(item) for item in elements(fields(expression).get("references"))]
            names = [name for name in names if name.startswith("var.")]
            if len(names) != 1 or not module:
                return
            argument = without_keys(names[0].split(".")[1])
            yield module, argument
            module, call = self._call_of(module)
            expression = fields(call.get("expressions")).get(argument)


def _longest(names: Iterable[str]) -> list[str]:
    """Terraform lists `a.b.c` and then `a.b`; the shorter one says nothing more."""
    out: list[str] = []
    for name in names:
        if name and not any(other.startswith((name + ".", name + "[")) for other in out):
            out.append(name)
    return out


def read_configuration(node: Node | None, addresses: Iterable[str]) -> Configuration:
    """Indexes the `configuration` part of a plan.

    Args:
        node: that part.
        addresses: instance addresses of all resources of the plan.
    """
    out = Configuration()
    for address in addresses:
        out.instances[without_keys(address)].append(address)
    table = fields(node)
    out.providers.update({key: fields(value) for key, value in fields(table.get("provider_config")).items()})
    stack: list[tuple[str, Node | None]] = [("", table.get("root_module"))]
    while stack:
        prefix, module = stack.pop()
        content = fields(module)
        for item in elements(content.get("resources")):
            resource = fields(item)
            out.resources[prefix + text(resource.get("address"))] = resource
        for name, call in fields(content.get("module_calls")).items():
            inner = f"{prefix}module.{name}"
            out.calls[inner] = fields(call)
            stack.append((inner + ".", fields(call).get("module")))
    return out
