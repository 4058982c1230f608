"""What is asked of units that are not Terraform's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sovlint.catalogue import Catalogue
from sovlint.config import Config
from sovlint.judge.waivers import parse_annotation
from sovlint.model.fact import Fact
from sovlint.model.resource import Resource
from sovlint.resolve.manifests import Loaded, Unit
from sovlint.run.gathered import Gathered, mark
from sovlint.survey.gitops import GitOpsSurvey
from sovlint.survey.manifests import ManifestSurvey
from sovlint.survey.metadata import annotated_waivers
from sovlint.survey.pipelines import PipelineSurvey
from sovlint.survey.pods import Pods


class ManifestSurveys:
    """All that is asked of units that are not Terraform's. Objects of clouds wait in `manifests` for the last unit."""

    def __init__(self, config: Config, catalogue: Catalogue) -> None:
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
        out.declare(loaded.resources, self._catalogue)
        found: list[list[Fact]] = []
        for resource in loaded.resources:
            out.instances.add((resource.unit, resource.address))
            out.files.add(resource.span.file.path)
            asked = touched or self.manifests.ties(resource)
            facts = [fact for survey in self._all if asked for fact in survey.facts(resource)]
            mark(facts, (resource,), out.labels)
            found.append(facts)
            if out.labels and self.manifests.ties(resource):
                self._marked.append(resource)
        if loaded.environments:
            from sovlint.run.holding import of_environments

            found = of_environments(found, loaded.holds_in, loaded.environments)
            out.environments.update(dict.fromkeys(loaded.environments))
        out.facts.extend(fact for facts in found for fact in facts)
        if loaded.waiver_sources:
            self._annotated_waivers(loaded.resources, out)
        out.collect_waivers(loaded.waiver_sources)

    def _annotated_waivers(self, resources: Iterable[Resource], out: Gathered) -> None:
        pods = Pods(self._catalogue.shard("kubernetes"))
        for annotated in (one for resource in resources for one in annotated_waivers(resource, pods)):
            out.waivers.update(dict.fromkeys(parse_annotation(*annotated)))
