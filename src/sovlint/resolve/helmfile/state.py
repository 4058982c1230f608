"""One helmfile in one of its environments: parts and bases laid over each other, and the state values.

Semantics as in https://helmfile.readthedocs.io/en/latest/values-and-merging/ and /environments/: parts of a file
(`---`) and `bases` are merged in their order, maps deeply and lists as a whole; a part sees the values of the parts
before it. State values are `values` of the file, then `environments.NAME.defaults`, then `environments.NAME.values`,
then what a helmfile above gives. Secrets are encrypted: they are not read, and said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from sovlint.model.lazy import pattern
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile
from sovlint.parse.yaml import Mapping, deref
from sovlint.resolve.helmfile.evaluate import Context
from sovlint.resolve.helmfile.files import Document, Files, is_list, text_of
from sovlint.resolve.helmfile.text import Blanked
from sovlint.resolve.yaml_attributes import Item, Layer

MAX_DEPTH = 10
"""Bases of bases, helmfiles of helmfiles."""

MAX_ELEMENTS = 200

_BOUNDARY = pattern(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)


class State:
    """A helmfile as it is in one environment.

    Attributes:
        path: of the file.
        name: of the environment.
        documents: its parts and bases, the highest first.
        context: what its templates may refer to.
    """

    def __init__(
        self, files: Files, path: str, name: str, given: Sequence[Layer] = (), inherited: Sequence[Layer] = ()
    ) -> None:
        self.files = files
        self.path = path
        self.name = name
        self.folder = path.rpartition("/")[0]
        self.documents: list[Document] = []
        self.context = Context(name, None)
        self._given = list(given)
        self._inherited = list(inherited)
        self._complete = True
        self._environment: list[Layer] = []
        self._defaults: list[Layer] = []
        self._blanked: dict[int, Blanked | None] = {}
        self.found = False
        self._refresh()
        self._load(path, 0)

    @property
    def top(self) -> Item | None:
        """The merged helmfile; None without any document."""
        found = tuple(Layer(document.source, deref(document.node)) for document in self.documents)
        return Item("", found) if found else None

    def done(self, item: Item) -> Blanked | None:
        """The actions of the document that an item stands in."""
        return self._blanked.get(id(item.layers[0].source))

    def text(self, item: Item | None) -> str | None:
        """The text of a scalar, with what is known filled in."""
        return text_of(item, self.done(item)) if item is not None else None

    # --- loading

    def _load(self, path: str, depth: int) -> None:
        source = self.files.source(path)
        if source is None:
            return
        folder = path.rpartition("/")[0]
        cuts = [0, *(match.start() for match in _BOUNDARY.finditer(source.text) if match.start()), len(source.text)]
        if "{{" not in source.text:
            for document in self.files.documents(source, None):
                self._part(document, source, folder, depth)
            return
        for start, end in pairwise(cuts):
            problems = self._rendered(source, start, end, folder, depth)
            self.files.problems.update(dict.fromkeys(problems))

    def _rendered(self, source: SourceFile, start: int, end: int, folder: str, depth: int) -> list[Problem]:
        """One part of a template; what it declares itself counts in it, too, as in helmfile before its version 1."""
        # Each part is a text of its own for whoever asks which actions stand in it.
        part = SourceFile(source.path, source.text)
        documents, problems = self.files.part(part, self.context.fresh(), start, end)
        before = self.context.values
        number = len(self.documents)
        for document in documents:
            self._blanked[id(part)] = document.done
            self._part(document, part, folder, depth)
        if self.context.values is before or not documents:
            return problems
        again = SourceFile(source.path, source.text)
        documents, problems = self.files.part(again, self.context.fresh(), start, end)
        if len(self.documents) > number and len(documents) == 1:
            self._blanked[id(again)] = documents[0].done
            self.documents[0] = documents[0]
        return problems

    def _part(self, document: Document, source: SourceFile, folder: str, depth: int) -> None:
        node = deref(document.node)
        if type(node) is not Mapping:
            return
        item = Item("", (Layer(source, node),))
        bases = item.child("bases")
        for base in list(bases.elements() if bases is not None else ())[:MAX_ELEMENTS]:
            text = self.text(base)
            lost = "what it brings was not read"
            found = self.files.paths(text, base.span, folder, "error", lost) if text else None
            for path in found or ():
                if depth < MAX_DEPTH:
                    self._load(path, depth + 1)
                else:
                    self.files.say(base.span, "too-deep", f"more than {MAX_DEPTH} bases in one another: not read")
            if found is None:
                self._complete = False
        self.documents.insert(0, document)
        self._values(item, folder)

    def _values(self, item: Item, folder: str) -> None:
        handler = self.text(item.child("missingFileHandler")) or ""
        self._defaults[:0] = self._entries(item.child("values"), folder, handler)
        environments = item.child("environments")
        mine = environments.child(self.name) if environments is not None else None
        if mine is None or not mine.is_mapping:
            self.found = self.found or mine is not None or self._is_named(environments)
            self._refresh()
            return
        self.found = True
        handler = self.text(mine.child("missingFileHandler")) or ""
        fallback = self.text(mine.child("mergeStrategy")) == "fallback"
        self._environment += self._entries(mine.child("defaults"), folder, handler)
        self._refresh()
        self._environment[:0] = self._entries(mine.child("values"), folder, handler, fallback=fallback)
        secrets = mine.child("secrets")
        if secrets is not None and is_list(secrets) and next(iter(secrets.elements()), None) is not None:
            self._complete = False
            text = f"the secrets of the environment {self.name} are encrypted: values in them were not read"
            self.files.say(secrets.key or secrets.span, "not-static", text)
        self.context.kube_context = self.text(mine.child("kubeContext")) or self.context.kube_context
        self._refresh()

    def _is_named(self, environments: Item | None) -> bool:
        # `production:` without anything below is an environment, too.
        return environments is not None and any(name == self.name for name, _ in environments.children())

    def _entries(self, listed: Item | None, folder: str, handler: str, *, fallback: bool = False) -> list[Layer]:
        """Values, files and mappings, as layers, the highest first."""
        out: list[Layer] = []
        if listed is None or not is_list(listed):
            return out
        for element in list(listed.elements())[:MAX_ELEMENTS]:
            found = self.files.entry(element, folder, self.context, self.done(element), handler)
            if found is None:
                self._complete = False
            elif fallback:
                out.extend(found)
            else:
                out[:0] = found
        return out

    def _refresh(self) -> None:
        found = (*self._given, *self._environment, *self._inherited, *self._defaults)
        if found != (self.context.values.layers if self.context.values is not None else ()):
            self.context.values = Item("", found) if found else None
        self.context.complete = self._complete


def environment_names(files: Files, path: str, depth: int = 0, seen: set[str] | None = None) -> list[str]:
    """The names of the environments that a helmfile, its bases and its sub-helmfiles declare, in order."""
    seen = set() if seen is None else seen
    source = files.source(path) if path not in seen else None
    if source is None or depth > MAX_DEPTH:
        return []
    seen.add(path)
    names: dict[str, None] = {}
    folder = path.rpartition("/")[0]
    context = Context(None, None, complete=False)
    quiet = Files(files.tree)
    text = SourceFile(source.path, source.text)
    documents = files.documents(source, None) if "{{" not in source.text else quiet.documents(text, context)
    for document in documents:
        if type(deref(document.node)) is not Mapping:
            continue
        item = Item("", (Layer(document.source, deref(document.node)),))
        environments = item.child("environments")
        if environments is not None and type(environments.node) is Mapping:
            names.update((key, None) for key, _ in _keys(environments) if "{{" not in key and "\ue000" not in key)
        for way in ("bases", "helmfiles"):
            listed = item.child(way)
            for element in list(listed.elements() if listed is not None else ())[:MAX_ELEMENTS]:
                one = element.child("path") if element.is_mapping else element
                written = text_of(one, document.done) if one is not None else None
                found = quiet.paths(written, element.span, folder, "warn", "") if written else None
                for inner in found or ():
                    names.update(dict.fromkeys(environment_names(files, inner, depth + 1, seen)))
    return list(names)


def _keys(item: Item) -> list[tuple[str, object]]:
    """Keys of a mapping, those without anything below as well."""
    from sovlint.parse.yaml import items

    return [(name, value) for name, _, value in items(item.node)]
