"""Resources and modules as other expressions see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sovlint.model.source import Span
from sovlint.model.value import Known, Unknown, Value, passed
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.downloaded import Target
from sovlint.resolve.terraform.values import LazyObject

if TYPE_CHECKING:
    from sovlint.resolve.terraform.module import Module

PLAIN_TYPES = frozenset({"terraform_data"})
"""Types whose provider computes nothing for an argument that is null."""


def resource_value(attributes: BlockAttributes, span: Span) -> Value:
    """A resource instance as a value."""
    return Known(ResourceObject(attributes), span)


class ResourceObject(LazyObject):
    """A resource instance as other expressions see it: what is written, the rest is known after apply."""

    def __init__(self, attributes: BlockAttributes) -> None:
        self._attributes = attributes

    def attribute(self, name: str, span: Span) -> Value:
        """See `LazyObject.attribute`."""
        attributes = self._attributes
        value = attributes.value(name)
        if value is None:
            value = attributes.composite(name)
        reference = (attributes.address, name)
        if value is None or self._computed(value):
            return Unknown(f"{attributes.address}.{name} is known after apply", span, refs=(reference,))
        value = passed(value, None)
        value.refs = (*value.refs, reference)
        return value

    def _computed(self, value: Value) -> bool:
        """Whether null was written: then the provider may choose."""
        null = type(value) is Known and value.value is None
        return null and self._attributes.declared.block.labels[0] not in PLAIN_TYPES

    def __getitem__(self, key: str) -> Value:
        return self.attribute(key, self._attributes.declared.label_span)

    def __iter__(self) -> Iterator[str]:
        return iter(self._attributes.names())

    def __len__(self) -> int:
        return len(self._attributes.names())


def module_value(caller: Module, name: str, attributes: BlockAttributes, span: Span) -> Value:
    """A module instance as its caller sees it: its outputs, or unknown if it cannot be read."""
    child = caller.child(name, attributes)
    if isinstance(child, Target):
        return Unknown(f"{attributes.address} is not read ({child.reason}): its outputs are not known", span)
    return Known(Outputs(child, attributes.declared.label_span), span)


class Outputs(Mapping[str, Value]):
    """The outputs of a module instance, each evaluated when asked for. Unlike a `LazyObject` it is complete."""

    def __init__(self, module: Module, span: Span) -> None:
        self._module = module
        self._span = span

    def __getitem__(self, key: str) -> Value:
        if key not in self._module.folder.outputs and not self._module.folder.incomplete:
            raise KeyError(key)
        return self._module.output(key, self._span)

    def __contains__(self, key: object) -> bool:
        return key in self._module.folder.outputs or bool(self._module.folder.incomplete)

    def __iter__(self) -> Iterator[str]:
        return iter(self._module.folder.outputs)

    def __len__(self) -> int:
        return len(self._module.folder.outputs)
