"""The way of a run: configuration, tree, units, judgement."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sovlint.catalogue import Catalogue, open_catalogue
from sovlint.config import Config
from sovlint.discovery import Found, Tree, WorkingTree, walk
from sovlint.discovery.locate import inside, locate
from sovlint.judge.profile import Profile, load_profile
from sovlint.judge.scopes import ScopedJudge
from sovlint.model.errors import ConfigError, UsageError
from sovlint.model.fact import Fact, Subject
from sovlint.model.finding import Report
from sovlint.model.problem import Problem
from sovlint.run.gather import gather
from sovlint.run.gathered import Gathered, Watch, unwatched
from sovlint.run.judged import Settle, settling, touches
from sovlint.run.report import report

RECURSION_LIMIT = 12_000
"""Calls within calls; Python's own default ends at a few dozen modules."""


def check(config: Config, watch: Watch = unwatched) -> Report:
    """Lints the paths of a configuration.

    Args:
        config: what and how.
        watch: is told stages and units as they begin.

    Raises:
        UsageError: no such profile; nothing to compare with.
        ConfigError: the configuration names something that does not exist.
        PolicyError: the catalogue is not usable.
    """
    watch("catalogue", "")
    catalogue = open_catalogue(cache=config.cache, custom=config.policies)
    judge = judge_for(config, catalogue)
    if config.hosts:
        from sovlint.run.governed import own_hosts

        own_hosts(config, catalogue)
    with _no_collection():
        watch("discovery", "")
        located = locate(config.paths, config.working_directory)
        tree = WorkingTree(located.root, config.size_limit)
        found = walk(tree, located.paths, (*config.exclude, *_cases(config, tree.root)))
        changes = None
        if config.diff:
            from sovlint.discovery.revision import changes_since

            changes = changes_since(tree.root, config.diff, config.size_limit)
        changed = None if changes is None else frozenset(changes.older)
        runs = evaluate(tree, found, config, catalogue, changed, watch, settling(config, judge, found))
        watch("judgement", "")
        runs[0][1].problems[:0] = [*located.problems, *found.problems]
        return report(config, catalogue, judge, tree, found, runs, changes)


def _cases(config: Config, root: str) -> list[str]:
    """Globs of the test cases of custom policies: they are wrong on purpose."""
    folders = [inside(os.path.realpath(folder), root) for folder in config.policies]
    return [os.path.join(folder, "tests/**") for folder in folders if folder is not None]


def judge_for(config: Config, catalogue: Catalogue) -> ScopedJudge:
    """The rules of a configuration, ready to judge.

    Raises:
        UsageError: no such profile or code; a ConfigError if the configuration file says so.
    """
    scope_of = None
    for waiver in config.waived:
        for code in waiver.rules:
            if not code.startswith("SOV") and not any(known.startswith(code) for known in catalogue.rules):
                raise ConfigError(
                    f"{waiver.file}:{waiver.line}:{waiver.column}: {code}: no rule has this code or prefix"
                )
    if config.scopes:
        from sovlint.run.governed import scope_finder

        scope_of = scope_finder(config, catalogue)
    try:
        return ScopedJudge(catalogue, config.profile, config.select, config.ignore, scope_of)
    except UsageError as error:
        if config.profile_origin and config.profile not in catalogue.profiles:
            raise ConfigError(f"{config.profile_origin}: {error}") from None
        if config.file:
            from sovlint.config.read import code_position

            origin = code_position(config.file, str(error).partition(":")[0])
            if origin:
                raise ConfigError(f"{origin}: {error}") from None
        raise


def evaluate(
    tree: Tree,
    found: Found,
    config: Config,
    catalogue: Catalogue,
    changed: frozenset[str] | None = None,
    watch: Watch = unwatched,
    settle: Settle | None = None,
) -> list[tuple[str, Gathered]]:
    """What every environment gives, with its name; without one where there is none in particular."""
    out = [
        (name, gather(tree, found, inputs, catalogue, changed=changed, watch=watch, settle=settle))
        for name, inputs in _inputs(config)
    ]
    if config.helm_engine != "none" and config.environments:
        from sovlint.run.rendering import reconcile

        reconcile(gathered for _, gathered in out)
    return out


def _inputs(config: Config) -> Iterator[tuple[str, Config]]:
    """The inputs of every environment; those of the configuration alone without a name if there is none."""
    if not config.environments:
        yield "", config
    for environment in config.environments:
        yield (
            environment.name,
            config._replace(
                arguments=(*config.arguments, *environment.arguments),
                workspace=environment.workspace or config.workspace,
                chart_values=environment.values,
                # What the command line sets wins over what the environment does.
                sets=(*environment.sets, *config.sets),
            ),
        )


class Surveyed(NamedTuple):
    """What an inventory is made of."""

    catalogue: Catalogue
    profile: Profile
    facts: tuple[Fact, ...]
    declared: tuple[Subject, ...]
    problems: tuple[Problem, ...]


def facts_of(config: Config) -> Surveyed:
    """The facts of the paths of a configuration, unjudged, with all resources that are declared there.

    Raises:
        UsageError: no such profile.
        PolicyError: the catalogue is not usable.
    """
    catalogue = open_catalogue(cache=config.cache, custom=config.policies)
    profile = load_profile(catalogue, config.profile)
    if config.hosts:
        from sovlint.run.governed import own_hosts

        own_hosts(config, catalogue)
    with _no_collection():
        located = locate(config.paths, config.working_directory)
        tree = WorkingTree(located.root, config.size_limit)
        found = walk(tree, located.paths, (*config.exclude, *_cases(config, tree.root)))
        gathered = Gathered(declared=[])
        for _, inputs in _inputs(config):
            gather(tree, found, inputs, catalogue, gathered)
        problems = (*located.problems, *found.problems, *gathered.problems)
        facts, declared = gathered.facts, gathered.declared or []
        if len(config.environments) > 1:
            # What holds in several environments is listed once.
            facts = list({(type(f), f.subject, f.role, f.attribute, f.cause): f for f in facts}.values())
            declared = list(dict.fromkeys(declared))
        if found.named:
            touched = {f.subject for f in facts if touches(f, found)}
            facts = [fact for fact in facts if fact.subject in touched]
            declared = [s for s in declared if s in touched or found.selects(s.declared_at.path)]
        return Surveyed(catalogue, profile, tuple(facts), tuple(declared), tuple(sorted(dict.fromkeys(problems))))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the cyclic garbage collector: a run makes millions of objects that live to the end of their unit.

    And with room for long chains of references, which are evaluated by recursion. Both are as before afterwards.
    """
    enabled = gc.isenabled()
    limit = sys.getrecursionlimit()
    gc.disable()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if enabled:
            gc.enable()
