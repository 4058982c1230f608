"""Facts: what survey learns about a resource, in terms of the catalogue. No severities, no profiles here.

Everything in a fact is concrete: it can be compared, pickled and stored, and outlives the syntax trees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from sovlint.model.resource import Format
from sovlint.model.source import Location

Confidence: TypeAlias = Literal["literal", "resolved", "heuristic"]
"""`literal`: written where it is used; `resolved`: evaluated; `heuristic`: a guess or an assumed fact took part."""

PlaceRole: TypeAlias = Literal[
    "primary", "residency", "copy", "logs", "client", "scheduling", "key", "state", "inference", "default"
]
"""What an attribute places; each attribute has exactly one role, and the role decides the rule.

`default` is the role of what is not written and therefore left to the operator.
"""

Holds: TypeAlias = Literal["data", "keys", "identity", "network", "compute", "control", "logs"]


class Place(NamedTuple):
    """A region, multi-region or logical location of one operator.

    Attributes:
        namespace: whose region names these are (`aws`, `azure`, `google`, `oci`, else the Terraform provider's name).
        name: canonical name (`westeurope`, never `West Europe`).
        operator: operator id of the catalogue.
        countries: ISO 3166-1 alpha-2 of every member; one for an ordinary region; empty where no place is promised.
        kind: `region`; `multi` (several members); `global` (promises no place).
        title: what people call it ("Frankfurt").
        source, as_of: where the country comes from and when it was looked up.
    """

    namespace: str
    name: str
    operator: str
    countries: tuple[str, ...]
    kind: Literal["region", "multi", "global"] = "region"
    title: str = ""
    source: str = ""
    as_of: str = ""
    assumed: bool = False


class Hop(NamedTuple):
    """One place a value passed through on its way from the cause to the resource."""

    location: Location
    note: str


class Cause(NamedTuple):
    """The place a person would edit, with the way from there to the resource.

    Attributes:
        location: the exact value, quotes included; the label or key where nothing is written.
        owner: address of what the cause is written in (`var.region`, `provider.aws.us`, a resource).
        value: the evaluated literal as text; None where none was written, it is unknown, or it must not be shown.
        via: from the cause outward to the resource.
        known: False for a value that the files do not determine.
        reason: why it is not known, one clause.
        inputs: variables or flags that would determine it.
        attribute: attribute path inside the owner, part of the fingerprint.
        sensitive: neither the value nor the line it stands on may be shown.
    """

    location: Location
    owner: str
    value: str | None
    via: tuple[Hop, ...] = ()
    known: bool = True
    reason: str = ""
    inputs: tuple[str, ...] = ()
    attribute: str = ""
    sensitive: bool = False


class Subject(NamedTuple):
    """The resource instance a fact is about; one object shared by all its facts.

    Attributes:
        unit: folder of the root module, chart folder or path of the stand-alone file.
        address: instance address, see `Resource.address`.
        kind: resource type.
        provider: provider name (`aws`), or empty.
        service: service id of the catalogue (`aws/s3`), None where the type is not in the catalogue.
        primary: the type holds or processes something (as opposed to a policy attachment or a route).
        declared_at: the declaration: type label, `kind` value, or first line of a values file.
        classified: the catalogue knows the type; if not, `primary` is a guess.
        holds: what its service keeps (data, keys, identity, network, compute, control, logs).
    """

    unit: str
    address: str
    kind: str
    format: Format
    mode: str
    provider: str
    service: str | None
    primary: bool
    declared_at: Location
    classified: bool = True
    holds: tuple[str, ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class Fact:
    """Base of all facts.

    Attributes:
        subject: whom it is about.
        role: what the attribute does for the subject (a `PlaceRole` for placements).
        attribute: concrete attribute path at the subject (`replica[0].region_name`), part of the fingerprint.
        confidence: how sure the reading is.
        cause: what a person would edit.
    """

    subject: Subject
    role: str
    attribute: str
    confidence: Confidence
    cause: Cause


@dataclass(slots=True, eq=False, repr=False)
class Placement(Fact):
    """Something of the subject is at a place.

    `places` holds the candidates: one when determined, none when nothing is known, several when
    the test of a conditional is unknown or several providers know the name.
    """

    places: tuple[Place, ...]


@dataclass(slots=True, eq=False, repr=False)
class OperatorUse(Fact):
    """The subject is run by an operator. `operator` is a catalogue id; empty when the catalogue does not know it.

    With role `infrastructure` it is the operator of the place underneath, and `tenant` who runs the service there.
    """

    operator: str
    tenant: str = ""


@dataclass(slots=True, eq=False, repr=False)
class ServiceUse(Fact):
    """The subject is an instance of a catalogued service. `lock_in` 0 (open standard you run yourself) to 4."""

    service: str
    lock_in: int
    operator: str


@dataclass(slots=True, eq=False, repr=False)
class Artefact(Fact):
    """The subject pulls an artefact.

    `host` is the registry or source host in lower case, `reference` the normalised reference.

    `operator` is a catalogue id, `"private"` for hosts that only exist inside, empty for unknown public hosts.
    """

    kind: Literal["image", "chart", "module"]
    host: str
    reference: str
    operator: str


@dataclass(slots=True, eq=False, repr=False)
class StateStore(Fact):
    """Terraform state is kept with an operator.

    `backend` is the backend type (`s3`, `cloud`, `remote`, …); `encrypted`: before it leaves, by OpenTofu.
    """

    backend: str
    operator: str
    encrypted: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Reliance(Fact):
    """The subject relies on an operator for a purpose: by being such a service, or by naming a host or account.

    Roles: `service` (it is one), `client` (it sends something there), `trust` (it accepts what comes from there),
    `source` (it is fetched from there).

    Attributes:
        purpose: what for, as in the host catalogue (`identity`, `mail`, `telemetry`, …), or `account`.
        host: host name, address or account number; empty for a service.
        operator: catalogue id, `"private"` for hosts that only exist inside, empty if unknown.
        service: catalogue id of the service (`aws/cloudfront`), empty for a host.
    """

    purpose: str
    operator: str
    host: str = ""
    service: str = ""


@dataclass(slots=True, eq=False, repr=False)
class KeyCustody(Fact):
    """An operator's key service makes and holds a key; `external`: the key itself stays in a store elsewhere."""

    operator: str
    external: bool
