"""Functions that read files, inside the tree only, and those that mark values."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from sovlint.discovery import TreeError, join
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.decode import decode
from sovlint.parse.hcl import parse_template
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.functions.base import CallSite, Function, arity, reshape
from sovlint.resolve.terraform.values import EvaluationError, made, reshaped, to_text, unknown_from

if TYPE_CHECKING:
    from sovlint.resolve.terraform.module import Module


def _module(site: CallSite) -> Module:
    module = site.context.module
    if module is None:
        raise EvaluationError("files cannot be read here")
    return module


def _locate(site: CallSite, path: str) -> str | None:
    """A path as Terraform reads it (relative to the root module) inside the tree; None if it leads out of it."""
    return join(_module(site).root_folder, path)


def _source(site: CallSite, arg: Value) -> SourceFile | Unknown:
    path = _locate(site, to_text(arg))
    if path is None:
        return Unknown("the file lies outside the tree and is not read", site.span)
    try:
        data = _module(site).tree.read(path)
    except TreeError as error:
        failed = error.code == "missing"
        return Unknown(f"the file cannot be read ({error.code})", site.span, failed=failed)
    source, _ = decode(path, data)
    if source is None:
        return Unknown("the file is not text", site.span)
    return source


def _file(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    if type(args[0]) is Unknown:
        return unknown_from(args, site.span)
    source = _source(site, args[0])
    if isinstance(source, Unknown):
        return source
    return Known(source.text, Span(source, 0, len(source.text)))


def _fileexists(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    if type(args[0]) is Unknown:
        return unknown_from(args, site.span)
    path = _locate(site, to_text(args[0]))
    if path is None:
        return Unknown("the file lies outside the tree and is not looked for", site.span)
    return made(_module(site).tree.exists(path), site.span, args)


def templatefile(site: CallSite) -> Value:
    """`templatefile(path, vars)`: the template is evaluated with these variables alone."""
    from sovlint.resolve.terraform.evaluate import entries_of, evaluate

    args = [evaluate(arg, site.context) for arg in site.node.args]
    arity(site, args, 2, 2)
    if type(args[0]) is Unknown or type(args[1]) is Unknown:
        return unknown_from(args, site.span)
    source = _source(site, args[0])
    if isinstance(source, Unknown):
        return source
    expression, problems = parse_template(source)
    if expression is None or problems:
        raise EvaluationError("templatefile(): the template has a syntax error")
    names = {to_text(key): value for key, value in entries_of(args[1])}
    return evaluate(expression, Context(site.context.module, source, names))


def _abspath(site: CallSite, args: list[Value]) -> Value:
    return unknown_from(args, site.span, "absolute paths differ between machines")


def _sensitive(site: CallSite, args: list[Value]) -> Value:
    arity(site, args, 1, 1)
    value = args[0]
    if type(value) is Known:
        marked = reshaped(value.value, value)
        marked.parts = value.parts
        marked.sensitive = site.name == "sensitive"
        return marked
    return value


def _dirname(path: str) -> str:
    return posixpath.dirname(path) or "."


FUNCTIONS: dict[str, Function] = {
    "file": _file,
    "fileexists": _fileexists,
    "abspath": _abspath,
    "basename": reshape(1, 1, posixpath.basename),
    "dirname": reshape(1, 1, _dirname),
    "sensitive": _sensitive,
    "nonsensitive": _sensitive,
}
