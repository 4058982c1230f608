"""Parts of the tree with a profile or a classification of their own: the file that declares a resource decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from sovlint.catalogue import Catalogue
from sovlint.judge.judge import Judge, distinct_fingerprints
from sovlint.judge.profile import Profile
from sovlint.judge.waivers import Waivers
from sovlint.judge.ways_out import NOBODY, Neighbours
from sovlint.model.fact import Fact, Subject
from sovlint.model.finding import Atom, Finding, RuleInfo, severity_rank
from sovlint.model.source import Location

Marks: TypeAlias = tuple[tuple[str, str], ...]
"""Labels of a resource, as in `Subject.classification`."""

ScopeOf: TypeAlias = Callable[[str, Marks], "tuple[str, str] | None"]
"""Declaring file and labels → (profile, classification) of the scope, either of them empty; None outside of all."""


class ScopedJudge:
    """Judges every fact by the profile of its scope.

    Args:
        catalogue: profiles and rules.
        profile: of what lies in no scope.
        select, ignore: codes and prefixes; of all profiles.
        scope_of: finds the scope of a path; None if there are no scopes.

    Raises:
        UsageError: no such profile, or a code that does not exist.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        profile: str,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        scope_of: ScopeOf | None = None,
    ) -> None:
        self.main = Judge(catalogue, profile, select, ignore)
        self._select = tuple(select)
        self._ignore = tuple(ignore)
        self._scope_of = scope_of
        self._judges: dict[tuple[str, str], Judge] = {("", ""): self.main}
        self._by_place: dict[tuple[str, Marks], Judge] = {}

    @property
    def profile(self) -> Profile:
        """The profile of what lies in no scope."""
        return self.main.profile

    def rule_infos(self) -> tuple[RuleInfo, ...]:
        """The rules of the main profile, and those that only a scope has."""
        infos = {info.code: info for info in self.main.rule_infos()}
        for judge in self._judges.values():
            for info in judge.rule_infos():
                infos.setdefault(info.code, info)
        return tuple(infos[code] for code in sorted(infos))

    def placing(self) -> frozenset[str]:
        """Codes of the rules that offer regions as ways out."""
        return frozenset().union(*(judge.placing for judge in self._judges.values()))

    def judges(self) -> Iterable[Judge]:
        """All that were needed so far."""
        return self._judges.values()

    def scopes(self) -> Iterable[tuple[str, str]]:
        """Profile and classification of the scopes that were needed so far."""
        return self._judges.keys()

    def need(self, scopes: Iterable[tuple[str, str]]) -> None:
        """Counts scopes as needed: another process judged something in them."""
        for profile, classification in sorted(scopes):
            self._judge(profile, classification)

    def _judge(self, profile: str, classification: str) -> Judge:
        key = (profile, classification)
        found = self._judges.get(key)
        if found is None:
            name = profile or self.profile.name
            found = Judge(self.main.catalogue, name, self._select, self._ignore, classification)
            self._judges[key] = found
        return found

    def judge_of(self, subject: Subject) -> Judge:
        """The judge of a resource, by the file that declares it and by its labels."""
        if self._scope_of is None:
            return self.main
        where = (subject.declared_at.path, subject.classification)
        found = self._by_place.get(where)
        if found is None:
            found = self._by_place[where] = self._judge(*(self._scope_of(*where) or ("", "")))
        return found

    def atoms(self, facts: Sequence[Fact]) -> list[Atom]:
        """What the rules say of the facts."""
        if self._scope_of is None:
            return self.main.atoms(facts)
        shares: dict[int, tuple[Judge, list[Fact]]] = {}
        for fact in facts:
            judge = self.judge_of(fact.subject)
            shares.setdefault(id(judge), (judge, []))[1].append(fact)
        return [atom for judge, own in shares.values() for atom in judge.atoms(own)]

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
        """Groups atoms to findings, see `Judge.findings`; a group never spans scopes."""
        shares: dict[int, tuple[Judge, list[Atom]]] = {}
        for atom in atoms:
            judge = self.judge_of(atom.subject)
            shares.setdefault(id(judge), (judge, []))[1].append(atom)
        found: list[Finding] = []
        waived = 0
        for judge, own in shares.values():
            more, count = judge.findings(
                own, waivers=waivers, group=group, show_waived=show_waived, snippet=snippet, neighbours=neighbours
            )
            found.extend(more)
            waived += count
        if len(shares) > 1:
            found.sort(key=lambda f: (f.location, f.rule, severity_rank(f.severity), f.affects))
            found = distinct_fingerprints(found)
        return found, waived
