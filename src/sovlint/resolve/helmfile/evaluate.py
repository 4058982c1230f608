"""What an expression in a helmfile template gives, as far as it only reads values: never a template engine.

Functions as in https://helmfile.readthedocs.io/en/latest/templating_funcs/ and the Sprig library; whatever depends on
the machine that runs helmfile (`env`, `exec`, `readFile`, …) is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from sovlint.parse.yaml import Mapping, Scalar, Sequence, elements, resolve_scalar
from sovlint.resolve.helm.expressions import Expression, Word
from sovlint.resolve.yaml_attributes import Item


class Got(NamedTuple):
    """A result.

    Attributes:
        plain: a text, boolean or number; None for nothing, and for what has an `item` that is no scalar.
        item: where it stands in the values, None for what the template says by itself.
    """

    plain: str | bool | int | float | None
    item: Item | None = None

    @property
    def is_composite(self) -> bool:
        """Whether it is a mapping or a list."""
        return self.item is not None and type(self.item.node) is not Scalar

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing: `nil`, or a key that is not there."""
        return self.plain is None and not self.is_composite

    @property
    def is_true(self) -> bool:
        """As `if` sees it."""
        if self.item is not None and type(self.item.node) is Mapping:
            return next(iter(self.item.children()), None) is not None
        if self.item is not None and type(self.item.node) is Sequence:
            return next(iter(elements(self.item.node)), None) is not None
        return bool(self.plain)

    @property
    def text(self) -> str | None:
        """As it is printed; None for what has no text of its own."""
        if self.is_composite or self.plain is None:
            return None
        if isinstance(self.plain, bool):
            return "true" if self.plain else "false"
        if self.item is not None:
            return self.item.text()
        return str(self.plain)


class Context:
    """What a template may refer to.

    Attributes:
        environment: name of helmfile's environment; None where it is left open.
        values: the state values, None where there are none.
        complete: all of them are known: a key that is not there is nothing.
        kube_context: of the environment.
        release: fields of the release: `Name`, `Namespace`, `Chart`.
        labels: of the release.
        variables: those that the text has set; None for what is not known.
    """

    def __init__(self, environment: str | None, values: Item | None, *, complete: bool = True) -> None:
        self.environment = environment
        self.values = values
        self.complete = complete
        self.kube_context: str | None = None
        self.release: dict[str, str | None] | None = None
        self.labels: Item | None = None
        self.variables: dict[str, Got | None] = {}

    def for_release(self, release: dict[str, str | None], labels: Item | None) -> Context:
        """The same one inside of a release."""
        out = Context(self.environment, self.values, complete=self.complete)
        out.kube_context, out.release, out.labels = self.kube_context, release, labels
        return out

    def fresh(self) -> Context:
        """The same one for another text: without variables."""
        out = Context(self.environment, self.values, complete=self.complete)
        out.kube_context, out.release, out.labels = self.kube_context, self.release, self.labels
        return out


_NOTHING = Got(None)


def evaluate(expression: Expression, context: Context) -> Got | None:
    """What an expression gives; None where nobody knows."""
    if isinstance(expression, Word):
        return _word(expression.text, context)
    function = _FUNCTIONS.get(expression.name)
    if function is not None:
        return function(expression.arguments, context)
    return None


def of_item(item: Item | None) -> Got:
    """A place in values as a result."""
    if item is None:
        return _NOTHING
    node = item.node
    if type(node) is not Scalar:
        return Got(None, item)
    plain = resolve_scalar(node)
    return Got(float(plain) if isinstance(plain, Decimal) else plain, item)


def _word(text: str, context: Context) -> Got | None:
    first = text[:1]
    if first in ('"', "`"):
        return Got(_unquoted(text))
    if first.isdigit() or (first == "-" and text[1:2].isdigit()):
        return Got(int(text)) if text.lstrip("-").isdigit() and len(text) < 19 else Got(text)
    if first == "$" and text[1:2] not in ("", "."):
        name, _, rest = text.partition(".")
        got = context.variables.get(name)
        if got is None or not rest:
            return got
        return _below(got, rest.split("."), context)
    way = [part for part in text.removeprefix("$").split(".") if part]
    if not way:
        return None
    if way[0] in ("Values", "StateValues"):
        return _in_values(way[1:], context)
    if way[:2] == ["Environment", "Values"]:
        return _in_values(way[2:], context)
    if way == ["Environment", "Name"]:
        return Got(context.environment) if context.environment is not None else None
    if way == ["Environment", "KubeContext"]:
        return Got(context.kube_context) if context.kube_context is not None else None
    if way[0] == "Namespace" and len(way) == 1:
        way = ["Release", "Namespace"]
    if way[0] == "Release" and context.release is not None:
        if way[1:2] == ["Labels"]:
            return _below(of_item(context.labels), way[2:], context) if context.labels is not None else None
        found = context.release.get(way[1]) if len(way) == 2 else None
        return Got(found) if found is not None else None
    return None


def _in_values(way: list[str], context: Context) -> Got | None:
    if context.values is None:
        return _NOTHING if context.complete else None
    return _below(Got(None, context.values), way, context)


def _below(got: Got, way: list[str], context: Context) -> Got | None:
    item = got.item
    for key in way:
        item = item.child(key) if item is not None and item.is_mapping else None
    if item is None:
        return _NOTHING if context.complete else None
    return of_item(item)


def _unquoted(text: str) -> str:
    inner = text[1:-1]
    if text[0] == "`" or "\\" not in inner:
        return inner
    for written, meant in (('\\"', '"'), ("\\n", "\n"), ("\\t", "\t"), ("\\\\", "\\")):
        inner = inner.replace(written, meant)
    return inner


# --- functions

Arguments = tuple[Expression, ...]


def _each(arguments: Arguments, context: Context) -> list[Got | None]:
    return [evaluate(one, context) for one in arguments]


def _same(arguments: Arguments, context: Context) -> Got | None:
    """What is piped in, as it is."""
    return evaluate(arguments[-1], context) if arguments else None


def _quote(arguments: Arguments, context: Context) -> Got | None:
    got = _same(arguments, context)
    if got is None or got.is_composite:
        return None
    if got.item is not None and isinstance(got.plain, str):
        return got
    return Got("" if got.plain is None else got.text)


def _default(arguments: Arguments, context: Context) -> Got | None:
    found = _each(arguments, context)
    if len(found) != 2 or found[1] is None:
        return None
    return found[1] if found[1].is_true else found[0]


def _coalesce(arguments: Arguments, context: Context) -> Got | None:
    for got in _each(arguments, context):
        if got is None or got.is_true:
            return got
    return _NOTHING


def _or(arguments: Arguments, context: Context) -> Got | None:
    last: Got | None = None
    for got in _each(arguments, context):
        if got is None or got.is_true:
            return got
        last = got
    return last


def _and(arguments: Arguments, context: Context) -> Got | None:
    last: Got | None = None
    unknown = False
    for got in _each(arguments, context):
        if got is not None and not got.is_true:
            return got
        unknown = unknown or got is None
        last = got
    return None if unknown else last


def _not(arguments: Arguments, context: Context) -> Got | None:
    got = _same(arguments, context)
    return Got(not got.is_true) if got is not None else None


def _get(arguments: Arguments, context: Context) -> Got | None:
    """`get "a.b" default .Values`: a key that is not there gives the default."""
    found = _each(arguments, context)
    path, values = (found[0], found[-1]) if len(found) >= 2 else (None, None)
    if path is None or values is None or not isinstance(path.plain, str) or not values.is_composite:
        if values is None or not values.is_nothing or len(found) != 3:
            return None
        return found[1]
    got = _below(values, path.plain.split("."), context)
    if got is not None and got.is_nothing:
        return found[1] if len(found) == 3 else None
    return got


def _index(arguments: Arguments, context: Context) -> Got | None:
    found = _each(arguments, context)
    got = found[0] if found else None
    for key in found[1:]:
        if got is None or key is None or got.item is None:
            return None
        if isinstance(key.plain, str):
            got = _below(got, [key.plain], context)
        elif isinstance(key.plain, int):
            listed = list(got.item.elements()) if got.item and type(got.item.node) is Sequence else []
            got = of_item(listed[key.plain]) if 0 <= key.plain < len(listed) else None
        else:
            return None
    return got


def _equal(arguments: Arguments, context: Context) -> Got | None:
    found = _each(arguments, context)
    if len(found) < 2 or any(got is None or got.is_composite for got in found):
        return None
    first = found[0]
    assert first is not None
    return Got(any(got is not None and got.plain == first.plain for got in found[1:]))


def _unequal(arguments: Arguments, context: Context) -> Got | None:
    got = _equal(arguments, context)
    return Got(not got.plain) if got is not None else None


def _ternary(arguments: Arguments, context: Context) -> Got | None:
    found = _each(arguments, context)
    if len(found) != 3 or found[2] is None:
        return None
    return found[0] if found[2].is_true else found[1]


def _has_key(arguments: Arguments, context: Context) -> Got | None:
    found = _each(arguments, context)
    if len(found) != 2 or found[0] is None or found[1] is None or not isinstance(found[1].plain, str):
        return None
    got = _below(found[0], [found[1].plain], context)
    return Got(not got.is_nothing) if got is not None else None


def _texts(arguments: Arguments, context: Context) -> list[str] | None:
    texts = [got.text if got is not None else None for got in _each(arguments, context)]
    return None if any(text is None for text in texts) else [text for text in texts if text is not None]


def _of_text(function: Callable[[str], str]) -> Callable[[Arguments, Context], Got | None]:
    def changed(arguments: Arguments, context: Context) -> Got | None:
        texts = _texts(arguments, context)
        return Got(function(texts[-1])) if texts else None

    return changed


def _printf(arguments: Arguments, context: Context) -> Got | None:
    texts = _texts(arguments, context)
    if not texts:
        return None
    form, rest = texts[0], texts[1:]
    pieces = form.replace("%d", "%s").replace("%v", "%s").split("%s")
    if "%" in "".join(pieces) or len(pieces) != len(rest) + 1:
        return None
    return Got(pieces[0] + "".join(text + piece for text, piece in zip(rest, pieces[1:], strict=True)))


def _two(function: Callable[[str, str], bool | str]) -> Callable[[Arguments, Context], Got | None]:
    def called(arguments: Arguments, context: Context) -> Got | None:
        texts = _texts(arguments, context)
        return Got(function(texts[0], texts[1])) if texts is not None and len(texts) == 2 else None

    return called


def _replace(arguments: Arguments, context: Context) -> Got | None:
    texts = _texts(arguments, context)
    return Got(texts[2].replace(texts[0], texts[1])) if texts is not None and len(texts) == 3 else None


def _literal(plain: bool | None) -> Callable[[Arguments, Context], Got | None]:
    return lambda arguments, context: Got(plain) if not arguments else None


_FUNCTIONS: dict[str, Callable[[Arguments, Context], Got | None]] = {
    **dict.fromkeys(("toYaml", "nindent", "indent", "toString", "trim", "int", "required"), _same),
    **dict.fromkeys(("quote", "squote"), _quote),
    "true": _literal(True),
    "false": _literal(False),
    "nil": _literal(None),
    "default": _default,
    "coalesce": _coalesce,
    "or": _or,
    "and": _and,
    "not": _not,
    "get": _get,
    "getOrNil": _get,
    "index": _index,
    "eq": _equal,
    "ne": _unequal,
    "ternary": _ternary,
    "hasKey": _has_key,
    "lower": _of_text(str.lower),
    "upper": _of_text(str.upper),
    "printf": _printf,
    "hasPrefix": _two(lambda start, text: text.startswith(start)),
    "hasSuffix": _two(lambda end, text: text.endswith(end)),
    "contains": _two(lambda part, text: part in text),
    "trimPrefix": _two(lambda start, text: text.removeprefix(start)),
    "trimSuffix": _two(lambda end, text: text.removesuffix(end)),
    "replace": _replace,
}
