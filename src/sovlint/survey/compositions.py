"""Objects inside of objects, and what Crossplane's compositions do to them: patches fill in fields from elsewhere.

Syntax: https://docs.crossplane.io/latest/composition/compositions/ and
https://docs.crossplane.io/latest/guides/function-patch-and-transform/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sovlint.model.lazy import pattern
from sovlint.model.resource import Resource, Route
from sovlint.model.value import Value
from sovlint.resolve.yaml_attributes import Item, YamlAttributes
from sovlint.survey.cloud_attributes import Patched, folded

_INDEX = pattern(r"\[[^\]]*\]")

_TO_RESOURCE = ("FromCompositeFieldPath", "FromEnvironmentFieldPath", "CombineFromComposite", "CombineFromEnvironment")


def embedded_in(outer: Resource, route: Route) -> Iterator[tuple[Resource, str, dict[Route, Patched]]]:
    """Objects at a route inside of another one, each with its API group and the fields that are filled in later."""
    attributes = outer.attributes
    assert isinstance(attributes, YamlAttributes)
    for holder in attributes.items(route[:-1]):
        item = holder.child(route[-1])
        if item is None:
            continue
        for one in item.elements() if not item.is_mapping else (item,):
            found = _object(outer, one, attributes)
            if found is not None:
                yield *found, _patches(attributes, holder, route[:-2])


def _object(outer: Resource, item: Item, attributes: YamlAttributes) -> tuple[Resource, str] | None:
    version, kind = item.child("apiVersion"), item.child("kind")
    if version is None or kind is None or not version.text() or not kind.text():
        return None
    group, slash, _ = (version.text() or "").rpartition("/")
    name = kind.text() or ""
    # The way and the kind instead of a name: the names of composed objects are made up in the cluster.
    address = f"{outer.address}/{item.path.replace('[', '.').replace(']', '')}/{name}"
    inside = YamlAttributes(item, address, heuristic=attributes.heuristic)
    resource = Resource(address, name, "kubernetes", "object", outer.unit, inside, kind.span)
    return resource, group if slash else "core"


def _patches(attributes: YamlAttributes, holder: Item, above: Route) -> dict[Route, Patched]:
    """Fields of one composed resource that its patches fill in, by folded route."""
    found: dict[Route, Patched] = {}
    listed = holder.child("patches")
    if listed is None:
        return found
    for patch in listed.elements():
        kind = _text(patch, "type") or "FromCompositeFieldPath"
        if kind == "PatchSet":
            name = _text(patch, "patchSetName")
            for group in attributes.items((*above, "patchSets")):
                inner = group.child("patches")
                if inner is not None and _text(group, "name") == name:
                    for one in inner.elements():
                        _add(one, _text(one, "type") or "FromCompositeFieldPath", attributes.owner, found)
        else:
            _add(patch, kind, attributes.owner, found)
    return found


def _add(patch: Item, kind: str, owner: str, found: dict[Route, Patched]) -> None:
    if kind not in _TO_RESOURCE:
        return
    source = patch.child("fromFieldPath")
    target = patch.child("toFieldPath") or source
    path = target.text() if target is not None else None
    if target is None or not path:
        return
    route = tuple(folded(name) for name in re.split(r"\.", _INDEX.sub("", path)) if name)
    origin = _text(patch, "fromFieldPath") or "several fields"
    reason = f"the composition fills it in from {origin[:80]}"
    found[route] = Patched((source or target).span, tuple(_mapped(patch, owner)), reason)


def _mapped(patch: Item, owner: str) -> Iterator[Value]:
    """What a `map` transform may give, if it is the last one: then nothing else can come of the patch."""
    transforms = patch.child("transforms")
    last = list(transforms.elements())[-1:] if transforms is not None else []
    for transform in last:
        table = transform.child("map")
        if table is None:
            continue
        for _, value in table.children():
            known = value.value(owner)
            if known is not None:
                yield known


def _text(item: Item, key: str) -> str:
    child = item.child(key)
    return (child.text() or "") if child is not None else ""
