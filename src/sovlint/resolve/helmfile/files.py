"""Reads the files that a helmfile names, and lays out their values: each leaf at the place that decides it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

from sovlint.discovery.tree import Tree, TreeError, join
from sovlint.model.lazy import pattern
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Step
from sovlint.parse.decode import decode
from sovlint.parse.yaml import Alias, Mapping, Node, Scalar, Sequence, deref, parse_part, parse_stream
from sovlint.resolve.helm.chart_files import no_mapping, unreadable
from sovlint.resolve.helm.image_shapes import Composed
from sovlint.resolve.helm.inputs import put
from sovlint.resolve.helmfile.evaluate import Context
from sovlint.resolve.helmfile.text import Action, Blanked, blanked, filled, has_actions, in_place, pieces
from sovlint.resolve.yaml_attributes import Item, Layer, joined

MAX_FILES = 200
MAX_OVERLAYS = 5_000
MAX_DEPTH = 100

_REMOTE = pattern(r"[\w.+-]+::|[A-Za-z][\w+.-]*://|git@")


class Document(NamedTuple):
    """One parsed document: where it stands, and its actions if it is a template."""

    source: SourceFile
    node: Node
    done: Blanked | None


class Files:
    """The files of one helmfile, read once.

    Attributes:
        problems: what could not be read or is not static; every one once.
        sources: texts that were read, by path.
        broken: templates of which some part is no YAML: their literal lines can be read.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.problems: dict[Problem, None] = {}
        self.sources: dict[str, SourceFile] = {}
        self.broken: dict[str, SourceFile] = {}
        self._plain: dict[str, list[Document]] = {}

    def say(self, where: Span | str, code: str, message: str, *, error: bool = False) -> None:
        """A problem at a place or in a file as a whole."""
        location = whole_file(where) if isinstance(where, str) else where.location()
        self.problems.setdefault(Problem(location, code, message, "error" if error else "warning"))

    def source(self, path: str) -> SourceFile | None:
        """The text of a file; what cannot be read is a problem."""
        if path in self.sources:
            return self.sources[path]
        try:
            source, found = decode(path, self.tree.read(path))
        except TreeError as error:
            self.problems.setdefault(unreadable(path, error))
            return None
        self.problems.update(dict.fromkeys(found))
        if source is not None:
            self.sources[path] = source
        return source

    def documents(self, source: SourceFile, context: Context | None) -> list[Document]:
        """The documents of a text; with a context its template actions are looked through."""
        if context is None or not has_actions(source.text):
            if source.path not in self._plain:
                stream = parse_stream(source)
                self.problems.update(dict.fromkeys(stream.problems))
                self._plain[source.path] = [Document(source, node, None) for node in stream.documents]
            return self._plain[source.path]
        documents, problems = self.part(source, context, 0, len(source.text))
        self.problems.update(dict.fromkeys(problems))
        return documents

    def part(self, source: SourceFile, context: Context, start: int, end: int) -> tuple[list[Document], list[Problem]]:
        """The documents of a part of a template, and what is not known of it."""
        done = blanked(source.text, context, start, end)
        stream = parse_part(SourceFile(source.path, done.text), start, end)
        problems: list[Problem] = []
        for problem in stream.problems:
            if problem.level == "error":
                place = problem.location
                if "{{" not in source.text[start:end]:
                    problems.append(problem)
                    continue
                text = f"not YAML as far as its template could be read; this part was left out ({problem.message})"
                problems.append(Problem(place, "not-static", text, "warning"))
        if problems:
            self.broken[source.path] = source
        for at, why in done.wrong:
            # Without the ending a helmfile is a template only before version 1.
            level: Literal["error", "warning"] = "error" if source.path.endswith(".gotmpl") else "warning"
            problems.append(Problem(Span(source, at, at + 2).location(), "syntax", why, level))
        for at in done.undecided:
            span = Span(source, at, source.text.find("}}", at) + 2)
            problems.append(Problem(span.location(), "not-static", _UNDECIDED, "warning"))
        return [Document(source, node, done) for node in stream.documents], problems

    # --- values

    def entry(
        self, item: Item, folder: str, context: Context, document: Blanked | None, handler: str
    ) -> list[Layer] | None:
        """One element of `values`: a file or a mapping, as layers, the highest first; None where it is not known."""
        if item.is_mapping:
            return layers(item.layers[0].source, item.node, document, item.layers[0].via)
        if type(item.node) is not Scalar:
            return []
        got = composite_of(item, document)
        if got is not None:
            return list(got)
        text = text_of(item, document)
        if text is None:
            return []
        paths = self.paths(text, item.span, folder, handler, "its values were not read")
        if paths is None:
            return None
        out: list[Layer] = []
        complete = True
        for path in paths:
            found = self.values(path, context)
            complete = complete and found is not None
            out[:0] = found or []
        return out if complete else None

    def paths(self, text: str, where: Span, folder: str, handler: str, lost: str) -> list[str] | None:
        """The files in the tree that a name means, globs included; None where that is not known."""
        if "{{" in text:
            self.say(where, "not-static", f"which file this is depends on where helmfile runs; {lost}")
            return None
        if _REMOTE.match(text):
            self.say(where, "not-static", f"this file is fetched when helmfile runs; {lost}")
            return None
        if text.endswith(".hcl"):
            self.say(where, "not-static", f"values in HCL; {lost}")
            return None
        path = join(folder, text)
        if path is None:
            self.say(where, "outside-tree", f"{text} lies outside the tree; {lost}")
            return None
        found = list(self._matching(path)) if any(mark in path for mark in "*?[") else [path]
        found = [one for one in found if self.tree.exists(one)][:MAX_FILES]
        if not found and handler.lower() not in ("warn", "info", "debug"):
            self.say(where, "missing", f"{text}: no such file; {lost}", error=True)
            return None
        return found

    def _matching(self, path: str, *, folders: bool = False) -> Iterator[str]:
        """The files, or the folders, that a path with wildcards in any of its parts names."""
        above, _, name = path.rpartition("/")
        parents = list(self._matching(above, folders=True)) if any(mark in above for mark in "*?[") else [above]
        for parent in parents[:MAX_FILES]:
            try:
                entries = self.tree.list(parent)
            except TreeError:
                continue
            for entry in entries:
                if entry.folder is folders and fnmatchcase(entry.name, name):
                    yield posixpath.join(parent, entry.name)

    def values(self, path: str, context: Context) -> list[Layer] | None:
        """A values file as layers, the highest first; None where it is not fully known."""
        source = self.source(path)
        if source is None:
            return None
        template = path.endswith(".gotmpl")
        before = len(self.problems)
        documents = self.documents(source, context.fresh() if template else None)
        for document in documents[:1]:
            node = deref(document.node)
            if type(node) is Mapping:
                return layers(source, node, document.done, ())
            if type(node) is Scalar and document.done is not None:
                got = composite_of(Item("", (Layer(source, node),)), document.done)
                if got is not None:
                    return list(got)
            if document.done is None:
                self.problems.update(dict.fromkeys(no_mapping(source, [node])))
        return [] if len(self.problems) == before else None


_UNDECIDED = "what this does is only known when helmfile runs: it was left out, or every branch of it was read"


def text_of(item: Item, document: Blanked | None) -> str | None:
    """The text of a scalar with what is known filled in; None for null and composites."""
    node = item.node
    text = item.text()
    if text is None or type(node) is not Scalar or document is None:
        return text
    return filled(item.layers[0].source.text, pieces(node, document))


def composite_of(item: Item, document: Blanked | None) -> tuple[Layer, ...] | None:
    """The mapping that a scalar of one action stands for."""
    node = item.node
    if document is None or type(node) is not Scalar:
        return None
    parts = pieces(node, document)
    got = parts[0].got if len(parts) == 1 and isinstance(parts[0], Action) else None
    if got is None or got.item is None or not got.item.is_mapping:
        return None
    step = Step(Span(item.layers[0].source, node.start, node.end), item.path or "values")
    return tuple(Layer(layer.source, layer.node, (*layer.via, step)) for layer in got.item.layers)


def layers(source: SourceFile, node: Node, done: Blanked | None, via: tuple[Step, ...]) -> list[Layer]:
    """A mapping as layers, the highest first: what an action brings from elsewhere stands there."""
    node = deref(node)
    if done is None:
        return [Layer(source, node, via)]
    base = Layer(source, in_place(source, node, done), via)
    out: list[Layer] = []
    for way, scalar, parts in _templated(node, done, (), 0):
        if len(out) > MAX_OVERLAYS:
            break
        first = parts[0]
        got = first.got if isinstance(first, Action) else None
        if got is None or got.item is None:
            continue
        step = Step(Span(source, scalar.start, scalar.end), _path(way))
        if got.is_composite:
            if len(parts) == 1:
                for one in reversed(got.item.layers):
                    wrapped = _wrapped(way, one.node, Span(one.source, one.node.start, one.node.start))
                    out.append(Layer(one.source, wrapped, (*one.via, step)))
            continue
        leaf = placed(source, scalar, parts)
        if leaf is not None:
            place = Span(leaf.source, leaf.node.start, leaf.node.end)
            out.append(Layer(leaf.source, _wrapped(way, leaf.node, place), (*leaf.via, step)))
    return [*reversed(out), base]


def placed(source: SourceFile, scalar: Scalar, parts: list[str | Action]) -> Layer | None:
    """A scalar that begins with a value of the state, at the place of that value; None for any other."""
    got = parts[0].got if parts and isinstance(parts[0], Action) else None
    if got is None or got.item is None or got.is_composite:
        return None
    origin, whole = got.item.layers[0], Span(source, scalar.start, scalar.end)
    texts: list[tuple[str, Span]] = []
    for part in parts:
        item = part.got.item if isinstance(part, Action) and part.got is not None else None
        texts.append((filled(source.text, [part]), item.span if item is not None else whole))
    written = origin.node.style if type(origin.node) is Scalar and len(parts) == 1 else ""
    leaf = Scalar(origin.node.start, origin.node.end, filled(source.text, parts), scalar.style or written)
    # A file of its own: here another text speaks than the one that is written there.
    if len(parts) == 1:
        return Layer(SourceFile(origin.source.path, origin.source.text), leaf, origin.via)
    return Layer(Composed(origin.source, tuple(texts), whole), leaf, origin.via)


def _wrapped(way: tuple[str, ...], node: Node, place: Span) -> Node:
    return put(None, way, node, place) if way else node


def _path(way: tuple[str, ...]) -> str:
    path = ""
    for key in way:
        path = joined(path, key)
    return path


def _templated(
    node: Node, done: Blanked, way: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], Scalar, list[str | Action]]]:
    """Scalars with actions that are reached by keys alone: elements of lists are replaced with their list."""
    if type(node) is Alias:
        node = deref(node)
    if type(node) is Scalar:
        parts = pieces(node, done)
        if any(isinstance(part, Action) for part in parts):
            yield way, node, parts
    elif type(node) is Mapping and depth < MAX_DEPTH:
        for key, value in node.entries:
            if type(key) is not Scalar:
                continue
            if key.text == "<<" and type(value) is Scalar:
                yield from _templated(value, done, way, depth + 1)
            elif key.text != "<<":
                yield from _templated(value, done, (*way, key.text), depth + 1)


def is_list(item: Item | None) -> bool:
    """Whether a place holds a list."""
    return item is not None and type(item.node) is Sequence
