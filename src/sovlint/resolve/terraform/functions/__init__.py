"""Terraform's built-in functions: `FUNCTIONS` names them all; one module per family."""

from __future__ import annotations

from collections.abc import Callable

from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.failures import spend
from sovlint.resolve.terraform.functions import (
    collections,
    dates,
    encoding,
    files,
    formatting,
    maps,
    marks,
    network,
    numbers,
    sets,
    strings,
)
from sovlint.resolve.terraform.functions.base import CallSite, Function, items_of
from sovlint.resolve.terraform.functions.marks import first_failure, has_sensitive
from sovlint.resolve.terraform.values import EvaluationError, NotKnown, fails, unknown_from

FUNCTIONS: dict[str, Function] = {
    **strings.FUNCTIONS,
    **formatting.FUNCTIONS,
    **numbers.FUNCTIONS,
    **collections.FUNCTIONS,
    **maps.FUNCTIONS,
    **sets.FUNCTIONS,
    **encoding.FUNCTIONS,
    **network.FUNCTIONS,
    **dates.FUNCTIONS,
    **files.FUNCTIONS,
    **marks.FUNCTIONS,
}

IMPURE = frozenset({"timestamp", "plantimestamp", "uuid", "bcrypt", "base64gzip", "rsadecrypt"})
"""Functions whose result no file determines, or only with a secret, or only this very version of Terraform."""


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
        try:
            args.extend(items_of(last))
        except NotKnown as error:
            return unknown_from((*args, error.unknown), site.span)
    if context.module is not None:
        # Terragrunt's files have functions of their own (resolve/terragrunt).
        own = context.module.called(site, args)
        if own is not None:
            return own
    spend(sum(_size(arg) for arg in args))
    if any(fails(arg) for arg in args):
        return _failure(args, site)
    function = FUNCTIONS.get(name)
    if function is not None:
        try:
            return function(site, args)
        except EvaluationError:
            if any(has_sensitive(arg) for arg in args):
                # The message may quote what must not be shown.
                raise EvaluationError(f"{name}() failed with a sensitive argument") from None
            raise
    if name in IMPURE:
        return unknown_from(args, site.span, f"{name}() is only known when Terraform runs")
    if "::" in name:
        return unknown_from(args, site.span, f"{name}() is a provider's function")
    raise EvaluationError(f"there is no function {name[:80]}()")


def _size(value: Value) -> int:
    """How much work a function has with a text at the least; other arguments are counted where they are read."""
    inner = value.value if type(value) is Known else None
    if isinstance(inner, str):
        return len(inner) // 10
    return 1


def _failure(args: list[Value], site: CallSite) -> Value:
    """The first error in the arguments, which is the call's error."""
    for arg in args:
        if fails(arg):
            result = unknown_from((first_failure(arg), *args), site.span)
            result.failed = True
            return result
    raise AssertionError


_LAZY: dict[str, Callable[[CallSite], Value]] = {
    "try": marks.try_,
    "can": marks.can,
    "templatefile": files.templatefile,
    "templatestring": files.templatestring,
}
