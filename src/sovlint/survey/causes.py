"""From lazy values to concrete causes: the place a person would edit, and the way from there to the resource."""

from __future__ import annotations

from decimal import Decimal

from sovlint.model.fact import Cause, Confidence, Hop
from sovlint.model.source import Span
from sovlint.model.value import Known, Step, Unknown, Value, picked

MAX_HOPS = 12
"""Hops kept of a provenance chain; a longer one keeps its ends."""

MAX_TEXT = 200


def text_of(value: Value) -> str | None:
    """A known scalar as text, as a template would print it; None for unknowns, null and composites."""
    if type(value) is not Known:
        return None
    plain = value.value
    if isinstance(plain, str):
        return plain
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, int):
        return str(plain) if plain.bit_length() < 4096 else None
    if isinstance(plain, Decimal):
        return format(plain, "f") if plain.is_finite() and abs(plain.adjusted()) < 400 else str(plain)
    return None


def known_prefix(value: Value) -> str:
    """The text that is certain at the start of a value: all of it if known, the leading known parts of a template."""
    text = text_of(value)
    if text is not None:
        return text
    out = ""
    for part in value.parts:
        out += known_prefix(part)
        if type(part) is Unknown:
            break
    return out


def covering(value: Value, start: int, end: int) -> Value:
    """The deepest part of a composed value that alone covers the characters `start … end`.

    The concatenated texts of `parts` are the text of the whole, up to the first unknown part. Where no part
    alone covers the range, the whole is the answer.
    """
    current = value
    while current.parts:
        at = 0
        for part in current.parts:
            text = text_of(part)
            length = len(text) if text is not None else len(known_prefix(part))
            if at <= start and end <= at + length and end > start:
                inner = picked(part, current)
                start, end = start - at, end - at
                break
            at += length
            if text is None:
                return current
        else:
            return current
        current = inner
    return current


def hops(steps: tuple[Step, ...]) -> tuple[Hop, ...]:
    """Concrete steps, cause first; repeated places are named once, the middle of a very long chain is left out."""
    out: list[Hop] = []
    seen: set[tuple[str, int, int]] = set()
    if len(steps) > MAX_HOPS:
        steps = (*steps[: MAX_HOPS // 2], *steps[-MAX_HOPS // 2 :])
    for step in steps:
        if step.span.key not in seen or step.note is not None:
            seen.add(step.span.key)
            out.append(Hop(step.span.location(), step.text()))
    return tuple(out)


def cause_of(value: Value, owner: str, attribute: str, *extra: Step) -> Cause:
    """The cause a value stands for.

    Args:
        value: the decisive value.
        owner: address of what the value is written in, if the value does not know it.
        attribute: attribute path in the owner.
        extra: further steps outward, after the value's own.
    """
    via = list(value.via)
    # A value composed of several has several origins; the reader sees each of them.
    for part in value.parts:
        if part.span.key != value.span.key and (part.via or type(part) is Unknown):
            via = [*part.via, *via] if part.via else via
    # A call whose argument the value came through has been named already.
    outward = [step for step in extra if not any(own.slot.startswith(f"{step.slot}.") for own in via)]
    steps = hops((*via, *outward))
    if type(value) is Known:
        text = None if value.sensitive else text_of(value)
        return Cause(
            location=value.span.location(),
            owner=value.owner or owner,
            value=text if text is None or len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…",
            via=steps,
            attribute=attribute,
            sensitive=value.sensitive,
        )
    assert type(value) is Unknown
    return Cause(
        location=value.span.location(),
        owner=value.owner or owner,
        value=None,
        via=steps,
        known=False,
        reason=value.reason,
        inputs=value.inputs,
        attribute=attribute,
        sensitive=value.sensitive,
    )


def written_nowhere(span: Span, owner: str, attribute: str, *steps: Step, reason: str = "") -> Cause:
    """The cause of something that no value says: the label or key nearest to where it would be written."""
    return Cause(span.location(), owner, None, hops(steps), known=not reason, reason=reason, attribute=attribute)


def confidence_of(value: Value, *, assumed: bool = False) -> Confidence:
    """How sure a reading of the value is: heuristic beats resolved beats literal."""
    if value.heuristic or assumed:
        return "heuristic"
    return "resolved" if value.via or value.parts else "literal"


def block_address(address: str) -> str:
    """The address of the block that declares an instance: without its own instance key."""
    if not address.endswith("]"):
        return address
    depth = 0
    quoted = False
    for i in range(len(address) - 1, -1, -1):
        character = address[i]
        if character == '"' and (i == 0 or address[i - 1] != "\\"):
            quoted = not quoted
        elif character == "]" and not quoted:
            depth += 1
        elif character == "[" and not quoted:
            depth -= 1
            if depth == 0:
                return address[:i]
    return address
