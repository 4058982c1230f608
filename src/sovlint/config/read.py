"""Finds and reads `.sovlint.yaml` or `[tool.sovlint]`; an error names file, line and what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sovlint.model.errors import ConfigError

NAME = ".sovlint.yaml"

_LISTS = ("select", "ignore", "exclude")
_CHOICES = {
    "fail-on": ("critical", "high", "medium", "low", "note", "never"),
    "unknown": ("ignore", "note", "fail"),
    "min-confidence": ("heuristic", "resolved", "literal"),
}
_TERRAFORM = ("var-files", "workspace")
ALLOWED = ("profile", *_CHOICES, *_LISTS, "terraform")
"""Top-level keys of the configuration."""

Where = Callable[[tuple[str, ...]], str]


def find_config(start: Path) -> Path | None:
    """The nearest configuration upward from a folder, up to the repository root (the folder that holds `.git`)."""
    for folder in (start, *start.parents):
        candidate = folder / NAME
        if candidate.is_file():
            return candidate
        project = folder / "pyproject.toml"
        if project.is_file() and "[tool.sovlint" in project.read_text(encoding="utf-8", errors="replace"):
            return project
        if (folder / ".git").exists():
            return None
    return None


def read_config(path: Path) -> dict[str, Any]:
    """The settings of a configuration file, as keyword arguments for `Config`.

    Paths inside are relative to the file's folder and come back absolute.

    Raises:
        ConfigError: not readable, not valid; the message carries file, line and what is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    data, where = _toml(path, text) if path.suffix == ".toml" else _yaml(path, text)
    return _settings(path, data, where)


def _yaml(path: Path, text: str) -> tuple[Any, Where]:
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: {getattr(error, 'problem', None) or 'not valid YAML'}") from None

    def where(keys: tuple[str, ...]) -> str:
        current: Any = node
        mark = getattr(node, "start_mark", None)
        for key in keys:
            pairs = current.value if isinstance(current, yaml.MappingNode) else []
            for key_node, value_node in pairs:
                if key_node.value == key:
                    current, mark = value_node, key_node.start_mark
                    break
        return f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)

    return data, where


def _toml(path: Path, text: str) -> tuple[Any, Where]:
    import tomllib

    try:
        data = tomllib.loads(text).get("tool", {}).get("sovlint", {})
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None

    def where(keys: tuple[str, ...]) -> str:
        for number, line in enumerate(text.splitlines(), 1):
            if keys and line.strip().partition("=")[0].strip().strip('"') == keys[-1]:
                return f"{path}:{number}:1"
        return str(path)

    return data, where


def _settings(path: Path, data: Any, where: Where) -> dict[str, Any]:
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(f"{where(())}: expected a mapping with the keys {', '.join(ALLOWED)}")
    out: dict[str, Any] = {}
    for key, value in data.items():
        name = str(key)
        if name not in ALLOWED:
            raise ConfigError(f"{where((name,))}: unknown key {name!r}; allowed are {', '.join(ALLOWED)}")
        if name in _LISTS:
            out[name] = _strings(value, where((name,)), name)
        elif name in _CHOICES:
            if value not in _CHOICES[name]:
                raise ConfigError(f"{where((name,))}: {name} is one of {', '.join(_CHOICES[name])}")
            out[name.replace("-", "_")] = value
        elif name == "profile":
            if not isinstance(value, str):
                raise ConfigError(f"{where((name,))}: profile is a name")
            out["profile"] = value
        else:
            out.update(_terraform(path, value, where))
    return out


def _strings(value: Any, place: str, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{place}: {name} is a list of texts")
    return tuple(value)


def _terraform(path: Path, value: Any, where: Where) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where(('terraform',))}: expected the keys {', '.join(_TERRAFORM)}")
    out: dict[str, Any] = {}
    for key, item in value.items():
        place = where(("terraform", str(key)))
        if key == "var-files":
            files = _strings(item, place, "terraform.var-files")
            out["arguments"] = tuple(("var-file", str((path.parent / file).resolve())) for file in files)
        elif key == "workspace" and isinstance(item, str):
            out["workspace"] = item
        else:
            raise ConfigError(f"{place}: unknown or malformed; allowed are {', '.join(_TERRAFORM)}")
    return out
