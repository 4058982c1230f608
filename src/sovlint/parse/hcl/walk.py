"""Walking the syntax tree without recursion."""

from __future__ import annotations

from sovlint.parse.hcl.nodes import (
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    IndexExpression,
    Object,
    Parentheses,
    RelativeTraversal,
    Splat,
    Template,
    TemplateFor,
    TemplateIf,
    TemplateWrap,
    Tuple,
    Unary,
)


def children(node: Expression) -> list[Expression]:
    """The expressions directly inside `node`, in the order of the text."""
    match node:
        case Template(parts=inner) | Tuple(items=inner) | Call(args=inner):
            return list(inner)
        case TemplateWrap(inner=only) | Parentheses(inner=only) | Unary(operand=only):
            return [only]
        case RelativeTraversal(source=only):
            return [only]
        case Binary(left=left, right=right):
            return [left, right]
        case Conditional(test=test, yes=yes, no=no):
            return [test, yes, no]
        case IndexExpression(source=source, key=index):
            return [source, index]
        case Splat(source=source, each=each):
            return [source, each]
        case Object(items=pairs):
            return [expression for pair in pairs for expression in pair]
        case TemplateIf(test=test, yes=first, no=second):
            return [test, *first, *second]
        case TemplateFor(collection=collection, body=body):
            return [collection, *body]
        case For(collection=collection, key=key, value=value, condition=condition):
            return [part for part in (collection, key, value, condition) if part is not None]
        case _:
            return []


def deeper_than(node: Expression, limit: int) -> bool:
    """Whether some path from `node` downwards has more than `limit` nodes."""
    level = [node]
    for _ in range(limit):
        level = [child for parent in level for child in children(parent)]
        if not level:
            return False
    return True
