"""Template files as text: lines `key: literal`, as far as they are literal. Never a template engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sovlint.model.resource import Route
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value

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
    """

    __slots__ = ("_text", "owner", "source")

    def __init__(self, source: SourceFile, owner: str) -> None:
        self.source = source
        self.owner = owner
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
