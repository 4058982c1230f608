"""The only module that knows every room: paths become a report."""

from __future__ import annotations

import gc
import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sovlint import __version__
from sovlint.catalogue import Catalogue, open_catalogue
from sovlint.config import Config
from sovlint.discovery import Found, Tree, TreeError, WorkingTree, walk
from sovlint.discovery.classify import TERRAFORM_SUFFIXES, kind_by_name
from sovlint.discovery.locate import inside, locate
from sovlint.judge import Judge
from sovlint.judge.profile import Profile, load_profile, zone_relation
from sovlint.judge.waivers import MARKER, Waivers, parse_waivers
from sovlint.model.errors import ConfigError, UsageError
from sovlint.model.fact import Fact, Placement, Subject
from sovlint.model.finding import Atom, Finding, Report, Waiver
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource
from sovlint.model.source import Location, SourceFile, Span
from sovlint.parse.decode import decode

if TYPE_CHECKING:
    from sovlint.resolve.terraform.folder import FolderCache
    from sovlint.resolve.terraform.inputs import Given
    from sovlint.resolve.terraform.load import LoadedRoot

Watch: TypeAlias = Callable[[str, str], None]
"""Is told what a run does: the stage, and the unit that is read (empty where there is none)."""


def _unwatched(stage: str, unit: str) -> None:
    """Nobody looks."""


class Gathered:
    """What all units of a run gave.

    Attributes:
        instances: addresses of resource instances, per unit.
        files: paths that were read as something to lint.
        declared: subjects of all resources, also of those without facts; None where nobody asked for them.
        watch: is told of every unit.
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
        self.watch: Watch = _unwatched


def check(config: Config, watch: Watch | None = None) -> Report:
    """Lints the paths of a configuration.

    Args:
        config: what and how.
        watch: is told stages and units as they begin.

    Raises:
        UsageError: no such profile.
        PolicyError: the catalogue is not usable.
    """
    watch = watch or _unwatched
    watch("catalogue", "")
    catalogue = open_catalogue(cache=config.cache)
    try:
        judge = Judge(catalogue, config.profile, config.select, config.ignore)
    except UsageError as error:
        if config.profile_origin and config.profile not in catalogue.profiles:
            raise ConfigError(f"{config.profile_origin}: {error}") from None
        if config.file:
            from sovlint.config.read import code_position

            origin = code_position(config.file, str(error).partition(":")[0])
        else:
            origin = ""
        if origin:
            raise ConfigError(f"{origin}: {error}") from None
        raise
    with _no_collection():
        watch("discovery", "")
        located = locate(config.paths, config.working_directory)
        tree = WorkingTree(located.root, config.size_limit)
        found = walk(tree, located.paths, config.exclude)
        gathered = Gathered()
        gathered.watch = watch
        gather(tree, found, config, catalogue, gathered)
        watch("judgement", "")
        gathered.problems[:0] = [*located.problems, *found.problems]
        return report(config, catalogue, judge, tree, found, gathered)


class Surveyed(NamedTuple):
    """What an inventory is made of."""

    catalogue: Catalogue
    profile: Profile
    facts: tuple[Fact, ...]
    declared: tuple[Subject, ...]
    problems: tuple[Problem, ...]


def facts_of(config: Config) -> Surveyed:
    """The facts of the paths of a configuration, unjudged, with all resources that are declared there.

    Raises:
        UsageError: no such profile.
        PolicyError: the catalogue is not usable.
    """
    catalogue = open_catalogue(cache=config.cache)
    profile = load_profile(catalogue, config.profile)
    with _no_collection():
        located = locate(config.paths, config.working_directory)
        tree = WorkingTree(located.root, config.size_limit)
        found = walk(tree, located.paths, config.exclude)
        gathered = gather(tree, found, config, catalogue, Gathered(declared=[]))
        problems = (*located.problems, *found.problems, *gathered.problems)
        facts, declared = gathered.facts, gathered.declared or []
        if found.named:
            touched = {f.subject for f in facts if _touches(f, found)}
            facts = [fact for fact in facts if fact.subject in touched]
            declared = [s for s in declared if s in touched or found.selects(s.declared_at.path)]
        return Surveyed(catalogue, profile, tuple(facts), tuple(declared), tuple(sorted(dict.fromkeys(problems))))


def gather(tree: Tree, found: Found, config: Config, catalogue: Catalogue, into: Gathered | None = None) -> Gathered:
    """The facts of all units; syntax trees are dropped unit by unit."""
    out = Gathered() if into is None else into
    _terraform(tree, found, config, catalogue, out)
    _manifests(tree, found, catalogue, out)
    return out


def _terraform(tree: Tree, found: Found, config: Config, catalogue: Catalogue, out: Gathered) -> None:
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
        out.facts.extend(survey.facts(loaded.resources))
        _declare(loaded.resources, catalogue, out)
        out.instances.update((r.unit, r.address) for r in loaded.resources if r.mode in ("managed", "data"))
        out.problems.extend(p for p in loaded.problems if p not in seen)
        seen.update(loaded.problems)
        out.files.update(loaded.sources)
        out.remote_modules.extend(loaded.remote_modules)
        _collect_waivers(loaded.sources.values(), out)


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
            out.watch("terraform", folder or ".")
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
            out.watch("terraform", root or ".")
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
    assert isinstance(tree, WorkingTree)
    out.problems.extend(p for p in locate((text,), config.working_directory).problems if p.code == "missing")
    path = inside(os.path.realpath(os.path.join(config.working_directory, text)), tree.root)
    if path is None:
        out.problems.append(Problem(Location(text, 1, 1, 1, 1), "outside-tree", f"{text} lies outside the tree"))
    return path


def _manifests(tree: Tree, found: Found, catalogue: Catalogue, out: Gathered) -> None:
    other = (*TERRAFORM_SUFFIXES, ".tfvars", ".tfvars.json", ".hcl")
    candidates = [p for p in found.files if not p.endswith(other)]
    if not candidates:
        return
    out.watch("manifests", "")
    from sovlint.resolve.manifests import load_unit, units_of
    from sovlint.survey.manifests import ManifestSurvey

    survey = ManifestSurvey(catalogue)
    for unit in units_of(tree, candidates, found.named):
        out.watch("manifests", unit.path)
        loaded = load_unit(tree, unit)
        out.problems.extend(loaded.problems)
        _declare(loaded.resources, catalogue, out)
        for resource in loaded.resources:
            out.instances.add((resource.unit, resource.address))
            out.files.add(resource.span.file.path)
            out.facts.extend(survey.facts(resource))
        if unit.kind == "chart":
            out.charts += 1
        _collect_waivers(loaded.waiver_sources, out)


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


def report(config: Config, catalogue: Catalogue, judge: Judge, tree: Tree, found: Found, gathered: Gathered) -> Report:
    """Judges the facts and describes the run."""
    facts = gathered.facts
    facts = [fact for fact in facts if _touches(fact, found)]
    atoms = judge.atoms(facts)
    if config.unknown == "ignore":
        atoms = [atom for atom in atoms if atom.verdict != "undetermined"]
    atoms = [atom for atom in atoms if _confident(atom, config.min_confidence)]
    waivers = Waivers(gathered.waivers, config.today) if config.waivers else None
    sources: dict[str, SourceFile | None] = {}

    def snippet(location: Location) -> str:
        if location.path not in sources:
            sources[location.path] = _read(tree, location.path)
        source = sources[location.path]
        return source.line(location.line)[:2000] if source is not None else ""

    findings, waived = judge.findings(
        atoms, waivers=waivers, group=config.group, show_waived=config.show_waived, snippet=snippet
    )
    undetermined, inputs = _undetermined(facts, judge.profile)
    return Report(
        version=__version__,
        profile=config.profile,
        files=len(gathered.files),
        resources=len(gathered.instances),
        undetermined=undetermined,
        findings=tuple(findings),
        problems=_distinct(gathered.problems),
        rules=judge.rule_infos(),
        waived=waived,
        inputs=inputs,
        zones_of_country=_zones_of(catalogue, findings),
        country_names={},
        notes=tuple(_notes(gathered)),
        framework_labels=catalogue.framework_labels(),
    )


def _distinct(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """One problem per place and kind, sorted: the walk and a reader may have met the same one."""
    first: dict[tuple[Location, str], Problem] = {}
    for problem in problems:
        first.setdefault((problem.location, problem.code), problem)
    return tuple(sorted(first.values()))


def _touches(fact: Fact, found: Found) -> bool:
    """Whether a fact belongs to the paths given, when some of them are files."""
    paths = {fact.cause.location.path, fact.subject.declared_at.path, *(hop.location.path for hop in fact.cause.via)}
    # A unit's own terragrunt.hcl stands for all of it: module, provider and state are often written elsewhere.
    paths.update(found.named.intersection([posixpath.join(fact.subject.unit, "terragrunt.hcl")]))
    return any(found.selects(path) for path in paths)


def _confident(atom: Atom, least: str) -> bool:
    order = ("heuristic", "resolved", "literal")
    return order.index(atom.confidence) >= order.index(least)


def _undetermined(facts: Iterable[Fact], profile: Profile) -> tuple[int, tuple[str, ...]]:
    """How many resource instances have a place that is not determined, and the inputs that would help."""
    subjects: set[tuple[str, str]] = set()
    inputs: set[str] = set()
    for fact in facts:
        if (
            isinstance(fact, Placement)
            and fact.subject.primary
            and fact.role != "default"
            and zone_relation(fact.places, profile.zone) == "undetermined"
        ):
            subjects.add((fact.subject.unit, fact.subject.address))
            inputs.update(fact.cause.inputs)
    return len(subjects), tuple(sorted(inputs))


def _zones_of(catalogue: Catalogue, findings: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    countries = {c for f in findings if f.place for c in f.place.countries}
    return {
        c: tuple(sorted(zone for zone, members in catalogue.zones.items() if c in members)) for c in sorted(countries)
    }


def _notes(gathered: Gathered) -> Iterator[str]:
    if gathered.remote_modules:
        count, names = len(gathered.remote_modules), sorted(set(gathered.remote_modules))
        shown = ", ".join(names[:3]) + (f", … {len(names) - 3} more" if len(names) > 3 else "")
        yield (
            f"{count} module call{'' if count == 1 else 's'} {'leads' if count == 1 else 'lead'} out of the tree: only "
            f"the arguments were read ({shown}); `terraform init` or copies in the tree let sovlint read the modules"
        )
    if gathered.charts:
        from sovlint.resolve.helm import static_note

        note = static_note(gathered.charts)
        if note:
            yield note


def _read(tree: Tree, path: str) -> SourceFile | None:
    try:
        return decode(path, tree.read(path))[0]
    except TreeError:
        return None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the cyclic garbage collector: a run makes millions of objects that live to the end of their unit."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
