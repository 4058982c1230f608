"""Kustomization files and the files they name, each read once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from sovlint.discovery.tree import Tree, TreeError, join
from sovlint.model.lazy import pattern
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Step
from sovlint.parse.decode import decode
from sovlint.parse.yaml import Mapping, Node, Scalar, Sequence, deref, parse_stream
from sovlint.resolve.embedded import Embedded
from sovlint.resolve.kustomize.items import Work, text_at
from sovlint.resolve.yaml_attributes import Item, Layer, top

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""https://github.com/kubernetes-sigs/kustomize/blob/master/api/konfig/general.go"""

GROUP = "kustomize.config.k8s.io"

MAX_ENTRIES = 20_000
"""Entries of one list of a kustomization that are read."""

NOT_APPLIED = {
    "generators": "generators are not run",
    "transformers": "transformers are not run",
}
"""Fields that change objects in ways nobody can follow without running programs."""

MAX_CACHED = 2_000_000
"""Characters of files that are kept between kustomizations; bases are used by several."""

_REMOTE = pattern(
    r"[A-Za-z][\w+.-]*://|(?:git::)|[\w.-]+@[\w.-]+:|gh:|github\.com[/:]|[\w.-]+\.[a-z]+(?::\d+)?/.*(?:\.git|//|\?ref=)"
)


def is_kustomization_name(path: str) -> bool:
    """Whether a file is a kustomization by its name."""
    return path.rpartition("/")[2] in FILE_NAMES


def is_remote(text: str) -> bool:
    """Whether an entry of `resources` is fetched from somewhere rather than read from a path."""
    return _REMOTE.match(text) is not None


class Kustomization:
    """One kustomization file.

    Attributes:
        folder: where it lies; all its paths are relative to that.
        item: its contents.
        source: its text.
        component: it is of kind Component: applied to what another kustomization has gathered.
        address: of the object it is.
    """

    __slots__ = ("address", "component", "embedded", "folder", "item", "kind", "source", "span")

    def __init__(self, folder: str, source: SourceFile, item: Item) -> None:
        self.folder = folder
        self.source = source
        self.item = item
        self.kind = text_at(item, "kind") or "Kustomization"
        self.component = self.kind == "Component"
        self.address = f"{GROUP}/{self.kind}/-/{text_at(item, 'metadata', 'name') or '-'}"
        written = item.child("kind")
        self.span = written.span if written is not None else Span(source, item.node.start, item.node.start)
        self.embedded = Embedded(source)

    def entries(self, *names: str) -> Iterator[tuple[str, Item]]:
        """The elements of some lists of the file with the list's name; what is no list is left out."""
        for name in names:
            child = self.item.child(name)
            for element in islice(child.elements(), MAX_ENTRIES) if child is not None else ():
                yield name, element

    def path_of(self, text: str) -> str | None:
        """A path of this file as a path in the tree; None if it leads out."""
        return join(self.folder, text)


class Files:
    """Reads kustomizations and what they name. What cannot be read is a problem at the place that names it.

    Attributes:
        problems: filled while reading.
        read: texts that were read for the kustomization that is being built, in order.
        work: what that may cost.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.problems: list[Problem] = []
        self.read: dict[str, SourceFile] = {}
        self.work: Work | None = None
        self._sources: dict[str, SourceFile] = {}
        self._documents: dict[str, list[Node]] = {}
        self._kustomizations: dict[str, Kustomization | None] = {}
        self._size = 0

    def forget(self) -> None:
        """After a kustomization: drops what was read if that is a lot."""
        self.problems = []
        if self._size > MAX_CACHED:
            self._sources.clear()
            self._documents.clear()
            self._kustomizations.clear()
            self._size = 0
        self.read = {}

    def problem(self, span: Span, code: str, message: str, level: Literal["error", "warning"] = "warning") -> None:
        """Note a problem at a place."""
        self.problems.append(Problem(span.location(), code, message, level))

    def file_of(self, folder: str) -> str | None:
        """The kustomization file of a folder; None where there is none."""
        prefix = f"{folder}/" if folder else ""
        return next((prefix + name for name in FILE_NAMES if self.tree.exists(prefix + name)), None)

    def kustomization(self, folder: str) -> Kustomization | None:
        """The kustomization of a folder; None where there is none that can be read."""
        if folder in self._kustomizations:
            found = self._kustomizations[folder]
            if found is not None:
                self._taken(found.source)
            return found
        path = self.file_of(folder)
        found = self._load(folder, path) if path is not None else None
        self._kustomizations[folder] = found
        return found

    def _load(self, folder: str, path: str) -> Kustomization | None:
        documents = self.documents(path, None)
        source = self.read.get(path)
        if source is None or not documents or type(deref(documents[0])) is not Mapping:
            return None
        item = top(source, documents[0])
        group = text_at(item, "apiVersion").rpartition("/")[0]
        # Objects of Flux are of a kind Kustomization, too, and some people keep them in a file of that name.
        if group and group != GROUP:
            return None
        self._limits(item)
        return Kustomization(folder, source, item)

    def _limits(self, item: Item) -> None:
        """Says what of a kustomization is not read."""
        for name, child in item.children():
            if name in NOT_APPLIED and next(iter(child.elements()), None) is not None and child.key is not None:
                text = f"{NOT_APPLIED[name]}: objects are judged without them"
                self.problem(child.key, "kustomize", text)
            if type(child.node) is Sequence and len(child.node.items) > MAX_ENTRIES and child.key is not None:
                self.problem(
                    child.key, "too-large", f"more than {MAX_ENTRIES:,} entries: the rest was not read", "error"
                )

    def source(self, path: str, at: Span | None, *, binary: bool = False) -> SourceFile | None:
        """The text of a file; None and a problem where it cannot be read.

        Args:
            path: in the tree.
            at: what names it; None for a kustomization itself.
            binary: it need not be a text.
        """
        known = self._sources.get(path)
        if known is not None:
            return self._taken(known)
        try:
            data = self.tree.read(path)
        except TreeError as error:
            where = at.location() if at is not None else whole_file(path)
            level: Literal["error", "warning"] = "warning" if at is not None else "error"
            self.problems.append(Problem(where, error.code, error.message, level))
            return None
        source, problems = decode(path, data)
        self.problems.extend(() if binary else problems)
        if source is not None:
            self._sources[path] = self._taken(source)
            self._size += len(source.text)
        return source

    def _taken(self, source: SourceFile) -> SourceFile:
        """Notes that the kustomization that is being built reads a text."""
        if source.path not in self.read:
            self.read[source.path] = source
            if self.work is not None:
                self.work.left += len(source.text)
        return source

    def documents(self, path: str, at: Span | None) -> list[Node]:
        """The documents of a YAML file; what cannot be read is a problem."""
        source = self.source(path, at)
        if source is None:
            return []
        if path in self._documents:
            return self._documents[path]
        stream = parse_stream(source)
        self.problems.extend(stream.problems)
        self._documents[path] = stream.documents
        return stream.documents

    def named_documents(self, kustomization: Kustomization, entry: Item, slot: str) -> list[Item]:
        """The documents of a patch: those of the file that the entry names, or those that it holds as text."""
        node = entry.node
        if type(node) is not Scalar:
            return []
        step = Step(entry.span, slot, f"{slot} of {kustomization.source.path}")
        if "\n" in node.text.strip() or node.style in ("|", ">") or node.text.lstrip()[:1] in ("{", "["):
            documents, problems = kustomization.embedded.read(node)
            self.problems.extend(problems)
            return [Item("", (Layer(kustomization.source, deref(d), ()),)) for d in documents]
        if is_remote(node.text):
            self.problem(entry.span, "remote", "is fetched from elsewhere: what it changes was not read")
            return []
        path = self.local(kustomization, entry)
        if path is None:
            return []
        documents = self.documents(path, entry.span)
        source = self.read.get(path)
        return [] if source is None else [Item("", (Layer(source, deref(d), (step,)),)) for d in documents]

    def local(self, kustomization: Kustomization, entry: Item) -> str | None:
        """The file or folder in the tree that an entry names; None and a problem where there is none."""
        text = entry.text() or ""
        path = kustomization.path_of(text)
        if path is None:
            self.problem(entry.span, "outside-tree", f"{text[:200]} leads out of the tree: not read")
        return path
