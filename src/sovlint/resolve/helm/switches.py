"""What values switch off: `enabled: false` beside what it is about, and tests in templates that are false.

Nothing is rendered: charts need not look at `enabled`, and a template may be used elsewhere. So this is said beside a
finding and never takes it away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sovlint.model.value import Step
from sovlint.resolve.helm.expressions import Call, Expression, Word, parse_action
from sovlint.resolve.helm.registry import ACTION
from sovlint.resolve.yaml_attributes import Item

if TYPE_CHECKING:
    from sovlint.resolve.helm.values import ValuesAttributes

SWITCH = "enabled"
"""The key that charts use (https://helm.sh/docs/chart_best_practices/dependencies/#conditions-and-tags)."""

_BLOCKS = frozenset({"if", "with", "range", "define", "block"})
MAX_BLOCKS = 60


def off_above(values: ValuesAttributes, path: str) -> Step | None:
    """The value that switches off what stands at a path; None where nothing does, or another environment does not.

    Args:
        values: the values that decide what stands there.
        path: way from the top; below lists nothing is told.
    """
    disabled = values.scope_at(path).disabled
    if disabled is not None:
        return disabled
    keys = path.split(".") if "[" not in path else []
    item: Item | None = values.item
    for depth, key in enumerate(keys):
        item = item.child(key) if item is not None else None
        if item is None or not item.is_mapping:
            return None
        switch = item.child(SWITCH)
        way = (*keys[: depth + 1], SWITCH)
        if switch is not None and depth + 1 < len(keys) and _is_off(switch) and _all_off(values.environments, way):
            return Step(switch.key or switch.span, path, f"{switch.path} is false: the chart may leave this out")
    return None


def off_around(text: str, at: int, values: Sequence[ValuesAttributes]) -> Step | None:
    """The value that makes a test around a place in a template false in all environments; None if there is none."""
    open_tests: list[Expression | None] = []
    for match in ACTION.finditer(text, 0, at):
        word, _, rest = match[1].strip().removesuffix("-").strip().partition(" ")
        if word in _BLOCKS:
            open_tests.append(parse_action(rest) if word == "if" else None)
        elif word == "else" and open_tests:
            open_tests[-1] = parse_action(rest.strip()[3:]) if rest.strip().startswith("if ") else None
        elif word == "end" and open_tests:
            open_tests.pop()
    for test in open_tests[-MAX_BLOCKS:]:
        for way in _needed(test):
            found = _at(values[0], way) if values else None
            if found is not None and _is_off(found) and _all_off(values[1:], way):
                note = f"{found.path} is false: the template leaves this out"
                return Step(found.key or found.span, found.path, note)
    return None


def _needed(test: Expression | None) -> Iterator[tuple[str, ...]]:
    """Ways to values without which a test is false."""
    if isinstance(test, Word):
        way = test.text.removeprefix("$").split(".")
        if way[:2] == ["", "Values"] and len(way) > 2:
            yield tuple(way[2:])
    elif isinstance(test, Call) and test.name == "and":
        for argument in test.arguments:
            yield from _needed(argument)


def _all_off(values: Sequence[ValuesAttributes], way: tuple[str, ...]) -> bool:
    found = (_at(one, way) for one in values)
    return all(item is not None and _is_off(item) for item in found)


def _at(values: ValuesAttributes, way: tuple[str, ...]) -> Item | None:
    found = values.at_top(way[0])
    for key in way[1:]:
        found = found.child(key) if found is not None and found.is_mapping else None
    return found


def _is_off(item: Item) -> bool:
    value = item.value()
    return value is not None and value.value is False
