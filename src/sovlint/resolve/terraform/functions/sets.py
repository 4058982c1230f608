"""Functions of sets."""

from __future__ import annotations

from sovlint.model.value import Unknown, Value
from sovlint.resolve.terraform.convert import to_type
from sovlint.resolve.terraform.functions.base import CallSite, Function, arity, items_of, not_null
from sovlint.resolve.terraform.setorder import set_bytes
from sovlint.resolve.terraform.types import ANY, UNSURE, Collection, set_of, type_of, unify
from sovlint.resolve.terraform.values import EvaluationError, is_whole, made, make_set, unknown_from


def _operation(name: str, least: int, most: int | None) -> Function:
    def function(site: CallSite, args: list[Value]) -> Value:
        arity(site, args, least, most)
        sets = [to_type(not_null(site, arg), set_of(ANY)) for arg in args]
        kinds = [type_of(one) for one in sets]
        if any(type(one) is Unknown for one in sets):
            return unknown_from(args, site.span)
        # An empty set fits to every other.
        filled = [kind for kind in kinds if not (isinstance(kind, Collection) and kind.element == ANY)]
        kind = unify(filled) if filled else kinds[0]
        if kind is None:
            raise EvaluationError(f"{site.name}(): the sets must have elements of one type")
        element = kind.element if isinstance(kind, Collection) else UNSURE
        rows = []
        for one in sets:
            converted = to_type(one, kind)
            if not is_whole(converted):
                return unknown_from((*args, *converted.value), site.span, kind=kind)  # type: ignore[union-attr, misc]
            rows.append({set_bytes(item): item for item in items_of(converted)})
        return made(make_set(_combined(name, rows).values(), element), site.span, args)

    return function


def _combined(name: str, rows: list[dict[str, Value]]) -> dict[str, Value]:
    out = dict(rows[0])
    for other in rows[1:]:
        if name == "union":
            out = {**other, **out}
        elif name == "intersection":
            out = {key: item for key, item in out.items() if key in other}
        else:
            out = {key: item for key, item in out.items() if key not in other}
    return out


FUNCTIONS: dict[str, Function] = {
    "setunion": _operation("union", 1, None),
    "setintersection": _operation("intersection", 1, None),
    "setsubtract": _operation("subtract", 2, 2),
}
