"""What values switch off: `enabled: false` beside what it is about, and tests in templates that are false.

Nothing is rendered: charts need not look at `enabled`, and a template may be used elsewhere. So this is said beside a
finding and never takes it away.
"""

from __future__ import annotations

from bisect import bisect_right
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


class TemplateSwitches:
    """Which places of a template stand in tests that values make false in all environments.

    Args:
        text: the template, comments blanked.
        values: what it is rendered with.
    """

    def __init__(self, text: str, values: Sequence[ValuesAttributes]) -> None:
        self._starts: list[int] = []
        self._steps: list[Step | None] = []
        # What holds in each open block: its own test, or that of one around it.
        blocks: list[Step | None] = [None]
        for match in ACTION.finditer(text) if values else ():
            word, _, rest = match[1].strip().removesuffix("-").strip().partition(" ")
            if word in _BLOCKS:
                blocks.append(blocks[-1] or (_off(rest, values) if word == "if" else None))
            elif word == "else" and len(blocks) > 1:
                test = rest.strip()
                blocks[-1] = blocks[-2] or (_off(test[3:], values) if test.startswith("if ") else None)
            elif word == "end" and len(blocks) > 1:
                blocks.pop()
            else:
                continue
            self._starts.append(match.end())
            self._steps.append(blocks[-1])

    def at(self, offset: int) -> Step | None:
        """The value that leaves out what stands at a place; None if there is none."""
        number = bisect_right(self._starts, offset) - 1
        return self._steps[number] if number >= 0 else None


def _off(test: str, values: Sequence[ValuesAttributes]) -> Step | None:
    for way in _needed(parse_action(test)):
        found = _at(values[0], way)
        if found is not None and _is_off(found) and _all_off(values[1:], way):
            return Step(found.key or found.span, found.path, f"{found.path} is false: the template leaves this out")
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
