"""What ties a manifest to one cloud: keys that one controller reads, drivers and classes that one operator has.

The tables stand in `policies/catalogue/kubernetes/bindings/`: which keys, values, API groups and arguments they are,
whose, and what to write instead. One fact per row and mapping: six annotations of one load balancer are one binding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import Any, NamedTuple

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Binding, Subject
from sovlint.model.lazy import pattern
from sovlint.model.resource import Resource, Route
from sovlint.model.source import Span
from sovlint.model.value import Known
from sovlint.resolve.helm import TemplateText, ValuesAttributes
from sovlint.resolve.yaml_attributes import Item, YamlAttributes
from sovlint.survey.causes import cause_of, confidence_of
from sovlint.survey.pods import Budget, Pod, Pods

Data = dict[str, Any]

_TEMPLATE_KEY = pattern(r"(?m)^[ \t]*+(?:-[ \t]++)*+[\"']?(?P<key>[\w.-]++/[\w.-]++)[\"']?[ \t]*+:(?=\s)")

_PINNING = ("In", "Exists", "Gt", "Lt")
"""Operators of a node affinity that only nodes with the label can meet."""


class _Names:
    """Rows by a name, or by the beginning of one."""

    def __init__(self) -> None:
        self._exact: dict[str, str] = {}
        self._beginnings: list[tuple[str, str]] = []

    def add(self, name: str, row: str) -> None:
        """A name that a row lists; `*` ends a beginning."""
        if name.endswith("*"):
            self._beginnings.append((name[:-1], row))
            self._beginnings.sort(key=lambda pair: -len(pair[0]))
        else:
            self._exact[name] = row

    def find(self, name: str) -> str | None:
        """The row of a name: exact before the longest beginning."""
        found = self._exact.get(name)
        if found is None:
            found = next((row for start, row in self._beginnings if name.startswith(start)), None)
        return found


class _Place(NamedTuple):
    """A place in objects: what its text, and the keys of a mapping there, say."""

    route: Route
    values: _Names
    fields: _Names
    unless: Route


class _Argument(NamedTuple):
    """A flag of a container with the values that bind; `image`: part of the name of the image, empty for any."""

    flag: str
    values: frozenset[str]
    image: str
    row: str


class _Tables:
    """What the catalogue says of bindings, by what they are found with."""

    def __init__(self, catalogue: Catalogue) -> None:
        shard = catalogue.shard("bindings")
        self.rows: Data = shard.get("bindings", {})
        self.keys: dict[str, _Names] = {}
        self.groups: dict[str, str] = {}
        self.arguments: list[_Argument] = []
        self.excepted: set[str] = set()
        self._values: dict[str, _Names] = {}
        self._fields: dict[str, _Names] = {}
        for name, row in self.rows.items():
            self._add(name, row)
        self.objects: dict[tuple[str, str], list[_Place]] = {}
        self.in_pods: list[_Place] = []
        self.annotations: dict[str, _Names] = {}
        self.in_values: dict[str, _Names] = {}
        for name, place in shard.get("places", {}).items():
            self._add_place(name, place)

    def _add(self, name: str, row: Data) -> None:
        for key in row.get("keys", ()):
            self.keys.setdefault(key.partition("/")[0], _Names()).add(key, name)
        self.excepted.update(row.get("except", ()))
        self.groups.update(dict.fromkeys(row.get("groups", ()), name))
        for table, places in ((self._values, row.get("values", {})), (self._fields, row.get("fields", {}))):
            for place, texts in places.items():
                for text in texts:
                    table.setdefault(place, _Names()).add(text, name)
        for entry in row.get("arguments", ()):
            image = entry.get("image", "")
            self.arguments.append(_Argument(entry["flag"], frozenset(entry["values"]), image, name))

    def _add_place(self, name: str, place: Data) -> None:
        values, fields = self._values.get(name, _Names()), self._fields.get(name, _Names())
        unless: Route = tuple(place["unless"].split(".")) if "unless" in place else ()
        for entry in place.get("objects", ()):
            found = _Place(tuple(entry["route"].split(".")), values, fields, unless)
            self.objects.setdefault((entry["group"], entry["kind"]), []).append(found)
        self.in_pods.extend(_Place(tuple(way.split(".")), values, fields, ()) for way in place.get("pods", ()))
        self.annotations.update(dict.fromkeys(place.get("annotations", ()), values))
        self.in_values.update(dict.fromkeys(place.get("values", ()), values))


class Bindings:
    """Finds bindings in Kubernetes objects and Helm values.

    Args:
        catalogue: the tables.
        pods: finds pods in objects.
        budget: what may be read.
    """

    def __init__(self, catalogue: Catalogue, pods: Pods, budget: Budget) -> None:
        self._budget = budget
        self._pods = pods
        self._tables = catalogue.once(_Tables)

    # --- objects

    def of_object(self, resource: Resource, attributes: YamlAttributes, subject: Subject) -> Iterator[Binding]:
        """The bindings of one Kubernetes object."""
        group = resource.address.partition("/")[0]
        item = attributes.item
        row = self._tables.groups.get(group)
        version = item.child("apiVersion") if row is not None else None
        if row is not None and version is not None:
            yield from self._stated(version, row, subject)
        metadata = item.child("metadata")
        if metadata is not None:
            yield from self._metadata(metadata, subject)
        for place in self._tables.objects.get((group, resource.kind), ()):
            if not place.unless or next(iter(attributes.items(place.unless)), None) is None:
                yield from self._at(attributes.items(place.route), place, subject)
        for pod in self._pods.of(resource, attributes):
            yield from self._pod(pod, subject)

    def _pod(self, pod: Pod, subject: Subject) -> Iterator[Binding]:
        if pod.metadata is not None:
            yield from self._metadata(pod.metadata, subject)
        selector = pod.spec.child("nodeSelector")
        if selector is not None:
            yield from self._keyed(selector, subject)
        for term in pod.at(_TERMS):
            key, operator = term.child("key"), term.child("operator")
            if key is not None and operator is not None and operator.text() in _PINNING:
                row = self._row_of_key(key.text() or "")
                if row is not None:
                    yield from self._stated(key, row, subject)
        for place in self._tables.in_pods:
            yield from self._at(pod.at(place.route), place, subject)
        for container in pod.containers():
            yield from self._container(container, subject)

    def _metadata(self, metadata: Item, subject: Subject) -> Iterator[Binding]:
        for name in ("annotations", "labels"):
            holder = metadata.child(name)
            if holder is not None and holder.is_mapping:
                yield from self._keyed(holder, subject)
                if name == "annotations":
                    for key, names in self._tables.annotations.items():
                        value = holder.child(key)
                        if value is not None:
                            yield from self._valued(value, names, subject)

    def _row_of_key(self, key: str) -> str | None:
        names = self._tables.keys.get(key.partition("/")[0])
        return names.find(key) if names is not None and key not in self._tables.excepted else None

    def _keyed(self, holder: Item, subject: Subject) -> Iterator[Binding]:
        """Keys of a mapping; the first one of each row stands for all."""
        seen: set[str] = set()
        for key, child in holder.children():
            if not self._budget.spend(child, 20 + len(key)):
                return
            row = self._row_of_key(key)
            if row is not None and row not in seen:
                seen.add(row)
                yield from self._key(child, key, row, subject)

    def _at(self, items: Iterator[Item], place: _Place, subject: Subject) -> Iterator[Binding]:
        for item in items:
            if item.is_mapping:
                for key, child in item.children():
                    row = place.fields.find(key)
                    if row is not None:
                        yield from self._key(child, key, row, subject)
            else:
                yield from self._valued(item, place.values, subject)

    def _container(self, container: Item, subject: Subject) -> Iterator[Binding]:
        words: list[Item] = []
        for name in ("command", "args"):
            holder = container.child(name)
            if holder is not None:
                words.extend(word for word in islice(holder.elements(), _MAX_WORDS) if self._budget.spend(word, 50))
        if not words:
            return
        image = container.child("image")
        name = ((image.text() if image is not None else "") or "").partition("@")[0].rpartition("/")[2]
        for word, following in pairwise([*words, None]):
            text = (word.text() if word is not None else "") or ""
            flag, equals, value = text.partition("=")
            for argument in self._tables.arguments:
                if flag != argument.flag or argument.image not in name:
                    continue
                if equals and value in argument.values and word is not None:
                    yield from self._stated(word, argument.row, subject)
                elif not equals and following is not None and following.text() in argument.values:
                    yield from self._stated(following, argument.row, subject)

    # --- Helm values

    def of_values(
        self, holder: Item, attributes: ValuesAttributes, subject_at: Callable[[str], Subject]
    ) -> Iterator[Binding]:
        """The bindings in one mapping of Helm values; only keys that one file decides."""
        seen: set[str] = set()
        key_item, operator = holder.child("key"), holder.child("operator")
        if key_item is not None and operator is not None and operator.text() in ("In", "Gt", "Lt"):
            # A term of an affinity; a toleration has no such operator, and pins nothing.
            pinned = self._row_of_key(key_item.text() or "")
            if pinned is not None and attributes.decides(key_item):
                yield from self._stated(key_item, pinned, subject_at(key_item.path), heuristic=True)
        for key, child in holder.children():
            if not attributes.decides(child):
                continue
            row = self._row_of_key(key)
            if row is not None and row not in seen:
                seen.add(row)
                yield from self._key(child, key, row, subject_at(child.path), heuristic=True)
            names = self._tables.in_values.get(key)
            if names is not None:
                yield from self._valued(child, names, subject_at(child.path), heuristic=True)

    # --- templates

    def of_template(self, attributes: TemplateText, subject: Subject) -> Iterator[Binding]:
        """The bindings in a template's literal lines: keys, and values of the keys that Helm values have, too."""
        seen: set[str] = set()
        for match in _TEMPLATE_KEY.finditer(attributes.text):
            row = self._row_of_key(match["key"])
            if row is not None and row not in seen:
                seen.add(row)
                span = Span(attributes.source, *match.span("key"))
                value = Known(match["key"], span, owner=subject.address, heuristic=True)
                yield self._fact(value, match["key"], row, subject)
        for name, names in self._tables.in_values.items():
            for path, found in attributes.select((name,)):
                row = names.find(found.value) if type(found) is Known and isinstance(found.value, str) else None
                if row is not None and type(found) is Known:
                    yield self._fact(found, path, row, subject)

    # --- facts

    def _valued(self, item: Item, names: _Names, subject: Subject, *, heuristic: bool = False) -> Iterator[Binding]:
        row = names.find(item.text() or "")
        if row is not None:
            yield from self._stated(item, row, subject, heuristic=heuristic)

    def _stated(self, item: Item, row: str, subject: Subject, *, heuristic: bool = False) -> Iterator[Binding]:
        """The value binds."""
        value = item.value(subject.address, heuristic=heuristic)
        if value is not None:
            yield self._fact(value, item.path, row, subject)

    def _key(self, child: Item, key: str, row: str, subject: Subject, *, heuristic: bool = False) -> Iterator[Binding]:
        """The key binds."""
        via = child.layers[0].via
        span = child.key if child.key is not None else child.span
        yield self._fact(Known(key, span, via, owner=subject.address, heuristic=heuristic), child.path, row, subject)

    def _fact(self, value: Known, path: str, row: str, subject: Subject) -> Binding:
        entry = self._tables.rows[row]
        assumed = entry.get("confidence") == "assumed" or bool(entry.get("convention"))
        return Binding(
            subject=subject,
            role="binding",
            attribute=path,
            confidence=confidence_of(value, assumed=assumed),
            cause=cause_of(value, subject.address, path),
            binding=row,
            operator=entry["operator"],
        )


_TERMS: Route = (
    "affinity",
    "nodeAffinity",
    "requiredDuringSchedulingIgnoredDuringExecution",
    "nodeSelectorTerms",
    "matchExpressions",
)

_MAX_WORDS = 1_000
"""Arguments of one container that are read; lists of aliases multiply."""
