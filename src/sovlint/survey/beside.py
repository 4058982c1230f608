"""What manifests say besides images and places of their own: bindings to one cloud, and what leaves."""

from __future__ import annotations

from collections.abc import Iterator

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Fact, Subject
from sovlint.model.resource import Resource
from sovlint.resolve.helm import TemplateText, ValuesAttributes
from sovlint.resolve.yaml_attributes import YamlAttributes
from sovlint.survey.bindings import Bindings
from sovlint.survey.egress import Egress
from sovlint.survey.pods import Budget, Pods


class Beside:
    """Surveys Kubernetes objects and Helm values for everything that is neither an image nor a place of its own.

    Args:
        catalogue: the tables.
        namespace: whose region names apply where a variable does not tell.
    """

    def __init__(self, catalogue: Catalogue, namespace: str = "") -> None:
        pods = Pods(catalogue.shard("kubernetes"))
        self._budget = Budget()
        self._bindings = Bindings(catalogue, pods, self._budget)
        self._egress = Egress(catalogue, pods, self._budget, namespace)

    def facts(self, resource: Resource) -> Iterator[Fact]:
        """The facts of one resource; of template text only bindings."""
        attributes = resource.attributes
        if isinstance(attributes, ValuesAttributes):
            values = attributes

            def subject_at(path: str) -> Subject:
                return _subject(resource, values.address(path))

            for item in values.mappings():
                yield from self._bindings.of_values(item, values, subject_at)
                yield from self._egress.of_values(item, values, subject_at)
        elif isinstance(attributes, TemplateText):
            yield from self._bindings.of_template(attributes, _subject(resource, resource.address))
        elif isinstance(attributes, YamlAttributes) and resource.format == "kubernetes":
            if not self._budget.spend(attributes.item, 50):
                return
            subject = _subject(resource, resource.address)
            yield from self._bindings.of_object(resource, attributes, subject)
            yield from self._egress.of_object(resource, attributes, subject)


def _subject(resource: Resource, address: str) -> Subject:
    return Subject(
        unit=resource.unit,
        address=address,
        kind=resource.kind,
        format=resource.format,
        mode=resource.mode,
        provider="",
        service=None,
        primary=True,
        declared_at=resource.span.location(),
    )
