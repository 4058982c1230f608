"""Objects that a kustomization gathers, and which of them a patch is for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sovlint.model.lazy import pattern
from sovlint.model.resource import Resource
from sovlint.model.value import Step
from sovlint.resolve.kustomize.items import Work, members_of, placed, text_at, with_members
from sovlint.resolve.yaml_attributes import Item, YamlAttributes

# Kinds without namespace that people write; Kustomize knows them from the API's schema
# (https://kubernetes.io/docs/reference/kubernetes-api/).
_CLUSTER_WIDE = frozenset({
    "APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding",
    "CustomResourceDefinition", "FlowSchema", "IngressClass", "MutatingWebhookConfiguration", "Namespace", "Node",
    "PersistentVolume", "PriorityClass", "PriorityLevelConfiguration", "RuntimeClass", "StorageClass",
    "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
    "VolumeAttachment",
})  # fmt: skip
_NOT_RENAMED = frozenset({"APIService", "CustomResourceDefinition", "Namespace"})

_PLAIN = pattern(r"[\w-]*")
_SPECIAL = pattern(r"[.*+?()\[\]{}|^$\\]")


class Object(NamedTuple):
    """One object on its way through kustomizations.

    Attributes:
        ids: (namespace, name) as written and after every change, the current one last; patches may use any of them.
    """

    item: Item
    group: str
    version: str
    kind: str
    ids: tuple[tuple[str, str], ...]

    @property
    def namespace(self) -> str:
        """The current namespace; empty without."""
        return self.ids[-1][0]

    @property
    def name(self) -> str:
        """The current name."""
        return self.ids[-1][1]

    def outward(self, step: Step) -> Object:
        """The same object as a kustomization further out gets it."""
        return self._replace(item=placed(self.item, "", (step,)))

    def called(self, namespace: str, name: str) -> Object:
        """The same object under another name; the one it had is remembered."""
        new = (namespace, name)
        return self if new == self.ids[-1] else self._replace(ids=(*self.ids[-8:], new))

    def resource(self, unit: str) -> Resource:
        """The object as a resource."""
        address = f"{self.group}/{self.kind}/{self.namespace or '-'}/{self.name or '-'}"
        written = self.item.child("kind")
        span = written.span if written is not None else self.item.span
        return Resource(address, self.kind, "kubernetes", "object", unit, YamlAttributes(self.item, address), span)


def object_of(resource: Resource) -> Object | None:
    """An object that was read from a file."""
    attributes = resource.attributes
    if not isinstance(attributes, YamlAttributes):
        return None
    item = attributes.item
    group = resource.address.partition("/")[0]
    version = text_at(item, "apiVersion").rpartition("/")[2]
    name = text_at(item, "metadata", "name") or text_at(item, "metadata", "generateName")
    return Object(item, group, version, resource.kind, ((text_at(item, "metadata", "namespace"), name),))


def patched(found: Object, item: Item) -> Object:
    """An object after a patch, which may have given it another name, namespace or kind."""
    old, new = ((text_at(i, "metadata", "namespace"), text_at(i, "metadata", "name")) for i in (found.item, item))
    kind, version = text_at(item, "kind") or found.kind, text_at(item, "apiVersion")
    if version and version != text_at(found.item, "apiVersion"):
        group, slash, short = version.rpartition("/")
        found = found._replace(group=group if slash else "core", version=short)
    found = found._replace(item=item, kind=kind)
    if old == new:
        return found
    namespace = new[0] if new[0] != old[0] else found.namespace
    return found.called(namespace, new[1] if new[1] != old[1] else found.name)


def in_namespace(found: Object, namespace: str, work: Work) -> Object:
    """What `namespace` makes of an object."""
    work.spend()
    if found.kind == "Namespace" and found.group == "core":
        # The namespace itself is the one that everything is put into.
        return found.called("", namespace)
    if found.kind in _CLUSTER_WIDE and found.kind != "Namespace":
        return found
    return found.called(namespace, found.name)


def renamed(found: Object, prefix: str, suffix: str, work: Work) -> Object:
    """What `namePrefix` and `nameSuffix` make of an object."""
    if found.kind in _NOT_RENAMED:
        return found
    work.spend()
    name = f"{prefix}{found.name}{suffix}"
    return found.called(found.namespace, name) if len(name) < 1_000 else found


def annotated(item: Item, table: str, pairs: dict[str, Item], work: Work) -> Item:
    """An object with more labels or annotations; its pod templates get annotations, too."""
    if table == "annotations":
        item = _below(item, ("spec", "template"), table, pairs, work)
        item = _below(item, ("spec", "jobTemplate", "spec", "template"), table, pairs, work)
    return _with_pairs(item, table, pairs, work)


def _below(item: Item, route: tuple[str, ...], table: str, pairs: dict[str, Item], work: Work) -> Item:
    child = item.child(route[0])
    if child is None or not child.is_mapping:
        return item
    rest = route[1:]
    new = _below(child, rest, table, pairs, work) if rest else _with_pairs(child, table, pairs, work, create=True)
    return item if new is child else with_members(item, {**members_of(item, work), route[0]: new})


def _with_pairs(item: Item, table: str, pairs: dict[str, Item], work: Work, *, create: bool = False) -> Item:
    metadata = item.child("metadata")
    if metadata is None and create:
        metadata = with_members(item, {})
    if metadata is None or not metadata.is_mapping:
        return item
    old = metadata.child(table)
    members = members_of(old, work) if old is not None and old.is_mapping else {}
    new = with_members(old if old is not None and old.is_mapping else metadata, {**members, **pairs})
    inner = with_members(metadata, {**members_of(metadata, work), table: new})
    return with_members(item, {**members_of(item, work), "metadata": inner})


class Selector(NamedTuple):
    """`target` of a patch: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/.

    Every part but the selectors is an expression that has to match as a whole; empty matches all.
    """

    group: str
    version: str
    kind: str
    name: str
    namespace: str
    labels: str
    annotations: str

    def selects(self, found: Object, work: Work) -> bool:
        """Whether a patch is for this object."""
        work.spend()
        return (
            _matches(self.group, "" if found.group == "core" else found.group)
            and _matches(self.version, found.version)
            and _matches(self.kind, found.kind)
            and any(_matches(self.name, name) and _matches(self.namespace, space) for space, name in found.ids)
            and _labelled(self.labels, found.item, "labels")
            and _labelled(self.annotations, found.item, "annotations")
        )


def selector(item: Item) -> Selector:
    """Reads `target`."""
    return Selector(
        text_at(item, "group"),
        text_at(item, "version"),
        text_at(item, "kind"),
        text_at(item, "name"),
        text_at(item, "namespace"),
        text_at(item, "labelSelector"),
        text_at(item, "annotationSelector"),
    )


def named_by(patch: Item, objects: Iterable[Object]) -> list[int]:
    """Positions of the objects that a strategic merge patch without `target` is for."""
    group = text_at(patch, "apiVersion").rpartition("/")[0] or "core"
    kind = text_at(patch, "kind")
    name, namespace = text_at(patch, "metadata", "name"), text_at(patch, "metadata", "namespace")
    return [
        index
        for index, found in enumerate(objects)
        if found.kind == kind
        and found.group == group
        and any(name == own and namespace in ("", space) for space, own in found.ids)
    ]


def _matches(expression: str, text: str) -> bool:
    if not expression or expression == text:
        return True
    if _SPECIAL.search(expression) is None:
        return False
    # Go's expressions in bounded time; loaded only where somebody writes one.
    from sovlint.resolve.terraform.failures import NotKnown
    from sovlint.resolve.terraform.functions.regex_match import PatternError, compiled

    try:
        return compiled(f"^(?:{expression})$").first(text) is not None
    except (PatternError, NotKnown):
        return False


def _labelled(requirements: str, item: Item, table: str) -> bool:
    """Label selectors as in https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/: equality."""
    if not requirements:
        return True
    for part in requirements.split(","):
        key, mark, wanted = part.strip().partition("!=")
        if not mark:
            key, mark, wanted = part.strip().replace("==", "=").partition("=")
            unequal = False
        else:
            unequal = True
        absent = key.startswith("!") and not mark
        labels = item.child("metadata")
        labels = labels.child(table) if labels is not None else None
        child = labels.child(key.strip().removeprefix("!" if absent else "").strip()) if labels is not None else None
        own = child.text() if child is not None else None
        if (absent and own is not None) or (not absent and not mark and own is None):
            return False
        if mark and ((own == wanted.strip()) is unequal):
            return False
    return True
