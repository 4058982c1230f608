"""Functions about values themselves: `try`, `can`, `type`, and the marks sensitive and ephemeral."""

from __future__ import annotations

from collections.abc import Mapping

from sovlint.model.value import Known, Unknown, Value, changed
from sovlint.parse.hcl import children
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.functions.base import CallSite, Function, arity
from sovlint.resolve.terraform.types import LazyObject
from sovlint.resolve.terraform.values import EvaluationError, fails, unknown_from

MAX_LOOKED_AT = 200_000


def inside(value: Value) -> tuple[bool, Unknown | None]:
    """Whether something in a value failed, and the first thing in it that is unknown. Resources are not entered."""
    failed = False
    first: Unknown | None = None
    stack = [value]
    budget = MAX_LOOKED_AT
    while stack and budget:
        budget -= 1
        current = stack.pop()
        if type(current) is Unknown:
            failed = failed or current.failed
            first = first or current
            continue
        inner = current.value  # type: ignore[union-attr]
        if isinstance(inner, LazyObject):
            continue
        if isinstance(inner, tuple):
            stack.extend(inner)
        elif isinstance(inner, Mapping):
            stack.extend(inner.values())
    return failed, first


def first_failure(value: Value) -> Value:
    """The first thing in a value that failed, or the value itself if nothing did."""
    stack = [value]
    while stack:
        current = stack.pop()
        if type(current) is Unknown:
            if current.failed:
                return current
            continue
        if not fails(current):
            continue
        inner = current.value  # type: ignore[union-attr]
        stack.extend(reversed(list(inner if isinstance(inner, tuple) else inner.values())))  # type: ignore[union-attr]
    return value


def has_sensitive(value: Value) -> bool:
    """Whether something in a value must not be shown."""
    stack = [value]
    budget = MAX_LOOKED_AT
    while stack and budget:
        budget -= 1
        current = stack.pop()
        if current.sensitive:
            return True
        inner = current.value if type(current) is Known else None
        if isinstance(inner, tuple):
            stack.extend(inner)
        elif isinstance(inner, Mapping) and not isinstance(inner, LazyObject):
            stack.extend(inner.values())
    return not budget


def _check_names(site: CallSite) -> None:
    """Terraform looks at the names before it evaluates anything, so `try` does not help against an unknown one.

    Raises:
        EvaluationError: a variable or local is not declared.
    """
    module = site.context.module
    if module is None:
        return
    tables = {"var": set(module.folder.variables), "local": set(module.folder.locals)}
    stack = list(site.node.args)
    while stack:
        node = stack.pop()
        stack.extend(children(node))
        if not isinstance(node, n.Traversal) or node.root not in tables or not node.steps:
            continue
        if (site.context.names and node.root in site.context.names) or not isinstance(node.steps[0], str):
            continue
        if node.steps[0] not in tables[node.root]:
            raise EvaluationError(f"{node.root}.{node.steps[0]} is not declared")


def try_(site: CallSite) -> Value:
    """`try(…)`: the first argument that does not fail; unknown if it might fail once it is known."""
    from sovlint.resolve.terraform.evaluate import evaluate

    if not site.node.args or site.node.expand:
        raise EvaluationError("try() takes arguments")
    _check_names(site)
    open_ones: list[Value] = []
    for arg in site.node.args:
        value = evaluate(arg, site.context)
        failed, unknown = inside(value)
        if failed:
            continue
        if unknown is None and not open_ones:
            return value
        open_ones.append(value)
        if unknown is None:
            break
    if not open_ones:
        raise EvaluationError("no argument of try() succeeds")
    first = open_ones[0]
    if type(first) is Unknown and len(open_ones) == 1:
        return changed(first, parts=())
    if type(first) is not Unknown:
        _, cause = inside(first)
        assert cause is not None
        result = unknown_from((cause, *open_ones), site.span)
    else:
        # The cause is what is not known: the place that asked for it.
        result = changed(first, parts=(), candidates=())
    result.candidates = tuple(
        candidate
        for value in open_ones
        for candidate in (value.candidates if type(value) is Unknown and value.candidates else (value,))
    )
    return result


def can(site: CallSite) -> Value:
    """`can(x)`: whether evaluating it succeeds."""
    from sovlint.resolve.terraform.evaluate import evaluate

    if len(site.node.args) != 1 or site.node.expand:
        raise EvaluationError("can() takes one argument")
    _check_names(site)
    value = evaluate(site.node.args[0], site.context)
    failed, unknown = inside(value)
    if not failed and unknown is not None:
        return unknown_from((unknown,), site.span)
    return Known(not failed, site.span)


def _sensitive(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    return changed(args[0], sensitive=site.name == "sensitive")


def _issensitive(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    if type(args[0]) is Unknown and not args[0].sensitive:
        return unknown_from(args, site.span)
    return Known(args[0].sensitive, site.span)


def _ephemeralasnull(site: CallSite, args: list[Value]) -> Value:
    # Ephemeral values are unknown here anyway; whatever is known is not ephemeral.
    arity(site, args, 1, 1)
    if type(args[0]) is Unknown:
        return unknown_from(args, site.span)
    return args[0]


FUNCTIONS: dict[str, Function] = {
    "sensitive": _sensitive,
    "nonsensitive": _sensitive,
    "issensitive": _issensitive,
    "ephemeralasnull": _ephemeralasnull,
}
