"""Terraform's built-in functions: `FUNCTIONS` names them all; one module per family."""

from __future__ import annotations

from collections.abc import Callable

from sovlint.model.value import Known, Unknown, Value, picked
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.functions import collections, encoding, files, numbers, strings
from sovlint.resolve.terraform.functions.base import CallSite, Function
from sovlint.resolve.terraform.values import EvaluationError, unknown_from

FUNCTIONS: dict[str, Function] = {
    **strings.FUNCTIONS,
    **numbers.FUNCTIONS,
    **collections.FUNCTIONS,
    **encoding.FUNCTIONS,
    **files.FUNCTIONS,
}

IMPURE = frozenset({"timestamp", "plantimestamp", "uuid", "bcrypt"})
"""Functions whose result no file determines."""


def call(node: n.Call, context: Context) -> Value:
    """The value of a function call; functions we do not know give `Unknown`, never a guess."""
    from sovlint.resolve.terraform.evaluate import evaluate

    name = node.name.removeprefix("core::")
    site = CallSite(context, node, context.span(node), name)
    special = _LAZY.get(name)
    if special is not None:
        return special(site)
    args = [evaluate(arg, context) for arg in node.args]
    if node.expand and args:
        last = args.pop()
        if type(last) is Unknown:
            return unknown_from((*args, last), site.span)
        inner = last.value  # type: ignore[union-attr]
        if not isinstance(inner, tuple):
            raise EvaluationError("only a list can be expanded with ...")
        args.extend(picked(item, last) for item in inner)
    function = FUNCTIONS.get(name)
    if function is None:
        if name in IMPURE:
            return unknown_from(args, site.span, f"{name}() is only known when Terraform runs")
        return unknown_from(args, site.span, f"{name}() cannot be evaluated without Terraform")
    return function(site, args)


def _try(site: CallSite) -> Value:
    from sovlint.resolve.terraform.evaluate import evaluate

    for arg in site.node.args:
        value = evaluate(arg, site.context)
        if type(value) is Unknown and value.failed:
            continue
        return value
    raise EvaluationError("no argument of try() succeeds")


def _can(site: CallSite) -> Value:
    from sovlint.resolve.terraform.evaluate import evaluate

    if len(site.node.args) != 1:
        raise EvaluationError("can() takes one argument")
    value = evaluate(site.node.args[0], site.context)
    if type(value) is Unknown and not value.failed:
        return unknown_from((value,), site.span)
    return Known(type(value) is Known, site.span)


def _templatefile(site: CallSite) -> Value:
    return files.templatefile(site)


_LAZY: dict[str, Callable[[CallSite], Value]] = {"try": _try, "can": _can, "templatefile": _templatefile}
