"""Candidate YAML and JSON files to units, and units to resources: the way of everything that is not Terraform."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from sovlint.discovery.classify import kind_by_name, looks_like_manifest
from sovlint.discovery.tree import Tree, TreeError
from sovlint.model.lazy import bytes_pattern
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource
from sovlint.model.source import Location, SourceFile, whole_file
from sovlint.parse.decode import decode
from sovlint.parse.yaml import parse_stream
from sovlint.resolve.helm import is_template, is_values_file, load_chart, load_values
from sovlint.resolve.helm.chart_files import CHART_FILES, CHART_NAMES, unreadable
from sovlint.resolve.helm.charts import template_resource
from sovlint.resolve.helm.inputs import HelmInputs
from sovlint.resolve.inline_values import inline_values
from sovlint.resolve.kubernetes import load_documents
from sovlint.resolve.kustomize import Kustomizations
from sovlint.resolve.pipelines import load_pipelines

WAIVER_MARKS = ("sovlint:waive", "sovlint.io/waive")

_SUFFIXES = (".yaml", ".yml", ".json")
_HELMFILE = "helmfile."
"""In the name of every helmfile, or of the folder `helmfile.d` around it."""
_SPECIAL = frozenset({*CHART_NAMES, "kustomization.yaml", "kustomization.yml", "Kustomization"})
# Comments, directives and document marks that may stand before an object in flow style or an indented one.
_PREAMBLE = bytes_pattern(
    rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*|%[^\n]*|---(?=[ \t\r\n#])[ \t]*(?:#[^\n]*)?)?\r?\n)++|---[ \t]"
)
_INDENTED = (
    re.compile(rb"(?m)^[ \t]+[\"']?apiVersion[\"']?[ \t]*:"),
    re.compile(rb"(?m)^[ \t]+[\"']?kind[\"']?[ \t]*:"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is read and surveyed at a time.

    Attributes:
        kind: a chart folder, a kustomization, a helmfile, all delivery pipelines, a values file that stands alone, or
            any other YAML or JSON file.
        path: the folder of the chart or kustomization, or the file.
        files: the files of the unit that are linted, sorted.
        named: those that were named as PATH.
    """

    kind: Literal["chart", "values", "manifest", "kustomization", "pipelines", "helmfile"]
    path: str
    files: tuple[str, ...]
    named: frozenset[str] = frozenset()


@dataclass(slots=True)
class Loaded:
    """What a unit holds.

    Attributes:
        waiver_sources: texts in which a waiver may be written.
        environments: those of the unit itself (helmfile's), if it has several.
        overridden: places of values that no release leaves as they are.
        holds_in: for each of `resources` the environment that it is of; empty where there is only one.
    """

    resources: list[Resource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    waiver_sources: list[SourceFile] = field(default_factory=list)
    environments: tuple[str, ...] = ()
    holds_in: list[str] = field(default_factory=list)
    overridden: set[Location] = field(default_factory=set)


def units_of(tree: Tree, files: Iterable[str], named: Collection[str] = ()) -> list[Unit]:
    """Groups candidate files to units, sorted by path.

    Args:
        tree: where charts are looked for above a file.
        files: candidates; Terraform files among them are left out, and so are others that are neither YAML nor JSON
            unless they belong to a chart or were named.
        named: those that were named as PATH.
    """
    charts: dict[str, str | None] = {}
    members: dict[str, list[str]] = {}
    units: list[Unit] = []
    for path in sorted(set(files)):
        kind = kind_by_name(path)
        if kind in ("terraform", "tfvars"):
            continue
        chart = _chart_of(tree, path.rpartition("/")[0], charts)
        if chart is not None:
            members.setdefault(chart, []).append(path)
        elif path.endswith(_SUFFIXES) or path in named:
            one = frozenset({path} & set(named))
            units.append(Unit("values" if kind == "values" else "manifest", path, (path,), one))
    for folder, paths in members.items():
        units.append(Unit("chart", folder, tuple(paths), frozenset(set(paths) & set(named))))
    return sorted(units, key=lambda unit: unit.path)


def load_all(
    tree: Tree, files: Iterable[str], named: Collection[str] = (), inputs: HelmInputs | None = None
) -> Iterator[tuple[Unit, Loaded]]:
    """All units of some files with what they hold, one at a time: pipelines, kustomizations, helmfiles, and the rest.

    Args:
        tree: where to read.
        files: candidates, as for `units_of`.
        named: those that were named as PATH.
        inputs: values that charts are given.
    """
    rest: list[str] = []
    yield from load_together(tree, files, named, rest)
    for unit in units_of(tree, rest, named):
        yield unit, load_unit(tree, unit)


def load_together(
    tree: Tree, files: Iterable[str], named: Collection[str], rest: list[str]
) -> Iterator[tuple[Unit, Loaded]]:
    """What depends on more than its own files: pipelines, kustomizations, helmfiles. `rest` gets what they leave.

    Args:
        tree: where to read.
        files: candidates, as for `units_of`.
        named: those that were named as PATH.
        rest: complete when the iteration is over.
    """
    pipelines = load_pipelines(tree, files)
    if pipelines.resources or pipelines.problems:
        marked = [s for s in pipelines.texts if any(mark in s.text for mark in WAIVER_MARKS)]
        yield Unit("pipelines", "", ()), Loaded(pipelines.resources, pipelines.problems, marked)
    kustomizations = Kustomizations(tree, pipelines.rest, named)
    for root in kustomizations.load():
        loaded = Loaded(root.resources, root.problems)
        loaded.waiver_sources.extend(s for s in root.texts if any(mark in s.text for mark in WAIVER_MARKS))
        yield Unit("kustomization", root.folder, ()), loaded
    if kustomizations.problems:
        yield Unit("kustomization", "", ()), Loaded(problems=kustomizations.problems)
    if not any(_HELMFILE in path for path in kustomizations.rest):
        rest.extend(kustomizations.rest)
        return
    from sovlint.resolve.helmfile import Helmfiles

    helmfiles = Helmfiles(tree, kustomizations.rest, named)
    for one in helmfiles.load():
        loaded = Loaded([resource for resource, _ in one.resources], one.problems, environments=one.environments)
        loaded.holds_in.extend(name for _, name in one.resources)
        loaded.waiver_sources.extend(s for s in one.sources if any(mark in s.text for mark in WAIVER_MARKS))
        yield Unit("helmfile", one.path, ()), loaded
    if helmfiles.overridden:
        yield Unit("values", "", ()), Loaded(overridden=helmfiles.overridden)
    rest.extend(helmfiles.rest)


def load_unit(tree: Tree, unit: Unit, inputs: HelmInputs | None = None) -> Loaded:
    """The resources of a unit. What cannot be read is a problem, never an exception."""
    loaded = Loaded()
    sources: list[SourceFile] = []
    if unit.kind == "chart":
        _load_chart_unit(tree, unit, loaded, sources, inputs)
    else:
        for path in unit.files:
            _load_file(tree, path, unit, loaded, sources)
    loaded.waiver_sources.extend(s for s in sources if any(mark in s.text for mark in WAIVER_MARKS))
    return loaded


def may_hold_objects(data: bytes) -> bool:
    """Whether the bytes may hold Kubernetes objects; cheap, errs on the side of reading."""
    data = data.removeprefix(BOM_UTF8)
    if looks_like_manifest(data):
        return True
    if b"apiVersion" not in data or b"kind" not in data:
        return False
    match = _PREAMBLE.match(data)
    if match is not None and looks_like_manifest(data[match.end() :].lstrip()):
        return True
    return all(pattern.search(data) for pattern in _INDENTED) and data[:1] in b" \t"


def _chart_of(tree: Tree, folder: str, known: dict[str, str | None]) -> str | None:
    """The nearest folder upward that holds a Chart.yaml."""
    passed: list[str] = []
    chart: str | None = None
    while True:
        if folder in known:
            chart = known[folder]
            break
        passed.append(folder)
        prefix = f"{folder}/" if folder else ""
        if any(tree.exists(prefix + name) for name in CHART_NAMES):
            chart = folder
            break
        if not folder:
            break
        folder = folder.rpartition("/")[0]
    known.update(dict.fromkeys(passed, chart))
    return chart


def _load_chart_unit(
    tree: Tree, unit: Unit, loaded: Loaded, sources: list[SourceFile], inputs: HelmInputs | None
) -> None:
    charted: list[str] = []
    for path in unit.files:
        relative = path[len(unit.path) + 1 :] if unit.path else path
        if relative in CHART_FILES or is_template(relative) or is_values_file(relative):
            charted.append(path)
        elif path.endswith(_SUFFIXES):
            _load_file(tree, path, unit, loaded, sources)
    resources, problems = load_chart(tree, unit.path, charted, sources, inputs)
    loaded.resources[:0] = resources
    loaded.problems.extend(problems)


def _load_file(tree: Tree, path: str, unit: Unit, loaded: Loaded, sources: list[SourceFile]) -> None:
    try:
        data = tree.read(path)
    except TreeError as error:
        loaded.problems.append(unreadable(path, error))
        return
    objects = may_hold_objects(data)
    name = path.rpartition("/")[2]
    values = unit.kind == "values" and not objects
    told = objects or values or path in unit.named or name in _SPECIAL
    if not told:
        return
    if not objects and not path.endswith(_SUFFIXES) and name not in _SPECIAL:
        message = "not a kind of file that is read here: skipped"
        loaded.problems.append(Problem(whole_file(path), "unsupported", message, "warning"))
        return
    source, problems = decode(path, data)
    loaded.problems.extend(problems)
    if source is None:
        return
    sources.append(source)
    if values:
        resources, found = load_values(source, unit.path)
        loaded.resources.extend(resources)
        loaded.problems.extend(found)
        return
    stream = parse_stream(source)
    broken = any(problem.level == "error" for problem in stream.problems)
    if broken and "{{" in source.text and path not in unit.named:
        # Template text outside of a chart: no YAML before somebody renders it. What is literal in it is still read.
        text = "not YAML as it stands but a template; only its literal lines were read"
        loaded.problems.extend(
            Problem(p.location, "template", f"{text} ({p.message})", "warning") for p in stream.problems[:1]
        )
        loaded.resources.append(template_resource(source, f"{path}:", unit.path))
        return
    loaded.problems.extend(stream.problems)
    if objects:
        resources, found = load_documents(source, stream.documents, unit.path)
        inline, unread = inline_values(resources)
        loaded.resources.extend(resources + inline)
        loaded.problems.extend(found + unread)
