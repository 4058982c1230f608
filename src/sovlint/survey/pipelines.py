"""Facts of delivery pipelines: whose machines run them, where their actions, images and includes come from.

The knowledge stands in `policies/catalogue/pipelines.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Artefact, Fact, Reliance, Subject
from sovlint.model.resource import Resource
from sovlint.model.source import Span
from sovlint.model.value import Known, Value
from sovlint.resolve.pipelines import PipelineAttributes
from sovlint.resolve.yaml_attributes import Item
from sovlint.survey.causes import cause_of, confidence_of, covering, known_prefix, text_of
from sovlint.survey.gitops import host_cause, source_host
from sovlint.survey.images import image_fact

Data = dict[str, Any]

MAX_LINES = 200
"""Lines of an input that are read as images."""


class PipelineSurvey:
    """Surveys the jobs of delivery pipelines.

    Args:
        catalogue: labels, actions and hosts.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @cached_property
    def _knowledge(self) -> Data:
        return self.catalogue.shard("pipelines")

    @cached_property
    def _hosted(self) -> dict[str, list[tuple[str, Data]]]:
        rows: dict[str, list[tuple[str, Data]]] = {}
        for row in self._knowledge["hosted"]:
            rows.setdefault(row["platform"], []).extend((label, row) for label in row["labels"])
        return rows

    @cached_property
    def _action_hosts(self) -> dict[str, Data]:
        return {row["platform"]: row for row in self._knowledge["actions"]}

    @cached_property
    def _inputs(self) -> dict[str, Data]:
        return {row["action"]: row for row in self._knowledge["inputs"]}

    def facts(self, resource: Resource) -> Iterator[Fact]:
        """The facts of one job; nothing for other resources."""
        attributes = resource.attributes
        if not isinstance(attributes, PipelineAttributes):
            return
        subject = Subject(
            unit=resource.unit,
            address=resource.address,
            kind=resource.kind,
            format=resource.format,
            mode=resource.mode,
            provider="",
            service=None,
            primary=True,
            declared_at=resource.span.location(),
        )
        if attributes.platform == "gitlab":
            yield from self._gitlab(subject, attributes)
        else:
            yield from self._workflow(subject, attributes)

    # --- GitHub, Gitea, Forgejo

    def _workflow(self, subject: Subject, job: PipelineAttributes) -> Iterator[Fact]:
        yield from self._runner(subject, job, job.item.child("runs-on"))
        for holder in (job.item.child("container"), *_members(job.item.child("services"))):
            yield from self._image(subject, job, holder, "image")
        if job.action:
            # `runs: {using: docker, image: docker://…}`
            yield from self._docker_url(subject, job, job.item.child("image"))
        yield from self._action(subject, job, job.item.child("uses"), None)
        steps = job.item.child("steps")
        for step in steps.elements() if steps is not None else ():
            yield from self._action(subject, job, step.child("uses"), step)

    def _runner(self, subject: Subject, job: PipelineAttributes, item: Item | None) -> Iterator[Fact]:
        if item is None:
            return
        if item.is_mapping:
            item = item.child("labels")
            if item is None:
                return
        labels = list(item.elements()) or [item]
        if any((label.text() or "") == "self-hosted" for label in labels):
            return
        for label in labels:
            for meant in job.matrix(label):
                # A matrix may hold lists of labels, too.
                for one in list(meant.elements()) or [meant]:
                    yield from self._labelled(subject, job, one)

    def _labelled(self, subject: Subject, job: PipelineAttributes, label: Item) -> Iterator[Fact]:
        value = job.value(label)
        text = (text_of(value) or "").lower() if value is not None else ""
        row = next((row for glob, row in self._hosted.get(job.platform, ()) if fnmatchcase(text, glob)), None)
        if value is None or row is None:
            return
        known = self.catalogue.host(row["host"])
        sure = confidence_of(value, assumed=known.assumed or row.get("confidence") == "assumed")
        cause = cause_of(value, subject.address, label.path)
        yield Reliance(subject, "service", label.path, sure, cause, "delivery", known.operator, row["host"])

    def _action(
        self, subject: Subject, job: PipelineAttributes, uses: Item | None, step: Item | None
    ) -> Iterator[Fact]:
        text = uses.text() if uses is not None else None
        if uses is None or not text or text.startswith(("./", "../", "/")):
            return
        if text.startswith("docker://"):
            yield from self._docker_url(subject, job, uses)
            return
        value = job.value(uses)
        written = "://" in text
        row = self._action_hosts.get(job.platform)
        host = source_host(text) if written else (row["host"] if row is not None else "")
        if value is not None and host:
            assumed = not written and row is not None and row.get("confidence") == "assumed"
            yield self._artefact(subject, "module", uses.path, value, host, assumed=assumed)
        name = text.partition("@")[0].lower()
        name = "/".join(name.split("/")[-2:]) if written else name
        inputs = self._inputs.get(name)
        if inputs is not None and step is not None:
            yield from self._input(subject, job, inputs, uses, step)

    def _input(self, subject: Subject, job: PipelineAttributes, row: Data, uses: Item, step: Item) -> Iterator[Fact]:
        given = step.child("with")
        if "registry" in row:
            item = given.child(row["registry"]) if given is not None else None
            value = job.value(item, step.child("env")) if item is not None else uses.value(job.owner)
            if item is None and not row.get("unwritten"):
                return
            if value is None:
                return
            text = known_prefix(value) if item is not None else row["unwritten"]
            host = source_host(text.strip())
            if host:
                path = item.path if item is not None else uses.path
                at = text.lower().find(host)
                part = covering(value, at, at + len(host)) if item is not None and at >= 0 else value
                yield self._artefact(subject, "registry", path, part, host)
        item = given.child(row["images"]) if given is not None and "images" in row else None
        if item is not None:
            yield from self._pushed(subject, job, item, step)

    def _pushed(self, subject: Subject, job: PipelineAttributes, item: Item, step: Item) -> Iterator[Fact]:
        """Images that are pushed, one a line or between commas."""
        value = item.value(job.owner)
        text = text_of(value) if value is not None else None
        if value is None or text is None:
            return
        start = item.span.start
        seen: set[str] = set()
        for line in map(str.strip, text.replace(",", "\n").split("\n")[:MAX_LINES]):
            if not line or "=" in line:
                continue
            at = value.span.file.text.find(line, start, value.span.end)
            span = Span(value.span.file, at, at + len(line)) if at >= 0 else value.span
            start = at if at >= 0 else start
            holder = _Line(item, Known(line, span if "\n" in text else value.span, value.via, owner=job.owner))
            read = job.value(holder, step.child("env"))
            fact = image_fact(read, subject, item.path, self.catalogue, "registry") if read is not None else None
            if fact is not None and fact.host not in seen:
                seen.add(fact.host)
                yield fact

    def _docker_url(self, subject: Subject, job: PipelineAttributes, item: Item | None) -> Iterator[Fact]:
        text = item.text() if item is not None else None
        if item is None or not text or not text.startswith("docker://"):
            return
        value = item.value(job.owner)
        if value is not None:
            read = Known(text.removeprefix("docker://"), value.span, value.via, owner=job.owner)
            fact = image_fact(read, subject, item.path, self.catalogue)
            if fact is not None:
                yield fact

    # --- GitLab

    def _gitlab(self, subject: Subject, job: PipelineAttributes) -> Iterator[Fact]:
        yield from self._image(subject, job, job.item.child("image"), "name")
        services = job.item.child("services")
        for service in services.elements() if services is not None else ():
            yield from self._image(subject, job, service, "name")
        tags = job.item.child("tags")
        for tag in tags.elements() if tags is not None and job.name else ():
            yield from self._labelled(subject, job, tag)
        include = job.item.child("include") if not job.name else None
        if include is not None:
            rows = [include] if include.is_mapping or include.text() else list(include.elements())
            for row in rows:
                yield from self._include(subject, job, row)

    def _include(self, subject: Subject, job: PipelineAttributes, row: Item) -> Iterator[Fact]:
        """Pipelines that are fetched: by URL, or components of an instance that is named."""
        for item in (row.child("remote"), row.child("component")) if row.is_mapping else (row,):
            text = item.text() if item is not None else None
            if item is None or not text or (not row.is_mapping and "://" not in text):
                continue
            value = job.value(item)
            host = source_host(known_prefix(value)) if value is not None else ""
            if value is not None and host:
                yield self._artefact(subject, "module", item.path, value, host)

    # --- both

    def _image(self, subject: Subject, job: PipelineAttributes, holder: Item | None, key: str) -> Iterator[Fact]:
        """An image that is written as a text, or under a key."""
        item = holder.child(key) if holder is not None and holder.is_mapping else holder
        value = job.value(item) if item is not None else None
        fact = image_fact(value, subject, item.path, self.catalogue) if item is not None and value is not None else None
        if fact is not None:
            yield fact

    def _artefact(
        self, subject: Subject, role: str, path: str, value: Value, host: str, *, assumed: bool = False
    ) -> Artefact:
        known = self.catalogue.host(host)
        cause = host_cause(value, subject.address, path, host)
        sure = confidence_of(value, assumed=assumed or known.assumed)
        kind = "image" if role == "registry" else "module"
        return Artefact(subject, role, path, sure, cause, kind, host, host, known.operator)  # type: ignore[arg-type]


class _Line(Item):
    """One line of a text, as a value of its own."""

    def __init__(self, item: Item, known: Known) -> None:
        super().__init__(item.path, item.layers, item.key)
        self.known = known

    def value(self, owner: str = "", *, heuristic: bool = False) -> Known | None:
        """See `Item.value`."""
        return self.known


def _members(item: Item | None) -> list[Item]:
    return [child for _, child in item.children()] if item is not None else []
