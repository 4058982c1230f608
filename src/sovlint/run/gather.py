"""All units of a tree become facts, and facts atoms; syntax trees are dropped unit by unit."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sovlint.catalogue import Catalogue
from sovlint.config import Config
from sovlint.discovery import Found, Tree, TreeError
from sovlint.discovery.classify import TERRAFORM_SUFFIXES, kind_by_name
from sovlint.discovery.locate import inside, locate
from sovlint.model.errors import UsageError
from sovlint.model.problem import Problem
from sovlint.model.source import Location
from sovlint.run.gathered import Gathered, Watch, unwatched
from sovlint.run.reader import Reader

if TYPE_CHECKING:
    from sovlint.resolve.helm import HelmInputs
    from sovlint.resolve.terraform.folder import FolderCache
    from sovlint.resolve.terraform.inputs import Given
    from sovlint.resolve.terraform.load import LoadedRoot
    from sovlint.run.judged import Settle
    from sovlint.run.shares import Sharing

MANY = 100
"""Files from which on facts are kept for the next run, and workers thought of: a commit hook must not pay for it."""


def gather(
    tree: Tree,
    found: Found,
    config: Config,
    catalogue: Catalogue,
    into: Gathered | None = None,
    changed: frozenset[str] | None = None,
    watch: Watch = unwatched,
    settle: Settle | None = None,
) -> Gathered:
    """What all units give.

    Args:
        tree: where to read.
        found: what is linted.
        config: inputs.
        catalogue: for survey.
        into: is added to.
        changed: surveys only units that may have been changed by these paths; None for all.
        watch: is told stages and units as they begin.
        settle: judges the parts of the run; None to keep the facts.
    """
    out = Gathered() if into is None else into
    out.changed = changed
    out.watch = watch
    out.labels = tuple(sorted({key for scope in config.scopes for key, _ in scope.labels}))
    out.helm = _helm_inputs(tree, config, out)
    reader = Reader(tree, config, catalogue, out, settle)
    if len(found.files) >= MANY or config.jobs > 1:
        from sovlint.run.many import gather_many

        gather_many(reader, found, out)
    else:
        gather_terraform(reader, found, out)
        gather_manifests(reader, found, out)
    if out.chart_units and config.helm_engine != "none":
        from sovlint.run.rendering import render_charts

        render_charts(tree, out.chart_units, config, catalogue, out)
    return out


def gather_terraform(reader: Reader, found: Found, out: Gathered, sharing: Sharing | None = None) -> None:
    """What root modules and Terragrunt's units give; root modules are given to workers, if there are any."""
    tree, config = reader.tree, reader.config
    folders = {
        path.rpartition("/")[0]
        for path in found.files
        if path.endswith((*TERRAFORM_SUFFIXES, ".tfvars", ".tfvars.json"))
    }
    if not folders and not config.plan and not any(path.endswith(".hcl") for path in found.files):
        return
    out.watch("terraform", "")
    from sovlint.resolve.terraform.folder import terraform_files
    from sovlint.resolve.terraform.inputs import Given
    from sovlint.resolve.terraform.roots import root_folders

    files: list[str] = []
    for folder in sorted(folders):
        try:
            files.extend(posixpath.join(folder, name) for name in terraform_files(tree, folder))
        except TreeError as error:
            out.problems.append(Problem(Location(folder or ".", 1, 1, 1, 1), error.code, error.message))
    given = Given(config.environment, _in_tree(tree, config, out), config.workspace, _backend_config(tree, config, out))
    cache = reader.prepare_roots(given)
    if config.plan:
        from sovlint.resolve.terraform.plan import load_plan

        # A plan is of one root module: the one that PATH names.
        plan = _file_in_tree(tree, config, config.plan, out)
        folder = next(iter(found.folders), next(iter(sorted(found.named)), "").rpartition("/")[0])
        if plan is not None:
            _add_root(reader, load_plan(cache, folder, given, plan), out)
        return
    used: set[str] = set()
    for loaded in _terragrunt(found, cache, given, out, used):
        _add_root(reader, loaded, out)
    roots = [folder for folder in root_folders(tree, files) if folder not in used]
    if sharing is not None:
        sharing.share_roots(roots)
        return
    for root in roots:
        out.watch("terraform", root or ".")
        out.add(reader.root(root))


def _add_root(reader: Reader, loaded: LoadedRoot, out: Gathered) -> None:
    part = reader.part()
    reader.survey_root(loaded, part)
    out.add(reader.settled(part))


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
        out.collect_waivers(unit.sources.values())
        out.waive(unit.comments)
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


def gather_manifests(reader: Reader, found: Found, out: Gathered, sharing: Sharing | None = None) -> None:
    """What everything else gives; most of it by workers, if there are any."""
    other = (*TERRAFORM_SUFFIXES, ".tfvars", ".tfvars.json", ".hcl")
    candidates = [p for p in found.files if not p.endswith(other)]
    if not candidates:
        return
    out.watch("manifests", "")
    from sovlint.resolve.manifests import load_together, units_of

    surveys = reader.prepare_units()
    rest: list[str] = []
    for unit, loaded in load_together(reader.tree, candidates, found.named, rest):
        out.watch("manifests", unit.path)
        part = reader.part()
        surveys.survey(unit, loaded, part)
        reader.overridden |= loaded.overridden
        if unit.kind == "helmfile":
            part.chart_units.append(unit)
        out.add(reader.settled(part))
        if sharing is not None:
            sharing.turn()
    units = units_of(reader.tree, rest, found.named)
    for one in sharing.manifests(units) if sharing is not None else units:
        if isinstance(one, Gathered):
            out.add(one)
        else:
            out.watch("manifests", one.path)
            read = reader.unit(one)
            assert read is not None
            out.add(read)
    part = reader.part()
    part.facts = surveys.collected(out.labels)
    out.add(reader.settled(part))


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
