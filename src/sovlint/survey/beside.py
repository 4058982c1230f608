"""What manifests say besides images and places of their own: bindings to one cloud, and what leaves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Fact, Subject
from sovlint.model.resource import Resource
from sovlint.resolve.helm import TemplateText, ValuesAttributes
from sovlint.resolve.yaml_attributes import Item, YamlAttributes
from sovlint.survey.bindings import Bindings
from sovlint.survey.egress import Egress
from sovlint.survey.placed import subject_of
from sovlint.survey.pods import Budget, Pods


class Beside:
    """Surveys Kubernetes objects and Helm values for everything that is neither an image nor a place of its own.

    Args:
        catalogue: the tables.
        namespace: whose region names apply where a variable does not tell.
    """

    def __init__(self, catalogue: Catalogue, namespace: str = "") -> None:
        pods = catalogue.once(_pods)
        self._budget = Budget()
        self._bindings = Bindings(catalogue, pods, self._budget)
        self._egress = Egress(catalogue, pods, self._budget, namespace)

    def facts(self, resource: Resource) -> Iterator[Fact]:
        """The facts of one resource; of template text only bindings."""
        attributes = resource.attributes
        if isinstance(attributes, ValuesAttributes):
            for item in attributes.mappings():
                subject_at = partial(_at, resource, attributes, item, {})
                yield from self._bindings.of_values(item, attributes, subject_at)
                yield from self._egress.of_values(item, attributes, subject_at)
        elif isinstance(attributes, TemplateText):
            yield from self._bindings.of_template(attributes, subject_of(resource, resource.address))
        elif isinstance(attributes, YamlAttributes) and resource.format == "kubernetes" and resource.mode != "chart":
            if not self._budget.spend(attributes.item, 50):
                return
            subject = subject_of(resource, resource.address)
            yield from self._bindings.of_object(resource, attributes, subject)
            yield from self._egress.of_object(resource, attributes, subject)


def _pods(catalogue: Catalogue) -> Pods:
    return Pods(catalogue.shard("kubernetes"))


def _at(
    resource: Resource, attributes: ValuesAttributes, holder: Item, children: dict[str, Item], path: str
) -> Subject:
    """Something in a mapping of values; it is declared where its key stands. `children` is filled at the first one."""
    if not children:
        for _, child in holder.children():
            children.setdefault(child.path, child)
    child = children.get(path, holder)
    return subject_of(resource, attributes.address(path), child.key or child.span)
