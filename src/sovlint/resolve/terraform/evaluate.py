"""Evaluates expressions lazily, keeping for every value the literal it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from typing import Any

from sovlint.model.value import Known, SetValue, Unknown, Value, picked
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform import values as v
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.values import EvaluationError, LazyObject, NotKnown, made, unknown_from

SPLAT_ITEM = "\0splat"


def evaluate(node: n.Expression, context: Context) -> Value:
    """The value of an expression; what Terraform would reject is `Unknown` with the reason."""
    try:
        return _EVALUATORS[type(node)](node, context)
    except NotKnown as error:
        return unknown_from((error.unknown,), context.span(node))
    except EvaluationError as error:
        return Unknown(str(error), context.span(node), failed=True)


def _literal(node: n.Literal, context: Context) -> Value:
    return Known(node.value, context.span(node))


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
    if type(test) is Unknown:
        return [unknown_from((test,), context.span(node))]
    branch = node.yes if v.to_bool(test) else node.no
    return [part for item in branch for part in _template_parts(item, context)]


def _template_for(node: n.TemplateFor, context: Context) -> list[Value]:
    collection = evaluate(node.collection, context)
    if type(collection) is Unknown:
        return [unknown_from((collection,), context.span(node))]
    out: list[Value] = []
    for key, value in entries_of(collection):
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
            unknown = True
        else:
            texts.append(v.to_text(part))
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
    value, used = context.module.reference(node.root, node.steps, context.span(node))
    return _walk(value, node.steps, used, node, context)


def _relative(node: n.RelativeTraversal, context: Context) -> Value:
    return _walk(evaluate(node.source, context), node.steps, 0, node, context)


def _walk(value: Value, steps: n.Steps, start: int, node: n.Node, context: Context) -> Value:
    for step in steps[start:] if start else steps:
        value = step_into(value, step if isinstance(step, str) else step.key, node, context, isinstance(step, str))
    return value


def step_into(value: Value, key: Any, node: n.Node, context: Context, attribute: bool) -> Value:
    """One step: an attribute name or an index; the element keeps its own cause."""
    if type(value) is Unknown:
        if value.candidates:
            taken = tuple(step_into(c, key, node, context, attribute) for c in value.candidates)
            result = unknown_from((value,), context.span(node))
            result.candidates = taken
            return result
        suffix = f".{key}" if attribute else f"[{key}]"
        refs = tuple((address, (path + suffix).lstrip(".")) for address, path in value.refs)
        return Unknown(
            value.reason,
            value.span,
            value.via,
            refs,
            value.owner,
            (),
            value.inputs,
            (),
            value.heuristic,
            value.sensitive,
            value.failed,
        )
    inner = value.value  # type: ignore[union-attr]
    if isinstance(inner, LazyObject):
        return picked(inner.attribute(str(key), context.span(node)), value)
    if isinstance(inner, Mapping):
        if isinstance(key, (int, Decimal)) and not isinstance(key, bool):
            key = v.number_text(key)
        if key not in inner:
            raise EvaluationError(f"there is no element {key!r}")
        return picked(inner[key], value)
    if isinstance(inner, SetValue):
        raise EvaluationError("elements of a set have no index")
    if isinstance(inner, tuple):
        if isinstance(key, str):
            key = v.parse_number(key)
        if not isinstance(key, int) or isinstance(key, bool) or not 0 <= key < len(inner):
            raise EvaluationError(f"there is no element {key}")
        return picked(inner[key], value)
    raise EvaluationError("this value has no attributes or elements")


def _index(node: n.IndexExpression, context: Context) -> Value:
    source = evaluate(node.source, context)
    key = evaluate(node.key, context)
    if type(key) is Unknown:
        result = unknown_from((source, key), context.span(node))
        if (
            type(source) is Known
            and isinstance(source.value, (tuple, Mapping))
            and not isinstance(source.value, LazyObject)
        ):
            items = source.value if isinstance(source.value, tuple) else tuple(source.value.values())
            if 0 < len(items) <= 64:
                result.candidates = tuple(picked(item, source) for item in items)
        return result
    return step_into(source, key.value, node, context, attribute=False)  # type: ignore[union-attr]


def _splat_item(node: n.SplatItem, context: Context) -> Value:
    assert context.names is not None
    return context.names[SPLAT_ITEM]


def _splat(node: n.Splat, context: Context) -> Value:
    source = evaluate(node.source, context)
    span = context.span(node)
    if type(source) is Unknown:
        # `x[*].id` of something unknown still leads to x.
        item = evaluate(node.each, context.with_names({SPLAT_ITEM: source}))
        return Unknown(source.reason, span, source.via, item.refs, "", (), source.inputs)
    inner = source.value  # type: ignore[union-attr]
    if inner is None:
        return made((), span, (source,))
    items = list(inner) if isinstance(inner, tuple) else [source]
    out = []
    for item in items:
        element = picked(item, source) if isinstance(inner, tuple) else item
        out.append(evaluate(node.each, context.with_names({SPLAT_ITEM: element})))
    return Known(tuple(out), span, (), source.refs)


# --- operators


def _unary(node: n.Unary, context: Context) -> Value:
    operand = evaluate(node.operand, context)
    if type(operand) is Unknown:
        return unknown_from((operand,), context.span(node))
    if node.operator == "!":
        return made(not v.to_bool(operand), context.span(node), (operand,))
    return made(v.normal_number(-v.to_number(operand)), context.span(node), (operand,))


def _binary(node: n.Binary, context: Context) -> Value:
    # A long chain `a + b + c …` leans to the left: walked in a loop, not by recursion.
    chain: list[n.Binary] = []
    current: n.Expression = node
    while type(current) is n.Binary:
        chain.append(current)
        current = current.left
    value = evaluate(current, context)
    for item in reversed(chain):
        value = _apply(item, value, context)
    return value


def _apply(node: n.Binary, left: Value, context: Context) -> Value:
    span = context.span(node)
    operator = node.operator
    right = evaluate(node.right, context)
    if operator in ("&&", "||"):
        # Terraform decides `false && unknown` without knowing the other side.
        deciding = operator == "||"
        for side in (left, right):
            if type(side) is Known and v.to_bool(side) is deciding:
                return made(deciding, span, (left, right))
        if type(left) is Unknown or type(right) is Unknown:
            return unknown_from((left, right), span)
        return made(not deciding, span, (left, right))
    if type(left) is Unknown or type(right) is Unknown:
        if operator in ("==", "!=") and _null_against_written(left, right):
            return made(operator == "!=", span, (left, right))
        return unknown_from((left, right), span)
    if operator in ("==", "!="):
        return made(equal(left, right) is (operator == "=="), span, (left, right))
    a, b = v.to_number(left), v.to_number(right)
    if operator in _COMPARE:
        return made(_COMPARE[operator](a, b), span, (left, right))
    return made(arithmetic(operator, a, b), span, (left, right))


def _null_against_written(left: Value, right: Value) -> bool:
    """Whether one side is null and the other an object that exists whatever its attributes are."""
    for one, other in ((left, right), (right, left)):
        if type(one) is Known and one.value is None and type(other) is Known and isinstance(other.value, LazyObject):
            return True
    return False


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def arithmetic(operator: str, a: Decimal | int, b: Decimal | int) -> Decimal | int:
    """`+ - * / %` with Terraform's precision.

    Raises:
        EvaluationError: division by zero, or a result beyond any sensible size.
    """
    if operator in "/%" and b == 0:
        raise EvaluationError("division by zero")
    with localcontext(v.NUMBERS):
        try:
            x, y = Decimal(a), Decimal(b)
            result = {"+": x.__add__, "-": x.__sub__, "*": x.__mul__, "/": x.__truediv__, "%": x.__mod__}[operator](y)
        except ArithmeticError as error:
            raise EvaluationError("number too large") from error
    return v.normal_number(result)


def equal(left: Value, right: Value) -> bool:
    """Terraform's `==`: values of different types are not equal.

    Raises:
        NotKnown: it depends on something unknown.
    """
    return same(v.plain(left), v.plain(right))


def same(a: Any, b: Any) -> bool:
    """Deep equality of plain data in which `true` is not `1`."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and bool(a == b) if not _numeric(a, b) else bool(a == b)


def _numeric(a: Any, b: Any) -> bool:
    return isinstance(a, (int, Decimal)) and isinstance(b, (int, Decimal))


def _conditional(node: n.Conditional, context: Context) -> Value:
    test = evaluate(node.test, context)
    if type(test) is Unknown:
        branches = (evaluate(node.yes, context), evaluate(node.no, context))
        result = unknown_from((test, *branches), context.span(node), test.reason)
        flat: list[Value] = []
        for branch in branches:
            flat.extend(branch.candidates if type(branch) is Unknown and branch.candidates else (branch,))
        result.candidates = tuple(flat)
        return result
    return evaluate(node.yes if v.to_bool(test) else node.no, context)


# --- collections


def _tuple(node: n.Tuple, context: Context) -> Value:
    return Known(tuple(evaluate(item, context) for item in node.items), context.span(node))


def _object(node: n.Object, context: Context) -> Value:
    out: dict[str, Value] = {}
    for key_node, value_node in node.items:
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
        return [(picked(item, collection), picked(item, collection)) for item in inner]
    if isinstance(inner, tuple):
        return [(Known(i, collection.span), picked(item, collection)) for i, item in enumerate(inner)]
    if isinstance(inner, Mapping):
        return [(Known(key, collection.span), picked(inner[key], collection)) for key in sorted(inner)]
    raise EvaluationError("a list, set, map or object is required here")


def _for(node: n.For, context: Context) -> Value:
    span = context.span(node)
    collection = evaluate(node.collection, context)
    if type(collection) is Unknown:
        return unknown_from((collection,), span)
    items: list[Value] = []
    table: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    for key, value in entries_of(collection):
        names = {node.value_name: value}
        if node.key_name:
            names[node.key_name] = key
        inner = context.with_names(names)
        if node.condition is not None:
            keep = evaluate(node.condition, inner)
            if type(keep) is Unknown:
                return unknown_from((keep,), span)
            if not v.to_bool(keep):
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
            raise EvaluationError(f"two elements have the key {text!r}")
        else:
            table[text] = result
    if node.key is None:
        return Known(tuple(items), span)
    if node.group:
        table = {key: Known(tuple(group), span) for key, group in groups.items()}
    return Known(table, span)


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
