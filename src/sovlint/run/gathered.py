"""What the units of a run gave, and how a resource's labels and waivers get there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from sovlint.catalogue import Catalogue
from sovlint.judge.waivers import MARKER, parse_waivers
from sovlint.model.fact import Fact, Subject
from sovlint.model.finding import Atom, Waiver
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource
from sovlint.model.source import SourceFile, Span

if TYPE_CHECKING:
    from sovlint.judge.ways_out import Instance, Neighbour
    from sovlint.resolve.helm import HelmInputs
    from sovlint.resolve.manifests import Unit

Watch: TypeAlias = Callable[[str, str], None]
"""Is told what a run does: the stage, and the unit that is read (empty where there is none)."""


def unwatched(stage: str, unit: str) -> None:
    """Nobody looks."""


class Gathered:
    """What all units of a run, or some of them, gave.

    Attributes:
        facts: those that were not judged yet.
        atoms: what the rules said of the others; `undetermined` has the instances whose place was not determined, and
            whether inputs would tell it, `inputs` which ones, `neighbours` what ways out have to know of them, `scopes`
            which ones they lie in (see `ScopedJudge`).
        instances: addresses of resource instances, per unit.
        files: paths that were read as something to lint.
        declared: subjects of all resources, also of those without facts; None where nobody asked for them.
        changed, watch: as for `gather`.
        said: problems of module folders that were said already.
        labels: keys of labels that scopes select by.
        helm: values that charts are given; `chart_units` are the charts and helmfiles.
        environments: those of helmfiles, in their order; a dictionary for that.
    """

    def __init__(self, declared: list[Subject] | None = None) -> None:
        self.facts: list[Fact] = []
        self.atoms: list[Atom] = []
        self.undetermined: dict[Instance, bool] = {}
        self.inputs: set[str] = set()
        self.neighbours: list[Neighbour] = []
        self.scopes: set[tuple[str, str]] = set()
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
        self.environments: dict[str, None] = {}

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
        self.atoms.extend(part.atoms)
        for instance, decidable in part.undetermined.items():
            self.undetermined[instance] = decidable or self.undetermined.get(instance, False)
        self.inputs |= part.inputs
        self.neighbours.extend(part.neighbours)
        self.scopes |= part.scopes
        self.say(part.problems)
        self.waivers.update(part.waivers)
        self.instances |= part.instances
        self.files |= part.files
        self.remote_modules.extend(part.remote_modules)
        self.charts += part.charts
        self.chart_units.extend(part.chart_units)
        self.environments.update(part.environments)
        if self.declared is not None:
            self.declared.extend(part.declared or ())

    def travel(self) -> None:
        """Leaves behind what other processes have, too."""
        self.changed = None
        self.helm = None
        self.said = set()

    def say(self, problems: Iterable[Problem]) -> None:
        """Problems, each once: a shared module has the same ones in every root."""
        self.problems.extend(p for p in problems if p not in self.said)
        self.said.update(problems)

    def declare(self, resources: Iterable[Resource], catalogue: Catalogue) -> None:
        """Keeps the subjects of resources, if anybody asked for them."""
        if self.declared is not None:
            from sovlint.inventory import declared

            self.declared.extend(subject for r in resources if (subject := declared(r, catalogue)) is not None)

    def collect_waivers(self, sources: Iterable[SourceFile]) -> None:
        """The waivers in the comments of some texts."""
        for source in sources:
            if MARKER not in source.text:
                continue
            if source.path.endswith((".tf", ".tofu", ".tfvars", ".hcl")):
                from sovlint.parse.hcl import comments as hcl_comments

                spans = hcl_comments(source)
            else:
                from sovlint.parse.yaml import comments as yaml_comments

                spans = yaml_comments(source)
            self.waive(Span(source, start, end) for start, end in spans)

    def waive(self, comments: Iterable[Span]) -> None:
        """The waivers in some comments."""
        for span in comments:
            if MARKER in span.text:
                self.waivers.update(dict.fromkeys(parse_waivers(span.text, span.location())))


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
