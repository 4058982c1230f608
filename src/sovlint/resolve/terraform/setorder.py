"""The order of a set's elements, and what tells them apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sovlint.model.value import SetValue, Unknown, Value
from sovlint.resolve.terraform import numerics
from sovlint.resolve.terraform.failures import spend
from sovlint.resolve.terraform.types import ListValue, MapValue


def sort_key(item: Value) -> tuple[int, Any]:
    """Order of set elements: strings by code points, numbers by value, composites by their bytes, null last."""
    if type(item) is Unknown:
        return (5, 0)
    inner = item.value  # type: ignore[union-attr]
    if isinstance(inner, bool):
        return (0, inner)
    if isinstance(inner, (int, Decimal)):
        return (1, numerics.exact(inner) if isinstance(inner, numerics.Binary) else inner)
    if isinstance(inner, str):
        return (2, inner)
    if inner is None:
        return (6, 0)
    return (3, set_bytes(item))


def set_bytes(value: Value) -> str:
    """What Terraform orders the composite elements of a set by, and what tells them apart.

    Source: github.com/zclconf/go-cty, `cty/set_internals.go`.
    """
    spend(1)
    if type(value) is Unknown:
        return "?"
    inner = value.value  # type: ignore[union-attr]
    if inner is None:
        return "~"
    if isinstance(inner, bool):
        return "T" if inner else "F"
    if isinstance(inner, (int, Decimal)):
        return _ten_digits(inner)
    if isinstance(inner, str):
        return json.dumps(inner, ensure_ascii=False)
    if isinstance(inner, Mapping):
        if isinstance(inner, MapValue):
            inside = "".join(f"{json.dumps(k, ensure_ascii=False)}:{set_bytes(inner[k])};" for k in sorted(inner))
            return "{" + inside + "}"
        return "<" + "".join(set_bytes(inner[key]) + ";" for key in sorted(inner)) + ">"
    inside = "".join(set_bytes(item) + ";" for item in inner)
    return f"[{inside}]" if isinstance(inner, (ListValue, SetValue)) else f"<{inside}>"


def _ten_digits(number: Decimal | int) -> str:
    """Go's `Text('g', 10)`, and all digits behind it, for it must tell different numbers apart."""
    value = Decimal(number)
    digits = format(value, ".9e")
    mantissa, _, power = digits.partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    exponent = int(power)
    short = f"{mantissa}e{exponent:+03d}" if not -4 <= exponent < 21 else numerics.text(value)
    return short if exponent < 10 else f"{mantissa}e{exponent:+03d}\0{numerics.text(value)}"
