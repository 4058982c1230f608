"""Facts of Terraform resources: where they are, who runs them, which service they are."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import PlaceSpec, Provider, TypeEntry
from sovlint.model.fact import (
    Cause,
    Confidence,
    Fact,
    Hop,
    OperatorUse,
    Place,
    Placement,
    ServiceUse,
    Subject,
)
from sovlint.model.resource import ProviderConfig, Resource
from sovlint.model.value import Step, Unknown, Value
from sovlint.survey.causes import block_address, cause_of, confidence_of, hops, written_nowhere
from sovlint.survey.dependencies import Dependencies
from sovlint.survey.models import read_place
from sovlint.survey.modules import module_facts
from sovlint.survey.operators import configured_operator, named_endpoint, unknown_operator
from sovlint.survey.places import (
    Reading,
    anywhere,
    automatic,
    is_null,
    is_plain_name,
    nowhere,
    read_host,
    read_region,
    says,
)
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
        self._located: dict[Resource, Located | None] = {}
        self._operators: dict[ProviderConfig, str | None] = {}
        self._last_via: tuple[Step, ...] = ()
        self._last_calls: tuple[Hop, ...] = ()

    def facts(self, resources: Sequence[Resource]) -> Iterator[Fact]:
        """The facts of all resources of one root module."""
        self._configured.clear()
        self._operator_causes.clear()
        self._located.clear()
        self._operators.clear()
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
            format=resource.format,
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
        yield from self._other_places(resource, entry, subject, located)
        endpoint = named_endpoint(resource, self.catalogue)
        named = self._named_operator(resource, provider)
        operator = entry.operator if named is None else named
        if endpoint is not None:
            operator = endpoint[0]
        elif located is not None and located.determined and provider.kind == "cloud" and operator == provider.operator:
            # The region decides between the partitions of one cloud, which have operators of their own.
            operator = located.places[0].operator
        label = Cause(subject.declared_at, block_address(resource.address), resource.kind, self._calls(resource))
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
            part = entry.primary and entry.lock_in > 1 and self._is_part(resource, entry, provider)
            yield ServiceUse(
                subject,
                "part" if part else "service",
                "type",
                "heuristic" if entry.assumed or resource.heuristic else "literal",
                label,
                f"{provider.name}/{entry.service}",
                entry.lock_in,
                operator,
            )

    def _calls(self, resource: Resource) -> tuple[Hop, ...]:
        """The calls around a declaration: the same ones for all that a module instance declares."""
        via = resource.via
        if not via:
            return ()
        if self._last_via is not via:
            self._last_via, self._last_calls = via, hops(via)
        return self._last_calls

    def _named_operator(self, resource: Resource, provider: Provider) -> str | None:
        """The operator that the provider configuration names: the same for all its resources."""
        config = resource.provider
        assert config is not None
        if config not in self._operators:
            self._operators[config] = configured_operator(resource, provider, self.catalogue)
        return self._operators[config]

    def _is_part(self, resource: Resource, entry: TypeEntry, provider: Provider) -> bool:
        """Whether it belongs to a resource of the same service in these files, which stands for the whole decision."""
        for name in resource.attributes.names():
            if name in provider.part_of:
                for _, value in resource.attributes.select((name,)):
                    for address, _ in value.refs:
                        whole = self._index.get(address)
                        if whole is None or whole.mode != "managed" or whole.kind == resource.kind:
                            continue
                        other = self._entry(whole)[0]
                        if other.primary and other.service == entry.service and other.provider == entry.provider:
                            return True
        return False

    def _judged_there(self, value: Value) -> bool:
        """Whether a value refers to a resource of these files whose own place is judged."""
        if value.candidates if type(value) is Unknown else value.parts:
            return False
        targets = (self._index.get(address) for address, _ in value.refs)
        return any(t is not None and t.mode == "managed" and self._entry(t)[0].primary for t in targets)

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
        if resource not in self._located:
            self._located[resource] = None  # A cycle of references ends here.
            self._located[resource] = self._find_place(resource, depth)
        return self._located[resource]

    def _find_place(self, resource: Resource, depth: int) -> Located | None:
        entry, provider = self._entry(resource)
        if provider is None or entry.place_mode in ("none", "global"):
            return None
        if not provider.namespace and not any(spec.namespace for spec in entry.places):
            return None
        endpoint = named_endpoint(resource, self.catalogue)
        if endpoint is not None:
            return self._located_by(endpoint[1], resource, "endpoints", resource.provider)
        zone: Located | None = None
        for spec in entry.places:
            if spec.role == "primary" and spec.namespace:
                own = self._own_place(resource, spec, depth)
                if own is not None and (own.determined or not spec.within_configuration):
                    return own
                zone = zone or own  # Which zone is not known, but it lies where everything else puts the resource.
        inherited = self._parent_place(resource, provider, depth)
        if inherited is not None:
            return inherited
        configured = self._configuration(resource, provider) if entry.place_mode == "own" else None
        if zone is not None and zone.cause.inputs and (configured is None or not configured.determined):
            return zone  # A variable would tell; what is known after apply would not.
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
        reading = read_place(self.catalogue, spec, value)
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
            reason = config.unread or reason
            cause = written_nowhere(config.span, config.address, "region", reason=reason)
        elif names:
            reason = config.unread or f"no {names} is written for the {config.name} provider: the environment decides"
            first = self._first.get(config.name, resource)
            cause = written_nowhere(first.span, block_address(first.address), "region", reason=reason)
        else:
            reason = "its place is that of a parent which is not in these files"
            cause = written_nowhere(resource.span, block_address(resource.address), "region", reason=reason)
        return Located((), cause, "region", "literal", False)

    def _other_places(
        self, resource: Resource, entry: TypeEntry, subject: Subject, home: Located | None
    ) -> Iterator[Fact]:
        """Copies, residency, logs, …: every attribute with a role of its own, and more than one primary place."""
        for route, reason in entry.omitted:
            if resource.attributes.key_span(route) is None:
                cause = written_nowhere(
                    resource.span, block_address(resource.address), ".".join(route), *resource.via, reason=reason
                )
                confidence = self._weaken("literal", resource, entry)
                yield Placement(subject, "default", ".".join(route), confidence, cause, ())
        for spec in entry.places:
            if spec.role == "primary" and not spec.each:
                continue
            if spec.carries == "automatic" and not spec.words:
                written = automatic(resource, spec)
                if written is not None:
                    yield Placement(subject, spec.role, ".".join(spec.route), "literal", *written)
                continue
            if spec.words:
                yield from self._chosen(resource, entry, spec, subject, home)
                continue
            for path, value in resource.attributes.select(spec.route):
                if is_null(value) or (spec.carries == "arn" and is_plain_name(value)):
                    continue  # A bare identifier instead of an ARN means the resource's own region.
                if spec.each and home is not None and path == home.attribute:
                    continue  # The first of them is said.
                if spec.role == "client" and self._judged_there(value):
                    continue
                located = self._read(resource, spec, path, value, 0)
                if not located.places and (not spec.namespace or _silent(spec, located)):
                    # Names of a provider whose regions nobody has listed yet, or a target that names no place.
                    continue
                if spec.role == "copy" and _is_original(located, home, subject):
                    continue
                yield Placement(
                    subject,
                    spec.role,
                    path,
                    self._weaken(located.confidence, resource, entry),
                    located.cause,
                    located.places,
                )

    def _chosen(
        self, resource: Resource, entry: TypeEntry, spec: PlaceSpec, subject: Subject, home: Located | None
    ) -> Iterator[Fact]:
        """A word that lets the operator choose the place, or has it copy to the paired region."""
        there = anywhere(spec)
        if spec.carries == "pair":
            if home is None or not home.determined or len(home.places) != 1:
                return  # What is not known of the original says so itself.
            pair = self.catalogue.pair(spec.namespace, home.places[0].name)
            if pair is None:
                return
            there = pair
        for path, value in resource.attributes.select(spec.route):
            said = says(spec.words, value)
            if is_null(value) or said is False:
                continue
            located = self._located_by(
                Reading(value, (), said is True, getattr(value, "reason", "")), resource, path, None
            )
            # Where the word is not known there may be no copy: a candidate, so that nothing is a violation for sure.
            places = (there,) if said else (nowhere(spec), there)
            yield Placement(
                subject, spec.role, path, self._weaken(located.confidence, resource, entry), located.cause, places
            )


def _is_original(located: Located, home: Located | None, subject: Subject) -> bool:
    """Whether what is listed among the copies is the original, which is judged where its place stands."""
    if home is None or not home.determined or not located.determined or not subject.primary:
        return False
    return located.places == home.places


def _silent(spec: PlaceSpec, located: Located) -> bool:
    """Whether an attribute without a known place says nothing: a plain model id, a target nobody can name."""
    return spec.role == "inference" or (spec.role == "client" and not located.cause.inputs)
