"""Judges facts: one atom per rule and fact, waivers on atoms, groups last."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.judge.messages import message, taken_for
from sovlint.judge.profile import load_profile, selected
from sovlint.judge.rules import Rule, compile_rules, likeness, rule_info
from sovlint.judge.waivers import Waivers
from sovlint.judge.ways_out import NOBODY, Neighbours, WaysOut
from sovlint.model.errors import UsageError
from sovlint.model.fact import Artefact, Cause, Fact, Hop, Place, Placement, ServiceUse
from sovlint.model.finding import Atom, Finding, RuleInfo, severity_rank
from sovlint.model.source import Location

_CONFIDENCE = {"literal": 0, "resolved": 1, "heuristic": 2}

_PLACING = {"region", "other-region"}

MAX_RELATED = 20


class Judge:
    """Applies the rules of one profile.

    Args:
        catalogue: for names, operators and alternatives.
        profile: name of the profile.
        select: codes or prefixes to judge; empty means all of the profile.
        ignore: codes or prefixes to leave out.
        classification: what the configuration calls the data that is judged; empty for nothing.

    Attributes:
        placing: codes of the rules that offer regions as ways out.

    Raises:
        UsageError: no such profile, or a code that no rule has.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        profile: str,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        classification: str = "",
    ) -> None:
        select, ignore = tuple(select), tuple(ignore)
        self.catalogue = catalogue
        self.profile = load_profile(catalogue, profile)._replace(classification=classification)
        self.rules = {
            kind: [rule for rule in rules if selected(rule.code, select, ignore)]
            for kind, rules in compile_rules(catalogue, self.profile).items()
        }
        for code in (*select, *ignore):
            if not any(known.startswith(code) for known in catalogue.rules):
                raise UsageError(f"{code}: no rule has this code or prefix (such as SOV101 or SOV1)")
        self._by_code = {rule.code: rule for rules in self.rules.values() for rule in rules}
        self._ways_out = WaysOut(catalogue, self.profile)
        self._alike: dict[tuple[object, ...], list[Rule]] = {}
        self.placing = frozenset(code for code, rule in self._by_code.items() if _PLACING & set(rule.alternatives))

    def rule_infos(self) -> tuple[RuleInfo, ...]:
        """Every rule of the catalogue, as reports describe it; does not vary with selection or results."""
        return tuple(rule_info(self.catalogue, self.profile, data) for _, data in sorted(self.catalogue.rules.items()))

    # --- atoms

    def atoms(self, facts: Sequence[Fact]) -> list[Atom]:
        """What the rules say of the facts."""
        out: list[Atom] = []
        alike = self._alike
        for fact in facts:
            key = likeness(fact)
            rules = alike.get(key)
            if rules is None:
                rules = alike[key] = [rule for rule in self.rules[type(fact)] if rule.may_hold(fact)]
            out.extend([self._atom(rule, fact) for rule in rules if rule.holds(fact)])
        return out

    def _atom(self, rule: Rule, fact: Fact) -> Atom:
        cause, subject = fact.cause, fact.subject
        text = message(rule.message, fact, self.catalogue, self.profile)
        places: tuple[Place, ...] = ()
        if type(fact) is Placement:
            places = fact.places
            if rule.verdict == "violation" and len(places) > 1:
                text += taken_for(fact, self.catalogue)
        if rule.peers:
            text += _peer(rule, fact)
        if cause.remark:
            text += f" ({cause.remark})"
        # By position: there are very many atoms.
        return Atom(
            rule.code,
            "note" if cause.remark else rule.severity(fact),
            rule.verdict,
            self.profile.name,
            fact.confidence,
            subject,
            fact.attribute,
            cause,
            text,
            places,
            getattr(fact, "operator", "") or _operator_of(fact),
            fact.service if type(fact) is ServiceUse else subject.service,
            _group(rule, fact),
            fingerprint(rule.code, subject.unit, subject.address, fact.attribute, _normal(cause.value)),
            None,
            None,
            cause.environments,
        )

    # --- groups

    def findings(
        self,
        atoms: Sequence[Atom],
        *,
        waivers: Waivers | None = None,
        group: bool = True,
        show_waived: bool = False,
        snippet: Callable[[Location], str] = lambda location: "",
        neighbours: Neighbours = NOBODY,
    ) -> tuple[list[Finding], int]:
        """Groups atoms to findings, sorted; returns them and the number of findings that waivers removed.

        Args:
            atoms: of the whole run.
            neighbours: of the whole run: what they have is not offered.
            waivers: to be applied first.
            group: False gives one finding per atom.
            show_waived: keeps waived ones, marked.
            snippet: the source line of a place.
        """
        groups: dict[tuple[object, ...], list[Atom]] = {}
        waived: dict[tuple[object, ...], list[Atom]] = {}
        for i, atom in enumerate(atoms):
            waiver = waivers.covering(atom) if waivers else None
            key: tuple[object, ...] = (atom.rule, atom.verdict, atom.severity, atom.profile, *atom.group)
            if not group:
                key = (*key, i)
            if waiver is None:
                groups.setdefault(key, []).append(atom)
            else:
                waived.setdefault((*key, waiver.location), []).append(atom._replace(waiver=waiver))
        chosen = [*groups.values(), *(waived.values() if show_waived else ())]
        found = [self._finding(members, group, snippet, neighbours) for members in chosen]
        found.sort(key=lambda f: (f.location, f.rule, severity_rank(f.severity), f.affects))
        return distinct_fingerprints(found), len(waived)

    def _finding(
        self, members: list[Atom], group: bool, snippet: Callable[[Location], str], neighbours: Neighbours
    ) -> Finding:
        if len(members) > 1:
            members.sort(key=lambda a: (a.cause.location, a.subject.unit, a.subject.address, a.attribute))
        first = members[0]
        rule = self._by_code[first.rule]
        cause = first.cause
        affects = tuple(sorted({atom.subject.address for atom in members}))
        mark = (
            fingerprint(first.rule, first.subject.unit, cause.owner, cause.attribute, _normal(cause.value), "group")
            if group
            else first.fingerprint
        )
        return Finding(
            rule=first.rule,
            name=rule.name,
            severity=first.severity,
            verdict=first.verdict,
            confidence=min({a.confidence for a in members}, key=_CONFIDENCE.__getitem__),
            message=first.message,
            location=cause.location,
            resource=cause.owner or first.subject.address,
            kind=_kind(first),
            value=cause.value,
            place=_shown_place(first),
            affects=affects,
            via=cause.via,
            related=((*(() if first.root is None else (first.root,)), *_related(members, cause)))[:MAX_RELATED],
            alternatives=self._ways_out.of(rule, members, neighbours),
            informs=rule.informs,
            fingerprint=mark,
            profile=first.profile,
            inputs=tuple(sorted({name for atom in members for name in atom.cause.inputs})),
            waiver=first.waiver,
            snippet="" if cause.sensitive else snippet(cause.location),
            units=tuple(sorted({atom.subject.unit for atom in members})),
            instances=len({(atom.subject.unit, atom.subject.address) for atom in members}),
            environments=_only_in(members),
        )


def _only_in(members: Sequence[Atom]) -> tuple[str, ...]:
    """The environments of a finding; none where one of its atoms holds in all of them."""
    if any(not atom.environments for atom in members):
        return ()
    return tuple(sorted({name for atom in members for name in atom.environments}))


def _shown_place(atom: Atom) -> Place | None:
    """The place of an atom; of a sensitive value only the country, which the message says anyway.

    Candidates that are equally outside are one place in several countries, without what they do not share.
    """
    if not atom.places or (len(atom.places) > 1 and atom.verdict == "undetermined"):
        return None
    first = atom.places[0]
    if len(atom.places) > 1:
        first = Place(
            namespace=_common(place.namespace for place in atom.places),
            name=_common(place.name for place in atom.places) or atom.cause.value or "",
            operator=_common(place.operator for place in atom.places),
            countries=tuple(sorted({code for place in atom.places for code in place.countries})),
            kind=first.kind,
            title=_common(place.title for place in atom.places),
        )
    return first._replace(name="", title="") if atom.cause.sensitive else first


def _common(texts: Iterable[str]) -> str:
    """The text if all are the same, else nothing."""
    different = set(texts)
    return different.pop() if len(different) == 1 else ""


def _operator_of(fact: Fact) -> str:
    """Placements are about whoever runs the place, if all candidates agree on who that is."""
    return _common(place.operator for place in fact.places) if isinstance(fact, Placement) else ""


def _peer(rule: Rule, fact: Fact) -> str:
    """What is said of scanners that ask for the opposite, for the types and registries they look at."""
    if not rule.peers:
        return ""
    said = rule.peers.get(fact.subject.kind)
    if said is None and isinstance(fact, Artefact):
        labels = fact.host.split(".")
        said = next((rule.peers[h] for i in range(len(labels)) if (h := ".".join(labels[i:])) in rule.peers), None)
    return f" ({said})" if said else ""


def _group(rule: Rule, fact: Fact) -> tuple[object, ...]:
    cause = fact.cause
    if rule.group == "input" and cause.inputs:
        return (fact.subject.unit, cause.inputs)
    if rule.group == "value" and cause.value is not None:
        return (cause.location.path, cause.value, fact.attribute.rpartition(".")[2] if not cause.known else "")
    return (cause.location,)


def _kind(atom: Atom) -> str:
    """The resource type; for a provider configuration the provider's name."""
    owner = atom.cause.owner
    if owner.rpartition("module.")[2].startswith("provider.") or ".provider." in owner:
        return owner.rpartition("provider.")[2].partition(".")[0]
    return atom.subject.kind


def _related(members: Sequence[Atom], cause: Cause) -> tuple[Hop, ...]:
    """Other places of the same unresolved input, the way to other units, and the declarations of what is affected."""
    seen = {cause.location, *[hop.location for hop in cause.via]}
    out: list[Hop] = []
    units = {members[0].subject.unit}
    for atom in members:
        subject, own = atom.subject, atom.cause
        if subject.unit not in units:
            units.add(subject.unit)
            for hop in own.via:
                if hop.location not in seen:
                    seen.add(hop.location)
                    out.append(Hop(hop.location, hop.note))
        if own.location not in seen:
            seen.add(own.location)
            out.append(Hop(own.location, "the same"))
        if subject.declared_at not in seen:
            seen.add(subject.declared_at)
            out.append(Hop(subject.declared_at, subject.address))
        if len(out) >= MAX_RELATED:
            break
    return tuple(out[:MAX_RELATED])


def _normal(value: str | None) -> str:
    return (value or "").strip().lower()


def _sha256() -> Callable[[bytes], Any]:
    """Python's own SHA-256. `hashlib` loads OpenSSL, which takes longer than all the fingerprints of a commit hook.

    The standard library does the same, in `random`.
    """
    try:
        # Python 3.12 and later, then 3.11.
        name = "_sha2" if sys.version_info >= (3, 12) else "_sha256"
        found: Callable[[bytes], Any] = importlib.import_module(name).sha256
    except ImportError:
        import hashlib

        found = hashlib.sha256
    return found


_digest = _sha256()


def fingerprint(*parts: str) -> str:
    """A stable mark of these parts: 32 hexadecimal digits, the same on every machine."""
    mark: str = _digest("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return mark[:32]


def distinct_fingerprints(findings: list[Finding]) -> list[Finding]:
    """Ties get an ordinal in the order of the report."""
    seen: dict[str, int] = {}
    out = []
    for finding in findings:
        count = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
        mark = finding.fingerprint if count == 1 else fingerprint(finding.fingerprint, str(count))
        out.append(finding if count == 1 else finding._replace(fingerprint=mark))
    return out
