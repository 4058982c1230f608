"""Facts become a report: judged, waived, compared, grouped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sovlint import __version__
from sovlint.catalogue import Catalogue
from sovlint.config import Config
from sovlint.discovery import Found, Tree, TreeError
from sovlint.judge.scopes import ScopedJudge
from sovlint.judge.seal import ceilings
from sovlint.judge.waivers import Waivers
from sovlint.judge.ways_out import Neighbours
from sovlint.model.finding import Finding, RegisteredWaiver, Report
from sovlint.model.problem import Problem
from sovlint.model.source import Location, SourceFile
from sovlint.parse.decode import decode
from sovlint.run.gathered import Gathered
from sovlint.run.judged import judged

if TYPE_CHECKING:
    from sovlint.discovery.revision import Changes


def report(
    config: Config,
    catalogue: Catalogue,
    judge: ScopedJudge,
    tree: Tree,
    found: Found,
    runs: Sequence[tuple[str, Gathered]],
    changes: Changes | None = None,
) -> Report:
    """Judges what was gathered and describes the run.

    Args:
        config: what is wanted.
        catalogue: for names.
        judge: the rules.
        tree: for lines to show.
        found: what is reported.
        runs: what every environment gave.
        changes: since the revision to compare with, if that is wanted.
    """
    result = judged(config, judge, found, runs)
    atoms = result.atoms
    instances = {key for _, gathered in runs for key in gathered.instances}
    undetermined = len(result.undetermined)
    compared = None
    if changes is not None or config.baseline or config.write_baseline:
        from sovlint.run.compare import compared_with

        compared = compared_with(config, catalogue, judge, tree, found, atoms, changes)
        atoms = compared.atoms
    if config.limits and changes is None:
        from sovlint.run.governed import limit_facts

        atoms += judge.atoms(limit_facts(config, tree, result.facts, undetermined, len(instances), catalogue))
    written = [waiver for _, gathered in runs for waiver in gathered.waivers]
    waivers: Waivers | None = None
    if config.waivers and (written or config.waived):
        from sovlint.run.governed import configured_waivers

        waivers = Waivers(dict.fromkeys([*written, *configured_waivers(config, tree)]), config.today)
    sources: dict[str, SourceFile | None] = {}

    def snippet(location: Location) -> str:
        if location.path not in sources:
            sources[location.path] = _read(tree, location.path)
        source = sources[location.path]
        return source.line(location.line)[:2000] if source is not None else ""

    neighbours = Neighbours(row for _, gathered in runs for row in gathered.neighbours)
    options = {
        "group": config.group,
        "show_waived": config.show_waived,
        "snippet": snippet,
        "neighbours": neighbours,
    }
    findings, waived = judge.findings(atoms, waivers=waivers, **options)  # type: ignore[arg-type]
    register: tuple[RegisteredWaiver, ...] = ()
    if waivers is not None:
        from sovlint.run.governed import disorder, registered

        complete = compared is None and config.min_confidence == "heuristic" and config.unknown != "ignore"
        late = judge.atoms(disorder(waivers, judge, found, complete=complete))
        if late:
            findings, waived = judge.findings([*atoms, *late], waivers=waivers, **options)  # type: ignore[arg-type]
        register = registered(waivers)
    repository = revision = ""
    if config.provenance:
        from sovlint.discovery.origin import origin_of

        repository = origin_of(getattr(tree, "root", ""))
        # Whether the files are the commit that is checked out is only known where git was asked.
        revision = changes.head if changes is not None else ""
    problems = [problem for _, gathered in runs for problem in gathered.problems]
    return Report(
        version=__version__,
        profile=config.profile,
        files=len({path for _, gathered in runs for path in gathered.files}),
        resources=len(instances),
        undetermined=undetermined,
        findings=tuple(findings),
        problems=_distinct(problems),
        rules=judge.rule_infos(),
        waived=waived,
        inputs=tuple(sorted({name for _, gathered in runs for name in gathered.inputs})),
        decidable=sum(result.undetermined.values()),
        zones_of_country=_zones_of(catalogue, findings),
        country_names={},
        notes=tuple(_notes(runs[0][1])),
        framework_labels=catalogue.framework_labels(),
        ceilings=ceilings(result.atoms, catalogue, judge.profile),
        waivers=register,
        repository=repository,
        revision=revision,
        compared=compared.name if compared is not None else "",
        known=compared.known if compared is not None else 0,
        solved=compared.solved if compared is not None else (),
        change=compared.change if compared is not None else (),
        environments=_environments(findings, runs),
    )


def _environments(findings: Iterable[Finding], runs: Sequence[tuple[str, Gathered]]) -> tuple[str, ...]:
    """Those of the configuration; if a finding holds in some of a helmfile's only, those of helmfiles, too."""
    names = dict.fromkeys(name for name, _ in runs if name)
    if any(name not in names for finding in findings for name in finding.environments):
        for _, gathered in runs:
            names.update(gathered.environments)
    return tuple(names)


def _distinct(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """One problem per place and kind, sorted: the walk and a reader may have met the same one."""
    first: dict[tuple[Location, str], Problem] = {}
    for problem in problems:
        first.setdefault((problem.location, problem.code), problem)
    return tuple(sorted(first.values()))


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
