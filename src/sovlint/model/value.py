"""Values that know where they came from.

A value is `Known` or `Unknown`. Both carry the *cause* (`span`: the literal or expression a person would edit), the
chain of places the value came through (`via`, from the cause outward), and the references met on the way. Composite
values hold values, so an element picked out of a map still knows the literal it was written as.

Treat every object here as frozen. They are not frozen dataclasses because they are created millions of times and a
frozen dataclass costs three times as much to create.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias, TypeVar

from sovlint.model.source import Span

Reference: TypeAlias = tuple[str, str]
"""(address, attribute path) of something a value refers to, e.g. `("aws_s3_bucket.dst", "arn")`."""


class SetValue(tuple["Value", ...]):
    """Elements of a set: unique, in Terraform's order. A tuple otherwise."""

    __slots__ = ()


Plain: TypeAlias = "bool | str | int | Decimal | tuple[Value, ...] | Mapping[str, Value] | None"
"""What a `Known` may hold. Lists and tuples are tuples, sets are `SetValue`, maps and objects are mappings."""


class Step:
    """One place a value passed through: `slot = expression`.

    Attributes:
        span: the expression that passed the value on.
        slot: what received it (`provider.aws.region`, `local.region`, `var.region`).
        note: a text to show instead of `slot = expression` (a default that applied, a flag).
    """

    __slots__ = ("_text", "note", "slot", "span")

    def __init__(self, span: Span, slot: str, note: str | None = None) -> None:
        self.span = span
        self.slot = slot
        self.note = note
        self._text = note

    def text(self) -> str:
        """What a reader sees: `provider.aws.region = var.region`; one line, shortened."""
        if self._text is None:
            source = " ".join(self.span.text[:200].split())
            if len(source) > 80:
                source = source[:79] + "…"
            self._text = f"{self.slot} = {source}"
        return self._text


class Known:
    """A value that the files determine.

    Attributes:
        value: the plain value; elements of composites are values themselves.
        span: the literal that a person would edit, or the whole expression where a new value was made.
        via: places passed through, from the cause outward to the user.
        refs: resource attributes the value was computed from.
        owner: address of whatever the literal is written in (`var.region`, `provider.aws.us`); empty until known.
        parts: for values composed of several (templates, `format`, `join`), the parts in order.
        heuristic: the value was guessed by a rule of thumb (a template's text, a count that may be zero).
        sensitive: known to evaluation, never to be printed.
    """

    __slots__ = ("heuristic", "owner", "parts", "refs", "sensitive", "span", "value", "via")

    def __init__(
        self,
        value: Plain,
        span: Span,
        via: tuple[Step, ...] = (),
        refs: tuple[Reference, ...] = (),
        owner: str = "",
        parts: tuple[Value, ...] = (),
        heuristic: bool = False,
        sensitive: bool = False,
    ) -> None:
        self.value = value
        self.span = span
        self.via = via
        self.refs = refs
        self.owner = owner
        self.parts = parts
        self.heuristic = heuristic
        self.sensitive = sensitive


class Unknown:
    """A value that the files do not determine. It propagates as Terraform's unknown does.

    Attributes:
        reason: one clause for a person: "var.region has no value".
        span: the expression that could not be determined.
        inputs: names of the variables (or flags) that would determine it.
        refs: resource attributes it depends on; survey follows them.
        candidates: values it may take (both branches of a conditional); empty when unlimited.
        parts: as for `Known`; some of them may be known (`"docker.io/app:${var.tag}"`).
        failed: Terraform would report an error here (`try` goes on); otherwise the value is merely yet to come.
    """

    __slots__ = (
        "candidates",
        "failed",
        "heuristic",
        "inputs",
        "owner",
        "parts",
        "reason",
        "refs",
        "sensitive",
        "span",
        "via",
    )

    def __init__(
        self,
        reason: str,
        span: Span,
        via: tuple[Step, ...] = (),
        refs: tuple[Reference, ...] = (),
        owner: str = "",
        parts: tuple[Value, ...] = (),
        inputs: tuple[str, ...] = (),
        candidates: tuple[Value, ...] = (),
        heuristic: bool = False,
        sensitive: bool = False,
        failed: bool = False,
    ) -> None:
        self.reason = reason
        self.span = span
        self.via = via
        self.refs = refs
        self.owner = owner
        self.parts = parts
        self.inputs = inputs
        self.candidates = candidates
        self.heuristic = heuristic
        self.sensitive = sensitive
        self.failed = failed


Value: TypeAlias = Known | Unknown


V = TypeVar("V", bound="Known | Unknown")


def changed(value: V, **attributes: object) -> V:
    """A copy of a value with some attributes changed."""
    kind = type(value)
    fresh = kind.__new__(kind)
    for name in kind.__slots__:
        setattr(fresh, name, attributes[name] if name in attributes else getattr(value, name))
    return fresh


def passed(value: Value, step: Step | None, owner: str = "") -> Value:
    """The same value after one more place; sets the owner if the value has none yet."""
    via = value.via if step is None else (*value.via, step)
    own = value.owner or owner
    if type(value) is Known:
        return Known(value.value, value.span, via, value.refs, own, value.parts, value.heuristic, value.sensitive)
    assert type(value) is Unknown
    return Unknown(
        value.reason,
        value.span,
        via,
        value.refs,
        own,
        value.parts,
        value.inputs,
        value.candidates,
        value.heuristic,
        value.sensitive,
        value.failed,
    )


def picked(element: Value, whole: Value) -> Value:
    """An element taken out of a composite: it keeps its own cause and inherits the way the composite came."""
    if not (whole.via or whole.owner or whole.heuristic or whole.sensitive):
        return element
    via = element.via + whole.via if whole.via else element.via
    owner = element.owner or whole.owner
    heuristic = element.heuristic or whole.heuristic
    sensitive = element.sensitive or whole.sensitive
    if type(element) is Known:
        return Known(element.value, element.span, via, element.refs, owner, element.parts, heuristic, sensitive)
    assert type(element) is Unknown
    return Unknown(
        element.reason,
        element.span,
        via,
        element.refs,
        owner,
        element.parts,
        element.inputs,
        element.candidates,
        heuristic,
        sensitive,
        element.failed,
    )
