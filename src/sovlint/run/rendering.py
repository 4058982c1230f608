"""Charts rendered by Helm: what their objects say takes the place of what the static reading guessed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sovlint.catalogue import Catalogue
from sovlint.config import Config
from sovlint.discovery import Tree
from sovlint.judge.waivers import parse_annotation
from sovlint.model.fact import Artefact, Fact, Hop
from sovlint.model.problem import Problem
from sovlint.model.source import Location, whole_file
from sovlint.parse.yaml import BudgetExceededError, parse_stream
from sovlint.resolve.helm.copies import Copy
from sovlint.resolve.helm.engine import Engine, find_engine
from sovlint.resolve.helm.inputs import HelmInputs
from sovlint.resolve.helm.liveness import dead_places
from sovlint.resolve.helm.render import Chart, givens
from sovlint.resolve.helm.trace import RENDERED, Trace
from sovlint.resolve.inline_values import inline_values
from sovlint.resolve.kubernetes import load_documents
from sovlint.resolve.manifests import Unit, may_hold_objects
from sovlint.run.released import Released
from sovlint.survey.gitops import GitOpsSurvey
from sovlint.survey.manifests import ManifestSurvey
from sovlint.survey.metadata import annotated_waivers
from sovlint.survey.pods import Pods

if TYPE_CHECKING:
    from sovlint.run.gathered import Gathered

NEVER_RENDERED = "the chart was rendered, and this came out with none of its values"


def render_charts(
    tree: Tree,
    units: Sequence[Unit],
    config: Config,
    catalogue: Catalogue,
    out: Gathered,
) -> None:
    """Renders the charts among some units and puts what was found into `out`.

    Args:
        tree: where to read.
        units: all charts and helmfiles.
        config: engine, environment, sets.
        catalogue: for survey.
        out: has the facts of the static reading; those that rendering confirms or contradicts are replaced.

    Raises:
        UsageError: the engine that was asked for is not there.
    """
    engine = find_engine(config.helm_engine, config.search_path)
    if engine is None:
        message = "no Helm was found (a helm on PATH, or pip install 'sovlint[helm]'): charts were read statically"
        out.problems.append(Problem(whole_file("."), "engine", message, "warning"))
        return
    charts = [unit for unit in units if unit.kind == "chart"]
    folders = {unit.path for unit in charts}
    released = Released(tree, [unit.path for unit in units if unit.kind == "helmfile"])
    for unit in charts:
        # A chart in charts/ is rendered with the one that uses it.
        if not any(_holds(folder, unit.path) for folder in folders):
            with tempfile.TemporaryDirectory(prefix="sovlint-helm-") as scratch:
                _Charted(tree, unit, config, catalogue, out, engine, scratch).run(folders, released)


def reconcile(runs: Iterable[Gathered]) -> None:
    """What one environment never renders is no note if another one does."""
    runs = list(runs)
    alive = {_key(fact) for out in runs for fact in out.facts if not fact.cause.remark}
    for out in runs:
        out.facts = [fact for fact in out.facts if not fact.cause.remark or _key(fact) not in alive]


def _key(fact: Fact) -> tuple[type[Fact], str, int]:
    return type(fact), fact.cause.location.path, fact.cause.location.line


def _stand_on_values(static: Iterable[Fact], found: Iterable[Fact], templates: set[str]) -> None:
    """Images of which rendering could not tell what decides them stand where the static reading saw them, if once.

    Some charts refuse every image but their own: nothing can be changed to see what comes of it.
    """
    places: dict[str, dict[Location, Fact]] = {}
    for fact in static:
        if isinstance(fact, Artefact) and fact.cause.location.path not in templates:
            places.setdefault(_unversioned(fact), {})[fact.cause.location] = fact
    for fact in found:
        if isinstance(fact, Artefact) and fact.cause.location.path in templates:
            seen = list(places.get(_unversioned(fact), {}).values())
            if len(seen) == 1:
                hop = Hop(fact.cause.location, "rendered here")
                fact.cause = seen[0].cause._replace(via=(*seen[0].cause.via, hop, *fact.cause.via))


def _unversioned(fact: Artefact) -> str:
    path, slash, name = fact.reference.partition("@")[0].rpartition("/")
    return f"{fact.kind} {path}{slash}{name.partition(':')[0]}"


def _image_names(facts: Iterable[Fact]) -> dict[Location, frozenset[str]]:
    """Where images are decided → their names without registry and version, where they are written out."""
    names: dict[Location, frozenset[str]] = {}
    for fact in facts:
        if isinstance(fact, Artefact) and fact.kind == "image":
            name = fact.reference.partition("@")[0].rpartition("/")[2].partition(":")[0].rstrip("…")
            names[fact.cause.location] = names.get(fact.cause.location, frozenset()) | {name}
    return names


def _holds(folder: str, path: str) -> bool:
    return path.startswith(f"{folder}/charts/" if folder else "charts/")


class _Charted:
    def __init__(
        self,
        tree: Tree,
        unit: Unit,
        config: Config,
        catalogue: Catalogue,
        out: Gathered,
        engine: Engine,
        scratch: str,
    ) -> None:
        self.tree = tree
        self.unit = unit
        self.config = config
        self.catalogue = catalogue
        self.out = out
        self.engine = engine
        self.scratch = scratch
        self.broken = False

    def run(self, folders: set[str], released: Released) -> None:
        """Renders the chart, and replaces what the static reading said of it and of the charts in it."""
        try:
            self._run(folders, released)
        except (BudgetExceededError, OSError, RecursionError) as error:
            self._problem(whole_file(self.unit.path or "."), "", str(error))

    def _run(self, folders: set[str], released: Released) -> None:
        copy = Copy(self.tree, self.unit.path)
        self.out.problems.extend(copy.problems)
        covered = {chart.folder for chart in copy.top.all() if chart.folder is not None} & folders
        if copy.top.library or not copy.templates or not copy.top.name:
            return
        problems: list[Problem] = []
        files = () if self._is_named() else self.unit.files
        sets = givens(self.tree, self.unit.path, files, self.out.helm or HelmInputs(), problems)
        deployments = released.givens(self.unit.path)
        if deployments:
            # With its own values alone nobody deploys it.
            sets = [one for one in sets if one.name or one.layers] + deployments
        self.out.problems.extend(problems)
        chart = Chart(copy, self.engine, self.scratch)
        renderings = chart.render(sets)
        traces = [Trace(chart, rendering) for rendering in renderings]
        found: dict[tuple[object, ...], Fact] = {}
        written: set[Location] = set()
        holds: dict[tuple[object, ...], set[str]] = {}
        for trace in traces:
            if trace.rendering.error:
                self._failed(trace)
                continue
            facts = list(self._facts(trace))
            trace.find(facts)
            for fact in facts:
                written.update(trace.explain(fact, copy.top.name))
                cause = fact.cause
                key = (type(fact), fact.role, fact.subject.address, fact.attribute, cause.location, cause.value)
                found.setdefault(key, fact)
                holds.setdefault(key, set()).update(trace.rendering.given.environments or ("",))
        for mark, fact in found.items():
            if "" not in holds[mark] and not holds[mark] >= released.environments:
                fact.cause = fact.cause._replace(environments=tuple(sorted(holds[mark])))
        static = [f for f in self.out.facts if f.subject.format == "helm" and f.subject.unit in covered]
        deployed = [f for f in self.out.facts if released.is_of(self.unit.path, f.subject)]
        replaced = self._replaced([*static, *deployed], list(found.values()), written)
        _stand_on_values(static, found.values(), {source.path for _, source, _ in copy.templates})
        # Where a chart is missing, what is said to it comes out nowhere.
        complete = not copy.problems and not self.broken and not any(rendering.error for rendering in renderings)
        if complete:
            rest = [fact for fact in static if id(fact) not in replaced]
            dead = dead_places(chart, traces, [fact.cause for fact in rest], _image_names(rest))
            for fact in rest:
                if fact.cause.location in dead:
                    fact.cause = fact.cause._replace(remark=NEVER_RENDERED)
            self.out.charts -= len(covered)
        self.out.facts = [fact for fact in self.out.facts if id(fact) not in replaced]
        self.out.facts.extend(found.values())

    def _is_named(self) -> bool:
        """Whether the configuration says what the environments of this chart are."""
        environments = self.config.environments
        return any(HelmInputs(chart_values=one.values).layers(self.unit.path) for one in environments)

    def _replaced(self, static: list[Fact], found: list[Fact], written: set[Location]) -> set[int]:
        """Static facts that rendering says better: at the same place, or about the same image."""
        places: dict[tuple[type[Fact], str, int], list[Fact]] = {}
        for fact in found:
            places.setdefault(_key(fact), []).append(fact)
        references = {fact.reference for fact in found if isinstance(fact, Artefact)}
        out: set[int] = set()
        for fact in static:
            same = [other for other in places.get(_key(fact), ()) if other.cause.location == fact.cause.location]
            if same:
                out.add(id(fact))
                for other in same:
                    # What is waived or in a baseline stays so, whichever way the chart is read.
                    other.cause = other.cause._replace(owner=fact.cause.owner, attribute=fact.cause.attribute)
            elif isinstance(fact, Artefact) and (fact.reference in references or fact.cause.location in written):
                out.add(id(fact))
        return out

    def _facts(self, trace: Trace) -> Iterator[Fact]:
        """What survey says of the objects of one rendering; the causes are places in what was rendered."""
        manifests = ManifestSurvey(self.catalogue, self.config.kubernetes_provider)
        pods = Pods(self.catalogue.shard("kubernetes"))
        surveys = (manifests, GitOpsSurvey(self.catalogue))
        for source in trace.sources.values():
            if not may_hold_objects(source.text.encode()):
                continue
            stream = parse_stream(source)
            for problem in stream.problems[:1]:
                self.broken = True
                text = f"what the chart {self.unit.path or '.'} renders here is not YAML: {problem.message}"
                self.out.problems.append(Problem(trace.where(problem.location), "rendering", text, "warning"))
            resources, _ = load_documents(source, stream.documents, self.unit.path)
            inline, _ = inline_values(resources)
            for resource in (*resources, *inline):
                if resource.span.file.path.startswith(RENDERED):
                    resource.span = trace.declared(resource.span)
                if self.out.declared is not None:
                    from sovlint.inventory import declared

                    subject = declared(resource, self.catalogue)
                    name = f"{trace.chart.copy.top.name}:{resource.address}"
                    self.out.declared.extend([subject._replace(address=name)] if subject is not None else [])
                self.out.instances.add((resource.unit, f"{trace.chart.copy.top.name}:{resource.address}"))
                for annotated in annotated_waivers(resource, pods):
                    written = annotated._replace(location=trace.where(annotated.location))
                    self.out.waivers.update(dict.fromkeys(parse_annotation(*written)))
                for survey in surveys:
                    yield from survey.facts(resource)
        yield from manifests.collected()

    def _failed(self, trace: Trace) -> None:
        where = trace.position(trace.rendering.error, self.unit.path)
        self._problem(where, trace.rendering.given.name, trace.rendering.error)

    def _problem(self, where: Location, values: str, message: str) -> None:
        text = " ".join(message.replace(self.scratch + os.sep, "").split())
        if len(text) > 400:
            text = text[:399] + "…"
        shown = f" with {values}" if values else ""
        message = f"the chart {self.unit.path or '.'} was not rendered{shown} and read statically: {text}"
        self.out.problems.append(Problem(where, "rendering", message, "warning"))
