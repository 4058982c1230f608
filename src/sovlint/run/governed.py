"""What the configuration says about judging: scopes, hosts, waivers, limits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from sovlint.catalogue import Catalogue
from sovlint.catalogue.catalogue import PRIVATE
from sovlint.catalogue.entries import Host
from sovlint.config import Config
from sovlint.discovery import Found, Tree
from sovlint.discovery.locate import inside
from sovlint.judge.governance import share_facts, waiver_facts
from sovlint.judge.scopes import Marks, ScopedJudge, ScopeOf
from sovlint.judge.waivers import Waivers
from sovlint.model.errors import ConfigError
from sovlint.model.fact import Fact
from sovlint.model.finding import RegisteredWaiver, Waiver
from sovlint.model.globs import covers
from sovlint.model.source import Location

OWN = "own"
"""The operator of a host that the users run themselves."""


def scope_finder(config: Config, catalogue: Catalogue) -> ScopeOf:
    """The scope of a resource, by the first one that covers it.

    Raises:
        ConfigError: a scope names a profile that does not exist.
    """
    for scope in config.scopes:
        if scope.profile and scope.profile not in catalogue.profiles:
            known = ", ".join(sorted(catalogue.profiles))
            raise ConfigError(f"{scope.origin}: no profile {scope.profile!r}; there are: {known}")

    def scope_of(path: str, marks: Marks) -> tuple[str, str] | None:
        for scope in config.scopes:
            if scope.paths and not covers(scope.paths, path):
                continue
            if all(any(key == name and value in values for key, value in marks) for name, values in scope.labels):
                return scope.profile, scope.classification
        return None

    return scope_of


def own_hosts(config: Config, catalogue: Catalogue) -> None:
    """Makes the configured hosts known to the catalogue.

    Raises:
        ConfigError: a host has an operator that the catalogue does not know.
    """
    hosts: dict[str, Host] = {}
    for host in config.hosts:
        if host.operator != OWN and catalogue.operator(host.operator) is None:
            raise ConfigError(
                f"{host.origin}: no operator {host.operator!r} in the catalogue; your own hosts are `{OWN}`"
            )
        hosts[host.name] = Host(PRIVATE if host.operator == OWN else host.operator, host.purpose)
    catalogue.own_hosts(hosts)


def configured_waivers(config: Config, tree: Tree) -> Iterator[Waiver]:
    """The waivers of the configuration file, at their places."""
    for row in config.waived:
        location = _in_tree(row.file, row.line, row.column, tree)
        yield Waiver(location, row.rules, row.until, row.owner, row.reason, "", row.paths, row.addresses, True)


def limit_facts(
    config: Config, tree: Tree, facts: Iterable[Fact], undetermined: int, resources: int, catalogue: Catalogue
) -> list[Fact]:
    """Shares above the configured limits."""
    limits: list[tuple[str, float, Location]] = []
    for name, share, origin in config.limits:
        file, line, column = (*origin.rsplit(":", 2), "1", "1")[:3]
        numbers = (int(line), int(column)) if line.isdigit() and column.isdigit() else (1, 1)
        limits.append((name, share, _in_tree(file, *numbers, tree)))
    return list(share_facts(list(facts), limits, undetermined, resources, catalogue))


def disorder(waivers: Waivers, judge: ScopedJudge, found: Found, *, complete: bool) -> list[Fact]:
    """Waivers that are not in order.

    Whether one is unused is only judged where all that it could cover was part of the run: every rule it names applies
    (a waiver of a rule that nobody judges waits), and no file was picked out.
    """
    applied = {rule.code for own in judge.judges() for rules in own.rules.values() for rule in rules}
    known = judge.main.catalogue.rules

    def judged(waiver: Waiver) -> bool:
        if not complete or found.named:
            return False
        seen = "" in found.folders if waiver.configured else found.selects(waiver.location.path)
        return seen and all(code in applied for code in known for rule in waiver.rules if code.startswith(rule))

    facts = waiver_facts(waivers, judged)
    return [fact for fact in facts if not fact.cause.location.path or found.selects(fact.cause.location.path)]


def registered(waivers: Waivers) -> tuple[RegisteredWaiver, ...]:
    """The register of accepted risks, by place."""
    out = []
    for waiver in sorted(waivers.all, key=lambda w: (w.location, w.rules)):
        covered = waivers.covered(waiver)
        if waiver.defect:
            out.append(RegisteredWaiver(waiver, "malformed"))
        elif waivers.expired(waiver):
            out.append(RegisteredWaiver(waiver, "expired"))
        else:
            out.append(RegisteredWaiver(waiver, "in-force" if covered else "unused", covered))
    return tuple(out)


def _in_tree(file: str, line: int, column: int, tree: Tree) -> Location:
    """A place in a configuration file: relative to the tree where it lies in it, else as it was found."""
    root = getattr(tree, "root", "")
    relative = inside(os.path.realpath(file), root) if root else None
    return Location(relative or file, line, column, line, column + 1)
