"""What the catalogue answers with: frozen entries of the knowledge under `policies/`."""

from typing import Literal, NamedTuple, TypeAlias

from sovlint.model.resource import Route

Carries: TypeAlias = Literal["region", "arn", "reference", "host", "model", "pair", "automatic", "none"]
PlaceMode: TypeAlias = Literal["own", "parent", "global", "none"]


class PlaceSpec(NamedTuple):
    """An attribute that carries a place: where it is, which role it plays, how its value is read.

    Attributes:
        route: way to the attribute inside the resource.
        role: a `PlaceRole`.
        carries: what the value is; `none` names a false friend that must not be read.
        namespace: whose region names these are.
        within_configuration: it always lies in the resource's region, however that is known; it answers last.
        each: of a primary place: the resource is at all of its values, not only at the first one.
        words: for `pair` and `automatic`, the values (lower case) that mean it; empty: any that is written.
    """

    route: Route
    role: str
    carries: Carries
    namespace: str
    assumed: bool = False
    within_configuration: bool = False
    words: tuple[str, ...] = ()
    each: bool = False


class Operator(NamedTuple):
    """Who runs something and who can compel them. Countries are ISO 3166-1 alpha-2.

    Attributes:
        parent_country: country of the ultimate parent; decides control.
        sovereign_offer: an EU-run offer of a foreign parent.
        nexus: (country, reason) of foreign owners, subsidiaries or regions that give another state a handle.
    """

    id: str
    name: str
    seat: str
    parent: str
    parent_country: str
    sovereign_offer: bool
    nexus: tuple[tuple[str, str], ...]
    assumed: bool
    source: str
    as_of: str


class Provider(NamedTuple):
    """A Terraform provider.

    Attributes:
        operator: operator id; empty where it depends on an endpoint (OpenStack) or nobody runs it (utility).
        namespace: whose region names its places are; empty without places.
        configuration: attributes of the provider block that place resources, first that applies.
        parents: attributes that lead to the resource a place is inherited from.
        part_of: attributes that lead to what a resource is a part of, the parents included.
        kind: cloud, saas, utility or self-hosted.
        operators: (route in the provider block, value in lower case, operator id) that name another operator.
    """

    name: str
    operator: str
    namespace: str
    configuration: tuple[PlaceSpec, ...]
    places: tuple[PlaceSpec, ...]
    parents: tuple[str, ...]
    part_of: frozenset[str]
    kind: str
    default_place: str
    operators: tuple[tuple[Route, str, str], ...]
    assumed: bool


class TypeEntry(NamedTuple):
    """What the catalogue says of one resource type; made once per type, shared by all its resources.

    Attributes:
        service: service id inside its provider, None where the type is not catalogued.
        primary: it holds or processes something.
        classified: False: `primary` was guessed from the type's name.
        places: attributes to read, type-specific ones first.
        place_mode: where its place comes from.
        lock_in: 0-4, None where unknown.
        operator: operator id if the service is run by another operator than the provider's.
        holds: what the service keeps: data, keys, identity, network, compute, control, logs.
        omitted: (route, reason): attributes whose absence lets the operator choose a place.
    """

    kind: str
    provider: str
    service: str | None
    primary: bool
    classified: bool
    places: tuple[PlaceSpec, ...]
    place_mode: PlaceMode
    lock_in: int | None
    operator: str
    assumed: bool
    omitted: tuple[tuple[Route, str], ...] = ()
    holds: tuple[str, ...] = ()


class Host(NamedTuple):
    """What a host name says: operator, purpose and, where the name carries one, the region.

    `operator` is `"private"` for names that only exist inside, empty for unknown public hosts.
    """

    operator: str
    purpose: str
    region: str = ""
    namespace: str = ""
    community: bool = False
    assumed: bool = False
