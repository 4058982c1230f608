"""Texts that templates put together: `printf`, and definitions that are used by `include`, as far as they are plain.

A definition with a test or a loop in it is not read; what a value cannot tell is unknown. Never a template engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from sovlint.model.lazy import pattern
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Step, Unknown, Value
from sovlint.resolve.helm.expressions import Expression, Word, parse_action
from sovlint.resolve.helm.registry import ACTION, MAX_TEXT
from sovlint.resolve.helm.values import ValuesAttributes
from sovlint.resolve.yaml_attributes import Item

UNRENDERED = "the chart renders this text"

MAX_DEPTH = 8
"""Definitions that use definitions, and calls inside of calls."""

MAX_PARTS = 60
"""Pieces of one text."""

MAX_STEPS = 500
"""Expressions that are read for one action."""

MAX_BODY = 4_000
"""Characters of a definition that is read."""

_CONTROL = frozenset({"if", "else", "end", "with", "range", "define", "block", "template", "break", "continue"})
_OPENS = frozenset({"if", "with", "range", "define", "block"})
_SAME = frozenset({"quote", "squote", "toString", "trim", "nindent", "indent", "toYaml", "required"})
_ASSIGNED = pattern(r"(\$\w+)\s*:?=\s*(.*)", 16)
_VERB = pattern(r"%[svdq%]")


class Place(NamedTuple):
    """Where the literals of an action stand.

    Attributes:
        span: the action.
        owner: address of the template.
        exact: whether the literals are written there, and not in a file that nobody is shown.
    """

    span: Span
    owner: str
    exact: bool = True


class _Text(NamedTuple):
    """A literal text of a definition."""

    text: str
    start: int


class _Action(NamedTuple):
    """An action of a definition, with the variable that it sets, if it does."""

    expression: Expression | None
    variable: str
    start: int
    end: int


class Definition(NamedTuple):
    """A definition that consists of texts and actions; `source` is None for one that lies in an archive or library."""

    source: SourceFile | None
    pieces: tuple[_Text | _Action, ...]


class Definitions:
    """The definitions that a chart's templates may use, read when the first one is asked for.

    Args:
        own: the chart's templates.
        libraries: texts of the templates of charts below it.
    """

    def __init__(self, own: Callable[[], Iterable[SourceFile]], libraries: Callable[[], Iterable[str]]) -> None:
        self._own = own
        self._libraries = libraries
        self._found: dict[str, tuple[SourceFile, int, int, bool]] | None = None
        self._read: dict[str, Definition | None] = {}

    def get(self, name: str) -> Definition | None:
        """A definition by its name; None where there is none, or one that tests something."""
        if name not in self._read:
            if self._found is None:
                self._found = self._find()
            found = self._found.get(name)
            self._read[name] = None if found is None else _definition(*found)
        return self._read[name]

    def _find(self) -> dict[str, tuple[SourceFile, int, int, bool]]:
        out: dict[str, tuple[SourceFile, int, int, bool]] = {}
        budget = MAX_TEXT
        libraries = (SourceFile("", text) for text in self._libraries())
        for sources, own in ((libraries, False), (self._own(), True)):
            for source in sources:
                budget -= len(source.text)
                if budget < 0:
                    return out
                for name, start, end in _defined(source.text) if "define" in source.text else ():
                    out[name] = (source, start, end, own)
        return out


def _defined(text: str) -> Iterable[tuple[str, int, int]]:
    """Names and bodies of the definitions in a text."""
    opened: list[tuple[str, int]] = []
    for match in ACTION.finditer(text):
        body = match[1].strip()
        word, _, rest = body.partition(" ")
        if word in _OPENS:
            name = rest.strip().removesuffix("-").strip().strip('"`') if word == "define" else ""
            opened.append((name, match.end()))
        elif body.removesuffix("-").strip() == "end" and opened:
            name, start = opened.pop()
            if name:
                yield name, start, match.start()


def _definition(source: SourceFile, start: int, end: int, own: bool) -> Definition | None:
    if end - start > MAX_BODY:
        return None
    text = source.text
    pieces: list[_Text | _Action] = []
    at, trimmed = start, text.startswith("-}}", start - 3)
    for match in ACTION.finditer(text, start, end):
        _add(pieces, text[at : match.start()], at, left=trimmed, right=text.startswith("{{-", match.start()))
        body = match[1].strip()
        at, trimmed = match.end(), body.endswith("-")
        body = body.removesuffix("-").strip()
        if body.startswith("/*"):
            continue
        if body.split(None, 1)[0:1] and body.split(None, 1)[0] in _CONTROL:
            return None
        assigned = _ASSIGNED.fullmatch(body)
        expression = parse_action(assigned[2] if assigned is not None else body)
        pieces.append(_Action(expression, assigned[1] if assigned is not None else "", match.start(), match.end()))
    _add(pieces, text[at:end], at, left=trimmed, right=text.startswith("{{-", end))
    return Definition(source if own else None, tuple(pieces)) if len(pieces) <= MAX_PARTS else None


def _add(pieces: list[_Text | _Action], text: str, at: int, *, left: bool, right: bool) -> None:
    if left:
        at += len(text) - len(text.lstrip())
        text = text.lstrip()
    text = text.rstrip() if right else text
    if text:
        pieces.append(_Text(text, at))


class _Root:
    """What a chart's templates are given: values and what nobody knows."""


class _Empty:
    """What is certainly not there."""


_Thing: TypeAlias = "_Root | _Empty | Item | dict[str, _Thing] | list[Value] | None"
"""None where nothing is known."""

_ROOT, _EMPTY = _Root(), _Empty()


class _Scope(NamedTuple):
    dot: _Thing
    variables: dict[str, _Thing]


class Composer:
    """Puts together what an action prints, from values and literals.

    Args:
        values: what the chart is rendered with.
        definitions: what its templates define.
    """

    def __init__(self, values: ValuesAttributes, definitions: Definitions) -> None:
        self.values = values
        self.definitions = definitions
        self._left = 0

    def parts(self, expression: Expression, place: Place) -> list[Value] | None:
        """The pieces that are printed; None where nothing is known of them."""
        self._left = MAX_STEPS
        thing = self._thing(expression, place, _Scope(_ROOT, {}), 0)
        if not isinstance(thing, list) or not any(type(part) is Known for part in thing):
            return None
        step = Step(place.span, place.owner)
        return [_through(part, step) for part in thing]

    def _thing(self, expression: Expression | None, place: Place, scope: _Scope, depth: int) -> _Thing:
        self._left -= 1
        if isinstance(expression, Word):
            return self._word(expression.text, place, scope)
        if expression is None or depth > MAX_DEPTH or self._left < 0:
            return None
        name, arguments = expression.name, expression.arguments

        def argument(number: int) -> _Thing:
            return self._thing(arguments[number], place, scope, depth + 1)

        if name == "printf" and arguments:
            return self._printf(arguments, place, scope, depth)
        if name == "include" and len(arguments) == 2:
            return self._include(arguments[0], argument(1), place, depth)
        if name == "dict" and len(arguments) % 2 == 0:
            keys = [one.text.strip('"`') if isinstance(one, Word) else "" for one in arguments[::2]]
            return {key: argument(number * 2 + 1) for number, key in enumerate(keys)}
        if name == "tpl" and arguments:
            return argument(0)
        if name in _SAME and arguments:
            return argument(-1)
        if name in ("default", "coalesce", "or"):
            order = range(len(arguments))
            for number in reversed(order) if name == "default" else order:
                found = argument(number)
                if not _is_empty(found):
                    return found
            return _EMPTY
        if name == "." and len(arguments) == 2 and isinstance(arguments[1], Word):
            return self._walk(argument(0), arguments[1].text[1:])
        return None

    def _word(self, text: str, place: Place, scope: _Scope) -> _Thing:
        if text[0] in '"`':
            return None if "\\" in text else [_literal(text[1:-1], place)]
        if text[0].isdigit():
            return [_literal(text, place)]
        if text.startswith("$"):
            name, _, rest = text.partition(".")
            return self._walk(scope.variables.get(name, _ROOT if name == "$" else None), rest)
        return self._walk(scope.dot, text[1:]) if text.startswith(".") else None

    def _walk(self, thing: _Thing, way: str) -> _Thing:
        for key in way.split(".") if way else ():
            if isinstance(thing, _Root):
                thing = self.values.item if key == "Values" else None
            elif thing is self.values.item:
                thing = self.values.at_top(key) or _EMPTY
            elif isinstance(thing, Item):
                thing = thing.child(key) or _EMPTY
            elif isinstance(thing, dict):
                thing = thing.get(key, _EMPTY)
            elif not isinstance(thing, _Empty):
                return None
        return thing

    def _printf(self, arguments: tuple[Expression, ...], place: Place, scope: _Scope, depth: int) -> _Thing:
        written = arguments[0].text if isinstance(arguments[0], Word) else ""
        if written[:1] not in ('"', "`") or "\\" in written:
            return None
        pieces = _VERB.split(written[1:-1])
        verbs = _VERB.findall(written[1:-1])
        if "%%" in verbs or any("%" in piece for piece in pieces) or len(verbs) != len(arguments) - 1:
            return None
        out: list[Value] = [_literal(pieces[0], place)] if pieces[0] else []
        for one, piece in zip(arguments[1:], pieces[1:], strict=True):
            out.extend(self._printed(self._thing(one, place, scope, depth + 1), place))
            if piece:
                out.append(_literal(piece, place))
        return out if len(out) <= MAX_PARTS else None

    def _include(self, named: Expression, dot: _Thing, place: Place, depth: int) -> _Thing:
        name = named.text.strip('"`') if isinstance(named, Word) else ""
        definition = self.definitions.get(name) if name else None
        if definition is None:
            return None
        scope = _Scope(dot, {"$": dot})
        out: list[Value] = []
        for piece in definition.pieces:
            source = definition.source
            if isinstance(piece, _Text):
                text = piece.text
                span = Span(source, piece.start, piece.start + len(text)) if source is not None else place.span
                out.append(Known(text, span, owner=place.owner, heuristic=True))
                continue
            inner = place._replace(exact=False)
            if source is not None:
                inner = Place(Span(source, piece.start, piece.end), place.owner)
            thing = self._thing(piece.expression, inner, scope, depth + 1)
            if piece.variable:
                scope.variables[piece.variable] = thing
            else:
                out.extend(self._printed(thing, inner))
            if len(out) > MAX_PARTS or self._left < 0:
                return None
        return _one_line(out)

    def _printed(self, thing: _Thing, place: Place) -> list[Value]:
        if isinstance(thing, list):
            return thing
        unknown: list[Value] = [Unknown(UNRENDERED, place.span, owner=place.owner, heuristic=True)]
        if not isinstance(thing, Item):
            return unknown
        value = thing.value(self.values.address(thing.path), heuristic=True)
        if value is None or not isinstance(value.value, (str, int)) or isinstance(value.value, bool):
            return unknown
        return unknown if isinstance(value.value, str) and "{{" in value.value else [value]


def _is_empty(thing: _Thing) -> bool:
    if isinstance(thing, Item):
        return thing.is_null or thing.text() == ""
    return isinstance(thing, _Empty) or thing == {}


def _literal(text: str, place: Place) -> Value:
    span = place.span
    at = span.file.text.find(text, span.start, span.end) if place.exact and text else -1
    if at >= 0:
        span = Span(span.file, at, at + len(text))
    return Known(text, span, owner=place.owner, heuristic=True)


def _through(part: Value, step: Step) -> Value:
    if type(part) is Known and part.span.file is not step.span.file:
        return Known(part.value, part.span, (*part.via, step), owner=part.owner, heuristic=True)
    return part


def _one_line(parts: list[Value]) -> list[Value] | None:
    """Without blanks at both ends; None where it is more than one line."""
    while parts and type(parts[0]) is Known and not str(parts[0].value).strip():
        del parts[0]
    while parts and type(parts[-1]) is Known and not str(parts[-1].value).strip():
        del parts[-1]
    for number, part in ((0, parts[0]), (len(parts) - 1, parts[-1])) if parts else ():
        if type(part) is not Known or not isinstance(part.value, str):
            continue
        start = len(part.value) - len(part.value.lstrip()) if number == 0 else 0
        text = part.value[start:].rstrip() if number == len(parts) - 1 else part.value[start:]
        if text != part.value:
            span = part.span
            if span.end - span.start == len(part.value):
                span = Span(span.file, span.start + start, span.start + start + len(text))
            parts[number] = Known(text, span, part.via, owner=part.owner, heuristic=True)
    if any(type(part) is Known and "\n" in str(part.value) for part in parts):
        return None
    return parts
