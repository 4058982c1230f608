"""Evaluates expressions lazily, keeping for every value the literal it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sovlint.model.value import Known, SetValue, Unknown, Value, changed, picked
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform import values as v
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.convert import to_type
from sovlint.resolve.terraform.failures import MAX_WORK, WORK, spend
from sovlint.resolve.terraform.numerics import Short, TooLargeError, canonical
from sovlint.resolve.terraform.operators import binary, conditional, is_null, marked, unary
from sovlint.resolve.terraform.steps import declared_type, step_into
from sovlint.resolve.terraform.types import (
    BOOL,
    STRING,
    UNSURE,
    LazyObject,
    ListValue,
    MapValue,
    ObjectValue,
    TupleValue,
    make_list,
    type_of,
    unify,
)
from sovlint.resolve.terraform.values import EvaluationError, NotKnown, made, unknown_from

TEXT = 10
"""Characters of a text that count as one step of work."""

LOOP = 10
"""Work that one turn of a loop counts as."""

SPLAT_ITEM = "\0splat"


def evaluate(node: n.Expression, context: Context) -> Value:
    """The value of an expression; what Terraform would reject is `Unknown` with the reason."""
    work = WORK
    if not work.depth:
        work.left = MAX_WORK
    work.depth += 1
    try:
        return _EVALUATORS[type(node)](node, context)
    except NotKnown as error:
        return unknown_from((error.unknown,), context.span(node))
    except EvaluationError as error:
        return Unknown(str(error), context.span(node), failed=True)
    finally:
        work.depth -= 1


def _literal(node: n.Literal, context: Context) -> Value:
    value = node.value
    if isinstance(value, Decimal) or type(value) is int:
        try:
            value = canonical(value)
        except TooLargeError:
            raise v.undetermined("number too large") from None
    return Known(value, context.span(node))


def _string(node: n.String, context: Context) -> Value:
    return Known(node.value, context.span(node))


def _object_key(node: n.ObjectKey, context: Context) -> Value:
    return Known(node.name, context.span(node))


def _wrap(node: n.TemplateWrap, context: Context) -> Value:
    return evaluate(node.inner, context)


def _parentheses(node: n.Parentheses, context: Context) -> Value:
    return evaluate(node.inner, context)


# --- templates


def _template(node: n.Template, context: Context) -> Value:
    return _join_parts([part for item in node.parts for part in _template_parts(item, context)], node, context)


def _template_parts(node: n.Expression, context: Context) -> list[Value]:
    if type(node) is n.TemplateIf:
        return _template_if(node, context)
    if type(node) is n.TemplateFor:
        return _template_for(node, context)
    return [evaluate(node, context)]


def _template_if(node: n.TemplateIf, context: Context) -> list[Value]:
    test = evaluate(node.test, context)
    if is_null(test):
        raise EvaluationError("the condition is null")
    decided = to_type(test, BOOL)
    if type(decided) is Unknown:
        return [unknown_from((test,), context.span(node), kind=STRING)]
    branch = node.yes if v.to_bool(decided) else node.no
    return [marked(part, test.sensitive) for item in branch for part in _template_parts(item, context)]


def _template_for(node: n.TemplateFor, context: Context) -> list[Value]:
    collection = evaluate(node.collection, context)
    if type(collection) is Unknown:
        return [unknown_from((collection,), context.span(node), kind=STRING)]
    out: list[Value] = []
    for key, value in entries_of(collection):
        spend(LOOP)
        names = {node.value_name: value}
        if node.key_name:
            names[node.key_name] = key
        inner = context.with_names(names)
        out.extend(part for item in node.body for part in _template_parts(item, inner))
    return out


def _join_parts(parts: list[Value], node: n.Node, context: Context) -> Value:
    """A template's value; its parts stay attached, so that the one that decides a verdict can be found."""
    texts: list[str] = []
    unknown = False
    for part in parts:
        if type(part) is Unknown:
            to_type(part, STRING)
            unknown = True
        else:
            texts.append(v.to_text(part))
    spend(sum(map(len, texts)) // TEXT)
    span = context.span(node)
    if unknown:
        result = unknown_from(parts, span)
        result.parts = tuple(parts)
        return result
    return made("".join(texts), span, parts, tuple(parts))


# --- references


def _traversal(node: n.Traversal, context: Context) -> Value:
    names = context.names
    if names is not None and node.root in names:
        return _walk(names[node.root], node.steps, 0, node, context)
    if context.module is None:
        raise EvaluationError(f"{node.root} cannot be used here: only literal values")
    # What a reference leads to is evaluated once, whoever asks first; so it is not at the expense of who asks.
    left, WORK.left = WORK.left, MAX_WORK
    try:
        value, used = context.module.reference(node.root, node.steps, context.span(node))
    finally:
        WORK.left = left
    if type(value) is Unknown and node.root == "var":
        value = declared_type(value, node, context)
    return _walk(value, node.steps, used, node, context)


def _relative(node: n.RelativeTraversal, context: Context) -> Value:
    return _walk(evaluate(node.source, context), node.steps, 0, node, context)


def _walk(value: Value, steps: n.Steps, start: int, node: n.Node, context: Context) -> Value:
    for step in steps[start:] if start else steps:
        value = step_into(value, step if isinstance(step, str) else step.key, node, context, isinstance(step, str))
    return value


def _index(node: n.IndexExpression, context: Context) -> Value:
    source = evaluate(node.source, context)
    key = evaluate(node.key, context)
    if type(key) is not Unknown:
        assert type(key) is Known
        if isinstance(key.value, (tuple, Mapping)):
            raise EvaluationError("an index must be a string or a number")
        try:
            return marked(step_into(source, key.value, node, context, attribute=False), key.sensitive)
        except EvaluationError:
            if key.sensitive:
                raise EvaluationError("there is no element with this sensitive key") from None
            raise
    result = unknown_from((source, key), context.span(node))
    inner = source.value if type(source) is Known else None
    if isinstance(inner, (ListValue, MapValue)):
        result = unknown_from((source, key), context.span(node), kind=inner.element)
    if isinstance(inner, (tuple, Mapping)) and not isinstance(inner, (LazyObject, SetValue)):
        items = inner if isinstance(inner, tuple) else tuple(inner.values())
        if 0 < len(items) <= 64:
            result.candidates = tuple(picked(item, source) for item in items)
    return result


def _splat_item(node: n.SplatItem, context: Context) -> Value:
    assert context.names is not None
    return context.names[SPLAT_ITEM]


def _splat(node: n.Splat, context: Context) -> Value:
    source = evaluate(node.source, context)
    span = context.span(node)
    if type(source) is Unknown:
        # `x[*].id` of something unknown still leads to x.
        loose = changed(source, parts=(), candidates=())
        item = evaluate(node.each, context.with_names({SPLAT_ITEM: loose}))
        return Unknown(
            source.reason,
            span,
            source.via,
            item.refs,
            "",
            (),
            source.inputs,
            (),
            source.heuristic,
            source.sensitive,
            source.failed,
        )
    inner = source.value  # type: ignore[union-attr]
    if inner is None:
        return made(TupleValue(), span, (source,))
    if not v.settled(source):
        return unknown_from((source, *inner), span)  # type: ignore[misc]
    sequence = isinstance(inner, tuple)
    items = [picked(item, source) for item in inner] if isinstance(inner, tuple) else [source]
    out = [evaluate(node.each, context.with_names({SPLAT_ITEM: item})) for item in items]
    result: tuple[Value, ...] = TupleValue(out)
    if sequence and isinstance(inner, (ListValue, SetValue)):
        element = unify([type_of(item) for item in out])
        result = make_list(out, element if element is not None else UNSURE)
    return Known(result, span, (), source.refs, "", (), source.heuristic, source.sensitive)


# --- operators


def _unary(node: n.Unary, context: Context) -> Value:
    return unary(node.operator, evaluate(node.operand, context), context.span(node))


def _binary(node: n.Binary, context: Context) -> Value:
    # A long chain `a + b + c …` leans to the left: walked in a loop, not by recursion.
    chain: list[n.Binary] = []
    current: n.Expression = node
    while type(current) is n.Binary:
        chain.append(current)
        current = current.left
    value = evaluate(current, context)
    for item in reversed(chain):
        span = context.span(item)
        try:
            value = binary(item.operator, value, evaluate(item.right, context), span)
        except NotKnown as error:
            value = unknown_from((error.unknown,), span)
        except EvaluationError as error:
            value = Unknown(str(error), span, failed=True)
    return value


def _conditional(node: n.Conditional, context: Context) -> Value:
    test = evaluate(node.test, context)
    yes, no = evaluate(node.yes, context), evaluate(node.no, context)
    return conditional(test, yes, no, context.span(node), (_may_fail(node.yes), _may_fail(node.no)))


def _may_fail(node: n.Expression) -> bool:
    """Whether an expression of which something is not known may turn out to be an error; a plain variable does not."""
    return not (isinstance(node, n.Traversal) and node.root in ("var", "local") and len(node.steps) == 1)


# --- collections


def _tuple(node: n.Tuple, context: Context) -> Value:
    return Known(TupleValue(evaluate(item, context) for item in node.items), context.span(node))


def _object(node: n.Object, context: Context) -> Value:
    out = ObjectValue()
    for key_node, value_node in node.items:
        if type(key_node) is n.Traversal:
            raise EvaluationError("a reference as a key must be in parentheses")
        key = evaluate(key_node, context)
        if type(key) is Unknown:
            return unknown_from((key,), context.span(node))
        out[v.to_text(key)] = evaluate(value_node, context)
    return Known(out, context.span(node))


def entries_of(collection: Value) -> list[tuple[Value, Value]]:
    """Key and value pairs that a `for` or `for_each` goes through; elements keep their own cause.

    Raises:
        EvaluationError: not a collection.
        NotKnown: its elements are not known.
    """
    if type(collection) is Unknown:
        raise NotKnown(collection)
    inner = collection.value  # type: ignore[union-attr]
    if isinstance(inner, LazyObject):
        raise NotKnown(Unknown("attributes known after apply", collection.span, refs=collection.refs))
    if isinstance(inner, SetValue):
        for item in inner:
            if not v.is_whole(item):
                v.plain(item)
        return [(picked(item, collection), picked(item, collection)) for item in inner]
    if isinstance(inner, tuple):
        return [(Known(Short(i), collection.span), picked(item, collection)) for i, item in enumerate(inner)]
    if isinstance(inner, Mapping):
        return [(Known(key, collection.span), picked(inner[key], collection)) for key in sorted(inner)]
    raise EvaluationError("a list, set, map or object is required here")


def _for(node: n.For, context: Context) -> Value:
    span = context.span(node)
    collection = evaluate(node.collection, context)
    if type(collection) is Unknown:
        return unknown_from((collection,), span)
    sensitive = collection.sensitive
    items: list[Value] = []
    table: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    for key, value in entries_of(collection):
        spend(LOOP)
        names = {node.value_name: value}
        if node.key_name:
            names[node.key_name] = key
        inner = context.with_names(names)
        if node.condition is not None:
            keep = evaluate(node.condition, inner)
            if is_null(keep):
                raise EvaluationError("the condition is null")
            decided = to_type(keep, BOOL)
            if type(decided) is Unknown:
                return unknown_from((keep,), span)
            sensitive = sensitive or keep.sensitive
            if not v.to_bool(decided):
                continue
        result = evaluate(node.value, inner)
        if node.key is None:
            items.append(result)
            continue
        name = evaluate(node.key, inner)
        if type(name) is Unknown:
            return unknown_from((name,), span)
        text = v.to_text(name)
        if node.group:
            groups.setdefault(text, []).append(result)
        elif text in table:
            shown = "the same sensitive key" if sensitive or name.sensitive else f"the key {text!r}"
            raise EvaluationError(f"two elements have {shown}")
        else:
            table[text] = result
    if node.key is None:
        return Known(TupleValue(items), span, sensitive=sensitive)
    if node.group:
        table = {key: Known(TupleValue(group), span) for key, group in groups.items()}
    return Known(ObjectValue(table), span, sensitive=sensitive)


def _call(node: n.Call, context: Context) -> Value:
    from sovlint.resolve.terraform.functions import call

    return call(node, context)


_EVALUATORS: dict[type, Callable[[Any, Context], Value]] = {
    n.Literal: _literal,
    n.String: _string,
    n.ObjectKey: _object_key,
    n.TemplateWrap: _wrap,
    n.Parentheses: _parentheses,
    n.Template: _template,
    n.Traversal: _traversal,
    n.RelativeTraversal: _relative,
    n.IndexExpression: _index,
    n.SplatItem: _splat_item,
    n.Splat: _splat,
    n.Unary: _unary,
    n.Binary: _binary,
    n.Conditional: _conditional,
    n.Tuple: _tuple,
    n.Object: _object,
    n.For: _for,
    n.Call: _call,
}
