"""Facts: what survey learns about a resource, in terms of the catalogue. No severities, no profiles here.

Everything in a fact is concrete: it can be compared, pickled and stored, and outlives the syntax trees.
"""

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
        kind: `region`; `multi` (several members); `global` (promises no place); `none` (a candidate: it is nowhere).
        title: what people call it ("Frankfurt").
        source, as_of: where the country comes from and when it was looked up.
    """

    namespace: str
    name: str
    operator: str
    countries: tuple[str, ...]
    kind: Literal["region", "multi", "global", "none"] = "region"
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
        remark: why this has no effect as far as can be told; what is found there is a note.
        environments: those of a helmfile in which it holds, if not in all of them.
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
    remark: str = ""
    environments: tuple[str, ...] = ()


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
        classification: (key, value) of labels and annotations that were asked for, as scopes select by.
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
    classification: tuple[tuple[str, str], ...] = ()


class Fact:
    """Base of all facts.

    Attributes:
        subject: whom it is about.
        role: what the attribute does for the subject (a `PlaceRole` for placements).
        attribute: concrete attribute path at the subject (`replica[0].region_name`), part of the fingerprint.
        confidence: how sure the reading is.
        cause: what a person would edit.
    """

    __slots__ = ("attribute", "cause", "confidence", "role", "subject")

    def __init__(self, subject: Subject, role: str, attribute: str, confidence: Confidence, cause: Cause) -> None:
        self.subject = subject
        self.role = role
        self.attribute = attribute
        self.confidence = confidence
        self.cause = cause


class Placement(Fact):
    """Something of the subject is at a place.

    `places` holds the candidates: one when determined, none when nothing is known, several when
    the test of a conditional is unknown or several providers know the name.
    """

    __slots__ = ("places",)

    def __init__(
        self,
        subject: Subject,
        role: str,
        attribute: str,
        confidence: Confidence,
        cause: Cause,
        places: tuple[Place, ...],
    ) -> None:
        super().__init__(subject, role, attribute, confidence, cause)
        self.places = places


class OperatorUse(Fact):
    """The subject is run by an operator. `operator` is a catalogue id; empty when the catalogue does not know it.

    With role `infrastructure` it is the operator of the place underneath, and `tenant` who runs the service there.
    """

    __slots__ = ("operator", "tenant")

    def __init__(
        self,
        subject: Subject,
        role: str,
        attribute: str,
        confidence: Confidence,
        cause: Cause,
        operator: str,
        tenant: str = "",
    ) -> None:
        super().__init__(subject, role, attribute, confidence, cause)
        self.operator = operator
        self.tenant = tenant


class ServiceUse(Fact):
    """The subject is an instance of a catalogued service. `lock_in` 0 (open standard you run yourself) to 4."""

    __slots__ = ("lock_in", "operator", "service")

    def __init__(
        self,
        subject: Subject,
        role: str,
        attribute: str,
        confidence: Confidence,
        cause: Cause,
        service: str,
        lock_in: int,
        operator: str,
    ) -> None:
        super().__init__(subject, role, attribute, confidence, cause)
        self.service = service
        self.lock_in = lock_in
        self.operator = operator


class Artefact(Fact):
    """The subject pulls an artefact.

    `host` is the registry or source host in lower case, `reference` the normalised reference.

    `operator` is a catalogue id, `"private"` for hosts that only exist inside, empty for unknown public hosts.
    """

    __slots__ = ("host", "kind", "operator", "reference")

    def __init__(
        self,
        subject: Subject,
        role: str,
        attribute: str,
        confidence: Confidence,
        cause: Cause,
        kind: Literal["image", "chart", "module"],
        host: str,
        reference: str,
        operator: str,
    ) -> None:
        super().__init__(subject, role, attribute, confidence, cause)
        self.kind = kind
        self.host = host
        self.reference = reference
        self.operator = operator


class StateStore(Fact):
    """Terraform state is kept with an operator.

    `backend` is the backend type (`s3`, `cloud`, `remote`, …); `encrypted`: before it leaves, by OpenTofu.
    """

    __slots__ = ("backend", "encrypted", "operator")

    def __init__(
        self,
        subject: Subject,
        role: str,
        attribute: str,
        confidence: Confidence,
        cause: Cause,
        backend: str,
        operator: str,
        encrypted: bool = False,
    ) -> None:
        super().__init__(subject, role, attribute, confidence, cause)
        self.backend = backend
        self.operator = operator
        self.encrypted = encrypted


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

    __slots__ = ("host", "operator", "purpose", "service")

    def __init__(
        self,
        subject: Subject,
        role: str,
        attribute: str,
        confidence: Confidence,
        cause: Cause,
        purpose: str,
        operator: str,
        host: str = "",
        service: str = "",
    ) -> None:
        super().__init__(subject, role, attribute, confidence, cause)
        self.purpose = purpose
        self.operator = operator
        self.host = host
        self.service = service


class Governance(Fact):
    """Something about the run as a whole: a waiver that is not in order, a share above its limit, what was added.

    Roles: `waiver` (malformed, expired, or nothing left to waive), `increase` (against a baseline), `concentration`
    (of one operator), `unknown` (share of resources whose place is not determined). `cause.reason` says it.
    """

    __slots__ = ()


class KeyCustody(Fact):
    """An operator's key service makes and holds a key; `external`: the key itself stays in a store elsewhere."""

    __slots__ = ("external", "operator")

    def __init__(
        self,
        subject: Subject,
        role: str,
        attribute: str,
        confidence: Confidence,
        cause: Cause,
        operator: str,
        external: bool,
    ) -> None:
        super().__init__(subject, role, attribute, confidence, cause)
        self.operator = operator
        self.external = external


class Binding(Fact):
    """A manifest works on one operator's cloud alone because of what is written here.

    `binding` is the id of the catalogue's row; `operator` a catalogue id.
    """

    __slots__ = ("binding", "operator")

    def __init__(
        self,
        subject: Subject,
        role: str,
        attribute: str,
        confidence: Confidence,
        cause: Cause,
        binding: str,
        operator: str,
    ) -> None:
        super().__init__(subject, role, attribute, confidence, cause)
        self.binding = binding
        self.operator = operator
