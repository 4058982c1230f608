"""Charts that lie in the folder `charts/` of another, unpacked or packed: their values and their templates' texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sovlint.discovery.tree import Tree, TreeError
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Step
from sovlint.parse.decode import decode
from sovlint.parse.yaml import Mapping, Node, Scalar, deref, get, parse_stream, text
from sovlint.resolve.embedded import move
from sovlint.resolve.helm.archive import MAX_BYTES, ArchiveError, read_archive
from sovlint.resolve.helm.dependencies import Dependency, dependencies_in
from sovlint.resolve.helm.ignore import HelmIgnore
from sovlint.resolve.yaml_attributes import Layer

MAX_SUBCHARTS = 200
MAX_TEMPLATES = 2_000
MAX_DEPTH = 3
"""Charts in charts in charts; nobody nests deeper."""

TEMPLATE_ENDS = (".yaml", ".yml", ".tpl", ".txt", ".json")


@dataclass(slots=True, eq=False)
class Subchart:
    """A chart below another.

    Attributes:
        name: what its `Chart.yaml` says.
        keys: under which the chart above holds values for it: aliases of its dependencies on it, else the name.
        values: its values, None without.
        packed: it is an archive: a person changes the values of the chart above.
        library: it only defines templates.
        texts: its templates.
        below: charts in its own folder `charts/`.
    """

    name: str
    keys: tuple[str, ...]
    values: Layer | None
    packed: bool
    library: bool
    texts: list[str]
    below: list[Subchart] = field(default_factory=list)


def templates_in(tree: Tree, folder: str, ignore: HelmIgnore) -> list[SourceFile]:
    """The templates of a chart's folder, sorted by path; what cannot be read is left out."""
    texts: list[SourceFile] = []
    todo = [(f"{folder}/templates" if folder else "templates", "templates", 0)]
    while todo and len(texts) < MAX_TEMPLATES:
        path, relative, depth = todo.pop()
        try:
            entries = tree.list(path)
        except TreeError:
            continue
        for entry in entries:
            inner, name = f"{path}/{entry.name}", f"{relative}/{entry.name}"
            if entry.link or entry.special or ignore.ignores(name):
                continue
            if entry.folder:
                if depth < 10:
                    todo.append((inner, name, depth + 1))
            elif entry.name.endswith(TEMPLATE_ENDS) and len(texts) < MAX_TEMPLATES:
                try:
                    source, _ = decode(inner, tree.read(inner))
                except TreeError:
                    continue
                if source is not None:
                    texts.append(source)
    return texts


def subcharts_in(
    tree: Tree, folder: str, dependencies: list[Dependency], place: Span, problems: list[Problem], depth: int = 0
) -> list[Subchart]:
    """The charts in the folder `charts/` of a chart.

    Args:
        tree: where to read.
        folder: the chart's folder.
        dependencies: what it lists.
        place: where findings in archives stand that no dependency names.
        problems: is added to: archives that are not read.
        depth: how many charts lie around this one.
    """
    path = f"{folder}/charts" if folder else "charts"
    if depth >= MAX_DEPTH:
        return []
    try:
        entries = tree.list(path) if tree.is_folder(path) else ()
    except TreeError:
        return []
    found: list[Subchart] = []
    for entry in entries[:MAX_SUBCHARTS]:
        inner = f"{path}/{entry.name}"
        if entry.folder and not entry.link:
            one = _unpacked(tree, inner, dependencies, place, problems, depth)
        elif entry.name.endswith(".tgz") and not entry.link:
            one = _packed(tree, inner, dependencies, place, problems)
        else:
            if entry.link and (entry.folder or entry.name.endswith(".tgz")):
                message = "a symbolic link: the chart behind it was not read"
                problems.append(Problem(whole_file(inner), "link", message, "warning"))
            continue
        if one is not None:
            found.append(one)
    return found


def _unpacked(
    tree: Tree, folder: str, above: list[Dependency], place: Span, problems: list[Problem], depth: int
) -> Subchart | None:
    chart = _document(tree, f"{folder}/Chart.yaml")
    if chart is None:
        return None
    source, node = chart
    name = text(get(node, "name")) or folder.rpartition("/")[2]
    values = _document(tree, f"{folder}/values.yaml")
    layer = Layer(values[0], deref(values[1])) if values is not None else None
    one = Subchart(name, _keys(name, above), layer, False, text(get(node, "type")) == "library", [])
    one.texts.extend(source.text for source in templates_in(tree, folder, ignored_in(tree, folder)))
    own = dependencies_in(source, node)
    one.below.extend(subcharts_in(tree, folder, own, Span(source, 0, 0), problems, depth + 1))
    return one


def _packed(tree: Tree, path: str, above: list[Dependency], place: Span, problems: list[Problem]) -> Subchart | None:
    try:
        files = read_archive(tree.read(path))
    except TreeError as error:
        problems.append(Problem(whole_file(path), error.code, error.message.removeprefix(f"{path}: "), "warning"))
        return None
    except ArchiveError as error:
        problems.append(Problem(whole_file(path), "archive", f"this chart was not read: {error}"))
        return None
    return _Packed(path, place, problems, sum(map(len, files.values()))).chart(files, path.rpartition("/")[2], above, 0)


class _Packed:
    """An archive in `charts/` with the charts in it, packed once more or not; all of it is bounded together."""

    def __init__(self, path: str, place: Span, problems: list[Problem], size: int) -> None:
        self.path = path
        self.place = place
        self.problems = problems
        self.left = MAX_BYTES - size
        self.charts = 0

    def chart(self, files: dict[str, bytes], called: str, above: list[Dependency], depth: int) -> Subchart:
        """One chart of it.

        Args:
            files: its files by path below its folder.
            called: what it is called in the archive.
            above: what the chart above it depends on.
            depth: how many charts of the archive lie around it.
        """
        self.charts += 1
        inside = f"{self.path}/{called}" if depth else self.path
        chart = _parsed(f"{inside}/Chart.yaml", files["Chart.yaml"])
        name = (text(get(chart[1], "name")) if chart is not None else None) or called
        values = _parsed(f"{inside}/values.yaml", files.get("values.yaml", b""))
        span = next((one.span for one in above if one.name == name), self.place) if not depth else self.place
        if not depth:
            # What is further inside stands where the archive is asked for, too.
            self.place = span
        layer = None
        if values is not None:
            # What a person changes is not in the archive: it all stands on the dependency.
            move(values[1], span.start, span.end)
            archive = self.path.rpartition("/")[2]
            note = f"the values of {f'{called} in {archive}' if depth else archive} say so"
            layer = Layer(span.file, deref(values[1]), (Step(span, name, note),))
        library = chart is not None and text(get(chart[1], "type")) == "library"
        texts = [
            data.decode("utf-8", "replace")
            for name_of, data in sorted(files.items())
            if name_of.startswith("templates/") and name_of.endswith(TEMPLATE_ENDS)
        ]
        one = Subchart(name, _keys(name, above), layer, True, library, texts[:MAX_TEMPLATES])
        own = dependencies_in(*chart) if chart is not None else []
        for inner, below in self._inside(files, depth):
            one.below.append(self.chart(below, inner, own, depth + 1))
        return one

    def _inside(self, files: dict[str, bytes], depth: int) -> Iterator[tuple[str, dict[str, bytes]]]:
        """The charts in the folder `charts/` of a packed chart, unpacked one at a time."""
        folders: dict[str, dict[str, bytes]] = {}
        for path in sorted(files):
            inner, slash, rest = path.removeprefix("charts/").partition("/")
            if not path.startswith("charts/"):
                continue
            if slash:
                folders.setdefault(inner, {})[rest] = files[path]
            elif inner.endswith(".tgz"):
                folders[inner] = {}
        for inner, below in folders.items():
            if depth + 1 >= MAX_DEPTH or self.charts >= MAX_SUBCHARTS:
                self._say(inner, f"more than {MAX_SUBCHARTS} charts in one another, or {MAX_DEPTH} deep")
                return
            if f"charts/{inner}" in files:
                try:
                    below = read_archive(files[f"charts/{inner}"], max(0, self.left))  # noqa: PLW2901 - what it holds
                except ArchiveError as error:
                    self._say(inner, str(error))
                    continue
                self.left -= sum(map(len, below.values()))
            if "Chart.yaml" in below:
                yield inner, below

    def _say(self, inner: str, why: str) -> None:
        message = f"the chart {inner[:80]} in this archive was not read: {why}"
        self.problems.append(Problem(whole_file(self.path), "archive", message, "warning"))


def ignored_in(tree: Tree, folder: str) -> HelmIgnore:
    """The rules of a chart's `.helmignore`."""
    path = f"{folder}/.helmignore" if folder else ".helmignore"
    if not tree.exists(path):
        return HelmIgnore()
    try:
        source, _ = decode(path, tree.read(path))
    except TreeError:
        return HelmIgnore()
    return HelmIgnore(source.text if source is not None else "")


def library_texts(subcharts: list[Subchart]) -> Iterator[str]:
    """Templates that a chart may include: those of all charts below it."""
    for one in subcharts:
        yield from one.texts
        yield from library_texts(one.below)


def wrapped(layer: Layer, keys: tuple[str, ...]) -> Layer:
    """Values of a chart as the chart above sees them: under its key."""
    node: Node = layer.node
    for key in reversed(keys):
        node = Mapping(layer.node.start, layer.node.end, [(Scalar(layer.node.start, layer.node.start, key), node)])
    return Layer(layer.source, node, layer.via)


def _keys(name: str, above: list[Dependency]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(d.key for d in above if d.name == name)) or (name,)


def _document(tree: Tree, path: str) -> tuple[SourceFile, Node] | None:
    try:
        return _parsed(path, tree.read(path)) if tree.exists(path) else None
    except TreeError:
        return None


def _parsed(path: str, data: bytes) -> tuple[SourceFile, Node] | None:
    source, _ = decode(path, data)
    if source is None:
        return None
    stream = parse_stream(source)
    if not stream.documents or type(deref(stream.documents[0])) is not Mapping:
        return None
    return source, stream.documents[0]
