"""Facts of charts that say by which value they are switched off, as far as that can be told without rendering."""

from __future__ import annotations

from collections.abc import Iterator

from sovlint.model.fact import Fact, Hop
from sovlint.model.source import Location
from sovlint.model.value import Step
from sovlint.resolve.helm import TemplateText, ValuesAttributes
from sovlint.resolve.helm.switches import off_above, off_around


def with_switches(facts: Iterator[Fact], attributes: ValuesAttributes | TemplateText) -> Iterator[Fact]:
    """The same facts; those that a value switches off name it as the last stop of their way."""
    for fact in facts:
        if isinstance(attributes, ValuesAttributes):
            step = off_above(attributes, fact.subject.address.removeprefix(attributes.address("")))
        else:
            step = _in_template(fact.cause.location, attributes)
        if step is not None:
            hop = Hop(step.span.location(), step.text())
            if hop not in fact.cause.via:
                fact.cause = fact.cause._replace(via=(*fact.cause.via, hop))
        yield fact


def _in_template(location: Location, attributes: TemplateText) -> Step | None:
    if location.path != attributes.source.path:
        return None
    at = attributes.source.line_starts[location.line - 1] + location.column - 1
    return off_around(attributes.text, at, attributes.values)
