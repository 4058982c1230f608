"""Which registry wins in a chart: the one under `global` or an image's own. Read off the text of its templates.

Helpers say it in a handful of ways: `default A B`, `A | default B`, `coalesce`, `or`, `ternary`, `if … else`. Bitnami's
let the global one win (https://github.com/bitnami/charts/blob/main/bitnami/common/templates/_images.tpl), many others
do not. Nothing is rendered: where the text does not show it, the answer is `either`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from sovlint.model.lazy import pattern
from sovlint.resolve.helm.expressions import Call, Expression, Word, parse_action

Order: TypeAlias = Literal["global", "own", "either", "none"]
"""Who wins; `none`: the templates never look at a global registry."""

MAX_TEXT = 2_000_000
"""Characters of template text of one chart that are looked at."""

MAX_FRAMES = 50
"""Open blocks that are looked at, the innermost ones."""

ACTION = pattern(r"\{\{(?:-(?=\s))?((?:\"(?:[^\"\\\n]|\\.)*+\"|`[^`]{0,2000}+`|[^\"`{}]|\{(?!\{)|\}(?!\}))*+)\}\}")
"""An action of a template; what stands in it is group 1."""
_COMMENT = pattern(r"\{\{-?\s*/\*.*?(?:\*/\s*-?\}\}|\Z)", 16)
_ASSIGNED = pattern(r"(\$\w*)\s*:?=\s*(.*)", 16)
_INCLUDED = pattern(r"\b(?:include|template)\s+[\"`]([^\"`]+)[\"`]")
_BLOCKS = frozenset({"if", "with", "range", "define", "block"})

_Kinds: TypeAlias = tuple[str, ...]
_Tests: TypeAlias = tuple[tuple[str, bool], ...]


class Part(NamedTuple):
    """A definition, or the text of a file outside of all definitions (without a name)."""

    name: str
    actions: tuple[str, ...]


def parts_of(text: str) -> list[Part]:
    """The definitions in a template's text and what stands outside of them, as lists of actions."""
    rest: list[str] = []
    parts: list[Part] = []
    stack: list[list[str]] = [rest]
    opened: list[str | None] = []
    for match in ACTION.finditer(_COMMENT.sub(" ", text)):
        body = match[1].strip().removesuffix("-").strip()
        word = body.split(None, 1)[0] if body else ""
        if word in ("define", "block"):
            named = body.split('"')
            opened.append(named[1] if len(named) > 2 else "")
            stack.append([])
            continue
        if word in _BLOCKS:
            opened.append(None)
        elif word == "end" and opened:
            name = opened.pop()
            if name is not None:
                parts.append(Part(name, tuple(stack.pop())))
                continue
        stack[-1].append(body)
    for unclosed in stack[1:]:
        rest.extend(unclosed)
    parts.append(Part("", tuple(rest)))
    return parts


def registry_order(own: Iterable[str], libraries: Iterable[str] = ()) -> Order:
    """Who wins in a chart.

    Args:
        own: texts of the chart's templates.
        libraries: texts of templates that these may include: of library charts and other charts below it.
    """
    defined: dict[str, Part] = {}
    todo: list[Part] = []
    budget = MAX_TEXT
    for texts, at_once in ((libraries, False), (own, True)):
        for text in texts:
            if budget < len(text):
                return "either"
            budget -= len(text)
            for part in parts_of(text):
                if part.name:
                    defined[part.name] = part
                elif at_once:
                    todo.append(part)
    empty = not todo and not defined
    if not any(part.actions for part in todo):
        # A library chart: whoever includes it decides what counts.
        todo = [part for part in defined.values() if part.name]
    seen: set[str] = set()
    verdicts: set[str] = set()
    mentioned: set[str] = set()
    missing = False
    while todo:
        part = todo.pop()
        reading = _Reading()
        reading.read(part.actions)
        verdicts |= reading.verdicts
        mentioned |= reading.mentioned
        for action in part.actions:
            for name in _INCLUDED.findall(action):
                if name in seen:
                    continue
                seen.add(name)
                if name in defined:
                    todo.append(defined[name])
                else:
                    missing = missing or "image" in name.lower()
    if len(verdicts) == 1:
        return "global" if "G" in verdicts else "own"
    if verdicts:
        return "either"
    if "G" in mentioned:
        return "either" if "O" in mentioned else "global"
    return "either" if missing or empty else "none"


class _Frame(NamedTuple):
    """An open block: what its test says of the registries, and whether `.` is the global values in it."""

    tests: _Tests
    inverted: _Tests
    is_global: bool


class _Reading:
    """One definition: `G` is the global registry, `O` an image's own; the earlier of two in a tuple wins."""

    def __init__(self) -> None:
        self.verdicts: set[str] = set()
        self.mentioned: set[str] = set()
        self._variables: dict[str, _Kinds] = {}
        self._frames: list[_Frame] = []
        self._tested: list[tuple[str, _Tests]] = []

    def read(self, actions: Iterable[str]) -> None:
        """Reads the actions in their order."""
        for action in actions:
            self._action(action)
        for kind, tests in self._tested:
            self._judge(kind, tests)

    def _action(self, action: str) -> None:
        word, _, rest = action.partition(" ")
        if word in ("if", "with", "range"):
            self._open(word, rest, ())
        elif word == "else":
            inner, _, test = rest.strip().partition(" ")
            frame = self._frames.pop() if self._frames else _Frame((), (), False)
            before = (*frame.inverted, *((kind, not sense) for kind, sense in frame.tests))
            if inner in ("if", "with"):
                self._open(inner, test, before)
            else:
                self._frames.append(_Frame((), before, False))
        elif word == "end":
            if self._frames:
                self._frames.pop()
        elif "egistry" in action or "$" in action:
            assigned = _ASSIGNED.match(action)
            kinds = self._kinds(parse_action(assigned[2] if assigned else action))
            if assigned and (kinds or assigned[1] in self._variables):
                known = self._variables.get(assigned[1], ())
                self._variables[assigned[1]] = kinds if not known or len(set(kinds)) > 1 else known
            self._emitted(kinds)

    def _open(self, word: str, rest: str, before: _Tests) -> None:
        assigned = _ASSIGNED.match(rest.strip())
        expression = parse_action(assigned[2] if assigned else rest)
        tests = tuple(self._tests(expression)) if word != "range" else ()
        path = expression.text if isinstance(expression, Word) else ""
        if assigned and word != "range":
            self._variables[assigned[1]] = self._kinds(expression)
        self._kinds(expression)
        self._frames.append(_Frame(tests, before, word == "with" and path.lower().endswith("global")))

    def _emitted(self, kinds: _Kinds) -> None:
        """A pure value that is used under tests."""
        if len(set(kinds)) != 1:
            return
        tests = tuple(test for frame in self._frames[-MAX_FRAMES:] for test in (*frame.inverted, *frame.tests))
        if tests:
            self._tested.append((kinds[0], tests))

    def _judge(self, kind: str, tests: _Tests) -> None:
        other = "O" if kind == "G" else "G"
        if (other, False) in tests:
            self.verdicts.add(other)
        elif (kind, True) in tests and other in self.mentioned:
            self.verdicts.add(kind)

    # --- expressions

    def _kinds(self, expression: Expression | None) -> _Kinds:
        kinds = self._find(expression)
        if len(set(kinds)) > 1:
            self.verdicts.add(kinds[0])
        return kinds

    def _find(self, expression: Expression | None) -> _Kinds:
        if expression is None:
            return ()
        if isinstance(expression, Word):
            return self._word(expression.text)
        name, arguments = expression.name, expression.arguments
        looked_up = self._looked_up(name, arguments)
        found = [self._kinds(argument) for argument in arguments]
        if looked_up:
            return (looked_up, *(found[-2] if name == "dig" and len(found) > 1 else ()))
        if name == "default" and len(found) > 1:
            return (*found[-1], *found[0])
        if name in ("coalesce", "or"):
            return tuple(kind for kinds in found for kind in kinds)
        if name == "and":
            return found[-1] if found else ()
        if name == "ternary" and len(found) == 3:
            return self._ternary(found[0], found[1], tuple(self._tests(arguments[2])))
        if name in ("list", "dict", "include", "template", "set", "merge", "hasKey", "eq", "ne", "empty", "not"):
            return ()
        return next((kinds for kinds in found if kinds), ())

    def _ternary(self, yes: _Kinds, no: _Kinds, tests: _Tests) -> _Kinds:
        if not yes or not no:
            return yes or no
        if any((kind, True) in tests for kind in yes):
            return (*yes, *no)
        if any((kind, False) in tests for kind in no):
            return (*no, *yes)
        self.verdicts.update(yes, no)
        return ()

    def _word(self, text: str) -> _Kinds:
        name, dot, rest = text.partition(".")
        if name.startswith("$") and len(name) > 1 and not dot:
            return self._variables.get(name, ())
        lower = text.lower()
        last = lower.rpartition(".")[2]
        if not dot or "registry" not in last or "secret" in last:
            return ()
        inside = any(frame.is_global for frame in self._frames[-MAX_FRAMES:]) and not name and rest.lower() == last
        kind = "G" if inside or "global" in lower.rpartition(".")[0] else "O"
        self.mentioned.add(kind)
        return (kind,)

    def _looked_up(self, name: str, arguments: tuple[Expression, ...]) -> str:
        """`index .Values "global" "imageRegistry"`, `get`, `dig`, and fields of a parenthesis."""
        if name not in ("index", "get", "dig", "."):
            return ""
        words = [w.lower() for argument in arguments for w in _words(argument)]
        if not any(w.rpartition(".")[2].endswith("registry") for w in words):
            return ""
        kind = "G" if any("global" in w for w in words) else "O"
        self.mentioned.add(kind)
        return kind

    def _tests(self, expression: Expression | None, sense: bool = True) -> Iterator[tuple[str, bool]]:
        """Which registries a condition wants to be written (True) or empty (False)."""
        if isinstance(expression, Call):
            name, arguments = expression.name, expression.arguments
            if name in ("not", "empty"):
                for argument in arguments:
                    yield from self._tests(argument, not sense)
                return
            if name in ("eq", "ne"):
                for argument in arguments:
                    yield from self._tests(argument, sense if name == "ne" else not sense)
                return
            if name == "hasKey" and any(w.endswith("egistry") for a in arguments for w in _words(a)):
                yield ("G" if any("global" in w for a in arguments for w in _words(a)) else "O"), sense
                return
            if name in ("and", "or"):
                for argument in arguments:
                    yield from self._tests(argument, sense)
                return
        kinds = set(self._find(expression))
        if len(kinds) == 1:
            yield kinds.pop(), sense


def _words(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Word):
        yield expression.text.strip('"`')
    else:
        for argument in expression.arguments:
            yield from _words(argument)
