"""Evaluates expressions that a person types, against a root module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sovlint.discovery import Tree
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.hcl import nodes as n
from sovlint.parse.hcl import parse_expression
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.evaluate import evaluate
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.functions.jsontext import quoted
from sovlint.resolve.terraform.functions.marks import first_failure, inside
from sovlint.resolve.terraform.inputs import Given, collect
from sovlint.resolve.terraform.module import Module
from sovlint.resolve.terraform.numerics import text as number_text
from sovlint.resolve.terraform.types import UNSURE, LazyObject, describe, has_any, type_of

MAX_LINE = 1_000_000
"""Characters of one line of input."""

MAX_PRINTED = 100_000
"""Values inside one value that are printed."""

MAX_STEPS = 50
"""Places a value came through that are printed."""

SOURCE = "<console>"


class Console:
    """Answers expressions about one root module.

    Args:
        tree: what may be read.
        folder: the root module's folder in it.
        given: variables and workspace.

    Attributes:
        problems: what could not be read of the module.
    """

    def __init__(self, tree: Tree, folder: str, given: Given) -> None:
        cache = FolderCache(tree)
        files = cache.read(folder)
        collected = collect(tree, files, given)
        self.problems: list[Problem] = [*files.problems, *collected.problems]
        self._module = Module(files, cache, collected.inputs)

    def value(self, line: str) -> Value | Problem:
        """The value of an expression, or the problem that its syntax has."""
        source = SourceFile(SOURCE, line)
        node, problems = parse_expression(source)
        if node is None:
            return problems[0]
        context = Context(self._module, source)
        try:
            if isinstance(node, n.Call) and node.name == "type" and len(node.args) == 1 and not node.expand:
                return _type(evaluate(node.args[0], context), context.span(node))
            return evaluate(node, context)
        except RecursionError:
            return Unknown("references nest too deeply", context.span(node))

    def answer(self, line: str) -> str:
        """One line of JSON: `value`, `unknown` or `error`, and the way the value came."""
        if not line.strip():
            return '{"error": "empty"}'
        if len(line) > MAX_LINE:
            return '{"error": "the line is too long"}'
        value = self.value(line)
        if isinstance(value, Problem):
            return _object({"error": quoted(value.message), "column": str(value.location.column)})
        failed, unknown = inside(value)
        way = _way(value)
        if failed:
            return _object({"error": quoted(_failure(value)), **way})
        printer = _Printer()
        printed = printer.text(value)
        if value.sensitive:
            return _object({"unknown": '"sensitive"', **way})
        if type(value) is Unknown:
            return _object({"unknown": quoted(value.reason), **_inputs(value), **way})
        if printer.reason is not None:
            cause = _inputs(unknown) if unknown is not None else {}
            return _object({"unknown": quoted(printer.reason), "partial": printed, **cause, **way})
        return _object({"value": printed, **way})


def _type(value: Value, span: Span) -> Value:
    """What `type(…)` prints; it exists in the console alone."""
    failed, _ = inside(value)
    if failed:
        return value
    kind = type_of(value)
    if has_any(kind, UNSURE):
        reason = value.reason if type(value) is Unknown else "its type depends on something that is not known"
        return Unknown(reason, span)
    return Known(describe(kind), span)


def _failure(value: Value) -> str:
    """The reason of the first thing in a value that failed."""
    failure = first_failure(value)
    return failure.reason if type(failure) is Unknown else "the expression cannot be evaluated"


def _inputs(value: Unknown) -> dict[str, str]:
    return {"inputs": json.dumps(list(value.inputs))} if value.inputs else {}


def _way(value: Value) -> dict[str, str]:
    """The literal a value came from, if it stands in a file, and the places it came through."""
    out: dict[str, str] = {}
    if value.span.file.path not in (SOURCE, ""):
        out["cause"] = json.dumps(_place(value.span))
    steps: list[dict[str, Any]] = []
    via = list(value.via)
    # A text composed of several has several origins; the reader sees each of them.
    for part in value.parts:
        via.extend(step for step in part.via if step not in via)
    for step in via[:MAX_STEPS]:
        if step.span.file.path != SOURCE:
            note = step.slot if value.sensitive and step.note is None else step.text()
            steps.append({**_place(step.span), "note": note})
    out["via"] = json.dumps(steps, ensure_ascii=False)
    return out


def _place(span: Span) -> dict[str, Any]:
    location = span.location()
    return {"path": location.path, "line": location.line, "column": location.column}


def _object(members: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'"{key}": {text}' for key, text in members.items()) + "}"


class _Printer:
    """Writes a value as JSON; what is not known, and what is secret, as `{"unknown": reason}`."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._budget = MAX_PRINTED

    def _open(self, reason: str) -> str:
        self.reason = self.reason or reason
        return f'{{"unknown": {quoted(reason)}}}'

    def text(self, value: Value) -> str:
        """The JSON text; numbers with all their digits."""
        self._budget -= 1
        if self._budget < 0:
            return self._open("the value is too large to be printed")
        if value.sensitive:
            return self._open("sensitive")
        if type(value) is Unknown:
            return self._open(value.reason)
        inner = value.value  # type: ignore[union-attr]
        if inner is None:
            return "null"
        if isinstance(inner, bool):
            return "true" if inner else "false"
        if isinstance(inner, str):
            return json.dumps(inner, ensure_ascii=False)
        if isinstance(inner, LazyObject):
            return self._open("attributes are known after apply")
        if isinstance(inner, tuple):
            return "[" + ", ".join(map(self.text, inner)) + "]"
        if isinstance(inner, Mapping):
            return (
                "{"
                + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {self.text(inner[key])}" for key in sorted(inner))
                + "}"
            )
        return number_text(inner)
