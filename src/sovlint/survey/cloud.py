"""Cloud resources that are declared as Kubernetes objects: the same facts as of the Terraform types they correspond to.

Crossplane, AWS Controllers for Kubernetes, Config Connector, Azure Service Operator and Cluster API create in a cloud
what an object says. `policies/catalogue/resources/` tells which Terraform type a kind is; everything else (service,
place, operator, dependencies) comes from that type's entry in the catalogue, so that no fact stands there twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import Provider, TypeEntry
from sovlint.model.fact import Cause, Fact
from sovlint.model.resource import ProviderConfig, Resource, Route
from sovlint.model.value import Reference
from sovlint.resolve.yaml_attributes import YamlAttributes
from sovlint.survey.causes import written_nowhere
from sovlint.survey.cloud_attributes import CloudAttributes, Elsewhere, Finder, Patched, Wanted, folded
from sovlint.survey.places import is_null, read_region
from sovlint.survey.terraform import Located, TerraformSurvey

Data = dict[str, Any]

MAX_MEANT = 500
"""Objects of one name, or with the same labels, above which nobody can tell which one is meant."""

_HUMPS = (re.compile(r"([A-Z]+)([A-Z][a-z])"), re.compile(r"([a-z0-9])([A-Z])"))


class Family(NamedTuple):
    """What the catalogue says of one controller's objects; see `policies/schema/resources.schema.json`."""

    id: str
    provider: str
    prefix: str
    short: bool
    closed: str
    exact: bool
    inside: tuple[Route, ...]
    ignore: frozenset[str]
    attributes: tuple[tuple[frozenset[str], str, Elsewhere], ...]
    namespace_annotation: str
    unplaced: str
    nowhere: bool


class Kind(NamedTuple):
    """A kind of object with the Terraform type it corresponds to."""

    family: Family
    provider: str
    type: str
    elsewhere: dict[str, tuple[Elsewhere, ...]]


class CloudSurvey(TerraformSurvey):
    """Surveys cloud resources in manifests: `collect` objects first, then ask for all `facts` at once.

    Objects refer to each other across files, and one file holds one object more often than not.

    Attributes:
        held: how many objects were taken.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        self._suffixes: dict[str, Family] = {}
        for row in catalogue.shard("cloud").get("families", ()):
            family = _family(row)
            self._suffixes.update(dict.fromkeys(row["groups"], family))
        self._kinds: dict[tuple[str, str], Kind | None] = {}
        self._of: dict[Resource, Kind] = {}
        self.held = 0
        self._named: dict[str, list[Resource]] = {}
        self._configs: dict[tuple[str, str], ProviderConfig] = {}
        self._firsts: dict[tuple[str, str], Resource] = {}
        self._namespaces: dict[str, list[Resource]] = {}
        self._versions: dict[Resource, YamlAttributes] = {}
        self._groups: dict[tuple[str, ...], list[Resource]] = {}

    def kind(self, group: str, kind: str) -> Kind | None:
        """The Terraform type that a kind of an API group corresponds to; None if it is no cloud resource."""
        key = (group, kind)
        if key not in self._kinds:
            self._kinds[key] = self._find_kind(group, kind)
        return self._kinds[key]

    def _find_kind(self, group: str, kind: str) -> Kind | None:
        labels = group.split(".")
        # The longest suffix wins: karpenter.azure.com is no group of azure.com.
        for start in range(len(labels)):
            family = self._suffixes.get(".".join(labels[start:]))
            if family is not None:
                break
        else:
            return None
        if kind in family.ignore:
            return None
        short = ".".join(labels[:start])
        table: Data = self.catalogue.shard(f"cloud-{family.id}").get("kinds", {})
        listed = {**table.get("*", {}), **table.get(short or "-", {})}
        if kind not in listed and kind.endswith("List"):
            return None
        if kind not in listed and (family.closed == "kinds" or (family.closed == "groups" and short not in table)):
            return None
        middle = f"{short.replace('.', '_')}_" if family.short and short else ""
        name = listed.get(kind, f"{family.prefix}{middle}{_snake(kind)}")
        if name is None:
            return None
        elsewhere: dict[str, tuple[Elsewhere, ...]] = {}
        for kinds, attribute, place in family.attributes:
            if not kinds or kind in kinds:
                elsewhere[attribute] = (*elsewhere.get(attribute, ()), place)
        return Kind(family, family.provider or self.catalogue.provider_of_type(name), name, elsewhere)

    # --- collecting

    def place_objects_of(self, namespace: Resource) -> None:
        """Takes a Namespace, whose annotations may place the objects in it."""
        self.held += 1
        self._namespaces.setdefault(namespace.address.rpartition("/")[2], []).append(namespace)

    def collect(self, resource: Resource, group: str, patches: dict[Route, Patched] | None = None) -> bool:
        """Takes an object to be surveyed with all others; False if it is no cloud resource.

        Args:
            resource: the object.
            group: its API group.
            patches: fields that a composition fills in, folded.
        """
        attributes = resource.attributes
        assert isinstance(attributes, YamlAttributes)
        kind = self.kind(group, resource.kind)
        if kind is None:
            return False
        key = (resource.unit, kind.provider)
        config = self._configs.get(key)
        if config is None:
            config = self._configs[key] = ProviderConfig(kind.provider, "", f"provider.{kind.provider}", None, None)
        translated = Resource(
            resource.address,
            resource.kind,
            "kubernetes",
            "object",
            resource.unit,
            CloudAttributes(
                attributes, kind.family.inside, kind.elsewhere, self._finder(kind, resource), patches or {}
            ),
            resource.span,
            config,
            heuristic=attributes.heuristic,
        )
        self._of[translated] = kind
        self.held += 1
        self._named.setdefault(resource.address.rpartition("/")[2], []).append(translated)
        if self._entry(translated)[0].primary:
            self._firsts.setdefault(key, translated)
        self._versions[translated] = attributes
        return True

    def _finder(self, kind: Kind, resource: Resource) -> Finder:
        def find(wanted: Wanted) -> Iterator[Reference]:
            """Objects of the same controller: of the same file, else of the folder, else the only ones there are."""
            found = self._named.get(wanted.name, []) if wanted.name else self._labelled(resource, wanted)
            if len(found) > MAX_MEANT:
                return iter(())
            found = [r for r in found if self._of[r].family.id == kind.family.id and not _same(r, resource)]
            # Attributes are mostly called after what they lead to, and names are often given twice.
            called = [r for r in found if _called(r.kind, wanted.attribute)]
            found = called or ([] if wanted.labels or wanted.sibling else found)
            folder = resource.unit.rpartition("/")[0]
            near = [r for r in found if r.unit == resource.unit]
            near = near or [r for r in found if r.unit.rpartition("/")[0] == folder]
            if not near and len({r.unit for r in found}) == 1:
                near = found
            return iter([(_index_key(r), "") for r in near])

        return find

    def _labelled(self, resource: Resource, wanted: Wanted) -> list[Resource]:
        """Objects with all labels that are asked for and, if so asked, of the same composition."""
        if not self._groups:
            for other in self._of:
                self._groups.setdefault(_composition(other), []).append(other)
                for holder in self._versions[other].items(("metadata", "labels")):
                    for key, child in holder.children():
                        self._groups.setdefault((key, child.text() or "", "label"), []).append(other)
        keys: list[tuple[str, ...]] = [(*pair, "label") for pair in wanted.labels]
        keys += [_composition(resource)] if wanted.sibling else []
        groups = sorted((self._groups.get(key, []) for key in keys), key=len)
        if not groups or len(groups[0]) > MAX_MEANT:
            return []
        return [r for r in groups[0] if all(r in group for group in groups[1:])]

    def facts(self, resources: Sequence[Resource] = ()) -> Iterator[Fact]:
        """The facts of all objects that were collected."""
        self._located.clear()
        self._index = {_index_key(r): r for r in self._of}
        for resource in self._of:
            yield from self._resource(resource)

    # --- what differs from Terraform

    def _entry(self, resource: Resource) -> tuple[TypeEntry, Provider | None]:
        kind = self._of[resource]
        key = (kind.family.id, kind.provider, kind.type)
        found = self._entries.get(key)
        if found is None:
            entry = self.catalogue.type_entry(kind.provider, kind.type)
            if not kind.family.exact:
                # Other names than Terraform's: what was not found may be written all the same.
                entry = entry._replace(omitted=())
            found = self._entries[key] = entry, self.catalogue.provider(kind.provider)
        return found

    def _operator_cause(self, resource: Resource) -> Cause:
        """201 stands on the API version of the first object in its file: its group names the operator."""
        kind = self._of[resource]
        first = self._firsts.get((resource.unit, kind.provider), resource)
        for _, version in self._versions[first].select(("apiVersion",)):
            return Cause(version.span.location(), first.address, str(version.value), attribute="apiVersion")
        return Cause(first.span.location(), first.address, kind.provider, attribute="apiVersion")

    def _configuration(self, resource: Resource, provider: Provider) -> Located | None:
        """The annotation of the namespace that places its objects, if the namespace is in the files."""
        annotation = self._of[resource].family.namespace_annotation
        name = resource.address.split("/")[-2]
        found = self._namespaces.get(name, ()) if annotation else ()
        for namespace in sorted(found, key=lambda n: (n.unit != resource.unit, n.unit)):
            for path, value in namespace.attributes.select(("metadata", "annotations", annotation)):
                if not is_null(value):
                    reading = read_region(self.catalogue, provider.namespace, value)
                    return self._located_by(reading, namespace, path, None)
        return None

    def _nowhere(self, resource: Resource, provider: Provider) -> Located | None:
        family = self._of[resource].family
        if family.nowhere:
            return None
        reason = family.unplaced or "no place is written, and what it is part of is not in these files"
        cause = written_nowhere(resource.span, resource.address, "region", reason=reason)
        return Located((), cause, "region", "literal", False)


def _index_key(resource: Resource) -> str:
    return f"{resource.unit}\n{resource.address}"


def _same(one: Resource, other: Resource) -> bool:
    return one.unit == other.unit and one.address == other.address


def _composition(resource: Resource) -> tuple[str, str]:
    """The file and the composition an object stands in; objects outside of compositions are made for no composite."""
    return resource.unit, resource.address.partition("/spec.")[0]


def _called(kind: str, attribute: str) -> bool:
    """Whether an attribute is called after a kind: `keyringid` after KeyRing, `instance` after DBInstance."""
    kind = folded(kind)
    stem = attribute
    for ending in ("names", "name", "ids", "id", "arns", "arn"):
        stem = stem.removesuffix(ending)
    return bool(stem) and (kind in attribute or stem in kind)


def _family(row: Data) -> Family:
    return Family(
        id=row["id"],
        provider=row.get("provider", ""),
        prefix=row.get("prefix", ""),
        short=row.get("short", False),
        closed=row.get("closed", ""),
        exact=row.get("exact", False),
        inside=tuple(_route(way) for way in row["inside"]),
        ignore=frozenset(row.get("ignore", ())),
        attributes=tuple(
            (frozenset(a.get("kinds", ())), a["name"], Elsewhere(_route(a["route"]), a.get("refers", False)))
            for a in row["attributes"]
        ),
        namespace_annotation=row.get("namespace_annotation", ""),
        unplaced=row.get("unplaced", ""),
        nowhere=row.get("nowhere", False),
    )


def _route(way: str | list[str]) -> Route:
    if isinstance(way, list):
        return tuple(way)
    return tuple(way.split(".")) if way else ()


def _snake(name: str) -> str:
    for humps in _HUMPS:
        name = humps.sub(r"\1_\2", name)
    return name.lower()
