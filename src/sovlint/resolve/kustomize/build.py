"""A kustomization and all it reaches, to objects.

The order of steps is that of https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/target/kusttarget.go
(resources, generators, components, then transformers) and `kusttarget_configplugin.go` beside it (strategic merge
patches, patches, namespace, prefix and suffix, annotations, JSON patches, images, replacements).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sovlint.model.resource import Resource
from sovlint.model.source import Span
from sovlint.model.value import Step
from sovlint.parse.yaml import Mapping, Scalar, Sequence, deref
from sovlint.resolve.helm.values import ValuesAttributes
from sovlint.resolve.kubernetes import load_documents
from sovlint.resolve.kustomize.files import Files, Kustomization, is_remote
from sovlint.resolve.kustomize.generators import generated
from sovlint.resolve.kustomize.images import Replacement, image_at, replacement, with_images
from sovlint.resolve.kustomize.items import Work, is_sequence, members_of, text_at, with_members
from sovlint.resolve.kustomize.objects import (
    Object,
    Selector,
    annotated,
    in_namespace,
    named_by,
    object_of,
    patched,
    renamed,
    selector,
)
from sovlint.resolve.kustomize.patches import PatchError, has_schema, json_patched, merged
from sovlint.resolve.kustomize.replacements import with_replacements
from sovlint.resolve.yaml_attributes import Item, top

BUDGET = 200_000
"""Nodes that one kustomization may visit, in addition to the characters of its texts; a few seconds."""

MAX_COMPONENTS = 50
"""Components inside components."""

MAX_FOLDERS = 5_000
"""Kustomizations that one of them reaches."""

MAX_NAMES = 100_000
"""Texts of one kustomization that are taken for names of files."""

_BASES = ("resources", "bases")


class Builder:
    """Builds one kustomization with everything below it.

    Args:
        files: reads them.
        root: folder of the outermost one.
        budget: nodes that may be visited in addition to the characters of the texts.
    """

    def __init__(self, files: Files, root: str, budget: int = BUDGET) -> None:
        self.files = files
        self.root = root
        self.work = files.work = Work(budget)
        self.visited: dict[str, Kustomization] = {}
        self.values: list[Resource] = []
        self._built: dict[str, list[Object]] = {}
        self._broken: set[tuple[str, str]] = set()

    def build(self) -> list[Object]:
        """The objects of the root.

        Raises:
            TooMuchWorkError: it would take too long.
        """
        # Depth first without recursion: nobody nests a thousand overlays, but somebody's generator may.
        state: dict[str, bool] = {}
        todo: list[tuple[str, bool]] = [(self.root, False)]
        while todo:
            folder, ready = todo.pop()
            if ready:
                found = self.visited[folder]
                if not found.component or folder == self.root:
                    self._built[folder] = self._assembled(found, [])
                state[folder] = True
                continue
            if folder in state:
                continue
            kustomization = self.files.kustomization(folder)
            state[folder] = kustomization is None
            if kustomization is None:
                continue
            self.visited[folder] = kustomization
            todo.append((folder, True))
            for entry, below in self.folders(kustomization):
                self.work.spend()
                if state.get(below) is False:
                    self._broken.add((folder, below))
                    text = f"{entry.text()} leads back to a kustomization that is being built: not followed"
                    self.files.problem(entry.span, "kustomize-cycle", text, "error")
                elif below not in state:
                    if len(self.visited) > MAX_FOLDERS:
                        self.files.problem(entry.span, "too-deep", "too many kustomizations below this one", "error")
                        self._broken.add((folder, below))
                    else:
                        todo.append((below, False))
        return self._built.get(self.root, [])

    def folders(self, kustomization: Kustomization) -> Iterator[tuple[Item, str]]:
        """Folders in the tree with a kustomization that this one names."""
        for _, entry in kustomization.entries(*_BASES, "components"):
            text = entry.text() or ""
            path = None if is_remote(text) else kustomization.path_of(text)
            if path is not None and self.files.file_of(path) is not None:
                yield entry, path

    # --- one kustomization

    def _assembled(self, kustomization: Kustomization, objects: list[Object], depth: int = 0) -> list[Object]:
        for slot, entry in kustomization.entries(*_BASES):
            objects.extend(self._resource(kustomization, slot, entry))
        objects = generated(kustomization, objects, self.files, self.work)
        self._helm_values(kustomization)
        for _, entry in kustomization.entries("components"):
            objects = self._component(kustomization, entry, objects, depth)
        return self._transformed(kustomization, objects)

    def _resource(self, kustomization: Kustomization, slot: str, entry: Item) -> Iterator[Object]:
        text = entry.text()
        if not text:
            return
        if is_remote(text):
            self.files.problem(entry.span, "remote", "is fetched from elsewhere: the objects there were not read")
            return
        path = self.files.local(kustomization, entry)
        if path is None:
            return
        step = Step(entry.span, slot, f"{slot} of {kustomization.source.path}")
        if self.files.tree.exists(path):
            found = self._from_file(path, entry.span)
        elif (kustomization.folder, path) in self._broken:
            return
        elif path in self._built:
            found = self._built[path]
        else:
            self._not_there(entry, path)
            return
        for one in found:
            self.work.spend()
            yield one.outward(step)

    def _not_there(self, entry: Item, path: str) -> None:
        if path in self.visited:
            text = "is a component: it belongs under `components`"
        elif self.files.file_of(path) is not None:
            return  # What is wrong with that kustomization was said.
        elif self.files.tree.is_folder(path):
            text = "has no kustomization file"
        else:
            text = "does not exist"
        self.files.problem(entry.span, "missing", f"{(entry.text() or '')[:200]} {text}: not read")

    def _from_file(self, path: str, at: Span) -> list[Object]:
        documents = self.files.documents(path, at)
        source = self.files.read.get(path)
        if source is None:
            return []
        resources, problems = load_documents(source, documents, path)
        self.files.problems.extend(problems)
        self.work.spend(len(resources))
        return [found for resource in resources if (found := object_of(resource)) is not None]

    def _component(self, kustomization: Kustomization, entry: Item, objects: list[Object], depth: int) -> list[Object]:
        text = entry.text()
        if not text:
            return objects
        if is_remote(text):
            self.files.problem(entry.span, "remote", "is fetched from elsewhere: what it changes was not read")
            return objects
        path = self.files.local(kustomization, entry)
        if path is None or (kustomization.folder, path) in self._broken:
            return objects
        component = self.visited.get(path)
        if component is None:
            self._not_there(entry, path)
            return objects
        if depth > MAX_COMPONENTS:
            self.files.problem(
                entry.span, "too-deep", f"more than {MAX_COMPONENTS} components inside each other", "error"
            )
            return objects
        self.work.spend(len(objects))
        return self._assembled(component, objects, depth + 1)

    def _helm_values(self, kustomization: Kustomization) -> None:
        """Values files of charts that are rendered here; inline values are read with the kustomization itself."""
        for _, entry in kustomization.entries("helmCharts"):
            files = [entry.child("valuesFile")]
            more = entry.child("additionalValuesFiles")
            files.extend(more.elements() if more is not None else ())
            for named in files:
                path = self.files.local(kustomization, named) if named is not None and named.text() else None
                documents = self.files.documents(path, named.span) if path is not None and named is not None else []
                source = self.files.read.get(path or "")
                if source is not None and documents and type(deref(documents[0])) is Mapping:
                    name = text_at(entry, "name") or "chart"
                    attributes = ValuesAttributes(top(source, documents[0]), name, source)
                    self.values.append(
                        Resource(
                            f"{name}:{source.path.rpartition('/')[2]}",
                            "values",
                            "helm",
                            "values",
                            kustomization.folder,
                            attributes,
                            Span(source, 0, 0),
                            heuristic=True,
                        )
                    )

    # --- transformers

    def _transformed(self, kustomization: Kustomization, objects: list[Object]) -> list[Object]:
        for _, entry in kustomization.entries("patchesStrategicMerge"):
            objects = self._patched(kustomization, entry, "patchesStrategicMerge", None, objects)
        objects = self._patches(kustomization, "patches", objects)
        objects = self._metadata(kustomization, objects)
        objects = self._patches(kustomization, "patchesJson6902", objects)
        objects = self._images(kustomization, objects)
        return with_replacements(kustomization, objects, self.files, self.work)

    def _patches(self, kustomization: Kustomization, slot: str, objects: list[Object]) -> list[Object]:
        for _, entry in kustomization.entries(slot):
            target = entry.child("target")
            written = entry.child("path") or entry.child("patch")
            if written is not None and written.text():
                chosen = selector(target) if target is not None and target.is_mapping else None
                objects = self._patched(kustomization, written, slot, chosen, objects, entry.child("options"))
        return objects

    def _patched(
        self,
        kustomization: Kustomization,
        entry: Item,
        slot: str,
        target: Selector | None,
        objects: list[Object],
        options: Item | None = None,
    ) -> list[Object]:
        """The objects after one patch, whatever it is written as."""
        for patch in self.files.named_documents(kustomization, entry, slot):
            if is_sequence(patch):
                objects = self._json_patched(entry, patch, target, objects)
                continue
            if not patch.is_mapping:
                continue
            if target is not None:
                chosen = [i for i, found in enumerate(objects) if target.selects(found, self.work)]
            else:
                self.work.spend(len(objects))
                chosen = named_by(patch, objects)
                if not chosen and not self._fetches(kustomization):
                    name = f"{text_at(patch, 'kind')} {text_at(patch, 'metadata', 'name')}"[:200]
                    self.files.problem(patch.span, "patch", f"nothing here is called {name}: the patch changes nothing")
            for index in reversed(chosen):
                found = objects[index]
                item = merged(found.item, patch, self.work, schema=has_schema(found.group))
                if item is None:
                    del objects[index]
                else:
                    objects[index] = self._identity(item, found, options)
        return objects

    def _identity(self, item: Item, found: Object, options: Item | None) -> Object:
        """What a patch makes of an object: its name and kind stay, unless the patch is allowed to change them."""
        kept: list[tuple[str, ...]] = (
            [("apiVersion",), ("kind",)] if text_at(options, "allowKindChange") != "true" else []
        )
        if text_at(options, "allowNameChange") != "true":
            kept += [("metadata", "name")]
        for route in kept:
            item = _kept(item, found.item, route, self.work)
        return patched(found, item)

    def _json_patched(self, entry: Item, patch: Item, target: Selector | None, objects: list[Object]) -> list[Object]:
        if target is None:
            self.files.problem(entry.span, "patch", "a JSON patch needs a target: it changes nothing")
            return objects
        for index, found in enumerate(objects):
            if target.selects(found, self.work):
                try:
                    objects[index] = patched(found, json_patched(found.item, patch, self.work))
                except PatchError as error:
                    text = f"the patch does not fit {found.kind} {found.name[:100]}: {error}"
                    self.files.problem(patch.span, "patch", text)
        return objects

    def _fetches(self, kustomization: Kustomization) -> bool:
        """Whether objects may come from elsewhere, so that a patch may be for one that nobody sees here."""
        names = (*_BASES, "components")
        missing = (e.text() or "" for k in self.visited.values() for _, e in k.entries(*names))
        charts = any(True for k in self.visited.values() for _ in k.entries("helmCharts", "generators"))
        return kustomization.component or charts or any(is_remote(text) for text in missing)

    def _metadata(self, kustomization: Kustomization, objects: list[Object]) -> list[Object]:
        item = kustomization.item
        namespace = text_at(item, "namespace")
        if namespace:
            objects = [in_namespace(found, namespace, self.work) for found in objects]
        prefix, suffix = text_at(item, "namePrefix"), text_at(item, "nameSuffix")
        if prefix or suffix:
            objects = [renamed(found, prefix, suffix, self.work) for found in objects]
        for key, table in (("commonLabels", "labels"), ("commonAnnotations", "annotations")):
            pairs = item.child(key)
            if pairs is not None and pairs.is_mapping:
                found = dict(pairs.children())
                objects = [o._replace(item=annotated(o.item, table, found, self.work)) for o in objects]
        return objects

    def _images(self, kustomization: Kustomization, objects: list[Object]) -> list[Object]:
        entries = kustomization.entries("images")
        images = [r for _, entry in entries if (r := replacement(entry, kustomization.address)) is not None]
        if not images:
            return objects
        paths = list(self._image_paths(kustomization))
        return [self._with_images(found, images, paths) for found in objects]

    def _with_images(self, found: Object, images: list[Replacement], paths: list[tuple[str, list[str]]]) -> Object:
        if found.kind == "CustomResourceDefinition":
            return found
        item = with_images(found.item, images, self.work)
        for kind, path in paths:
            if kind in ("", found.kind):
                item = image_at(item, path, images, self.work)
        return found if item is found.item else found._replace(item=item)

    def _image_paths(self, kustomization: Kustomization) -> Iterator[tuple[str, list[str]]]:
        """Paths of images in other kinds, from `configurations`."""
        for _, entry in kustomization.entries("configurations"):
            for document in self.files.named_documents(kustomization, entry, "configurations"):
                rows = document.child("images")
                for row in rows.elements() if rows is not None else ():
                    path = text_at(row, "path")
                    if path and len(path) < 1_000:
                        yield text_at(row, "kind"), path.split("/")


def _kept(item: Item, before: Item, route: tuple[str, ...], work: Work) -> Item:
    """The item with what stood at a route before."""
    written = before.child(route[0])
    if written is None:
        return item
    if len(route) > 1:
        inner = item.child(route[0])
        written = _kept(inner, written, route[1:], work) if inner is not None else written
    return with_members(item, {**members_of(item, work), route[0]: written})


def files_of(kustomization: Kustomization, files: Files) -> set[str]:
    """Files in the tree that a kustomization names in any way: they are read as part of it and not by themselves."""
    found: set[str] = set()
    for node in islice(_scalars(kustomization), MAX_NAMES):
        path = kustomization.path_of(node.rpartition("=")[2]) if len(node) < 1_000 and "\n" not in node else None
        if path and files.tree.exists(path):
            found.add(path)
    return found


_NAMING = (
    "resources", "bases", "components", "patches", "patchesStrategicMerge", "patchesJson6902", "configurations", "crds",
    "generators", "transformers", "validators", "openapi", "helmCharts", "helmChartInflationGenerator",
    "configMapGenerator", "secretGenerator", "replacements",
)  # fmt: skip


def _scalars(kustomization: Kustomization) -> Iterator[str]:
    """The texts below the fields that name files."""
    seen: set[int] = set()
    todo = [child.node for name in _NAMING if (child := kustomization.item.child(name)) is not None]
    while todo:
        node = deref(todo.pop())
        if id(node) in seen:
            continue
        seen.add(id(node))
        if type(node) is Scalar:
            yield node.text
        elif type(node) is Sequence:
            todo.extend(node.items)
        elif type(node) is Mapping:
            todo.extend(value for _, value in node.entries)
