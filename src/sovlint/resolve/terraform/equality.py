"""Equality of values as Terraform's `==` sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sovlint.model.value import Known, SetValue, Unknown, Value
from sovlint.resolve.terraform import numerics
from sovlint.resolve.terraform.failures import spend
from sovlint.resolve.terraform.setorder import set_bytes
from sovlint.resolve.terraform.types import UNSURE, LazyObject, has_any, type_of
from sovlint.resolve.terraform.values import EvaluationError, NotKnown, settled, to_text


def equality(left: Value, right: Value) -> bool | None:
    """Terraform's `==`: values of different types are not equal.

    Returns:
        None where it depends on something unknown.
    """
    a, b = type_of(left), type_of(right)
    unsure = has_any(a, UNSURE) or has_any(b, UNSURE)
    nulls = [type(side) is Known and side.value is None for side in (left, right)]
    if all(nulls):
        return True
    if not unsure and a != b and not any(nulls):
        if left.refs != right.refs and _alike(left, right):
            # An attribute's type is its provider's business: what is written as "80" may be a number.
            return None
        return False
    return _equal(left, right, unsure)


def _alike(left: Value, right: Value) -> bool:
    try:
        return to_text(left) == to_text(right)
    except (EvaluationError, NotKnown):
        return type(left) is Unknown or type(right) is Unknown


def _equal(left: Value, right: Value, unsure: bool) -> bool | None:
    spend(2)
    if type(left) is Unknown or type(right) is Unknown:
        return None
    a, b = left.value, right.value  # type: ignore[union-attr]
    if a is None or b is None:
        return a is b
    if isinstance(a, LazyObject) or isinstance(b, LazyObject):
        return None
    if isinstance(a, str) or isinstance(b, str):
        if type(a) is type(b):
            return bool(a == b)
        return _mixed(unsure)
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b if isinstance(a, bool) and isinstance(b, bool) else _mixed(unsure)
    if isinstance(a, (int, Decimal)) or isinstance(b, (int, Decimal)):
        if isinstance(a, (int, Decimal)) and isinstance(b, (int, Decimal)):
            return numerics.same_number(a, b)
        return _mixed(unsure)
    if isinstance(a, SetValue) and isinstance(b, SetValue):
        if not (settled(left) and settled(right)) or unsure:
            return None
        return {set_bytes(x) for x in a} == {set_bytes(x) for x in b}
    if isinstance(a, tuple) and isinstance(b, tuple):
        if len(a) != len(b):
            return False if settled(left) and settled(right) else None
        return _all(((x, y) for x, y in zip(a, b, strict=True)), unsure)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        if a.keys() != b.keys():
            return False
        return _all(((a[key], b[key]) for key in a), unsure)
    return _mixed(unsure)


def _mixed(unsure: bool) -> bool | None:
    return None if unsure else False


def _all(pairs: Iterable[tuple[Value, Value]], unsure: bool) -> bool | None:
    # Equal as far as one can see; whether list or tuple, number or text is what `unsure` leaves open.
    result: bool | None = None if unsure else True
    for x, y in pairs:
        one = _equal(x, y, unsure)
        if one is False:
            return False
        if one is None:
            result = None
    return result
