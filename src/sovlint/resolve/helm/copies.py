"""A chart copied out of the tree into a scratch folder, with the charts it depends on as far as they are vendored."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from copy import copy
from pathlib import Path

from sovlint.discovery.tree import Entry, Tree, TreeError, join
from sovlint.model.problem import Problem
from sovlint.model.source import Location, SourceFile, Span, whole_file
from sovlint.parse.decode import decode
from sovlint.parse.yaml import Mapping, Node, Scalar, deref, get, parse_stream, text
from sovlint.parse.yaml import Sequence as YamlSequence
from sovlint.parse.yaml.access import to_plain
from sovlint.resolve.helm.archives import ArchiveError, unpack
from sovlint.resolve.helm.chart_files import BASE_NAMES, CHART_NAMES

MAX_DEPTH = 12
"""Folders inside folders; links that lead back into what they stand in end here."""

MAX_FILES = 5_000
MAX_BYTES = 50_000_000
MAX_CHARTS = 200


class ChartCopy:
    """One chart of the copy.

    Attributes:
        name: as its `Chart.yaml` says.
        key: what its values stand under in the chart that uses it (alias or name); empty for the top.
        inside: its folder below the copy's, empty for the top, else `charts/redis/`.
        folder: its folder in the tree; None in an archive.
        values: its own values, if there are any.
        library: it declares nothing by itself.
        anchor: for what came out of an archive, the place that names it.
        children: the charts it uses.
    """

    def __init__(self, inside: str, folder: str | None, anchor: Location | None) -> None:
        self.name = ""
        self.key = ""
        self.inside = inside
        self.folder = folder
        self.anchor = anchor
        self.values: tuple[SourceFile, Node] | None = None
        self.library = False
        self.children: list[ChartCopy] = []

    def all(self) -> list[ChartCopy]:
        """This one and all below."""
        return [self, *(chart for child in self.children for chart in child.all())]


class Copy:
    """A chart with everything in it, as bytes and as texts.

    Attributes:
        top: the chart.
        files: bytes by path below the chart.
        templates: the texts among them that Helm renders, with the chart they belong to; their order numbers marks.
        problems: what was left out.
        missing: dependencies that are not vendored.
    """

    def __init__(self, tree: Tree, folder: str) -> None:
        self.tree = tree
        self.files: dict[str, bytes] = {}
        self.templates: list[tuple[str, SourceFile, ChartCopy]] = []
        self.problems: list[Problem] = []
        self.missing: list[str] = []
        self._size = 0
        self._unpacked = 0
        self.top = ChartCopy("", folder, None)
        self._charts = 0
        self._from_tree(self.top, folder, 0)

    def write(self, target: str, texts: dict[str, str]) -> None:
        """Writes the copy to a new folder; `texts` replace templates by path."""
        for path, data in self.files.items():
            file = Path(target, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(texts[path].encode() if path in texts else data)
        for path, listed in self._without_missing().items():
            Path(target, path).write_text(listed, encoding="utf-8")

    def _without_missing(self) -> dict[str, str]:
        """The files that list dependencies, without those that are not there: the command refuses the whole chart."""
        out: dict[str, str] = {}
        for name in (*CHART_NAMES, "requirements.yaml") if self.missing else ():
            parsed = self._parsed(self.top, self.files, name)
            data = to_plain(parsed[1]) if parsed is not None else None
            listed = data.get("dependencies") if isinstance(data, dict) else None
            if isinstance(data, dict) and isinstance(listed, list):
                kept = [one for one in listed if not isinstance(one, dict) or one.get("name") not in self.missing]
                # JSON is YAML.
                out[name] = json.dumps({**data, "dependencies": kept}, default=str)
        return out

    # --- from the tree

    def _from_tree(self, chart: ChartCopy, folder: str, depth: int) -> None:
        files = {}
        for path in self._walk(folder, "", 0):
            try:
                files[path] = self.tree.read(f"{folder}/{path}" if folder else path)
            except TreeError as error:
                where = whole_file(f"{folder}/{path}" if folder else path)
                self.problems.append(Problem(where, error.code, f"not given to Helm: {error.message}", "warning"))
        self._add(chart, files, depth)
        self._vendored(chart, files, folder, depth)

    def _walk(self, folder: str, below: str, depth: int) -> list[str]:
        """Paths of the files of one chart, without those of `charts/`, in a stable order."""
        here = "/".join(part for part in (folder, below) if part)
        out: list[str] = []
        for entry in self._list(here):
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.special or path in ("charts", ".git") or len(out) > MAX_FILES:
                continue
            if not entry.folder:
                out.append(path)
            elif depth < MAX_DEPTH:
                # A chart at the top of a repository has more beside it than belongs to it.
                own = below or entry.name in ("templates", "crds") or not self._is_foreign(f"{here}/{entry.name}")
                out.extend(self._walk(folder, path, depth + 1) if own else ())
        return out

    def _is_foreign(self, folder: str) -> bool:
        return any(self.tree.exists(f"{folder}/{name}".lstrip("/")) for name in CHART_NAMES)

    def _list(self, folder: str) -> tuple[Entry, ...]:
        try:
            return self.tree.list(folder)
        except TreeError as error:
            if error.code != "missing":
                text = f"not given to Helm: {error.message}"
                self.problems.append(Problem(whole_file(folder), error.code, text, "warning"))
            return ()

    def _vendored(self, chart: ChartCopy, files: dict[str, bytes], folder: str, depth: int) -> None:
        charts = f"{folder}/charts" if folder else "charts"
        for entry in self._list(charts):
            path = f"{charts}/{entry.name}"
            if entry.name.startswith((".", "_")):
                continue
            if self._charts >= MAX_CHARTS or depth >= MAX_DEPTH:
                text = f"more than {MAX_CHARTS} charts in one another, or {MAX_DEPTH} deep: not given to Helm"
                self.problems.append(Problem(whole_file(path), "too-deep", text, "warning"))
                return
            if self.tree.is_folder(path):
                if any(self.tree.exists(f"{path}/{name}") for name in CHART_NAMES):
                    child = ChartCopy(f"{chart.inside}charts/{entry.name}/", path, None)
                    self._from_tree(child, path, depth + 1)
                    chart.children.append(child)
            elif entry.name.endswith((".tgz", ".tar.gz")):
                self._packed(chart, path, depth)
            elif entry.link and not self.tree.exists(path):
                self._list(path)  # says that it leads out of the tree
        self._depends(chart, files, folder, depth)

    def _packed(self, chart: ChartCopy, path: str, depth: int) -> None:
        try:
            files = unpack(self.tree.read(path))
        except TreeError as error:
            self.problems.append(
                Problem(whole_file(path), error.code, f"not given to Helm: {error.message}", "warning")
            )
            return
        except ArchiveError as error:
            text = f"not given to Helm: the archive {error}"
            self.problems.append(Problem(whole_file(path), "archive", text, "warning"))
            return
        self._from_archive(chart, files, whole_file(path), depth + 1)

    def _from_archive(self, parent: ChartCopy, files: dict[str, bytes], anchor: Location, depth: int) -> None:
        """Files below one folder, as Helm packs charts; charts inside of it likewise."""
        name = min(files).partition("/")[0]
        prefix = f"{name}/"
        own = {path[len(prefix) :]: data for path, data in files.items() if path.startswith(prefix)}
        child = ChartCopy(f"{parent.inside}charts/{name}/", None, anchor)
        self._add(child, {path: data for path, data in own.items() if not path.startswith("charts/")}, depth)
        parent.children.append(child)
        below: dict[str, dict[str, bytes]] = {}
        for path, data in own.items():
            if path.startswith("charts/"):
                inner = path.removeprefix("charts/")
                if inner.endswith(".tgz") and "/" not in inner:
                    below[inner] = {}
                elif "/" in inner:
                    below.setdefault(inner.partition("/")[0], {})[inner] = data
        for inner, inside in sorted(below.items()):
            if depth >= MAX_DEPTH or self._charts >= MAX_CHARTS:
                text = f"more than {MAX_CHARTS} charts in one another, or {MAX_DEPTH} deep: not given to Helm"
                self.problems.append(Problem(anchor, "too-deep", text, "warning"))
                break
            if not inside:
                # One at a time, and all of them together within the limit.
                try:
                    inside = unpack(own[f"charts/{inner}"], max(0, MAX_BYTES - self._unpacked))  # noqa: PLW2901
                except ArchiveError as error:
                    text = f"not given to Helm: {inner[:80]} in the archive {error}"
                    self.problems.append(Problem(anchor, "archive", text, "warning"))
                    continue
                self._unpacked += sum(map(len, inside.values()))
            self._from_archive(child, inside, anchor, depth + 1)
        self._name_children(child, own)

    # --- what a chart is

    def _add(self, chart: ChartCopy, files: dict[str, bytes], depth: int) -> None:
        self._charts += 1
        for path, data in sorted(files.items(), key=lambda pair: (not _matters(pair[0]), pair[0])):
            if path == "values.schema.json":
                # It may name further schemas on the network; and values that are changed to trace them break it.
                continue
            if len(self.files) >= MAX_FILES or self._size + len(data) > MAX_BYTES:
                if _matters(path):
                    message = f"more than {MAX_FILES} files or {MAX_BYTES} bytes: the rest was not given to Helm"
                    self.problems.append(Problem(whole_file(chart.folder or "."), "too-large", message, "warning"))
                return
            self._size += len(data)
            self.files[chart.inside + path] = data
            name = f"{chart.folder}/{path}" if chart.folder else path
            if path.startswith("templates/"):
                source, _ = decode(name, data)
                if source is not None and source.text.encode() == data.removeprefix(BOM_UTF8):
                    self.templates.append((chart.inside + path, source, chart))
        base = next((name for name in BASE_NAMES if name in files), "")
        parsed = self._parsed(chart, files, base)
        if parsed is not None and type(deref(parsed[1])) is Mapping:
            chart.values = parsed
        described = self._parsed(chart, files, next((name for name in CHART_NAMES if name in files), ""))
        if described is not None:
            chart.name = chart.key = text(get(described[1], "name")) or ""
            chart.library = text(get(described[1], "type")) == "library"

    def _parsed(self, chart: ChartCopy, files: dict[str, bytes], name: str) -> tuple[SourceFile, Node] | None:
        if not name or name not in files:
            return None
        source, _ = decode(f"{chart.folder}/{name}" if chart.folder else name, files[name])
        documents = parse_stream(source).documents if source is not None else []
        return (source, documents[0]) if source is not None and documents else None

    def _entries(self, chart: ChartCopy, files: dict[str, bytes]) -> list[tuple[Node, SourceFile]]:
        out: list[tuple[Node, SourceFile]] = []
        for name in (*CHART_NAMES, "requirements.yaml"):
            parsed = self._parsed(chart, files, name)
            listed = get(parsed[1], "dependencies") if parsed is not None else None
            listed = deref(listed) if listed is not None else None
            if parsed is not None and type(listed) is YamlSequence:
                out.extend((deref(item), parsed[0]) for item in listed.items)
        return out

    def _name_children(self, chart: ChartCopy, files: dict[str, bytes]) -> list[tuple[Node, SourceFile]]:
        """Gives vendored charts the names their values stand under; returns the dependencies without one."""
        missing = []
        named: set[str] = set()
        for entry, source in self._entries(chart, files):
            name, alias = text(get(entry, "name")), text(get(entry, "alias"))
            child = next((child for child in chart.children if child.name == name), None)
            if child is None:
                missing.append((entry, source))
                continue
            if name in named:
                # The same chart once more under another name.
                child = copy(child)
                chart.children.append(child)
            named.add(child.name)
            child.key = alias or child.name
            written = get(entry, "name")
            if child.anchor is not None and chart.folder is not None and type(written) is Scalar:
                # What came out of an archive is changed where the archive is asked for.
                place = Span(source, written.start, written.end).location()
                for one in child.all():
                    one.anchor = place
        return missing

    def _depends(self, chart: ChartCopy, files: dict[str, bytes], folder: str, depth: int) -> None:
        for entry, source in self._name_children(chart, files):
            name, repository = text(get(entry, "name")) or "", text(get(entry, "repository")) or ""
            path = join(folder, repository.removeprefix("file://")) if repository.startswith("file://") else None
            again = next((one for one in chart.children if one.name == name), None)
            if again is not None:
                child = copy(again)
                child.key = text(get(entry, "alias")) or name
                chart.children.append(child)
                continue
            if path and depth < MAX_DEPTH and self._charts < MAX_CHARTS and self._is_foreign(path):
                # What `helm dependency build` would copy.
                child = ChartCopy(f"{chart.inside}charts/{name}/", path, None)
                self._from_tree(child, path, depth + 1)
                child.key = text(get(entry, "alias")) or child.key
                chart.children.append(child)
                continue
            written = get(entry, "name")
            place = Span(source, written.start, written.end) if written is not None else Span(source, 0, 0)
            self.missing.append(name)
            command = f"helm dependency build {folder or '.'}"
            message = f"the chart {name} is not in charts/ and not part of what is rendered; `{command}` fetches it"
            self.problems.append(Problem(place.location(), "dependency", message, "warning"))


def _matters(path: str) -> bool:
    return path.startswith("templates/") or path in (*CHART_NAMES, *BASE_NAMES, ".helmignore", "requirements.yaml")
