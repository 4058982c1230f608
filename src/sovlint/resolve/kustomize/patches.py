"""Strategic merge patches and JSON patches on items.

- Strategic merge: maps are merged, null deletes, lists of the built-in kinds are merged by the keys that the API gives
  them (`x-kubernetes-patch-merge-key` in
  https://github.com/kubernetes/kubernetes/blob/master/api/openapi-spec/swagger.json), other lists are replaced.
  `$patch` deletes or replaces (https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/).
- JSON patch: https://www.rfc-editor.org/rfc/rfc6902.
"""

from __future__ import annotations

from sovlint.resolve.kustomize.items import (
    MAX_DEPTH,
    Work,
    elements_of,
    is_sequence,
    members_of,
    text_at,
    with_elements,
    with_members,
)
from sovlint.resolve.yaml_attributes import Item

# Lists of the built-in kinds by name, with the keys that tell their elements apart; the first one all elements have.
_MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "ports": ("containerPort", "port"),
    "imagePullSecrets": ("name",),
    "secrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
    "resourceClaims": ("name",),
    "webhooks": ("name",),
    "ownerReferences": ("uid",),
}

_BUILT_IN = frozenset({"core", "apps", "batch", "extensions", "autoscaling", "policy"})


class PatchError(Exception):
    """A JSON patch does not fit the object it is for; the text says why."""


def has_schema(group: str) -> bool:
    """Whether lists of the objects of an API group have merge keys: those of Kubernetes itself do."""
    return group in _BUILT_IN or (group.endswith(".k8s.io") and group.count(".") == 2)


def merged(base: Item, patch: Item, work: Work, *, schema: bool, name: str = "", depth: int = 0) -> Item | None:
    """A patch laid over data.

    Args:
        base: what is there.
        patch: what is said of it.
        work: counted.
        schema: lists are merged by their keys.
        name: key under which both stand; it tells the merge key of a list.
        depth: levels above.

    Returns:
        The result; None where the patch deletes it.
    """
    work.spend()
    if patch.is_null:
        return None
    if depth > MAX_DEPTH:
        return patch
    if patch.is_mapping:
        directive = text_at(patch, "$patch")
        if directive == "delete":
            return None
        if directive == "replace" or not base.is_mapping:
            return _plain(patch, work)
        members = members_of(base, work)
        for key, value in patch.children():
            work.spend()
            if key.startswith("$"):
                continue
            old = members.get(key)
            new = value if old is None else merged(old, value, work, schema=schema, name=key, depth=depth + 1)
            if new is None or new.is_null:
                members.pop(key, None)
            else:
                members[key] = _plain(new, work) if old is None else new
        return with_members(base, members)
    if is_sequence(patch) and schema and is_sequence(base):
        return _merged_list(base, patch, work, name, depth)
    return patch


def _plain(patch: Item, work: Work) -> Item:
    """A mapping without the directives for the patch itself."""
    if patch.is_mapping and patch.child("$patch") is not None:
        members = members_of(patch, work)
        del members["$patch"]
        return with_members(patch, members)
    return patch


def _merged_list(base: Item, patch: Item, work: Work, name: str, depth: int) -> Item:
    new = elements_of(patch, work)
    if any(text_at(element, "$patch") == "replace" and len(dict(element.children())) == 1 for element in new):
        return with_elements(patch, [e for e in new if text_at(e, "$patch") != "replace"])
    old = elements_of(base, work)
    key = next(
        (k for k in _MERGE_KEYS.get(name, ()) if all(e.is_mapping and text_at(e, k) for e in (*new, *old))), None
    )
    if key is None:
        return patch
    at = {text_at(element, key): index for index, element in enumerate(old)}
    result: list[Item | None] = list(old)
    added: list[Item] = []
    for element in new:
        index = at.get(text_at(element, key))
        there = result[index] if index is not None else None
        if index is not None and there is not None:
            result[index] = merged(there, element, work, schema=True, name=name, depth=depth + 1)
        elif text_at(element, "$patch") != "delete":
            added.append(_plain(element, work))
    # Kustomize puts what is new in front.
    return with_elements(base, [*added, *(element for element in result if element is not None)])


def json_patched(item: Item, operations: Item, work: Work) -> Item:
    """The operations of a JSON patch applied in order.

    Raises:
        PatchError: one of them does not fit; none after it is applied by Kustomize either.
    """
    for operation in operations.elements():
        work.spend()
        kind = text_at(operation, "op")
        path = _tokens(text_at(operation, "path"))
        value = operation.child("value")
        if kind in ("add", "replace"):
            if value is None:
                raise PatchError(f"{kind} without value")
            item = _edited(item, path, kind, value, work)
        elif kind == "remove":
            item = _edited(item, path, kind, None, work)
        elif kind in ("move", "copy"):
            source = _tokens(text_at(operation, "from"))
            moved = _found(item, source)
            if kind == "move":
                item = _edited(item, source, "remove", None, work)
            item = _edited(item, path, "add", moved, work)
        elif kind != "test":
            raise PatchError(f"unknown operation {kind[:40]!r}")
    return item


def _tokens(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise PatchError(f"the path {pointer[:60]!r} does not begin with /")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _found(item: Item, path: list[str]) -> Item:
    for token in path:
        if is_sequence(item):
            elements = list(item.elements())
            item = elements[_index(token, len(elements) - 1)]
            continue
        child = item.child(token)
        if child is None:
            raise PatchError(f"there is nothing at {token[:60]!r}")
        item = child
    return item


def _edited(item: Item, path: list[str], kind: str, value: Item | None, work: Work, depth: int = 0) -> Item:
    """The item after one operation somewhere below it."""
    if not path or depth > MAX_DEPTH:
        if value is None or depth > MAX_DEPTH:
            raise PatchError("the object itself cannot be removed" if not path else "the path is too long")
        return value
    token, rest = path[0], path[1:]
    if is_sequence(item):
        elements = elements_of(item, work)
        if rest:
            at = _index(token, len(elements) - 1)
            elements[at] = _edited(elements[at], rest, kind, value, work, depth + 1)
        elif kind == "add":
            at = len(elements) if token == "-" else _index(token, len(elements))  # noqa: S105
            assert value is not None
            elements.insert(at, value)
        else:
            at = _index(token, len(elements) - 1)
            elements[at : at + 1] = [] if value is None else [value]
        return with_elements(item, elements)
    if not item.is_mapping:
        raise PatchError(f"there is nothing below {token[:60]!r}")
    members = members_of(item, work)
    if rest:
        if token not in members:
            raise PatchError(f"there is nothing at {token[:60]!r}")
        members[token] = _edited(members[token], rest, kind, value, work, depth + 1)
    elif value is not None:
        # The library that Kustomize uses sets what is to be replaced and is not there.
        members[token] = value
    elif members.pop(token, None) is None:
        raise PatchError(f"there is nothing to remove at {token[:60]!r}")
    return with_members(item, members)


def _index(token: str, last: int) -> int:
    if not (token.isascii() and token.isdigit() and len(token) < 8) or int(token) > last:
        raise PatchError(f"{token[:40]!r} is no index of this list")
    return int(token)
