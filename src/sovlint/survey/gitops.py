"""Facts of objects that say where what runs in a cluster is fetched from: Git sources, charts, runners, definitions.

The kinds and their routes stand in `policies/catalogue/gitops.yaml`. A Git source, a bucket or a runner's platform is a
`Reliance` (whoever runs it can change what runs here), a chart or definition an `Artefact`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Artefact, Cause, Confidence, Fact, Reliance, Subject
from sovlint.model.lazy import pattern
from sovlint.model.resource import Attributes, Resource
from sovlint.model.value import Known, Value
from sovlint.resolve.helm import ValuesAttributes
from sovlint.resolve.yaml_attributes import Item, YamlAttributes
from sovlint.survey.causes import cause_of, confidence_of, text_of
from sovlint.survey.images import image_fact
from sovlint.survey.placed import subject_of

Data = dict[str, Any]

_PURPOSE = {"git": "source-hosting", "bucket": "delivery", "runner": "delivery"}
_ROLE = {"git": "source", "bucket": "source", "runner": "trust"}

_HOST_NAME = pattern(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]")
_URL = pattern(r"(?:[\w+.-]+::)?[A-Za-z][\w+.-]*://(?:[^/?#@\s]*@)?(?P<host>\[[^\]/]*\]|[^/:?#\s]*)")
_SCP = pattern(r"(?:[\w.-]+::)?[\w.-]+@(?P<host>[\w-]+(?:\.[\w-]+)*):(?!//)")
_BARE = pattern(r"(?P<host>[\w-]+(?:\.[\w-]+)+)(?::[0-9]+)?(?:/|$)")
_PASSWORD = pattern(r"://[^/@\s]*:[^/@\s]*@")
_KNOWN_BARE = pattern(r"(?:gh:|github\.com[/:])")


class GitOpsSurvey:
    """Surveys objects of GitOps controllers, runners and Kustomize.

    Args:
        catalogue: kinds and hosts.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @cached_property
    def _knowledge(self) -> Data:
        return self.catalogue.shard("gitops")

    def facts(self, resource: Resource) -> Iterator[Fact]:
        """The facts of one resource; none for most."""
        attributes = resource.attributes
        if isinstance(attributes, ValuesAttributes):
            yield from self._of_values(resource, attributes)
        elif resource.mode == "chart" and resource.heuristic:
            # Dependencies that values switch off.
            for fact in self._of_object(resource, attributes):
                fact.confidence = "heuristic"
                yield fact
        else:
            yield from self._of_object(resource, attributes)

    def _of_object(self, resource: Resource, attributes: Attributes) -> Iterator[Fact]:
        if isinstance(attributes, YamlAttributes):
            group = resource.address.partition("/")[0]
            key = f"{group}/{resource.kind}"
            sources = self._knowledge["sources"].get(key)
            images = self._knowledge["images"].get(key)
            resolvers = self._knowledge["resolvers"].get(group)
            if sources or images or resolvers:
                subject = subject_of(resource, resource.address)
                for row in sources or ():
                    yield from self._sources(row, subject, attributes)
                for row in images or ():
                    yield from self._images(row, subject, attributes)
                if resolvers:
                    yield from self._resolved(resolvers, subject, attributes)

    # --- sources

    def _sources(self, row: Data, subject: Subject, attributes: YamlAttributes) -> Iterator[Fact]:
        if not _labelled(row, attributes.item):
            return
        for way in row["within"]:
            for holder in attributes.items(tuple(way.split("."))):
                if not row["keys"]:
                    yield from self._named(row, row["as"], subject, holder)
                    continue
                if not holder.is_mapping:
                    continue
                kind = "chart" if _is_chart(row, holder) else row["as"]
                written = [child for key in row["keys"] if (child := holder.child(key)) is not None and child.text()]
                for child in written:
                    yield from self._named(row, kind, subject, child)
                if not written and row.get("unwritten") and not row.get("named_by"):
                    yield from self._unwritten(row, subject, holder)

    def _named(self, row: Data, kind: str, subject: Subject, item: Item) -> Iterator[Fact]:
        """The host that a value names."""
        value = item.value(subject.address)
        text = text_of(value) if value is not None else None
        if value is None or not text:
            return
        if row.get("named_by"):
            # `repository: org/app`: the platform is the controller's setting; without one it is the public one.
            yield self._fact(kind, row, subject, item.path, value, row["unwritten"], assumed=True)
            return
        host = source_host(text, remote_only=bool(row.get("remote_only")))
        if host:
            yield self._fact(kind, row, subject, item.path, value, host)

    def _unwritten(self, row: Data, subject: Subject, holder: Item) -> Iterator[Fact]:
        """A host that is meant because none is written; the finding stands on the key that means it."""
        span = holder.key or holder.span
        value = Known(row["unwritten"], span, holder.layers[0].via, owner=subject.address)
        yield self._fact(row["as"], row, subject, holder.path, value, row["unwritten"])

    def _fact(
        self, kind: str, row: Data, subject: Subject, path: str, value: Value, host: str, *, assumed: bool = False
    ) -> Fact:
        known = self.catalogue.host(host)
        sure: Confidence = confidence_of(value, assumed=assumed or known.assumed or row.get("confidence") == "assumed")
        cause = host_cause(value, subject.address, path, host)
        if kind in _PURPOSE:
            role = "trust" if row.get("trust") else _ROLE[kind]
            return Reliance(subject, role, path, sure, cause, _PURPOSE[kind], known.operator, host)
        what: Literal["chart", "module"] = "chart" if kind == "chart" else "module"
        return Artefact(subject, what, path, sure, cause, what, host, host, known.operator)

    # --- images

    def _images(self, row: Data, subject: Subject, attributes: YamlAttributes) -> Iterator[Fact]:
        for way in row["routes"]:
            for path, value in attributes.select(tuple(way.split("."))):
                text = text_of(value)
                if text is None:
                    continue
                if row["form"] == "replacement" and "=" in text:
                    text = text.partition("=")[2]
                read = Known(text, value.span, value.via, owner=value.owner, heuristic=value.heuristic)
                fact = image_fact(read, subject, path, self.catalogue)
                if fact is not None:
                    yield fact

    # --- Tekton

    def _resolved(self, rows: dict[str, Data], subject: Subject, attributes: YamlAttributes) -> Iterator[Fact]:
        for _, item in attributes.item.walk(attributes.limit):
            resolver = item.child("resolver") if item.is_mapping else None
            row = rows.get(resolver.text() or "") if resolver is not None else None
            if resolver is None or row is None:
                continue
            names = row["params"]
            params = item.child("params")
            found = False
            for param in params.elements() if params is not None else ():
                name, value = param.child("name"), param.child("value")
                if name is not None and value is not None and name.text() in names:
                    found = True
                    yield from self._named(row, "module", subject, value)
            if not found and row.get("unwritten"):
                written = resolver.value(subject.address)
                if written is not None:
                    yield self._fact("module", row, subject, resolver.path, written, row["unwritten"])

    # --- Helm values

    def _of_values(self, resource: Resource, attributes: ValuesAttributes) -> Iterator[Fact]:
        rows = self._knowledge["values"]
        for item in attributes.mappings():
            for name, row in rows.items():
                child = item.child(name)
                if child is not None and attributes.decides(child):
                    address = attributes.address(child.path)
                    for fact in self._named(row, row["as"], subject_of(resource, address), child):
                        fact.confidence = "heuristic"
                        yield fact


def host_cause(value: Value, owner: str, path: str, host: str) -> Cause:
    """The cause of what names a host: the host is its value, and a line with a password in it is not shown."""
    text = text_of(value)
    return cause_of(value, owner, path)._replace(value=host, sensitive=bool(text and _PASSWORD.search(text)))


def source_host(text: str, *, remote_only: bool = False) -> str:
    """The host of a Git, chart or OCI address, lower case; empty for a path, a glob or what a template fills in.

    Args:
        text: a URL, `user@host:path`, or an address without scheme as Helm and Kustomize take it.
        remote_only: paths are usual here: without scheme only addresses at GitHub count, as for Kustomize, and those
            that end in `.git` or hold `//` or `?ref=`.
    """
    text = text.strip()
    match = _URL.match(text) or _SCP.match(text)
    if match is None:
        if remote_only and _KNOWN_BARE.match(text):
            return "github.com"
        if remote_only and not (".git" in text or "//" in text or "?ref=" in text):
            return ""
        match = _BARE.match(text)
    host = match["host"].lower().rstrip(".") if match is not None else ""
    return host if _HOST_NAME.fullmatch(host) else ""


def _labelled(row: Data, item: Item) -> bool:
    """Whether the object carries the labels that make it one of these."""
    for label, values in row.get("when_label", {}).items():
        metadata = item.child("metadata")
        labels = metadata.child("labels") if metadata is not None else None
        child = labels.child(label) if labels is not None else None
        if child is None or child.text() not in values:
            return False
    return True


def _is_chart(row: Data, holder: Item) -> bool:
    condition: Data = row.get("chart_if", {})
    child = holder.child(condition["key"]) if condition else None
    if child is None:
        return False
    text = child.text()
    return bool(text) and ("equals" not in condition or text in condition["equals"])
