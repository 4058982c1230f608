"""An unknown variable never gives a known value that differs from the one that any value of the variable gives."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from terraform_expressions import DECLARATIONS, KINDS, assignments, expressions

from sovlint.discovery.tree import MemoryTree
from sovlint.model.problem import Problem
from sovlint.model.value import Known, SetValue, Unknown, Value
from sovlint.resolve.terraform.console import Console
from sovlint.resolve.terraform.functions.marks import inside
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.numerics import text
from sovlint.resolve.terraform.types import UNSURE, ListValue, MapValue, has_any, type_of

PROFILE = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def console(values: Mapping[str, str]) -> Console:
    """A module of which these variables are given."""
    tfvars = "".join(f"{name} = {literal}\n" for name, literal in values.items())
    return Console(MemoryTree({"main.tf": DECLARATIONS, "terraform.tfvars": tfvars}), "", Given())


def difference(open_one: Value, full: Value) -> str | None:
    """How a value with unknown parts contradicts the one where everything is known; None if it does not."""
    if type(open_one) is Unknown or type(full) is Unknown:
        return None
    assert type(open_one) is Known
    assert type(full) is Known
    a, b = open_one.value, full.value
    unsure = has_any(type_of(open_one), UNSURE)
    if isinstance(a, tuple) and isinstance(b, tuple):
        if isinstance(a, SetValue) is not isinstance(b, SetValue) and not unsure:
            return f"{a} and {b} are of different kinds"
        if isinstance(a, ListValue) is not isinstance(b, ListValue) and not unsure:
            return f"list and tuple: {a} and {b}"
        if isinstance(a, SetValue) and any(type(item) is Unknown for item in a):
            return None
        if len(a) != len(b):
            return f"{len(a)} and {len(b)} elements"
        found = [difference(x, y) for x, y in zip(a, b, strict=True)]
        return next((one for one in found if one), None)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        if isinstance(a, MapValue) is not isinstance(b, MapValue) and not unsure:
            return f"map and object: {a} and {b}"
        if a.keys() != b.keys():
            return f"keys {sorted(a)} and {sorted(b)}"
        found = [difference(a[key], b[key]) for key in a]
        return next((one for one in found if one), None)
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None or isinstance(a, str) or isinstance(b, str):
        return None if type(a) is type(b) and a == b else f"{a!r} and {b!r}"
    assert not isinstance(a, (tuple, Mapping))
    assert not isinstance(b, (tuple, Mapping))
    return None if text(a) == text(b) else f"{text(a)} and {text(b)}"


def check(expression: str, values: Mapping[str, str], hidden: frozenset[str]) -> None:
    given_all = console(values)
    full = given_all.value(expression)
    if isinstance(full, Problem):
        return
    variables = given_all.value("[" + ", ".join(f"var.{name}" for name in KINDS) + "]")
    assert not isinstance(variables, Problem)
    if inside(variables)[0]:
        # A value that its variable does not take.
        return
    open_one = console({name: text for name, text in values.items() if name not in hidden}).value(expression)
    assert not isinstance(open_one, Problem)
    failed, _ = inside(full)
    if failed:
        # Terraform rejects the configuration; whatever is known of it does not count.
        return
    failed_early, _ = inside(open_one)
    assert not failed_early, f"{expression} fails although it has a value"
    assert difference(open_one, full) is None, expression


@PROFILE
@given(expressions(), assignments(), st.sets(st.sampled_from(KINDS), min_size=1))
@example("tolist([var.any, 1])[1]", {**dict.fromkeys(KINDS, "null"), "any": '"a"'}, {"any"})
@example("(true ? 1 : var.any)", {**dict.fromkeys(KINDS, "null"), "any": '"a"'}, {"any"})
@example("try([var.any + 1, 1], 5)", {**dict.fromkeys(KINDS, "null"), "any": '"a"'}, {"any"})
@example('length(toset([var.string, "a"]))', {**dict.fromkeys(KINDS, "null"), "string": '"a"'}, {"string"})
def test_unknown_never_gives_another_known_value(expression: str, values: dict[str, str], hidden: set[str]) -> None:
    check(expression, values, frozenset(hidden))


@PROFILE
@given(expressions(depth=4), assignments())
def test_answers_are_one_line_of_json(expression: str, values: dict[str, str]) -> None:
    import json

    answer = console(values).answer(expression)
    assert "\n" not in answer
    assert set(json.loads(answer)) & {"value", "unknown", "error"}


@PROFILE
@given(st.text(alphabet='abx01.,:?!=<>&|+-*/%(){}[]"$~\\ \n#_é\U0001f600', max_size=60))
def test_any_text_has_an_answer(line: str) -> None:
    console({}).answer(line.replace("\n", " "))


def test_a_difference_is_found() -> None:
    with pytest.raises(AssertionError, match="1 and 2"):
        assert difference(console({}).value("1"), console({}).value("2")) is None  # type: ignore[arg-type]
