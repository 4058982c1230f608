"""The way from one resource to its facts, by format."""

from __future__ import annotations

from collections.abc import Iterator

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Fact
from sovlint.model.resource import Resource


class Surveyor:
    """Surveys the resources of a run; remembers per type and per provider configuration, never per resource."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._by_format: dict[str, object] = {}

    def facts(self, resource: Resource) -> Iterator[Fact]:
        """The facts of one resource."""
        if resource.format == "terraform":
            from sovlint.survey.terraform import TerraformSurvey

            surveyor = self._by_format.setdefault("terraform", TerraformSurvey(self.catalogue))
            assert isinstance(surveyor, TerraformSurvey)
            return surveyor.facts(resource)
        from sovlint.survey.manifests import ManifestSurvey

        other = self._by_format.setdefault("manifests", ManifestSurvey(self.catalogue))
        assert isinstance(other, ManifestSurvey)
        return other.facts(resource)
