"""Facts of what Terraform deploys to a cluster: found by the survey of manifests, told of Terraform's resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sovlint.catalogue import Catalogue
from sovlint.discovery.tree import Tree
from sovlint.model.fact import Artefact, Cause, Fact, Hop, Subject
from sovlint.model.resource import Resource
from sovlint.model.source import Location, SourceFile, Span
from sovlint.model.value import Known, Step, Unknown, Value, picked
from sovlint.resolve.deployed import PREFIX, Deployed, Source, deployed_by, is_deploying
from sovlint.resolve.structured import UNKNOWN, written
from sovlint.survey.causes import cause_of, text_of
from sovlint.survey.gitops import GitOpsSurvey
from sovlint.survey.images import parse_reference
from sovlint.survey.manifests import ManifestSurvey


class DeployedSurvey:
    """Surveys what resources of Terraform deploy.

    Args:
        catalogue: as for manifests.
        tree: where charts lie.
        namespace: whose region names apply where an object does not tell.
    """

    def __init__(self, catalogue: Catalogue, tree: Tree, namespace: str = "") -> None:
        self._tree = tree
        self._surveys = (ManifestSurvey(catalogue, namespace), GitOpsSurvey(catalogue))

    def facts(self, resources: Iterable[Resource], known: Iterable[Fact]) -> Iterator[Fact]:
        """The facts of all of them; `known` are those of the resources themselves, whose subjects are used again."""
        subjects = {fact.subject.address: fact.subject for fact in known}
        # Which resource a text belongs to: a cloud's objects are told of when all are known.
        owners: dict[str, tuple[Subject, Deployed]] = {}
        # Who runs a cloud is said at the first of its objects, whichever resource deploys that.
        sources: dict[str, Source] = {}
        for number, resource in enumerate(resources):
            if resource.mode != "managed" or not is_deploying(resource.kind):
                continue
            deployed = deployed_by(resource, self._tree, number)
            sources.update(deployed.sources)
            subject = subjects.get(resource.address) or _subject(resource)
            owners.update(dict.fromkeys(deployed.sources, (subject, deployed._replace(sources=sources))))
            for inner in deployed.inner:
                for survey in self._surveys:
                    for fact in survey.facts(inner):
                        yield _told(fact, subject, deployed)
        for fact in self._surveys[0].collected():
            owner = owners.get(fact.subject.declared_at.path)
            if owner is not None:
                yield _told_of_cloud(fact, *owner)


def _subject(resource: Resource) -> Subject:
    return Subject(
        unit=resource.unit,
        address=resource.address,
        kind=resource.kind,
        format=resource.format,
        mode=resource.mode,
        provider=resource.provider.name if resource.provider is not None else "",
        service=None,
        primary=True,
        declared_at=resource.span.location(),
    )


def _told_of_cloud(fact: Fact, subject: Subject, deployed: Deployed) -> Fact:
    """A fact of a cloud's resource: what it is stays, where it is declared is in Terraform."""
    own = fact.subject
    return _told(
        fact,
        own._replace(
            unit=subject.unit,
            address=subject.address,
            format=subject.format,
            mode=subject.mode,
            declared_at=subject.declared_at,
        ),
        deployed,
    )


def _told(fact: Fact, subject: Subject, deployed: Deployed) -> Fact:
    inside = fact.subject.address.partition(":")[2] if fact.subject.format == "helm" else ""
    attribute = inside or fact.attribute
    fact.subject, fact.attribute = subject, attribute
    cause = fact.cause
    via = tuple(_hop(hop, deployed) for hop in cause.via)
    if cause.location.path.startswith(PREFIX):
        is_image = isinstance(fact, Artefact) and fact.kind == "image"
        value = _value_at(cause.location, deployed, is_image=is_image)
        steps = (Step(step.span, step.slot, step.note) for step in deployed.resource.via)
        found = cause_of(value, subject.address, attribute, *steps)
        # A part that decides is the value that a person would change; what is longer holds more than that.
        shown = cause.value
        if is_image and found.value is not None and len(found.value) <= len(cause.value or ""):
            shown = found.value
        unknown = None if cause.known else _unknown_at(cause.location, deployed)
        fact.cause = found._replace(
            # Of a secret the survey of manifests has left out what must not be shown.
            value=None if found.sensitive or shown is None else shown.partition(UNKNOWN)[0] or None,
            via=(*found.via, *(hop for hop in via if hop not in found.via)),
            known=cause.known,
            reason=cause.reason if unknown is None else unknown.reason,
            inputs=() if unknown is None else unknown.inputs,
            sensitive=cause.sensitive or found.sensitive,
        )
    else:
        fact.cause = Cause(*cause)._replace(via=via)
    return fact


def _hop(hop: Hop, deployed: Deployed) -> Hop:
    if not hop.location.path.startswith(PREFIX):
        return hop
    return Hop(_value_at(hop.location, deployed, is_image=False).span.location(), hop.note)


def _value_at(location: Location, deployed: Deployed, *, is_image: bool) -> Value:
    """The value of Terraform behind a place; of a composed one the part that covers it."""
    source = deployed.sources[location.path]
    whole, start, end = _range(source, location)
    if source.whole is None and not whole.parts and (start, end) == (0, _length(source.file, location.line)):
        return whole
    text = source.file.text
    part, at, to = _covering(whole, start, end)
    if part is whole and whole.parts and is_image:
        # No part holds all of a reference: the one that decides its registry does.
        first = source.file.line_starts[location.line - 1] + location.column - 1
        written = text[first : first + end - start]
        skipped = len(written) - len(written.lstrip("\"'"))
        reference = parse_reference(written.strip("\"'"))
        if reference is not None:
            low, high = reference.decisive
            part, at, to = _covering(whole, start + skipped + low, start + skipped + high)
    return _exact(part, at, to)


def _unknown_at(location: Location, deployed: Deployed) -> Unknown | None:
    """What keeps a place from being known; None where it is written out and says so itself."""
    source = deployed.sources[location.path]
    value = source.lines[location.line - 1] if source.whole is None else source.whole
    _, start, end = _range(source, location)
    at = 0
    for part in value.parts:
        length = len(text_of(part) or UNKNOWN)
        if type(part) is Unknown and start < at + length and at < end:
            return part
        at += length
    return value if type(value) is Unknown and not value.parts else None


def _length(file: SourceFile, line: int) -> int:
    starts = file.line_starts
    return (starts[line] - 1 if line < len(starts) else len(file.text)) - starts[line - 1]


def _range(source: Source, location: Location) -> tuple[Value, int, int]:
    starts = source.file.line_starts
    if source.whole is None:
        value = source.lines[location.line - 1]
        known = value if type(value) is Known else written(value)
        return known, location.column - 1, max(location.end_column - 1, location.column - 1)
    start = starts[location.line - 1] + location.column - 1
    end = starts[min(location.end_line, len(starts)) - 1] + location.end_column - 1
    return source.whole if type(source.whole) is Known else written(source.whole), start, end


def _covering(value: Value, start: int, end: int) -> tuple[Value, int, int]:
    """The deepest part that covers a range of the text, with the range in it."""
    current = value
    while current.parts:
        at = 0
        for part in current.parts:
            length = len(text_of(part) or "")
            if at <= start and end <= at + length and end > start:
                current, start, end = picked(part, current), start - at, end - at
                break
            at += length
        else:
            return current, start, end
    return current, start, end


def _exact(value: Value, start: int, end: int) -> Value:
    """A value on the characters of its literal that say it, where they can be told."""
    text = text_of(value)
    if text is None or type(value) is not Known:
        return value
    span, raw = value.span, value.span.text
    place: tuple[int, int] | None = None
    if raw == text:
        place = (start, end)
    elif raw[1:-1] == text and raw[:1] == '"':
        place = (start + 1, end + 1) if (start, end) != (0, len(text)) else None
    elif "\n" in text and raw.count("\n") >= text.count("\n"):
        place = _in_lines(raw, text, start, end) or _quoted(raw, text[start:end])
    else:
        place = _quoted(raw, text[start:end])
    if place is None:
        return value
    exact = Span(span.file, span.start + place[0], span.start + place[1])
    via, owner = value.via, value.owner
    return Known(text[start:end], exact, via, value.refs, owner, (), value.heuristic, value.sensitive)


def _in_lines(raw: str, text: str, start: int, end: int) -> tuple[int, int] | None:
    """A range in the lines of a heredoc, whose indentation is not part of its text."""
    number = text.count("\n", 0, start)
    if "\n" in text[start:end]:
        return None
    if raw.startswith("<<"):
        number += 1
    wanted = text[text.rfind("\n", 0, start) + 1 :].partition("\n")[0]
    column = start - (text.rfind("\n", 0, start) + 1)
    lines = raw.split("\n")
    if number >= len(lines):
        return None
    found = lines[number].rstrip("\r").find(wanted.rstrip("\r"))
    if found < 0:
        return None
    first = sum(len(line) + 1 for line in lines[:number]) + found + column
    return first, first + end - start


def _quoted(raw: str, text: str) -> tuple[int, int] | None:
    """Where a text stands in the expression that encodes it, if it stands there once."""
    text = text.strip("\"'")
    found = raw.find(f'"{text}"')
    if not text or found < 0 or raw.find(f'"{text}"', found + 1) >= 0:
        return None
    return found, found + len(text) + 2
