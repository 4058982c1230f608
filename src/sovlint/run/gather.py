"""All units of a tree become facts; syntax trees are dropped unit by unit."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sovlint.catalogue import Catalogue
from sovlint.config import Config
from sovlint.discovery import Found, Tree, TreeError
from sovlint.discovery.classify import TERRAFORM_SUFFIXES, kind_by_name
from sovlint.discovery.locate import inside, locate
from sovlint.judge.waivers import MARKER, parse_annotation, parse_waivers
from sovlint.model.fact import Fact, Subject
from sovlint.model.finding import Waiver
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource
from sovlint.model.source import Location, SourceFile, Span

if TYPE_CHECKING:
    from sovlint.resolve.helm import HelmInputs
    from sovlint.resolve.terraform.folder import FolderCache
    from sovlint.resolve.terraform.inputs import Given
    from sovlint.resolve.terraform.load import LoadedRoot


class Gathered:
    """What all units of a run gave.

    Attributes:
        instances: addresses of resource instances, per unit.
        files: paths that were read as something to lint.
        declared: subjects of all resources, also of those without facts; None where nobody asked for them.
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


def gather(
    tree: Tree,
    found: Found,
    config: Config,
    catalogue: Catalogue,
    into: Gathered | None = None,
    changed: frozenset[str] | None = None,
) -> Gathered:
    """The facts of all units.

    Args:
        tree: where to read.
        found: what is linted.
        config: inputs.
        catalogue: for survey.
        into: is added to.
        changed: surveys only units that may have been changed by these paths; None for all.
    """
    out = Gathered() if into is None else into
    out.changed = changed
    _terraform(tree, found, config, catalogue, out)
    _manifests(tree, found, config, catalogue, out)
    return out


def _terraform(tree: Tree, found: Found, config: Config, catalogue: Catalogue, out: Gathered) -> None:
    folders = {
        path.rpartition("/")[0]
        for path in found.files
        if path.endswith((*TERRAFORM_SUFFIXES, ".tfvars", ".tfvars.json"))
    }
    if not folders and not config.plan and not any(path.endswith(".hcl") for path in found.files):
        return
    from sovlint.resolve.terraform.folder import FolderCache, terraform_files
    from sovlint.resolve.terraform.inputs import Given
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
    seen: set[Problem] = set()
    if config.plan:
        from sovlint.resolve.terraform.plan import load_plan

        # A plan is of one root module: the one that PATH names.
        plan = _file_in_tree(tree, config, config.plan, out)
        folder = next(iter(found.folders), next(iter(sorted(found.named)), "").rpartition("/")[0])
        units: Iterable[LoadedRoot] = [] if plan is None else [load_plan(cache, folder, given, plan)]
    else:
        units = _roots(found, files, cache, given, out)
    for loaded in units:
        if _is_touched(loaded.sources, out.changed):
            facts = list(survey.facts(loaded.resources))
            out.facts.extend(facts)
            if any(r.kind.startswith(("helm_release", "kubernetes_", "kubectl_", "k8s_")) for r in loaded.resources):
                from sovlint.survey.deployed import DeployedSurvey

                deployed = DeployedSurvey(catalogue, tree, config.kubernetes_provider)
                out.facts.extend(deployed.facts(loaded.resources, facts))
        _declare(loaded.resources, catalogue, out)
        out.instances.update((r.unit, r.address) for r in loaded.resources if r.mode in ("managed", "data"))
        out.problems.extend(p for p in loaded.problems if p not in seen)
        seen.update(loaded.problems)
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


def _roots(found: Found, files: list[str], cache: FolderCache, given: Given, out: Gathered) -> Iterator[LoadedRoot]:
    """Terragrunt's units, then the root modules that none of them uses."""
    from sovlint.resolve.terraform.load import load_root
    from sovlint.resolve.terraform.roots import root_folders

    used: set[str] = set()
    terragrunt = [p for p in found.files if p.endswith(".hcl") and (p in found.named or kind_by_name(p) != "other")]
    if terragrunt:
        from sovlint.resolve.terragrunt import Units, unit_folders

        units = Units(cache)
        for folder in unit_folders(cache.tree, terragrunt):
            unit = units.load(folder, given)
            used.update(unit.used)
            out.problems.extend(unit.problems)
            out.files.update(unit.sources)
            _collect_waivers(unit.sources.values(), out)
            _waivers_at(unit.comments, out)
            if unit.root is not None:
                yield unit.root
    for root in root_folders(cache.tree, files):
        if root not in used:
            yield load_root(cache, root, given)


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


def _manifests(tree: Tree, found: Found, config: Config, catalogue: Catalogue, out: Gathered) -> None:
    other = (*TERRAFORM_SUFFIXES, ".tfvars", ".tfvars.json", ".hcl")
    candidates = [p for p in found.files if not p.endswith(other)]
    if not candidates:
        return
    from sovlint.resolve.manifests import load_all
    from sovlint.survey.gitops import GitOpsSurvey
    from sovlint.survey.manifests import ManifestSurvey
    from sovlint.survey.pipelines import PipelineSurvey

    manifests = ManifestSurvey(catalogue, config.kubernetes_provider)
    surveys = (
        manifests,
        GitOpsSurvey(catalogue),
        PipelineSurvey(catalogue),
    )
    for unit, loaded in load_all(tree, candidates, found.named, _helm_inputs(tree, config, out)):
        # A chart or a kustomization reads more files than its own.
        alone = unit.kind in ("manifest", "values")
        touched = out.changed is None or not alone or not out.changed.isdisjoint(unit.files)
        out.problems.extend(loaded.problems)
        _declare(loaded.resources, catalogue, out)
        for resource in loaded.resources:
            out.instances.add((resource.unit, resource.address))
            out.files.add(resource.span.file.path)
            for survey in surveys if touched else ():
                out.facts.extend(survey.facts(resource))
        if loaded.waiver_sources:
            for resource in loaded.resources:
                for annotated in manifests.waivers(resource):
                    out.waivers.update(dict.fromkeys(parse_annotation(*annotated)))
        if unit.kind == "chart":
            out.charts += 1
        _collect_waivers(loaded.waiver_sources, out)
    out.facts.extend(manifests.collected())


def _helm_inputs(tree: Tree, config: Config, out: Gathered) -> HelmInputs | None:
    """`--values`, `--set` and the layers of the environment; absolute paths as paths in the tree."""
    if not (config.values or config.sets or config.chart_values):
        return None
    from sovlint.resolve.helm import HelmInputs

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


def _waivers_at(comments: Iterable[Span], out: Gathered) -> None:
    for span in comments:
        if MARKER in span.text:
            for waiver in parse_waivers(span.text, span.location()):
                out.waivers[waiver] = None
