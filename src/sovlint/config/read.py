"""Reads `.sovlint.yaml` or `[tool.sovlint]`; an error names file, line and what is allowed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sovlint.config.document import Keys, read_document
from sovlint.config.find import is_within
from sovlint.config.model import ConfiguredHost, ConfiguredWaiver, Environment, Scope
from sovlint.model.errors import ConfigError

MAX_EXTENDS = 10
"""Files that extend one another."""

MAX_SIZE_LIMIT = 100
"""Megabytes."""

_CHOICES = {
    "fail-on": ("critical", "high", "medium", "low", "note", "never"),
    "unknown": ("ignore", "note", "fail"),
    "min-confidence": ("heuristic", "resolved", "literal"),
}
_OUTSIDE = "leads out of the repository; if that is meant, name the configuration with --config"
_CODE = re.compile(r"[A-Z]{2,8}[0-9]{0,3}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
ENGINES = ("none", "auto", "helm", "sdk")
LIMITS = ("operator-share", "unknown-share")


class Reader:
    """One configuration file: its data, its folder and the places of its keys.

    Args:
        path: the file.
        within: a real folder that it and what it names must lie in; empty for anywhere.
    """

    def __init__(self, path: Path, within: str = "") -> None:
        self.path = path
        self.within = within
        if within and not is_within(str(path), within):
            raise ConfigError(f"{path}: {_OUTSIDE}")
        self.data, self._where = read_document(path)

    def at(self, *keys: str | int) -> str:
        """`file:line:column` of a key."""
        return self._where(keys)

    def resolved(self, name: str, *keys: str | int) -> Path:
        """A path that the file names, relative to its folder, links followed."""
        path = (self.path.parent / name).resolve()
        if self.within and not is_within(str(path), self.within):
            raise ConfigError(f"{self.at(*keys)}: {name} {_OUTSIDE}")
        return path

    def mapping(self, value: Any, keys: Keys, allowed: tuple[str, ...]) -> dict[str, Any]:
        """A mapping with no other keys than those allowed."""
        if not isinstance(value, dict):
            raise ConfigError(f"{self.at(*keys)}: expected a mapping with the keys {', '.join(allowed)}")
        for key in value:
            if str(key) not in allowed:
                at = self.at(*keys, str(key))
                raise ConfigError(f"{at}: unknown key {str(key)!r}; allowed are {', '.join(allowed)}")
        return {str(key): item for key, item in value.items()}

    def names(self, value: Any, keys: Keys) -> dict[str, Any]:
        """A mapping whose keys are names of the user's own."""
        if not isinstance(value, dict):
            raise ConfigError(f"{self.at(*keys)}: expected a mapping")
        return {str(key): item for key, item in value.items()}

    def text(self, value: Any, *keys: str | int) -> str:
        """A text; a date that YAML made of one is its text."""
        if isinstance(value, (int, float, bool)) or value is None or isinstance(value, (list, dict)):
            name = next((key for key in reversed(keys) if isinstance(key, str)), "this")
            raise ConfigError(f"{self.at(*keys)}: {name} is a text")
        return str(value)

    def texts(self, value: Any, *keys: str | int) -> tuple[str, ...]:
        """A list of texts."""
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            name = ".".join(key for key in keys if isinstance(key, str))
            raise ConfigError(f"{self.at(*keys)}: {name} is a list of texts")
        return tuple(value)

    def items(self, value: Any, *keys: str | int) -> list[Any]:
        """A list."""
        if not isinstance(value, list):
            raise ConfigError(f"{self.at(*keys)}: {keys[-1]} is a list")
        return value


def read_config(file: str | os.PathLike[str], within: str = "") -> dict[str, Any]:
    """The settings of a configuration file, as keyword arguments for `Config`.

    Paths inside are relative to the file's folder and come back absolute; globs are over paths in the tree.

    Args:
        file: the configuration.
        within: a real folder that it, and every file and folder it names, must lie in (`config.find.boundary_of`, for
            a file that nobody named); empty for anywhere.

    Raises:
        ConfigError: not readable, not valid; the message carries file, line and what is allowed.
    """
    return _read(Path(file), (), within)


def _read(path: Path, below: tuple[Path, ...], within: str) -> dict[str, Any]:
    reader = Reader(path, within)
    if reader.data is None:
        return {}
    data = reader.mapping(reader.data, (), ALLOWED)
    out: dict[str, Any] = {}
    if "extends" in data:
        out = _extended(reader, data["extends"], (*below, path))
    for key, value in data.items():
        for name, setting in _KEYS[key](reader, value).items():
            if name in _ADDED:
                out[name] = (*out.get(name, ()), *setting)
            else:
                out[name] = setting
    return out


def _extended(reader: Reader, value: Any, chain: tuple[Path, ...]) -> dict[str, Any]:
    """What a file builds on: paths beside it, or packages that are installed with a `sovlint.yaml` in them."""
    out: dict[str, Any] = {}
    names = (value,) if isinstance(value, str) else reader.texts(value, "extends")
    for name in names:
        base = _base(reader, name)
        if base.resolve() in [path.resolve() for path in chain] or len(chain) > MAX_EXTENDS:
            raise ConfigError(f"{reader.at('extends')}: {name} leads back to a file that extends it")
        # What an installed package holds was chosen by whoever installed it.
        inside = reader.within if _is_path(name) else ""
        for key, setting in _read(base, chain, inside).items():
            out[key] = (*out.get(key, ()), *setting) if key in _ADDED else setting
    return out


def _is_path(name: str) -> bool:
    return name.startswith((".", "/")) or name.endswith((".yaml", ".yml", ".toml"))


def _base(reader: Reader, name: str) -> Path:
    if _is_path(name):
        path = reader.resolved(name, "extends")
        if not path.is_file():
            raise ConfigError(f"{reader.at('extends')}: there is no file {name}")
        return path
    if not re.fullmatch(r"[A-Za-z_][\w.]*", name):
        raise ConfigError(f"{reader.at('extends')}: {name} is neither a path nor the name of a package")
    # Found, not imported: nothing that a configuration names is executed.
    import importlib.machinery
    import sys

    places: list[str] | None = [entry for entry in sys.path if entry]
    for part in name.split("."):
        found = importlib.machinery.PathFinder.find_spec(part, places)
        places = list(found.submodule_search_locations or ()) if found is not None else None
        if not places:
            break
    for place in places or ():
        if (Path(place) / "sovlint.yaml").is_file():
            return Path(place) / "sovlint.yaml"
    raise ConfigError(f"{reader.at('extends')}: no package {name} with a file sovlint.yaml is installed")


def code_position(file: str, code: str) -> str:
    """Where a configuration file lists a rule code under `select` or `ignore`; empty if it does not."""
    reader = Reader(Path(file))
    for name in ("select", "ignore"):
        if isinstance(reader.data, dict) and code in [str(item).upper() for item in reader.data.get(name) or ()]:
            return reader.at(name)
    return ""


# --- keys


def _choice(key: str) -> Callable[[Reader, Any], dict[str, Any]]:
    def read(reader: Reader, value: Any) -> dict[str, Any]:
        if value not in _CHOICES[key]:
            raise ConfigError(f"{reader.at(key)}: {key} is one of {', '.join(_CHOICES[key])}")
        return {key.replace("-", "_"): value}

    return read


def _codes(key: str) -> Callable[[Reader, Any], dict[str, Any]]:
    return lambda reader, value: {key: _rules(reader, value, key)}


def _rules(reader: Reader, value: Any, *keys: str | int) -> tuple[str, ...]:
    codes = tuple(code.upper() for code in reader.texts(value, *keys))
    for code in codes:
        if not _CODE.fullmatch(code):
            name = next(key for key in reversed(keys) if isinstance(key, str))
            raise ConfigError(f"{reader.at(*keys)}: {name} lists rule codes or prefixes, {code} is none")
    return codes


def _profile(reader: Reader, value: Any) -> dict[str, Any]:
    if not isinstance(value, str):
        raise ConfigError(f"{reader.at('profile')}: profile is a name")
    return {"profile": value, "profile_origin": reader.at("profile")}


def _terraform(reader: Reader, value: Any) -> dict[str, Any]:
    arguments, workspace = _inputs(
        reader, reader.mapping(value, ("terraform",), ("var-files", "workspace")), "terraform"
    )
    return {"arguments": arguments, **({"workspace": workspace} if workspace else {})}


def _inputs(reader: Reader, value: dict[str, Any], *keys: str | int) -> tuple[tuple[tuple[str, str], ...], str]:
    files = reader.texts(value["var-files"], *keys, "var-files") if "var-files" in value else ()
    arguments = tuple(("var-file", str(reader.resolved(file, *keys, "var-files"))) for file in files)
    return arguments, reader.text(value["workspace"], *keys, "workspace") if "workspace" in value else ""


def _environments(reader: Reader, value: Any) -> dict[str, Any]:
    out = []
    for name, entry in reader.names(value, ("environments",)).items():
        keys: Keys = ("environments", name)
        data = reader.mapping(entry if entry is not None else {}, keys, ("var-files", "workspace", "values", "set"))
        arguments, workspace = _inputs(reader, data, *keys)
        layers = reader.names(data.get("values") or {}, (*keys, "values"))
        values = tuple(
            (chart.strip("/"), reader.texts(files, *keys, "values", chart)) for chart, files in layers.items()
        )
        sets = reader.texts(data["set"], *keys, "set") if "set" in data else ()
        out.append(Environment(name, arguments, workspace, values, sets))
    return {"environments": tuple(out)}


def _scopes(reader: Reader, value: Any) -> dict[str, Any]:
    out = []
    for number, entry in enumerate(reader.items(value, "scopes")):
        keys: Keys = ("scopes", number)
        data = reader.mapping(entry, keys, ("paths", "labels", "profile", "classification"))
        if not ({"paths", "labels"} & set(data)) or not ({"profile", "classification"} & set(data)):
            raise ConfigError(f"{reader.at(*keys)}: a scope has paths or labels, and a profile or a classification")
        paths = reader.texts(data["paths"], *keys, "paths") if "paths" in data else ()
        labels = tuple(
            (key, (value,) if isinstance(value, str) else reader.texts(value, *keys, "labels", key))
            for key, value in reader.names(data.get("labels") or {}, (*keys, "labels")).items()
        )
        profile = reader.text(data["profile"], *keys, "profile") if "profile" in data else ""
        called = reader.text(data["classification"], *keys, "classification") if "classification" in data else ""
        origin = reader.at(*keys, "profile" if profile else "classification")
        out.append(Scope(paths, profile, called, origin, labels))
    return {"scopes": tuple(out)}


def _waivers(reader: Reader, value: Any) -> dict[str, Any]:
    out = []
    allowed = ("rules", "paths", "addresses", "until", "owner", "reason")
    for number, entry in enumerate(reader.items(value, "waivers")):
        keys: Keys = ("waivers", number)
        data = reader.mapping(entry, keys, allowed)
        missing = [name for name in ("rules", "until", "owner", "reason") if not data.get(name)]
        if missing:
            raise ConfigError(
                f"{reader.at(*keys)}: a waiver has rules, until, owner and reason; {missing[0]} is missing"
            )
        until = reader.text(data["until"], *keys, "until")
        if not _is_day(until):
            raise ConfigError(f"{reader.at(*keys, 'until')}: until is a day (YYYY-MM-DD)")
        _, line, column = (*reader.at(*keys).rsplit(":", 2), "1", "1")[:3]
        out.append(
            ConfiguredWaiver(
                _rules(reader, data["rules"], *keys, "rules"),
                reader.texts(data["paths"], *keys, "paths") if "paths" in data else (),
                reader.texts(data["addresses"], *keys, "addresses") if "addresses" in data else (),
                until,
                reader.text(data["owner"], *keys, "owner"),
                reader.text(data["reason"], *keys, "reason"),
                str(reader.path),
                int(line) if line.isdigit() else 1,
                int(column) if column.isdigit() else 1,
            )
        )
    return {"waived": tuple(out)}


def _is_day(text: str) -> bool:
    import datetime

    try:
        return bool(_DAY.fullmatch(text)) and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def _hosts(reader: Reader, value: Any) -> dict[str, Any]:
    out = []
    for name, entry in reader.names(value, ("hosts",)).items():
        keys: Keys = ("hosts", name)
        data = reader.mapping(entry, keys, ("operator", "purpose"))
        if "operator" not in data:
            raise ConfigError(f"{reader.at(*keys)}: a host has an operator (own, or one of the catalogue)")
        operator = reader.text(data["operator"], *keys, "operator")
        purpose = reader.text(data["purpose"], *keys, "purpose") if "purpose" in data else "service"
        out.append(ConfiguredHost(name.lower().rstrip("."), operator, purpose, reader.at(*keys)))
    return {"hosts": tuple(out)}


def _kubernetes(reader: Reader, value: Any) -> dict[str, Any]:
    data = reader.mapping(value, ("kubernetes",), ("provider",))
    return {"kubernetes_provider": reader.text(data["provider"], "kubernetes", "provider")} if data else {}


def _helm(reader: Reader, value: Any) -> dict[str, Any]:
    data = reader.mapping(value, ("helm",), ("engine",))
    if "engine" in data and data["engine"] not in ENGINES:
        raise ConfigError(f"{reader.at('helm', 'engine')}: engine is one of {', '.join(ENGINES)}")
    return {"helm_engine": data["engine"]} if data else {}


def _limits(reader: Reader, value: Any) -> dict[str, Any]:
    out = []
    for name, share in reader.mapping(value, ("limits",), LIMITS).items():
        if not isinstance(share, (int, float)) or isinstance(share, bool) or not 0 <= share <= 1:
            raise ConfigError(f"{reader.at('limits', name)}: {name} is a number from 0 to 1")
        out.append((name, float(share), reader.at("limits", name)))
    return {"limits": tuple(out)}


def _size_limit(reader: Reader, value: Any) -> dict[str, Any]:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value <= MAX_SIZE_LIMIT:
        raise ConfigError(f"{reader.at('size-limit')}: size-limit is a number of megabytes up to {MAX_SIZE_LIMIT}")
    return {"size_limit": int(value * 1_000_000)}


def _path(key: str) -> Callable[[Reader, Any], dict[str, Any]]:
    def read(reader: Reader, value: Any) -> dict[str, Any]:
        return {key: str(reader.resolved(reader.text(value, key), key))}

    return read


def _policies(reader: Reader, value: Any) -> dict[str, Any]:
    out = []
    for name in reader.texts(value, "policies"):
        folder = reader.resolved(name, "policies")
        if not folder.is_dir():
            raise ConfigError(f"{reader.at('policies')}: there is no folder {name}")
        out.append(str(folder))
    return {"policies": tuple(out)}


_KEYS: dict[str, Callable[[Reader, Any], dict[str, Any]]] = {
    "profile": _profile,
    **{key: _choice(key) for key in _CHOICES},
    "select": _codes("select"),
    "ignore": _codes("ignore"),
    "exclude": lambda reader, value: {"exclude": reader.texts(value, "exclude")},
    "terraform": _terraform,
    "environments": _environments,
    "scopes": _scopes,
    "waivers": _waivers,
    "hosts": _hosts,
    "kubernetes": _kubernetes,
    "helm": _helm,
    "limits": _limits,
    "size-limit": _size_limit,
    "baseline": _path("baseline"),
    "policies": _policies,
    "extends": lambda reader, value: {},
}
ALLOWED = tuple(_KEYS)
"""Top-level keys of the configuration."""

_ADDED = frozenset({"exclude", "arguments", "environments", "scopes", "waived", "hosts", "limits", "policies"})
"""Settings that a file adds to those of the file it extends; the others replace them."""
