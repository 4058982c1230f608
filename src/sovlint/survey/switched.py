"""Facts of charts that say by which value they are switched off, as far as that can be told without rendering."""

from __future__ import annotations

from collections.abc import Iterator

from sovlint.model.fact import Fact, Hop
from sovlint.model.source import Location
from sovlint.resolve.helm import TemplateText, ValuesAttributes
from sovlint.resolve.helm.switches import TemplateSwitches, off_above


def with_switches(facts: Iterator[Fact], attributes: ValuesAttributes | TemplateText) -> Iterator[Fact]:
    """The same facts; those that a value switches off name it as the last stop of their way."""
    switches: TemplateSwitches | None = None
    for fact in facts:
        if isinstance(attributes, ValuesAttributes):
            step = off_above(attributes, fact.subject.address.removeprefix(attributes.address("")))
        elif fact.cause.location.path == attributes.source.path:
            switches = switches or TemplateSwitches(attributes.text, attributes.values)
            step = switches.at(_offset(fact.cause.location, attributes))
        else:
            step = None
        if step is not None:
            hop = Hop(step.span.location(), step.text())
            if hop not in fact.cause.via:
                fact.cause = fact.cause._replace(via=(*fact.cause.via, hop))
        yield fact


def _offset(location: Location, attributes: TemplateText) -> int:
    return attributes.source.line_starts[location.line - 1] + location.column - 1
