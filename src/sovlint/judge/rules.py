"""Rules as data: a small vocabulary of predicates over facts, compiled once per run."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sovlint.catalogue import Catalogue
from sovlint.judge.images import listed
from sovlint.judge.profile import Profile, control_relation, zone_relation
from sovlint.model.fact import (
    Artefact,
    Binding,
    Fact,
    Governance,
    KeyCustody,
    OperatorUse,
    Place,
    Placement,
    Reliance,
    ServiceUse,
    StateStore,
)
from sovlint.model.finding import RuleInfo, Severity, Verdict

Predicate = Callable[[Fact], bool]

FACT_KINDS: dict[str, type[Fact]] = {
    "placement": Placement,
    "operator": OperatorUse,
    "service": ServiceUse,
    "artefact": Artefact,
    "state": StateStore,
    "reliance": Reliance,
    "key": KeyCustody,
    "governance": Governance,
    "binding": Binding,
}


class Rule(NamedTuple):
    """A rule ready to judge facts.

    Attributes:
        early, late: predicates, which must all hold; early ones only ask for what `likeness` tells.
        peers: resource type or registry → what to say about scanners that ask for the opposite.
    """

    code: str
    name: str
    verdict: Verdict
    group: str
    message: str
    alternatives: tuple[str, ...]
    informs: tuple[str, ...]
    info: RuleInfo
    early: tuple[Predicate, ...]
    late: tuple[Predicate, ...]
    peers: dict[str, str]
    severity: Callable[[Fact], Severity]

    def may_hold(self, fact: Fact) -> bool:
        """Whether the early predicates hold; the answer is the same for all facts of one likeness."""
        return all(predicate(fact) for predicate in self.early)

    def holds(self, fact: Fact) -> bool:
        """Whether the late predicates hold, too; asked of facts of which the rule `may_hold`."""
        for predicate in self.late:  # noqa: SIM110 - `all` makes a generator, which costs more than what it asks
            if not predicate(fact):
                return False
        return True


_EARLY = frozenset({"role", "mode", "format", "primary", "holds", "classified"})
"""Predicates that ask for nothing but what is in `likeness`."""


def likeness(fact: Fact) -> tuple[object, ...]:
    """What many facts have in common, so that most rules are asked once for all of them."""
    subject = fact.subject
    return type(fact), fact.role, subject.mode, subject.format, subject.primary, subject.holds


def compile_rules(catalogue: Catalogue, profile: Profile) -> dict[type[Fact], list[Rule]]:
    """The rules of a profile by the kind of fact they judge."""
    out: dict[type[Fact], list[Rule]] = {kind: [] for kind in FACT_KINDS.values()}
    for code, data in sorted(catalogue.rules.items()):
        if profile.applies(code):
            rule = _compile(catalogue, profile, data)
            for kind in kinds_of(data):
                out[FACT_KINDS[kind]].append(rule)
    return out


def kinds_of(data: dict[str, Any]) -> list[str]:
    """The kinds of fact a rule judges."""
    kinds = data["fact"]
    return [kinds] if isinstance(kinds, str) else list(kinds)


def rule_info(catalogue: Catalogue, profile: Profile, data: dict[str, Any]) -> RuleInfo:
    """What reports say of a rule."""
    texts = catalogue.rule_texts(data["code"])
    prose = (
        f"{texts['why']}\n\n**What to do.** {texts['what_to_do']}\n\n**When it is fine.** {texts['fine_when']}"
        if texts
        else data["title"]
    )
    peers = [f"{peer['scanner']} {peer['check']} asks for {peer['asks']}." for peer in data.get("peers", ())]
    if peers:
        prose += (
            f"\n\n**Other scanners.** {' '.join(peers)} Either can be had inside the zone, or has to be waived there."
        )
    return RuleInfo(
        code=data["code"],
        name=data["name"],
        title=data["title"],
        severity=profile.severity(data["code"], data["severity"]),
        informs=_cited(data["informs"], profile),
        help=prose,
        tags=tuple(data.get("tags", ())),
    )


def _peers(data: dict[str, Any]) -> dict[str, str]:
    asked: dict[str, list[str]] = {}
    for peer in data.get("peers", ()):
        for kind in (*peer.get("types", ()), *peer.get("hosts", ())):
            asked.setdefault(kind, []).append(f"{peer['scanner']} {peer['check']} asks for {peer['asks']}")
    return {kind: "; ".join(texts) for kind, texts in asked.items()}


def _cited(criteria: list[str], profile: Profile) -> tuple[str, ...]:
    cited = [c for c in criteria if c.partition(":")[0] in profile.cite]
    return tuple(sorted(cited, key=lambda c: profile.cite.index(c.partition(":")[0])))


def _compile(catalogue: Catalogue, profile: Profile, data: dict[str, Any]) -> Rule:
    when = data["when"]
    predicates: dict[str, Predicate] = {
        name: _PREDICATES[name](expected, catalogue, profile) for name, expected in when.items()
    }
    info = rule_info(catalogue, profile, data)
    return Rule(
        code=data["code"],
        name=data["name"],
        verdict=data.get("verdict", "violation"),
        group=data.get("group", "cause"),
        message=data["message"],
        alternatives=tuple(data.get("alternatives", ())),
        informs=info.informs,
        info=info,
        early=tuple(predicate for name, predicate in predicates.items() if name in _EARLY),
        late=tuple(predicate for name, predicate in predicates.items() if name not in _EARLY),
        peers=_peers(data),
        severity=_severity(catalogue, profile, data),
    )


def _severity(catalogue: Catalogue, profile: Profile, data: dict[str, Any]) -> Callable[[Fact], Severity]:
    code = data["code"]
    fixed = profile.severity(code, data["severity"])
    by_lock_in = {int(k): profile.severity(code, v) for k, v in data.get("severity_by_lock_in", {}).items()}
    community = data.get("community_severity")
    by_control = {k: profile.severity(code, v) for k, v in data.get("severity_by_control", {}).items()}

    def severity(fact: Fact) -> Severity:
        if by_lock_in and isinstance(fact, ServiceUse):
            return by_lock_in.get(fact.lock_in, fixed)
        if community and isinstance(fact, Artefact) and catalogue.host(fact.host).community:
            answer: Severity = community
            return answer
        if by_control:
            relation = control_relation(catalogue, getattr(fact, "operator", ""), profile.control_area)
            return by_control.get(relation, fixed)
        return fixed

    return severity


def _one_of(name: str) -> Callable[[Any, Catalogue, Profile], Predicate]:
    def build(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
        allowed = frozenset(expected)
        if name == "role":
            return lambda fact: fact.role in allowed
        if name == "artefact":
            return lambda fact: not isinstance(fact, Artefact) or fact.kind in allowed
        if name == "purpose":
            return lambda fact: not isinstance(fact, Reliance) or fact.purpose in allowed
        return lambda fact: getattr(fact.subject, name) in allowed

    return build


def _holds(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    wanted = frozenset(expected)
    return lambda fact: not wanted.isdisjoint(fact.subject.holds)


def _primary(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    return lambda fact: fact.subject.primary is expected


def _zone(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    allowed = frozenset(expected)
    zone = profile.zone
    known: dict[tuple[Place, ...], bool] = {}

    def holds(fact: Fact) -> bool:
        if not isinstance(fact, Placement):
            return False
        found = known.get(fact.places)
        if found is None:
            found = known[fact.places] = zone_relation(fact.places, zone) in allowed
        return found

    return holds


def _control(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    allowed = frozenset(expected)
    known: dict[str, bool] = {}

    def holds(fact: Fact) -> bool:
        operator: str = getattr(fact, "operator", "")
        if operator not in known:
            known[operator] = control_relation(catalogue, operator, profile.control_area) in allowed
        return known[operator]

    return holds


def _lock_in(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    least, most = expected.get("min", 0), expected.get("max", 4)
    return lambda fact: isinstance(fact, ServiceUse) and least <= fact.lock_in <= most


def _community(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    return lambda fact: isinstance(fact, Artefact) and catalogue.host(fact.host).community is expected


def _tenant(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    allowed = frozenset(expected)

    def holds(fact: Fact) -> bool:
        tenant = fact.tenant if isinstance(fact, OperatorUse) else ""
        return control_relation(catalogue, tenant, profile.control_area) in allowed

    return holds


def _encrypted(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    return lambda fact: isinstance(fact, StateStore) and fact.encrypted is expected


def _external(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    return lambda fact: isinstance(fact, KeyCustody) and fact.external is expected


def _image_list(name: str) -> Callable[[Any, Catalogue, Profile], Predicate]:
    """Whether an image stands in a list of the catalogue (`withdrawn`, `licences`)."""

    def build(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
        return lambda fact: isinstance(fact, Artefact) and (listed(catalogue, name, fact) is not None) is expected

    return build


def _classified(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    applies = profile.classification in expected
    return lambda fact: applies


def _operator_of(fact: Fact) -> str:
    """Whose a fact is: of a placement, who runs all of its candidates."""
    if isinstance(fact, Placement):
        operators = {place.operator for place in fact.places}
        return operators.pop() if len(operators) == 1 else ""
    operator: str = getattr(fact, "operator", "")
    return operator


def _operator(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    wanted = frozenset(expected)
    return lambda fact: _operator_of(fact) in wanted


def _parent_country(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    wanted = frozenset(expected)

    def holds(fact: Fact) -> bool:
        operator = catalogue.operator(_operator_of(fact))
        return operator is not None and operator.parent_country in wanted

    return holds


def _country(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    wanted = frozenset(expected)

    def holds(fact: Fact) -> bool:
        places = fact.places if isinstance(fact, Placement) else ()
        return bool(places) and all(not wanted.isdisjoint(place.countries) for place in places)

    return holds


def _type(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    exact = frozenset(expected)
    beginnings = tuple(name[:-1] for name in expected if name.endswith("*"))
    return lambda fact: fact.subject.kind in exact or fact.subject.kind.startswith(beginnings)


def _host(expected: Any, catalogue: Catalogue, profile: Profile) -> Predicate:
    names = tuple(name.lower() for name in expected)
    below = tuple(f".{name}" for name in names)

    def holds(fact: Fact) -> bool:
        host = fact.host if isinstance(fact, (Artefact, Reliance)) else ""
        return host in names or host.endswith(below)

    return holds


_PREDICATES: dict[str, Callable[[Any, Catalogue, Profile], Predicate]] = {
    "role": _one_of("role"),
    "mode": _one_of("mode"),
    "format": _one_of("format"),
    "artefact": _one_of("artefact"),
    "primary": _primary,
    "operator": _operator,
    "parent_country": _parent_country,
    "country": _country,
    "type": _type,
    "host": _host,
    "holds": _holds,
    "zone": _zone,
    "control": _control,
    "lock_in": _lock_in,
    "community": _community,
    "purpose": _one_of("purpose"),
    "tenant": _tenant,
    "encrypted": _encrypted,
    "external": _external,
    "withdrawn": _image_list("withdrawn"),
    "restrictive": _image_list("licences"),
    "classified": _classified,
}
