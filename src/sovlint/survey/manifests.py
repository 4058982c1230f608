"""Facts of Kubernetes objects, Helm values and template text: images, and where things may be scheduled."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Fact, Place, Placement, PlaceRole, Subject
from sovlint.model.lazy import pattern
from sovlint.model.resource import Resource, Route
from sovlint.model.value import Known, Unknown, Value
from sovlint.resolve.helm import TemplateText, ValuesAttributes
from sovlint.resolve.kubernetes import object_at
from sovlint.resolve.yaml_attributes import Item, YamlAttributes, joined
from sovlint.survey.beside import Beside
from sovlint.survey.images import host_of, image_fact
from sovlint.survey.kinds import NOTHING, Kind, kinds_of, several
from sovlint.survey.placed import folded, host_in, placement_of, subject_of

if TYPE_CHECKING:
    from sovlint.survey.cloud import CloudSurvey

Data = dict[str, Any]

_FILLED_IN_LATER = pattern(r"\$\{|\{\{|\$\(|<[A-Za-z_-]+>")


_BUILT_IN = frozenset({"core", "apps", "batch", "extensions", "autoscaling", "policy"})
"""API groups without a dot; those that end in `.k8s.io` are Kubernetes' own, too."""

MAX_NESTING = 5
"""Objects inside of objects; nobody writes more than two."""


class ManifestSurvey:
    """Surveys everything that is not Terraform.

    Args:
        catalogue: kinds, labels, places and hosts.
        namespace: whose region names apply where an object does not tell (configuration `kubernetes.provider`).
    """

    def __init__(self, catalogue: Catalogue, namespace: str = "") -> None:
        self.catalogue = catalogue
        self.namespace = namespace
        self._beside = Beside(catalogue, namespace)
        self._knowledge: Data = catalogue.shard("kubernetes")
        families = catalogue.shard("cloud").get("families", ())
        self._cloud_suffixes = tuple(f".{group}" for family in families for group in family["groups"])
        self._walked: ValuesAttributes | None = None
        self._placing = frozenset(filter(None, (family.get("namespace_annotation") for family in families)))

    def facts(self, resource: Resource) -> Iterator[Fact]:
        """The facts of one resource, apart from those of `collected`."""
        attributes = resource.attributes
        if isinstance(attributes, ValuesAttributes):
            if self._walked is not None and self._walked is not attributes:
                self._walked.forget()
            self._walked = attributes
        found = self._facts(resource)
        if isinstance(attributes, (ValuesAttributes, TemplateText)):
            from sovlint.survey.switched import with_switches

            found = with_switches(found, attributes)
        yield from found

    def _facts(self, resource: Resource) -> Iterator[Fact]:
        attributes = resource.attributes
        yield from self._beside.facts(resource)
        if isinstance(attributes, ValuesAttributes):
            yield from self._values_facts(resource, attributes)
        elif isinstance(attributes, TemplateText):
            yield from self._template_facts(resource, attributes)
        elif isinstance(attributes, YamlAttributes) and resource.mode != "chart":
            yield from self._object_facts(resource, attributes)

    def collected(self) -> Iterator[Fact]:
        """The facts of cloud resources, which refer to each other: to be asked for after all resources."""
        if "_cloud" in self.__dict__:
            yield from self._cloud.facts()

    def ties(self, resource: Resource) -> bool:
        """Whether resources of a cloud in other files may depend on it: one itself, a composition, what places them."""
        group, kind = resource.address.partition("/")[0], resource.kind
        return resource.format == "kubernetes" and (
            f".{group}".endswith(self._cloud_suffixes) or kind in ("Namespace", "Composition")
        )

    @property
    def held(self) -> int:
        """How many objects wait for `collected`."""
        return self._cloud.held if "_cloud" in self.__dict__ else 0

    def forget(self) -> None:
        """Drops what waits: another survey takes it."""
        self.__dict__.pop("_cloud", None)

    # --- knowledge

    @cached_property
    def _cloud(self) -> CloudSurvey:
        from sovlint.survey.cloud import CloudSurvey  # few manifests have cloud resources

        return CloudSurvey(self.catalogue)

    @cached_property
    def _kinds(self) -> dict[tuple[str, str], Kind]:
        return kinds_of(self._knowledge)

    @cached_property
    def _labels(self) -> dict[str, str]:
        """Region label → namespace, empty where any cloud uses it."""
        return {name: entry.get("regions", "") for name, entry in self._knowledge["region_labels"].items()}

    @cached_property
    def _place_keys(self) -> dict[str, tuple[PlaceRole, str]]:
        return {
            folded(key): (row["role"], row.get("regions", ""))
            for row in self._knowledge["place_attributes"]
            for key in row["keys"]
        }

    @cached_property
    def _endpoint_keys(self) -> frozenset[str]:
        return frozenset(folded(key) for row in self._knowledge["endpoint_attributes"] for key in row["keys"])

    # --- Kubernetes objects

    def _object_facts(
        self, resource: Resource, attributes: YamlAttributes, group: str = "", depth: int = 0
    ) -> Iterator[Fact]:
        group = group or resource.address.partition("/")[0]
        kind = self._kinds.get((group, resource.kind))
        custom = group not in _BUILT_IN and not group.endswith(".k8s.io")
        if group == "core" and resource.kind == "Namespace":
            self._note_namespace(resource, attributes)
        if custom and depth == 0 and f".{group}".endswith(self._cloud_suffixes):
            custom = not self._cloud.collect(resource, group)
        if kind is not None:
            subject = subject_of(resource, resource.address)
            seen: set[tuple[str, int, int]] = set()
            for route in kind.images:
                for path, value in attributes.select(route):
                    seen.add(value.span.key)
                    fact = image_fact(value, subject, path, self.catalogue)
                    if fact is not None:
                        yield fact
            yield from self._placed(resource, attributes, kind, self._labelled(attributes, kind))
            if depth < MAX_NESTING:
                for route in kind.objects:
                    yield from self._embedded(resource, route, depth)
        else:
            seen = set()
        if custom and not {group, f"{group}/{resource.kind}"} & self._knowledge["not_workloads"].keys():
            yield from self._shaped(resource, attributes, kind or NOTHING, seen)

    def _placed(
        self, resource: Resource, attributes: YamlAttributes, kind: Kind, labelled: Iterator[tuple[Item, str]]
    ) -> Iterator[Fact]:
        """Placements of the values of region labels."""
        subject: Subject | None = None
        namespace = ""
        # Lists of aliases to lists of aliases multiply; nobody writes that many by hand.
        for item, label in islice(labelled, attributes.limit):
            if subject is None:
                subject, namespace = subject_of(resource, resource.address), self._namespace(attributes, kind)
            written = item.value(resource.address, heuristic=attributes.heuristic)
            if written is None:
                continue
            for value in (written,) if label else several(written):
                placed = self._scheduling(subject, item.path, value, self._labels.get(label) or namespace)
                # A failure domain may be any word; only a label says for certain that it is a place.
                if placed is not None and (label or placed.places):
                    yield placed

    def _embedded(self, resource: Resource, route: Route, depth: int) -> Iterator[Fact]:
        """Facts of whole objects inside of one: compositions, templates, packages of manifests."""
        from sovlint.survey.compositions import embedded_in

        for inner, group, patches in embedded_in(resource, route):
            attributes = inner.attributes
            assert isinstance(attributes, YamlAttributes)
            if f".{group}".endswith(self._cloud_suffixes) and self._cloud.collect(inner, group, patches):
                continue
            yield from self._object_facts(inner, attributes, group, depth + 1)

    def _shaped(
        self, resource: Resource, attributes: YamlAttributes, kind: Kind, seen: set[tuple[str, int, int]]
    ) -> Iterator[Fact]:
        """What has the shape of a pod in a custom resource, apart from what the table of kinds led to."""
        from sovlint.survey.structure import shapes_in

        subject = subject_of(resource, resource.address)
        shapes = shapes_in(attributes, self._labels)
        for item in shapes.images:
            value = item.value(resource.address, heuristic=True)
            if value is not None and item.span.key not in seen:
                fact = image_fact(value, subject, item.path, self.catalogue)
                if fact is not None:
                    yield fact
        known = {item.span.key for item, _ in islice(self._labelled(attributes, kind), attributes.limit)}
        found = [pair for item in shapes.selectors for pair in self._selected(item)]
        found += [pair for item in shapes.terms for pair in self._term(item)]
        fresh = {item.span.key: (item, label) for item, label in found if item.span.key not in known}
        yield from self._placed(resource, attributes, kind, iter(fresh.values()))

    def _note_namespace(self, resource: Resource, attributes: YamlAttributes) -> None:
        for holder in attributes.items(("metadata", "annotations")) if self._placing else ():
            if any(holder.child(name) is not None for name in self._placing):
                self._cloud.place_objects_of(resource)

    def _labelled(self, attributes: YamlAttributes, kind: Kind) -> Iterator[tuple[Item, str]]:
        """Values of region labels in selectors and in terms, and fields that name a zone."""
        for route in kind.selectors:
            for holder in attributes.items(route):
                yield from self._selected(holder)
        for route in kind.terms:
            for term in attributes.items(route):
                yield from self._term(term)
        for route in kind.zones:
            for item in attributes.items(route):
                yield item, ""

    def _selected(self, holder: Item) -> Iterator[tuple[Item, str]]:
        if not holder.is_mapping:
            return
        for label in self._labels:
            child = holder.child(label)
            if child is not None:
                yield child, label

    def _term(self, term: Item) -> Iterator[tuple[Item, str]]:
        """Values of one `{key, operator, values}`; only `In` (and storage topology, without operator) pins a place."""
        if not term.is_mapping:
            return
        key, operator, values = term.child("key"), term.child("operator"), term.child("values")
        label = key.text() if key is not None else None
        if label not in self._labels or values is None:
            return
        if operator is None or operator.text() == "In":
            for element in values.elements():
                yield element, label

    def _namespace(self, attributes: YamlAttributes, kind: Kind) -> str:
        """Whose region names an object uses, from its storage driver and its annotations; empty if it does not tell."""
        drivers = self._knowledge["drivers"]
        for route in kind.drivers:
            for _, value in attributes.select(route):
                if isinstance(value.value, str) and value.value in drivers:
                    return str(drivers[value.value]["regions"])
        for route in (*kind.sources, *kind.keys):
            for holder in attributes.items(route):
                for name, _ in holder.children():
                    if route in kind.sources and name in drivers:
                        return str(drivers[name]["regions"])
                    if found := self._prefixed(name):
                        return found
        for route in kind.terms:
            for term in attributes.items(route):
                key = term.child("key")
                if key is not None and (found := self._prefixed(key.text() or "")):
                    return found
        return self.namespace

    def _prefixed(self, name: str) -> str:
        """The namespace of regions that a label or annotation of one cloud tells, empty for others."""
        for prefix, entry in self._knowledge["key_prefixes"].items():
            if name.startswith(prefix):
                return str(entry["regions"])
        return ""

    # --- Helm

    def _values_facts(self, resource: Resource, attributes: ValuesAttributes) -> Iterator[Fact]:
        for site in attributes.images():
            subject = subject_of(resource, attributes.address(site.path), site.key)
            fact = image_fact(site.value, subject, "image", self.catalogue)
            if fact is None or (not site.named and host_of(fact, self.catalogue).purpose == "source-hosting"):
                # `repository: github.com/…` with a tag is a place of source code.
                continue
            yield fact
        whole = ""
        for item in attributes.mappings():
            if whole and item.path.startswith(f"{whole}."):
                continue
            whole = item.path if self._collect_from_values(resource, item) else ""
            for found, label in (*self._term(item), *self._selected(item)):
                yield from self._values_place(resource, attributes, found, "scheduling", self._labels[label])
            places = [(child, spec) for key, child in item.children() if (spec := self._place_keys.get(folded(key)))]
            for child, (role, namespace) in places:
                for found, names in self._beside_endpoint(item, child, namespace):
                    yield from self._values_place(resource, attributes, found, role, names)

    def _collect_from_values(self, resource: Resource, item: Item) -> bool:
        """Whether a mapping is a cloud's resource that a chart is given as a whole (`extraObjects`)."""
        version = item.child("apiVersion")
        group = (version.text() or "").rpartition("/")[0] if version is not None else ""
        if not group or not f".{group}".endswith(self._cloud_suffixes):
            return False
        found = object_at(item, resource.unit)
        return found is not None and self._cloud.collect(found, group)

    def _beside_endpoint(self, holder: Item, region: Item, namespace: str) -> Iterator[tuple[Item, str]]:
        """What decides the place of a client: its endpoint if it is written and known, else the region.

        A region beside an endpoint of another provider means nothing: S3 clients want one all the same.
        """
        endpoint = next((child for key, child in holder.children() if folded(key) in self._endpoint_keys), None)
        host = host_in(endpoint.text() or "") if endpoint is not None else ""
        if endpoint is not None and host:
            known = self.catalogue.host(host)
            if known.region and known.namespace:
                yield endpoint, known.namespace
                return
            if known.operator not in self.catalogue.shard("core")["namespaces"]:
                return
            namespace = known.operator
        yield region, namespace
        for element in region.elements():
            yield element, namespace

    def _values_place(
        self, resource: Resource, attributes: ValuesAttributes, item: Item, role: PlaceRole, namespace: str
    ) -> Iterator[Fact]:
        address = attributes.address(item.path)
        value = item.value(address, heuristic=True)
        if value is None or not attributes.decides(item):
            return
        subject = subject_of(resource, address, item.key or item.span)
        attribute = item.path.rpartition(".")[2] if role == "client" else item.path
        if role == "scheduling":
            fact = self._scheduling(subject, attribute, value, namespace or self.namespace)
        else:
            fact = self._client(subject, attribute, value, namespace or self.namespace)
        if fact is not None:
            yield fact

    def _template_facts(self, resource: Resource, attributes: TemplateText) -> Iterator[Fact]:
        subject = subject_of(resource, resource.address)
        for path, value in attributes.select(("image",)):
            fact = image_fact(value, subject, path, self.catalogue)
            if fact is not None:
                yield fact
        for label, namespace in self._labels.items():
            for _, value in attributes.select((label,)):
                placed = self._scheduling(subject, joined("", label), value, namespace or self.namespace)
                if placed is not None:
                    yield placed

    # --- places

    def _scheduling(self, subject: Subject, attribute: str, value: Value, namespace: str) -> Placement | None:
        """A region label always says something about a place; a name that nobody knows is undetermined."""
        if type(value) is Known:
            if not isinstance(value.value, str) or not value.value.strip():
                return None
            if _FILLED_IN_LATER.search(value.value):
                value = Unknown("filled in later", value.span, value.via, owner=value.owner, heuristic=value.heuristic)
        places = self._places(value, namespace)
        return placement_of(subject, "scheduling", attribute, value, places, voted=not namespace)

    def _client(self, subject: Subject, attribute: str, value: Value, namespace: str) -> Placement | None:
        """A key that often holds a region; words that no provider knows are something else."""
        places = self._places(value, namespace)
        return placement_of(subject, "client", attribute, value, places, voted=not namespace) if places else None

    def _places(self, value: Value, namespace: str) -> tuple[Place, ...]:
        if type(value) is not Known or not isinstance(value.value, str):
            return ()
        name = value.value.strip()
        if "://" in name or "." in name:
            name = self.catalogue.host(host_in(name)).region or name
        if namespace:
            place = self.catalogue.place(namespace, name)
            return () if place is None else (place,)
        return self.catalogue.places_named(name)
