"""The one configuration object of a run."""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple


class Scope(NamedTuple):
    """A part of what is declared that is judged by a profile of its own, or holds classified data.

    The first scope that covers a resource applies; each condition that it has must hold.

    Attributes:
        paths: globs over the files that declare resources; empty for all.
        labels: labels, annotations or tags and the values that select; empty for all.
        profile: empty for the profile of the run.
        classification: what the data there is called (`state-secret`, `personal-data`, …); empty for none.
        origin: file, line and column.
    """

    paths: tuple[str, ...]
    profile: str
    classification: str
    origin: str
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Environment(NamedTuple):
    """Inputs that belong together: a deployment of the same code.

    Attributes:
        arguments: ("var-file", absolute path) in order.
        workspace: Terraform workspace; empty for that of the run.
        values: chart folder or glob → layers of values, as written (relative to the chart) or absolute.
        sets: `KEY=VALUE` for charts.
    """

    name: str
    arguments: tuple[tuple[str, str], ...]
    workspace: str
    values: tuple[tuple[str, tuple[str, ...]], ...]
    sets: tuple[str, ...] = ()


class ConfiguredWaiver(NamedTuple):
    """A waiver in the configuration: by rule, path glob and address glob. `file`, `line`, `column`: where it stands."""

    rules: tuple[str, ...]
    paths: tuple[str, ...]
    addresses: tuple[str, ...]
    until: str
    owner: str
    reason: str
    file: str
    line: int
    column: int


class ConfiguredHost(NamedTuple):
    """A host of the user's own: `operator` is a catalogue id, or `own` for a host that they run themselves."""

    name: str
    operator: str
    purpose: str
    origin: str


class Config(NamedTuple):
    """Everything that decides what a run does; nothing else is read from the environment later.

    Attributes:
        paths: what to lint, as given.
        working_directory: what relative paths refer to.
        profile: profile name; `profile_origin` is file, line and column where it was chosen, if in a file.
        file: the configuration file that was read; empty for none.
        select, ignore: rule codes or prefixes.
        fail_on: lowest severity that gives exit 1, or `never`.
        unknown: what an undetermined location means.
        min_confidence: findings of lower confidence are left out.
        group: one finding per cause (True) or per resource.
        waivers: whether waivers count; `waived` are those of the configuration file.
        show_waived: whether waived findings are reported, marked.
        exclude: globs over paths in the tree.
        arguments: ("var", "NAME=VALUE") and ("var-file", path) in order.
        environment: `TF_VAR_*` values by variable name.
        workspace: Terraform workspace.
        backend_config: `--backend-config` values, `KEY=VALUE` or a path, in order.
        plan: path of a plan in JSON; empty for none.
        values: files of Helm values for every chart, in order; `sets` are `KEY=VALUE`.
        chart_values: chart folder or glob → layers of values files of the environment that is evaluated.
        helm_engine: what renders charts; `search_path` is PATH, where a `helm` is looked for.
        today: the day waivers are judged by (UTC), YYYY-MM-DD; the default is before the end of every waiver.
        cache: whether the user's cache folder is used.
        jobs: worker processes for many files; 0 for as many as the machine and the files are worth.
        size_limit: bytes above which a file is skipped.
        scopes: parts with a profile or classification of their own.
        environments: deployments to evaluate one by one; none means one evaluation with the inputs above.
        kubernetes_provider: whose region names manifests use where nothing else says so.
        hosts: the user's own hosts.
        limits: share of one operator, and of undetermined resources, above which it is reported; None for no limit.
            `limit_origins`: file, line and column of each, by name.
        diff: git revision; empty for none.
        provenance: whether the report is to say which commit of which repository was scanned.
        baseline: path of a baseline to compare with; `write_baseline` of one to write; empty for none.
        policies: folders with rules, profiles and catalogue entries of the user's own, absolute.
    """

    paths: tuple[str, ...] = (".",)
    working_directory: str | os.PathLike[str] = "."
    profile: str = "eu-baseline"
    profile_origin: str = ""
    file: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "high"
    unknown: Literal["ignore", "note", "fail"] = "note"
    min_confidence: Literal["heuristic", "resolved", "literal"] = "heuristic"
    group: bool = True
    waivers: bool = True
    waived: tuple[ConfiguredWaiver, ...] = ()
    show_waived: bool = False
    exclude: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
    environment: Mapping[str, str] = MappingProxyType({})
    workspace: str = "default"
    backend_config: tuple[str, ...] = ()
    plan: str = ""
    values: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    chart_values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    helm_engine: Literal["none", "auto", "helm", "sdk"] = "none"
    search_path: str = ""
    today: str = "1970-01-01"
    cache: bool = True
    size_limit: int = 10_000_000
    scopes: tuple[Scope, ...] = ()
    environments: tuple[Environment, ...] = ()
    kubernetes_provider: str = ""
    hosts: tuple[ConfiguredHost, ...] = ()
    limits: tuple[tuple[str, float, str], ...] = ()
    diff: str = ""
    baseline: str = ""
    write_baseline: str = ""
    provenance: bool = False
    jobs: int = 1
    policies: tuple[str, ...] = ()
