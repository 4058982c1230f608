"""How flags, environment and configuration file become one `Config`."""

from __future__ import annotations

import os
import time
from typing import Any

from sovlint.config import Config, find_config
from sovlint.config.find import boundary_of
from sovlint.model.errors import UsageError


def make_config(
    paths: tuple[str, ...],
    *,
    config_file: str | None = None,
    no_config: bool = False,
    variables: tuple[str, ...] = (),
    var_files: tuple[str, ...] = (),
    workspace: str | None = None,
    exclude: tuple[str, ...] = (),
    profile: str | None = None,
    no_cache: bool = False,
    jobs: int | None = None,
    size_limit: float | None = None,
    **flags: Any,
) -> Config:
    """Defaults < configuration file < flags.

    Raises:
        UsageError: contradictory or malformed flags.
        ConfigError: the configuration file is not usable.
    """
    here = os.getcwd()
    if "" in paths:
        raise UsageError("a path is empty; the current folder is .")
    paths = paths or (".",)
    settings: dict[str, Any] = {}
    if config_file and no_config:
        raise UsageError("--config and --no-config exclude each other")
    if config_file:
        from sovlint.config.read import read_config

        path = os.path.join(here, config_file)
        settings = {**read_config(path), "file": path}
    elif not no_config:
        first = os.path.join(here, paths[0])
        found = find_config(
            first if os.path.isdir(first) else os.path.dirname(first) if os.path.exists(first) else here
        )
        if found is not None:
            from sovlint.config.read import read_config

            settings = {**read_config(found, boundary_of(found)), "file": found}
    for variable in variables:
        if "=" not in variable:
            raise UsageError(f"--var {variable}: expected NAME=VALUE")
    arguments = _in_order(variables, var_files)
    given = {key: value for key, value in flags.items() if value not in (None, ())}
    settings.update(given)
    settings["exclude"] = (*settings.get("exclude", ()), *exclude)
    settings["arguments"] = (*settings.get("arguments", ()), *arguments)
    if size_limit is not None:
        if not 0 < size_limit <= 100:  # "nan" is a number to the reader of options
            raise UsageError(f"--size-limit {size_limit}: expected megabytes up to 100")
        settings["size_limit"] = int(size_limit * 1_000_000)
    if profile:
        settings["profile"] = profile
        settings.pop("profile_origin", None)
    if workspace:
        settings["workspace"] = workspace
    return Config(
        paths=paths,
        working_directory=here,
        cache=not no_cache,
        search_path=os.environ.get("PATH", ""),
        jobs=jobs or 0,
        environment={k.removeprefix("TF_VAR_"): v for k, v in sorted(os.environ.items()) if k.startswith("TF_VAR_")},
        **settings,
    )


def configured_policies() -> tuple[str, ...]:
    """Folders of custom policies by the configuration that applies in the working directory; absolute.

    Raises:
        ConfigError: it is not usable.
    """
    found = find_config(os.getcwd())
    if found is None:
        return ()
    from sovlint.config.read import read_config

    folders: tuple[str, ...] = read_config(found, boundary_of(found)).get("policies", ())
    return folders


def _in_order(variables: tuple[str, ...], var_files: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """`--var` and `--var-file` in the order of the command line, which is their precedence."""
    import sys

    rest = {"var": list(variables), "var-file": list(var_files)}
    out: list[tuple[str, str]] = []
    for word in sys.argv[1:]:
        for kind in ("var-file", "var"):
            if (word == f"--{kind}" or word.startswith(f"--{kind}=")) and rest[kind]:
                out.append((kind, rest[kind].pop(0)))
                break
    # Callers without a command line (tests of the command object): files first, then single values.
    return (*out, *(("var-file", f) for f in rest["var-file"]), *(("var", x) for x in rest["var"]))


def parse_day(text: str | None) -> str:
    """`--today`, else `SOURCE_DATE_EPOCH`, else the current day in UTC, as YYYY-MM-DD.

    Raises:
        UsageError: no date.
    """
    if text:
        import datetime

        try:
            if len(text) != 10:
                raise ValueError(text)
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            raise UsageError(f"--today {text}: expected YYYY-MM-DD") from None
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        day = time.strftime("%Y-%m-%d", time.gmtime(int(epoch) if epoch else None))
        if len(day) != 10:
            raise ValueError(day)
        return day
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH={epoch}: expected seconds since 1970") from None


def codes(values: tuple[str, ...]) -> tuple[str, ...]:
    """Codes and prefixes from repeated, comma-separated options.

    Raises:
        UsageError: something that is no code.
    """
    if not values:
        return ()
    import re

    out = tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())
    for code in out:
        if not re.fullmatch(r"[A-Z]{2,8}[0-9]{0,3}", code):
            raise UsageError(f"{code}: expected a rule code or prefix such as SOV101 or SOV1")
    return out
