"""What one unit of a tree gives: read, surveyed and settled; or taken from the store, where nothing has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sovlint.catalogue import Catalogue
from sovlint.config import Config
from sovlint.discovery import Tree
from sovlint.discovery.classify import TERRAFORM_SUFFIXES
from sovlint.run.gathered import Gathered, mark

if TYPE_CHECKING:
    from sovlint.model.source import Location
    from sovlint.resolve.manifests import Unit
    from sovlint.resolve.terraform.folder import FolderCache
    from sovlint.resolve.terraform.inputs import Given
    from sovlint.resolve.terraform.load import LoadedRoot
    from sovlint.run.judged import Settle
    from sovlint.run.manifests import ManifestSurveys
    from sovlint.run.storing import Storing
    from sovlint.survey.terraform import TerraformSurvey


class Reader:
    """Reads the units of one run.

    Args:
        tree: where to read.
        config: inputs.
        catalogue: for survey.
        like: what parts are to be like: who asks for declarations, labels, changes.
        settle: judges a part that is complete; None to keep its facts.

    Attributes:
        storing: facts of earlier runs; None to read everything anew.
        overridden: places of values of charts that every release in a helmfile overrides.
    """

    def __init__(
        self,
        tree: Tree,
        config: Config,
        catalogue: Catalogue,
        like: Gathered,
        settle: Settle | None = None,
    ) -> None:
        self.tree = tree
        self.config = config
        self.catalogue = catalogue
        self.storing: Storing | None = None
        self.overridden: set[Location] = set()
        self._like = like
        self._settle = settle
        self._given: Given | None = None
        # As paths in the tree: a file that the command line names may be a link, and another one than before.
        self._given_in_tree: tuple[object, ...] = ()
        self._folders: FolderCache | None = None
        self._survey: TerraformSurvey | None = None
        self._manifests: ManifestSurveys | None = None

    def use(self, storing: Storing) -> None:
        """Takes what earlier runs found where nothing changed, and keeps what this one finds."""
        self.storing = storing
        self.tree = storing.tree

    def part(self) -> Gathered:
        """An empty part of the run."""
        return self._like.beside()

    def settled(self, part: Gathered) -> Gathered:
        """A part that is complete, judged."""
        if self._settle is not None:
            self._settle(part)
        return part

    # --- Terraform

    def prepare_roots(self, given: Given) -> FolderCache:
        """What all root modules share; before workers are started, so that each of them has it."""
        from sovlint.resolve.terraform.folder import FolderCache
        from sovlint.survey.terraform import TerraformSurvey

        self._given = given
        self._given_in_tree = (tuple(given.arguments), tuple(given.backend))
        self._survey = TerraformSurvey(self.catalogue)
        self._folders = FolderCache(self.tree) if self.storing is None else self.storing.folders()
        return self._folders

    def root(self, folder: str) -> Gathered:
        """What a root module gives."""
        from sovlint.resolve.terraform.load import load_root

        assert self._folders is not None
        assert self._given is not None
        part = self.part()
        if self.storing is None:
            self.survey_root(load_root(self._folders, folder, self._given), part)
        elif not self.storing.recall("root", folder, part, *self._given_in_tree):
            with self.storing.keeping("root", folder, part, *self._given_in_tree):
                self.survey_root(load_root(self._folders, folder, self._given), part)
        return self.settled(part)

    def survey_root(self, loaded: LoadedRoot, out: Gathered) -> None:
        """The facts of a root module, and all else that is kept of it."""
        assert self._survey is not None
        if _is_touched(loaded.sources, out.changed):
            facts = list(self._survey.facts(loaded.resources))
            if any(r.kind.startswith(("helm_release", "kubernetes_", "kubectl_", "k8s_")) for r in loaded.resources):
                from sovlint.survey.deployed import DeployedSurvey

                deployed = DeployedSurvey(self.catalogue, self.tree, self.config.kubernetes_provider)
                facts.extend(deployed.facts(loaded.resources, list(facts)))
            mark(facts, loaded.resources, out.labels)
            out.facts.extend(facts)
        out.declare(loaded.resources, self.catalogue)
        out.instances.update((r.unit, r.address) for r in loaded.resources if r.mode in ("managed", "data"))
        out.say(loaded.problems)
        out.files.update(loaded.sources)
        out.remote_modules.extend(loaded.remote_modules)
        out.collect_waivers(loaded.sources.values())

    # --- everything else

    def prepare_units(self) -> ManifestSurveys:
        """What all other units share."""
        if self._manifests is None:
            from sovlint.run.manifests import ManifestSurveys

            self._manifests = ManifestSurveys(self.config, self.catalogue)
        return self._manifests

    def unit(self, unit: Unit, *, apart: bool = False) -> Gathered | None:
        """What a unit gives. Objects of clouds refer to those of other units and wait in `prepare_units` for the last.

        Args:
            unit: what to read.
            apart: nothing is to wait here; None for a unit that would have to.
        """
        part = self.part()
        if self.storing is None:
            waits = self._survey_unit(unit, part)
        elif self.storing.recall(unit.kind, unit.path, part, unit.files, unit.named):
            waits = False
        else:
            with self.storing.keeping(unit.kind, unit.path, part, unit.files, unit.named) as keeping:
                waits = self._survey_unit(unit, part)
                if waits:
                    keeping.drop()
        if waits and apart:
            self.prepare_units().manifests.forget()
            return None
        if unit.kind == "chart":
            if self.overridden:
                from sovlint.run.holding import remark_overridden

                remark_overridden(part.facts, self.overridden)
            part.charts += 1
            part.chart_units.append(unit)
        return self.settled(part)

    def _survey_unit(self, unit: Unit, part: Gathered) -> bool:
        """Whether something of the unit waits for the others."""
        from sovlint.resolve.manifests import load_unit

        surveys = self.prepare_units()
        before = surveys.manifests.held
        surveys.survey(unit, load_unit(self.tree, unit, part.helm), part)
        return surveys.manifests.held > before


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
