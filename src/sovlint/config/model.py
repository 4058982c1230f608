"""The one configuration object of a run."""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple


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
        waivers: whether inline waivers count.
        show_waived: whether waived findings are reported, marked.
        exclude: globs over paths in the tree.
        arguments: ("var", "NAME=VALUE") and ("var-file", path) in order.
        environment: `TF_VAR_*` values by variable name.
        workspace: Terraform workspace.
        backend_config: `--backend-config` values, `KEY=VALUE` or a path, in order.
        plan: path of a plan in JSON; empty for none.
        today: the day waivers are judged by (UTC), YYYY-MM-DD; the default is before the end of every waiver.
        cache: whether the user's cache folder is used.
        size_limit: bytes above which a file is skipped.
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
    show_waived: bool = False
    exclude: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
    environment: Mapping[str, str] = MappingProxyType({})
    workspace: str = "default"
    backend_config: tuple[str, ...] = ()
    plan: str = ""
    today: str = "1970-01-01"
    cache: bool = True
    size_limit: int = 10 * 1024 * 1024
