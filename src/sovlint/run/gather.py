"""All units of a tree become facts; syntax trees are dropped unit by unit."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from sovlint.catalogue import Catalogue
from sovlint.config import Config
from sovlint.discovery import Found, Tree, TreeError
from sovlint.discovery.classify import TERRAFORM_SUFFIXES, kind_by_name
from sovlint.discovery.locate import inside, locate
from sovlint.judge.waivers import MARKER, parse_annotation, parse_waivers
from sovlint.model.errors import UsageError
from sovlint.model.fact import Fact, Subject
from sovlint.model.finding import Waiver
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource
from sovlint.model.source import Location, SourceFile, Span

if TYPE_CHECKING:
    from sovlint.resolve.helm import HelmInputs
    from sovlint.resolve.manifests import Loaded, Unit
    from sovlint.resolve.terraform.folder import FolderCache
    from sovlint.resolve.terraform.inputs import Given
    from sovlint.resolve.terraform.load import LoadedRoot
    from sovlint.run.shares import Sharing
    from sovlint.survey.terraform import TerraformSurvey


WORTH_IT = 1_000
"""Units from which on workers are started unasked: with 1,100 and two busy processors they were as fast as one process,
and took a third more of the processors (docs/performance.md)."""

Watch: TypeAlias = Callable[[str, str], None]
"""Is told what a run does: the stage, and the unit that is read (empty where there is none)."""


def unwatched(stage: str, unit: str) -> None:
    """Nobody looks."""


class Gathered:
    """What all units of a run gave.

    Attributes:
        instances: addresses of resource instances, per unit.
        files: paths that were read as something to lint.
        declared: subjects of all resources, also of those without facts; None where nobody asked for them.
        changed, watch: as for `gather`.
        said: problems of module folders that were said already.
        labels: keys of labels that scopes select by.
        overridden: places of values of charts that every release in a helmfile overrides.
        helm: values that charts are given; `chart_units` are the charts and helmfiles.
    """

    def __init__(self, declared: list[Subject] | None = None) -> None:
        self.facts: list[Fact] = []
        self.problems: list[Problem] = []
        self.waivers: dict[Waiver, None] = {}
        self.instances: set[tuple[str, str]] = set()
        self.files: set[str] = set()
        self.remote_modules: list[str] = []
        self.charts = 0
        self.declared = declared
        self.changed: frozenset[str] | None = None
        self.watch: Watch = unwatched
        self.said: set[Problem] = set()
        self.labels: tuple[str, ...] = ()
        self.helm: HelmInputs | None = None
        self.chart_units: list[Unit] = []
        self.overridden: set[Location] = set()

    def beside(self, watch: Watch = unwatched) -> Gathered:
        """An empty one for a part of the same units."""
        part = Gathered(None if self.declared is None else [])
        part.changed = self.changed
        part.labels, part.helm = self.labels, self.helm
        part.watch = watch
        return part

    def add(self, part: Gathered) -> None:
        """What later units gave."""
        self.facts.extend(part.facts)
        self.say(part.problems)
        self.waivers.update(part.waivers)
        self.instances |= part.instances
        self.files |= part.files
        self.remote_modules.extend(part.remote_modules)
        self.charts += part.charts
        self.chart_units.extend(part.chart_units)
        self.overridden |= part.overridden
        if self.declared is not None:
            self.declared.extend(part.declared or ())

    def say(self, problems: Iterable[Problem]) -> None:
        """Problems, each once: a shared module has the same ones in every root."""
        self.problems.extend(p for p in problems if p not in self.said)
        self.said.update(problems)


def gather(
    tree: Tree,
    found: Found,
    config: Config,
    catalogue: Catalogue,
    into: Gathered | None = None,
    changed: frozenset[str] | None = None,
    watch: Watch = unwatched,
) -> Gathered:
    """The facts of all units.

    Args:
        tree: where to read.
        found: what is linted.
        config: inputs.
        catalogue: for survey.
        into: is added to.
        changed: surveys only units that may have been changed by these paths; None for all.
        watch: is told stages and units as they begin.
    """
    out = Gathered() if into is None else into
    out.changed = changed
    out.watch = watch
    out.labels = tuple(sorted({key for scope in config.scopes for key, _ in scope.labels}))
    out.helm = _helm_inputs(tree, config, out)
    # What shares units is imported where there may be enough of them: a commit hook must not pay for it.
    if config.jobs > 1 or (not config.jobs and len(found.files) >= WORTH_IT):
        from sovlint.run.shares import Sharing, jobs_for

        jobs = jobs_for(config, found)
        if jobs > 1:
            with Sharing(jobs, tree, config, catalogue, out) as sharing:
                _terraform(tree, found, config, catalogue, out, sharing)
                later = out.beside(watch)
                _manifests(tree, found, config, catalogue, later, sharing)
                for part in sharing.roots():
                    out.add(part)
                out.add(later)
    else:
        jobs = 1
    if jobs == 1:
        _terraform(tree, found, config, catalogue, out)
        _manifests(tree, found, config, catalogue, out)
    if out.overridden:
        from sovlint.run.holding import remark_overridden

        remark_overridden(out.facts, out.overridden)
    if out.chart_units and config.helm_engine != "none":
        from sovlint.run.rendering import render_charts

        render_charts(tree, out.chart_units, config, catalogue, out)
    return out


def _terraform(
    tree: Tree, found: Found, config: Config, catalogue: Catalogue, out: Gathered, sharing: Sharing | None = None
) -> None:
    folders = {
        path.rpartition("/")[0]
        for path in found.files
        if path.endswith((*TERRAFORM_SUFFIXES, ".tfvars", ".tfvars.json"))
    }
    if not folders and not config.plan and not any(path.endswith(".hcl") for path in found.files):
        return
    out.watch("terraform", "")
    from sovlint.resolve.terraform.folder import FolderCache, terraform_files
    from sovlint.resolve.terraform.inputs import Given
    from sovlint.resolve.terraform.load import load_root
    from sovlint.resolve.terraform.roots import root_folders
    from sovlint.survey.terraform import TerraformSurvey

    files: list[str] = []
    for folder in sorted(folders):
        try:
            files.extend(posixpath.join(folder, name) for name in terraform_files(tree, folder))
        except TreeError as error:
            out.problems.append(Problem(Location(folder or ".", 1, 1, 1, 1), error.code, error.message))
    cache = FolderCache(tree)
    given = Given(config.environment, _in_tree(tree, config, out), config.workspace, _backend_config(tree, config, out))
    survey = TerraformSurvey(catalogue)
    if config.plan:
        from sovlint.resolve.terraform.plan import load_plan

        # A plan is of one root module: the one that PATH names.
        plan = _file_in_tree(tree, config, config.plan, out)
        folder = next(iter(found.folders), next(iter(sorted(found.named)), "").rpartition("/")[0])
        if plan is not None:
            survey_root(load_plan(cache, folder, given, plan), survey, out, tree, config)
        return
    used: set[str] = set()
    for loaded in _terragrunt(found, cache, given, out, used):
        survey_root(loaded, survey, out, tree, config)
    roots = [folder for folder in root_folders(tree, files) if folder not in used]
    if sharing is not None:
        sharing.share_roots(roots, given)
        return
    for root in roots:
        out.watch("terraform", root or ".")
        survey_root(load_root(cache, root, given), survey, out, tree, config)


def survey_root(loaded: LoadedRoot, survey: TerraformSurvey, out: Gathered, tree: Tree, config: Config) -> None:
    """The facts of a root module, and all else that is kept of it."""
    if _is_touched(loaded.sources, out.changed):
        facts = list(survey.facts(loaded.resources))
        if any(r.kind.startswith(("helm_release", "kubernetes_", "kubectl_", "k8s_")) for r in loaded.resources):
            from sovlint.survey.deployed import DeployedSurvey

            deployed = DeployedSurvey(survey.catalogue, tree, config.kubernetes_provider)
            facts.extend(deployed.facts(loaded.resources, list(facts)))
        mark(facts, loaded.resources, out.labels)
        out.facts.extend(facts)
    _declare(loaded.resources, survey.catalogue, out)
    out.instances.update((r.unit, r.address) for r in loaded.resources if r.mode in ("managed", "data"))
    out.say(loaded.problems)
    out.files.update(loaded.sources)
    out.remote_modules.extend(loaded.remote_modules)
    _collect_waivers(loaded.sources.values(), out)


def _is_touched(sources: Iterable[str], changed: frozenset[str] | None) -> bool:
    """Whether changed paths may matter to a root module: its files, what lies beside them, what it may read."""
    if changed is None:
        return True
    folders = {path.rpartition("/")[0] for path in sources}
    for path in changed:
        # A file that is neither Terraform's nor a manifest may be read by a function from anywhere.
        if not path.endswith((*TERRAFORM_SUFFIXES, ".tfvars", ".tfvars.json")):
            return True
        if path.rpartition("/")[0] in folders:
            return True
    return False


def _terragrunt(found: Found, cache: FolderCache, given: Given, out: Gathered, used: set[str]) -> Iterator[LoadedRoot]:
    """The root modules of Terragrunt's units; adds the folders that these use to `used`."""
    terragrunt = [p for p in found.files if p.endswith(".hcl") and (p in found.named or kind_by_name(p) != "other")]
    if not terragrunt:
        return
    from sovlint.resolve.terragrunt import Units, unit_folders

    units = Units(cache)
    for folder in unit_folders(cache.tree, terragrunt):
        out.watch("terraform", folder or ".")
        unit = units.load(folder, given)
        used.update(unit.used)
        out.problems.extend(unit.problems)
        out.files.update(unit.sources)
        _collect_waivers(unit.sources.values(), out)
        _waivers_at(unit.comments, out)
        if unit.root is not None:
            yield unit.root


def _in_tree(tree: Tree, config: Config, out: Gathered) -> list[tuple[str, str]]:
    """`--var-file` paths as paths in the tree."""
    arguments: list[tuple[str, str]] = []
    for kind, text in config.arguments:
        path = text if kind == "var" else _file_in_tree(tree, config, text, out)
        if path is not None:
            arguments.append((kind, path))
    return arguments


def _backend_config(tree: Tree, config: Config, out: Gathered) -> list[str]:
    """`--backend-config` values; files as paths in the tree."""
    values = (text if "=" in text else _file_in_tree(tree, config, text, out) for text in config.backend_config)
    return [value for value in values if value is not None]


def _file_in_tree(tree: Tree, config: Config, text: str, out: Gathered) -> str | None:
    """A file named on the command line as a path in the tree; what is outside is a problem, not read."""
    root: str = getattr(tree, "root")  # noqa: B009 - trees in memory have none, and no command line
    out.problems.extend(p for p in locate((text,), config.working_directory).problems if p.code == "missing")
    path = inside(os.path.realpath(os.path.join(config.working_directory, text)), root)
    if path is None:
        out.problems.append(Problem(Location(text, 1, 1, 1, 1), "outside-tree", f"{text} lies outside the tree"))
    return path


def _manifests(
    tree: Tree, found: Found, config: Config, catalogue: Catalogue, out: Gathered, sharing: Sharing | None = None
) -> None:
    other = (*TERRAFORM_SUFFIXES, ".tfvars", ".tfvars.json", ".hcl")
    candidates = [p for p in found.files if not p.endswith(other)]
    if not candidates:
        return
    out.watch("manifests", "")
    from sovlint.resolve.manifests import load_together, load_unit, units_of

    surveys = ManifestSurveys(config, catalogue)
    rest: list[str] = []
    for unit, loaded in load_together(tree, candidates, found.named, rest):
        out.watch("manifests", unit.path)
        surveys.survey(unit, loaded, out)
        if sharing is not None:
            sharing.turn()
    units = units_of(tree, rest, found.named)
    for part in sharing.manifests(units) if sharing is not None else units:
        if isinstance(part, Gathered):
            out.add(part)
        else:
            out.watch("manifests", part.path)
            surveys.survey(part, load_unit(tree, part, out.helm), out)
    out.facts.extend(surveys.collected(out.labels))


class ManifestSurveys:
    """All that is asked of units that are not Terraform's. Objects of clouds wait in `manifests` for the last unit."""

    def __init__(self, config: Config, catalogue: Catalogue) -> None:
        from sovlint.survey.gitops import GitOpsSurvey
        from sovlint.survey.manifests import ManifestSurvey
        from sovlint.survey.pipelines import PipelineSurvey

        self._catalogue = catalogue
        self.manifests = ManifestSurvey(catalogue, config.kubernetes_provider)
        self._all = (self.manifests, GitOpsSurvey(catalogue), PipelineSurvey(catalogue))
        self._marked: list[Resource] = []

    def collected(self, labels: Sequence[str]) -> list[Fact]:
        """The facts of cloud resources, which refer to each other: to be asked for after all units."""
        facts = list(self.manifests.collected())
        mark(facts, self._marked, labels)
        return facts

    def survey(self, unit: Unit, loaded: Loaded, out: Gathered) -> None:
        """The facts of a unit, and all else that is kept of it."""
        # A chart or a kustomization reads more files than its own.
        alone = unit.kind in ("manifest", "values")
        touched = out.changed is None or not alone or not out.changed.isdisjoint(unit.files)
        out.problems.extend(loaded.problems)
        out.overridden |= loaded.overridden
        _declare(loaded.resources, self._catalogue, out)
        found: list[list[Fact]] = []
        for resource in loaded.resources:
            out.instances.add((resource.unit, resource.address))
            out.files.add(resource.span.file.path)
            asked = touched or self.manifests.ties(resource)
            facts = [fact for survey in self._all if asked for fact in survey.facts(resource)]
            mark(facts, (resource,), out.labels)
            found.append(facts)
            if out.labels:
                self._marked.append(resource)
        if loaded.environments:
            from sovlint.run.holding import of_environments

            found = of_environments(found, loaded.holds_in, loaded.environments)
        out.facts.extend(fact for facts in found for fact in facts)
        if loaded.waiver_sources:
            _annotated_waivers(loaded.resources, self._catalogue, out)
        if unit.kind == "chart":
            out.charts += 1
        if unit.kind in ("chart", "helmfile"):
            out.chart_units.append(unit)
        _collect_waivers(loaded.waiver_sources, out)


def mark(facts: Iterable[Fact], resources: Iterable[Resource], keys: Sequence[str]) -> None:
    """Gives subjects the labels that scopes select by."""
    if not keys:
        return
    from sovlint.survey.metadata import classification

    marks = {(r.unit, r.address): found for r in resources if (found := classification(r, keys))}
    for fact in facts:
        own = marks.get((fact.subject.unit, fact.subject.address))
        if own:
            fact.subject = fact.subject._replace(classification=own)


def _helm_inputs(tree: Tree, config: Config, out: Gathered) -> HelmInputs | None:
    """`--values`, `--set` and the layers of the environment; absolute paths as paths in the tree."""
    if not (config.values or config.sets or config.chart_values):
        return None
    from sovlint.resolve.helm import HelmInputs
    from sovlint.resolve.helm.sets import SetError, assignments

    for text in config.sets:
        try:
            assignments(text)
        except SetError as error:
            raise UsageError(f"--set {text}: {error}") from None
    files = (_file_in_tree(tree, config, text, out) for text in config.values)
    layers: list[tuple[str, tuple[str, ...]]] = []
    for chart, written in config.chart_values:
        inside_ = (_file_in_tree(tree, config, one, out) if os.path.isabs(one) else one for one in written)
        kept = tuple(f"/{p}" if os.path.isabs(w) else p for p, w in zip(inside_, written, strict=True) if p is not None)
        layers.append((chart, kept))
    return HelmInputs(tuple(path for path in files if path is not None), config.sets, tuple(layers))


def _declare(resources: Iterable[Resource], catalogue: Catalogue, out: Gathered) -> None:
    if out.declared is None:
        return
    from sovlint.inventory import declared

    out.declared.extend(subject for r in resources if (subject := declared(r, catalogue)) is not None)


def _collect_waivers(sources: Iterable[SourceFile], out: Gathered) -> None:
    for source in sources:
        if MARKER not in source.text:
            continue
        if source.path.endswith((".tf", ".tofu", ".tfvars", ".hcl")):
            from sovlint.parse.hcl import comments as hcl_comments

            spans = hcl_comments(source)
        else:
            from sovlint.parse.yaml import comments as yaml_comments

            spans = yaml_comments(source)
        _waivers_at((Span(source, start, end) for start, end in spans), out)


def _annotated_waivers(resources: Iterable[Resource], catalogue: Catalogue, out: Gathered) -> None:
    from sovlint.survey.metadata import annotated_waivers
    from sovlint.survey.pods import Pods

    pods = Pods(catalogue.shard("kubernetes"))
    for annotated in (one for resource in resources for one in annotated_waivers(resource, pods)):
        out.waivers.update(dict.fromkeys(parse_annotation(*annotated)))


def _waivers_at(comments: Iterable[Span], out: Gathered) -> None:
    for span in comments:
        if MARKER in span.text:
            for waiver in parse_waivers(span.text, span.location()):
                out.waivers[waiver] = None
