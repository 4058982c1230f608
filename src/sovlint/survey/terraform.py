"""Facts of Terraform resources: where they are, who runs them, which service they are."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import PlaceSpec, Provider, TypeEntry
from sovlint.model.fact import (
    Cause,
    Confidence,
    Fact,
    OperatorUse,
    Place,
    Placement,
    ServiceUse,
    Subject,
)
from sovlint.model.resource import ProviderConfig, Resource
from sovlint.model.value import Step, Unknown, Value
from sovlint.survey.causes import cause_of, confidence_of, hops, text_of, written_nowhere
from sovlint.survey.dependencies import Dependencies
from sovlint.survey.models import read_model
from sovlint.survey.modules import module_facts
from sovlint.survey.operators import configured_operator, unknown_operator
from sovlint.survey.places import Reading, is_null, is_plain_name, read_arn, read_host, read_region
from sovlint.survey.state import state_facts

MAX_REFERENCES = 8
"""References followed from one resource to the place of another; longer chains are cycles or not worth it."""


class Located(NamedTuple):
    """Where something is, ready to become a placement."""

    places: tuple[Place, ...]
    cause: Cause
    attribute: str
    confidence: Confidence
    determined: bool


class TerraformSurvey:
    """Surveys root modules. Remembers per type and provider configuration; per resource only within one unit."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._dependencies = Dependencies(catalogue)
        self._configured: dict[ProviderConfig, Located | None] = {}
        self._operator_causes: dict[ProviderConfig | str, Cause] = {}
        self._first: dict[str, Resource] = {}
        self._entries: dict[tuple[str, str, str], tuple[TypeEntry, Provider | None]] = {}
        self._index: dict[str, Resource] = {}
        self._located: dict[str, Located | None] = {}

    def facts(self, resources: Sequence[Resource]) -> Iterator[Fact]:
        """The facts of all resources of one root module."""
        self._configured.clear()
        self._operator_causes.clear()
        self._located.clear()
        self._index = {r.address: r for r in resources}
        self._first = {}
        for resource in resources:
            config = resource.provider
            unwritten = config is not None and config.span is None and resource.mode == "managed"
            if unwritten and self._entry(resource)[0].primary:
                assert config is not None
                self._first.setdefault(config.name, resource)
        for resource in resources:
            if resource.mode == "backend":
                yield from state_facts(resource, self.catalogue)
            elif resource.mode == "managed":
                yield from self._resource(resource)
            elif resource.mode == "module":
                yield from module_facts(resource, self.catalogue)

    # --- one resource

    def _entry(self, resource: Resource) -> tuple[TypeEntry, Provider | None]:
        config = resource.provider
        assert config is not None
        key = (config.source, config.name, resource.kind)
        found = self._entries.get(key)
        if found is None:
            name = self.catalogue.provider_named(config.source, config.name)
            found = self.catalogue.type_entry(name, resource.kind), self.catalogue.provider(name)
            self._entries[key] = found
        return found

    def _resource(self, resource: Resource) -> Iterator[Fact]:
        entry, provider = self._entry(resource)
        asked = self._dependencies.of_type(entry)
        if provider is None:
            yield unknown_operator(resource, self._operator_cause(resource))
            return
        if provider.kind == "utility" and asked is None:
            return
        subject = Subject(
            unit=resource.unit,
            address=resource.address,
            kind=resource.kind,
            format="terraform",
            mode=resource.mode,
            provider=provider.name,
            service=f"{provider.name}/{entry.service}" if entry.service else None,
            primary=entry.primary,
            declared_at=resource.span.location(),
            classified=entry.classified,
            holds=entry.holds,
        )
        located = self._place(resource, 0)
        if located is not None:
            yield Placement(
                subject,
                "key" if asked is not None and asked.key_copy else "primary",
                located.attribute,
                self._weaken(located.confidence, resource, entry),
                located.cause,
                located.places if located.determined or located.places else (),
            )
        yield from self._other_places(resource, entry, subject)
        endpoint = self._endpoint(resource)
        named = configured_operator(resource, provider, self.catalogue)
        operator = entry.operator if named is None else named
        if endpoint is not None:
            operator = endpoint[0]
        elif located is not None and located.determined and provider.kind == "cloud" and operator == provider.operator:
            # The region decides between the partitions of one cloud, which have operators of their own.
            operator = located.places[0].operator
        label = Cause(subject.declared_at, block_address(resource.address), resource.kind, hops(resource.via))
        if asked is not None and endpoint is None:
            where = self._operator_cause(resource) if provider.kind == "saas" else label
            yield from self._dependencies.facts(resource, subject, asked, operator, where, self._index)
        if provider.kind == "utility":
            return
        if located is not None and located.determined and located.places[0].operator not in ("", operator):
            sure, below = self._weaken(located.confidence, resource, entry), located.places[0].operator
            yield OperatorUse(subject, "infrastructure", located.attribute, sure, located.cause, below, operator)
        if operator or provider.kind != "self-hosted":
            sure = self._weaken("literal", resource, entry)
            yield OperatorUse(subject, "operator", "provider", sure, self._operator_cause(resource), operator)
        if entry.service is not None and entry.lock_in is not None and endpoint is None:
            yield ServiceUse(
                subject,
                "service",
                "type",
                "heuristic" if entry.assumed or resource.heuristic else "literal",
                label,
                f"{provider.name}/{entry.service}",
                entry.lock_in,
                operator,
            )

    @staticmethod
    def _weaken(confidence: Confidence, resource: Resource, entry: TypeEntry) -> Confidence:
        return "heuristic" if resource.heuristic or not entry.classified else confidence

    def _operator_cause(self, resource: Resource) -> Cause:
        """201 stands on the provider configuration, else on the `required_providers` entry, else on a type label."""
        config = resource.provider
        assert config is not None
        if config.span is None:
            first = self._first.get(config.name, resource)
            return Cause(first.span.location(), block_address(first.address), config.name, attribute="provider")
        cause = self._operator_causes.get(config)
        if cause is None:
            cause = Cause(config.span.location(), config.address, config.name, hops(config.via), attribute="provider")
            self._operator_causes[config] = cause
        return cause

    # --- places

    def _place(self, resource: Resource, depth: int) -> Located | None:
        """The primary place of a resource; None if its type is placed nowhere."""
        address = resource.address
        if address not in self._located:
            self._located[address] = None  # A cycle of references ends here.
            self._located[address] = self._find_place(resource, depth)
        return self._located[address]

    def _find_place(self, resource: Resource, depth: int) -> Located | None:
        entry, provider = self._entry(resource)
        if provider is None or entry.place_mode in ("none", "global"):
            return None
        if not provider.namespace and not any(spec.namespace for spec in entry.places):
            return None
        endpoint = self._endpoint(resource)
        if endpoint is not None:
            return self._located_by(endpoint[1], resource, "endpoints", resource.provider)
        for spec in entry.places:
            if spec.role == "primary" and spec.namespace:
                own = self._own_place(resource, spec, depth)
                if own is not None and not own.determined and spec.within_configuration:
                    # Which zone is not known, but it lies in the configured region.
                    configured = self._configuration(resource, provider)
                    return configured if configured is not None and configured.determined else own
                if own is not None:
                    return own
        inherited = self._parent_place(resource, provider, depth)
        if inherited is not None:
            return inherited
        if entry.place_mode == "own":
            configured = self._configuration(resource, provider)
            if configured is not None:
                return configured
        if not entry.classified or not entry.primary or not provider.namespace:
            return None
        return self._nowhere(resource, provider)

    def _own_place(self, resource: Resource, spec: PlaceSpec, depth: int) -> Located | None:
        for path, value in resource.attributes.select(spec.route):
            if is_null(value):
                continue
            return self._read(resource, spec, path, value, depth)
        return None

    def _read(self, resource: Resource, spec: PlaceSpec, path: str, value: Value, depth: int) -> Located:
        """One attribute as a place, following references where the value itself does not say."""
        refers = type(value) is Unknown and not value.candidates and value.refs and spec.carries != "model"
        if spec.carries == "reference" or refers:
            followed = self._follow(resource, value, path, depth)
            if followed is not None:
                return followed
        if spec.carries == "arn":
            reading = read_arn(self.catalogue, spec.namespace, value)
        elif spec.carries == "host":
            host = read_host(self.catalogue, value)
            reading = host[2] if host else Reading(value, (), False, "the host is not known")
        elif spec.carries == "model":
            reading = read_model(self.catalogue, spec.namespace, value)
        else:
            reading = read_region(self.catalogue, spec.namespace, value)
        return self._located_by(reading, resource, path, None, assumed=spec.assumed)

    def _located_by(
        self, reading: Reading, resource: Resource, path: str, config: ProviderConfig | None, *, assumed: bool = False
    ) -> Located:
        owner = config.address if config else resource.address
        cause = cause_of(reading.value, owner, path, *(config.via if config else resource.via))
        if not reading.determined:
            cause = cause._replace(known=False, reason=reading.reason)
        assumed = assumed or any(place.assumed for place in reading.places)
        return Located(reading.places, cause, path, confidence_of(reading.value, assumed=assumed), reading.determined)

    def _follow(self, resource: Resource, value: Value, path: str, depth: int) -> Located | None:
        """The place of the resource that a value refers to; the way there is added to the cause's."""
        if depth >= MAX_REFERENCES:
            return None
        for address, _ in value.refs:
            target = self._index.get(address)
            if target is None or target is resource:
                continue
            located = self._place(target, depth + 1)
            if located is None or (target.mode == "data" and not located.determined):
                continue  # What a data source looks up is not known; the expression itself says so.
            # The way goes on where the reference stands, and from there as the reference itself travelled.
            slot = (value.owner or f"{resource.address}.{path}") if value.via else f"{resource.address}.{path}"
            way = hops((Step(value.span, slot), *value.via))
            cause = located.cause._replace(via=(*located.cause.via, *way))
            confidence: Confidence = "heuristic" if located.confidence == "heuristic" else "resolved"
            return Located(located.places, cause, path, confidence, located.determined)
        return None

    def _parent_place(self, resource: Resource, provider: Provider, depth: int) -> Located | None:
        for name in provider.parents:
            for path, value in resource.attributes.select((name,)):
                if value.refs:
                    followed = self._follow(resource, value, path, depth)
                    if followed is not None:
                        # Grouped with what the parent places: the cause is the parent's, nothing is added to its way.
                        return followed
        return None

    def _configuration(self, resource: Resource, provider: Provider) -> Located | None:
        """Where the provider configuration places what has no place of its own; the same for all its resources."""
        config = resource.provider
        assert config is not None
        if config in self._configured:
            return self._configured[config]
        located = None
        if provider.configuration and config.attributes is not None:
            for spec in provider.configuration:
                written = [(p, x) for p, x in config.attributes.select(spec.route) if not is_null(x)]
                if written:
                    path, value = written[0]
                    host = read_host(self.catalogue, value) if spec.carries == "host" else None
                    reading = host[2] if host else read_region(self.catalogue, spec.namespace, value)
                    located = self._located_by(reading, resource, path, config, assumed=spec.assumed)
                    break
        self._configured[config] = located
        return located

    def _nowhere(self, resource: Resource, provider: Provider) -> Located | None:
        """Nothing in the files places the resource: said at the nearest place where it would be written."""
        if provider.default_place:
            place = self.catalogue.place(provider.namespace, provider.default_place)
            if place is not None:
                cause = written_nowhere(resource.span, block_address(resource.address), "default")
                return Located((place,), cause, "default", "resolved", True)
        config = resource.provider
        assert config is not None
        names = ", ".join(".".join(spec.route) for spec in provider.configuration)
        if names and config.span is not None:
            reason = f"no {names} is written in the {config.name} provider configuration: the environment decides"
            cause = written_nowhere(config.span, config.address, "region", reason=reason)
        elif names:
            reason = f"no {names} is written for the {config.name} provider: the environment decides"
            first = self._first.get(config.name, resource)
            cause = written_nowhere(first.span, block_address(first.address), "region", reason=reason)
        else:
            reason = "its place is that of a parent which is not in these files"
            cause = written_nowhere(resource.span, block_address(resource.address), "region", reason=reason)
        return Located((), cause, "region", "literal", False)

    def _other_places(self, resource: Resource, entry: TypeEntry, subject: Subject) -> Iterator[Fact]:
        """Copies, residency, logs, …: every attribute with a role of its own."""
        for route, reason in entry.omitted:
            if resource.attributes.key_span(route) is None:
                cause = written_nowhere(
                    resource.span, block_address(resource.address), ".".join(route), *resource.via, reason=reason
                )
                confidence = self._weaken("literal", resource, entry)
                yield Placement(subject, "default", ".".join(route), confidence, cause, ())
        for spec in entry.places:
            if spec.role == "primary":
                continue
            if spec.carries == "automatic":
                yield from self._automatic(resource, spec, subject)
                continue
            for path, value in resource.attributes.select(spec.route):
                if is_null(value) or (spec.carries == "arn" and is_plain_name(value)):
                    continue  # A bare identifier instead of an ARN means the resource's own region.
                located = self._read(resource, spec, path, value, 0)
                if not located.places and (not spec.namespace or _silent(spec, located)):
                    # Names of a provider whose regions nobody has listed yet, or a target that names no place.
                    continue
                yield Placement(
                    subject,
                    spec.role,
                    path,
                    self._weaken(located.confidence, resource, entry),
                    located.cause,
                    located.places,
                )

    def _automatic(self, resource: Resource, spec: PlaceSpec, subject: Subject) -> Iterator[Fact]:
        """An argument or block whose presence leaves the place to the operator."""
        span = resource.attributes.key_span(spec.route)
        if span is None or any(
            text_of(value) in ("false", None) for _, value in resource.attributes.select(spec.route)
        ):
            return
        path = ".".join(spec.route)
        cause = Cause(span.location(), resource.address, span.text, hops(resource.via), attribute=path)
        place = Place(spec.namespace, "automatic", "", (), "global", "chosen by the operator")
        yield Placement(subject, spec.role, path, "literal", cause, (place,))

    # --- endpoints

    def _endpoint(self, resource: Resource) -> tuple[str, Reading] | None:
        """Operator and place by the provider's `endpoints` for this service, if there is one: it beats the region."""
        config = resource.provider
        if config is None or config.attributes is None:
            return None
        service = resource.kind.split("_")[1] if "_" in resource.kind else resource.kind
        for _, value in config.attributes.select(("endpoints", service)):
            if text_of(value):
                found = read_host(self.catalogue, value)
                if found is not None:
                    return found[0], found[2]
        return None


def _silent(spec: PlaceSpec, located: Located) -> bool:
    """Whether an attribute without a known place says nothing: a plain model id, a target nobody can name."""
    return spec.role == "inference" or (spec.role == "client" and not located.cause.inputs)


def block_address(address: str) -> str:
    """The address of the block that declares an instance: without its own instance key."""
    if not address.endswith("]"):
        return address
    depth = 0
    quoted = False
    for i in range(len(address) - 1, -1, -1):
        character = address[i]
        if character == '"' and (i == 0 or address[i - 1] != "\\"):
            quoted = not quoted
        elif character == "]" and not quoted:
            depth += 1
        elif character == "[" and not quoted:
            depth -= 1
            if depth == 0:
                return address[:i]
    return address
