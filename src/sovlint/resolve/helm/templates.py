"""Template files as text: lines `key: literal`, as far as they are literal. Never a template engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sovlint.model.lazy import pattern
from sovlint.model.resource import Route
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Step, Unknown, Value
from sovlint.resolve.helm.expressions import Call, Expression, Word, parse_action
from sovlint.resolve.helm.values import ValuesAttributes
from sovlint.resolve.yaml_attributes import Item

if TYPE_CHECKING:
    from sovlint.resolve.helm.includes import Definitions

_COMMENT = re.compile(r"\{\{-?\s*/\*.*?(?:\*/\s*-?\}\}|\Z)", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"{\\\n]|\{(?!\{)|\{\{[^\n]*?\}\}|\\.)*+"|\'(?:[^\'{\n]|\{(?!\{)|\{\{[^\n]*?\}\})*+\'')
_PLAIN = re.compile(r"(?:[^\s{]|\{(?!\{)|\{\{[^\n]*?\}\}|[ \t]+(?![#\s]))++")

UNRENDERED = "the chart renders this text"


class TemplateText:
    """`Attributes` of a template's text: the last key of a route selects every line `key: value` with literal text.

    Comments, both YAML's and templates', are not read. A value is known up to the first `{{`.

    Args:
        source: the template.
        owner: address of the template.
        values: what it may be rendered with; what it takes from there (`{{ .Values.a.b }}`) is read through to.
        definitions: what it may include.
    """

    __slots__ = ("_text", "definitions", "owner", "source", "values")

    def __init__(
        self,
        source: SourceFile,
        owner: str,
        values: Sequence[ValuesAttributes] = (),
        definitions: Definitions | None = None,
    ) -> None:
        self.source = source
        self.owner = owner
        self.values = values
        self.definitions = definitions
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The text with template comments blanked, of the same length."""
        if self._text is None:
            self._text = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), self.source.text)
        return self._text

    def select(self, route: Route) -> Iterable[tuple[str, Value]]:
        """See `Attributes.select`; paths are the key alone, since nobody knows what the text nests into."""
        for match in self._lines(route[-1]):
            value = self._value(match.end())
            if value is not None:
                yield route[-1], value
            elif self.values:
                for one in self._through(match.end()):
                    yield route[-1], one

    def key_span(self, route: Route) -> Span | None:
        """See `Attributes.key_span`."""
        match = next(self._lines(route[-1]), None)
        return None if match is None else Span(self.source, *match.span("key"))

    def names(self) -> Iterable[str]:
        """See `Attributes.names`; text has no structure."""
        return ()

    def references(self) -> Iterator[tuple[str, str, str]]:
        """See `Attributes.references`."""
        return iter(())

    def _lines(self, key: str) -> Iterator[re.Match[str]]:
        if key not in self.text:
            return iter(())
        name = re.escape(key)
        return re.finditer(rf"(?m)^[ \t]*+(?:-[ \t]++)*+(?P<key>\"{name}\"|'{name}'|{name})[ \t]*+:[ \t]++", self.text)

    def _through(self, start: int) -> Iterator[Value]:
        """What stands in the values where the text is nothing but actions and literals that begin with an action."""
        end = self.text.find("\n", start)
        written = self.text[start : end if end >= 0 else len(self.text)].rstrip()
        comment = _TRAILING.match(written) if "#" in written else None
        written = comment[1] if comment is not None else written
        quote = written[:1] if written[:1] in ('"', "'") else ""
        inner = start + len(quote)
        stop = start + len(written) - (len(quote) if quote and written.endswith(quote) else 0)
        if self.text[inner : inner + 2] != "{{" or stop - inner > 2_000:
            return
        seen: set[tuple[object, ...]] = set()
        for values in self.values:
            parts = self._parts(inner, stop, values)
            # What is an image by its shape in the values has been looked at there.
            known = values.image_spans()
            spans = [part.span.key for part in parts]
            first = next((p for p in parts if type(p) is Known), None)
            if first is None or parts[0] is not first or first.span.key in known or tuple(spans) in seen:
                continue
            of_values = [part for part in parts if part.owner and part.owner != self.owner]
            if of_values and not any(values.looks_at(part.span.file) for part in of_values):
                continue
            seen.add(tuple(spans))
            whole = Span(self.source, start, start + len(written))
            if len(parts) == 1:
                yield first
            elif all(type(part) is Known for part in parts):
                texts = "".join(str(part.value) for part in parts if type(part) is Known)
                yield Known(texts, whole, owner=self.owner, parts=tuple(parts), heuristic=True)
            else:
                yield Unknown(UNRENDERED, whole, owner=self.owner, parts=tuple(parts), heuristic=True)

    def _parts(self, start: int, end: int, values: ValuesAttributes) -> list[Value]:
        parts: list[Value] = []
        at = start
        for match in _ACTION.finditer(self.text, start, end):
            if match.start() > at:
                literal = self.text[at : match.start()]
                parts.append(Known(literal, Span(self.source, at, match.start()), owner=self.owner, heuristic=True))
            span = Span(self.source, match.start(), match.end())
            expression = parse_action(match[1])
            item = _looked_up(expression, values)
            composed = self._composed(expression, span, values) if item is None else None
            if composed is not None:
                parts.extend(composed)
                at = match.end()
                continue
            value = item.value(values.address(item.path), heuristic=True) if item is not None else None
            if value is None or not isinstance(value.value, (str, int)) or isinstance(value.value, bool):
                parts.append(Unknown(UNRENDERED, span, owner=self.owner, heuristic=True))
            elif isinstance(value.value, str) and "{{" in value.value:
                parts.append(Unknown(UNRENDERED, value.span, owner=self.owner, heuristic=True))
            else:
                via = (*value.via, Step(span, self.owner))
                parts.append(Known(value.value, value.span, via, owner=value.owner, heuristic=True))
            at = match.end()
        if at < end:
            parts.append(Known(self.text[at:end], Span(self.source, at, end), owner=self.owner, heuristic=True))
        return parts

    def _composed(self, expression: Expression | None, span: Span, values: ValuesAttributes) -> list[Value] | None:
        """What `printf` and `include` print, as far as it can be told."""
        if not isinstance(expression, Call) or _COMPOSES.search(span.text) is None:
            return None
        from sovlint.resolve.helm.includes import Composer, Definitions, Place

        definitions = self.definitions or Definitions(tuple, tuple)
        return Composer(values, definitions).parts(expression, Place(span, self.owner))

    def _value(self, start: int) -> Value | None:
        text = self.text
        quoted = text[start : start + 1] in ('"', "'")
        match = (_QUOTED if quoted else _PLAIN).match(text, start)
        if match is None or (text[start] in "#&*!|>[{" and not text.startswith("{{", start)):
            return None
        inner, end = (start + 1, match.end() - 1) if quoted else (start, match.end())
        content = text[inner:end]
        span = Span(self.source, start, match.end())
        at = content.find("{{")
        if at < 0:
            return Known(content, span, owner=self.owner, heuristic=True) if content else None
        if at == 0:
            return None
        literal = Known(content[:at], Span(self.source, inner, inner + at), owner=self.owner, heuristic=True)
        rest = Unknown(UNRENDERED, Span(self.source, inner + at, end), owner=self.owner, heuristic=True)
        return Unknown(UNRENDERED, span, owner=self.owner, parts=(literal, rest), heuristic=True)


# A value with a comment of YAML behind it.
_TRAILING = pattern(r"((?:[^\s{]|\{(?!\{)|\{\{[^\n]*?\}\}|[ \t]+(?![#\s]))++)[ \t]+#")
_ACTION = pattern(r"\{\{-?\s*([^{}\n]{1,500}?)\s*-?\}\}")
_COMPOSES = pattern(r"\b(?:printf|include)\b")
# What passes a text on as it is.
_SAME = frozenset({"quote", "squote", "toString", "tpl", "trim", "required", "toYaml", "default", "coalesce", "or"})


def _looked_up(expression: Expression | None, values: ValuesAttributes) -> Item | None:
    """The place in values that an expression is taken from; None where that is not certain."""
    if isinstance(expression, Word):
        way = expression.text.removeprefix("$").split(".")
        if way[:2] != ["", "Values"] or len(way) < 3:
            return None
        item = values.at_top(way[2])
        for key in way[3:]:
            item = item.child(key) if item is not None else None
        return item
    if not isinstance(expression, Call) or expression.name not in _SAME or not expression.arguments:
        return None
    arguments = expression.arguments
    if expression.name in ("default", "required"):
        arguments = arguments[::-1]
    if expression.name == "tpl":
        arguments = arguments[:1]
    for argument in arguments:
        item = _looked_up(argument, values)
        if item is not None and item.text():
            return item
        if item is None and not _is_path(argument):
            return None
    return None


def _is_path(expression: Expression) -> bool:
    return isinstance(expression, Word) and expression.text.removeprefix("$").startswith(".Values.")
