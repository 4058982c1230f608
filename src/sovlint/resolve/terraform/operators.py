"""Unary and binary operators, and the conditional."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sovlint.model.source import Span
from sovlint.model.value import Known, Unknown, Value, passed
from sovlint.resolve.terraform import numerics
from sovlint.resolve.terraform import values as v
from sovlint.resolve.terraform.convert import to_type
from sovlint.resolve.terraform.equality import equality
from sovlint.resolve.terraform.types import ANY, BOOL, NUMBER, UNSURE, LazyObject, Type, Typed, type_of, unify
from sovlint.resolve.terraform.values import EvaluationError, NotKnown, made, unknown_from


def is_null(value: Value) -> bool:
    """Whether a value is known to be null."""
    return type(value) is Known and value.value is None


def marked(value: Value, sensitive: bool) -> Value:
    """The value, sensitive if asked for."""
    if not sensitive or value.sensitive:
        return value
    value = passed(value, None)
    value.sensitive = True
    return value


def unary(operator: str, operand: Value, span: Span) -> Value:
    """`-x` or `!x`."""
    kind = BOOL if operator == "!" else NUMBER
    if is_null(operand):
        raise EvaluationError(f"{operator} of null")
    value = to_type(operand, kind)
    if type(value) is Unknown:
        return unknown_from((operand,), span, kind=kind)
    if operator == "!":
        return made(not v.to_bool(value), span, (operand,))
    return made(numerics.negated(v.to_number(value)), span, (operand,))


def binary(operator: str, left: Value, right: Value, span: Span) -> Value:
    """`left operator right`; both sides are evaluated, as Terraform does."""
    if operator in ("==", "!="):
        return _equality(operator, left, right, span)
    kind = BOOL if operator in ("&&", "||") else NUMBER
    result = BOOL if operator in _COMPARE else kind
    if is_null(left) or is_null(right):
        raise EvaluationError(f"{operator} of null")
    a, b = to_type(left, kind), to_type(right, kind)
    if operator in ("&&", "||"):
        # Terraform decides `false && unknown` without knowing the other side.
        deciding = operator == "||"
        failed = any(type(side) is Unknown and side.failed for side in (a, b))
        for side in (a, b):
            if type(side) is Known and v.to_bool(side) is deciding and not failed:
                return made(deciding, span, (left, right))
        if type(a) is Unknown or type(b) is Unknown:
            return unknown_from((left, right), span, kind=result)
        return made(not deciding, span, (left, right))
    if type(a) is Unknown or type(b) is Unknown:
        return unknown_from((left, right), span, kind=result)
    x, y = v.to_number(a), v.to_number(b)
    if operator in _COMPARE:
        return made(_COMPARE[operator](x, y), span, (left, right))
    return made(arithmetic(operator, x, y), span, (left, right))


def _equality(operator: str, left: Value, right: Value, span: Span) -> Value:
    if _null_against_written(left, right):
        return made(operator == "!=", span, (left, right))
    result = equality(left, right)
    if result is None:
        reason = None if type(left) is Unknown or type(right) is Unknown else _reason(left, right)
        return unknown_from((left, right), span, reason, BOOL)
    if any(type(side) is Unknown and side.failed for side in (left, right)):
        return unknown_from((left, right), span, kind=BOOL)
    return made(result is (operator == "=="), span, (left, right))


def _reason(left: Value, right: Value) -> str:
    for side in (left, right):
        try:
            v.plain(side)
        except NotKnown as error:
            return error.unknown.reason
        except EvaluationError:
            continue
    return "the types of both sides are not known"


def _null_against_written(left: Value, right: Value) -> bool:
    """Whether one side is null and the other exists whatever it is: a resource, or a text made of parts."""
    for one, other in ((left, right), (right, left)):
        if not is_null(one):
            continue
        if type(other) is Known and isinstance(other.value, LazyObject):
            return True
        if type(other) is Unknown and other.parts and not other.failed:
            return True
    return False


_COMPARE: dict[str, Callable[[numerics.Number, numerics.Number], bool]] = {
    "<": numerics.less,
    ">": lambda a, b: numerics.less(b, a),
    "<=": lambda a, b: not numerics.less(b, a),
    ">=": lambda a, b: not numerics.less(a, b),
}


def arithmetic(operator: str, a: Decimal | int, b: Decimal | int) -> Decimal | int:
    """`+ - * / %` with Terraform's precision.

    Raises:
        EvaluationError: zero divided by zero.
        NotKnown: a result that is infinite or beyond any sensible size.
    """
    if not b and operator in "/%":
        if operator == "%":
            return a
        if not a:
            raise EvaluationError("zero divided by zero")
        raise v.undetermined("division by zero")
    try:
        return numerics.compute(operator, a, b)
    except numerics.TooLargeError:
        raise v.undetermined("number too large") from None


def conditional(test: Value, yes: Value, no: Value, span: Span, may_fail: tuple[bool, bool]) -> Value:
    """`test ? yes : no`: both branches are converted to one type; the branch taken keeps its cause.

    Args:
        test: the condition.
        yes: the first branch.
        no: the second branch.
        span: the whole expression.
        may_fail: which branches may turn out to fail once everything in them is known; a branch that is not taken and
            fails has no say in the type.

    Raises:
        EvaluationError: the test is no boolean, or the branches have no type in common.
    """
    may_fail = (may_fail[0] and not v.is_whole(yes), may_fail[1] and not v.is_whole(no))
    try:
        kind = _common(yes, no)
    except EvaluationError:
        if any(may_fail):
            raise v.undetermined("the branches of the conditional may have no type in common") from None
        raise
    if is_null(test):
        raise EvaluationError("the condition is null")
    decided = to_type(test, BOOL)
    if type(decided) is Unknown:
        return _undecided(test, yes, no, kind, span)
    first = v.to_bool(decided)
    taken = yes if first else no
    if kind is not None:
        # `first` is the number of the branch that is not taken.
        if may_fail[first] and type_of(taken) != kind:
            kind = UNSURE
        taken = to_type(taken, kind)
    return marked(taken, test.sensitive)


def _common(yes: Value, no: Value) -> Type | None:
    """The type of both branches; None if one of them fails, for then nothing is converted."""
    if any(type(branch) is Unknown and branch.failed for branch in (yes, no)):
        return None
    a, b = type_of(yes), type_of(no)
    if is_null(yes) and a == ANY:
        return b
    if is_null(no) and b == ANY:
        return a
    kind = unify((a, b))
    if kind is None:
        raise EvaluationError("both branches of a conditional must have the same type")
    return kind


def _undecided(test: Value, yes: Value, no: Value, kind: Type | None, span: Span) -> Unknown:
    branches = (yes, no)
    result = unknown_from((test, *branches), span, test.reason if type(test) is Unknown else None)
    result.failed = type(test) is Unknown and test.failed
    flat: list[Value] = []
    for branch in branches:
        flat.extend(branch.candidates if type(branch) is Unknown and branch.candidates else (branch,))
    result.candidates = tuple(flat)
    if kind is not None and kind not in (UNSURE, ANY):
        typed = v.of_type(result, kind)
        assert type(typed) is Unknown
        assert isinstance(typed.parts, Typed)
        return typed
    return result
