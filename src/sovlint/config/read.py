"""Reads `.sovlint.yaml` or `[tool.sovlint]`; an error names file, line and what is allowed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sovlint.model.errors import ConfigError

_LISTS = ("select", "ignore", "exclude")
_CHOICES = {
    "fail-on": ("critical", "high", "medium", "low", "note", "never"),
    "unknown": ("ignore", "note", "fail"),
    "min-confidence": ("heuristic", "resolved", "literal"),
}
_TERRAFORM = ("var-files", "workspace")
ALLOWED = ("profile", *_CHOICES, *_LISTS, "terraform")
"""Top-level keys of the configuration."""

MAX_DEPTH = 50
MAX_BYTES = 1_000_000

_CODE = re.compile(r"SOV[0-9]{0,3}")

Where = Callable[[tuple[str, ...]], str]


def read_config(file: str | os.PathLike[str]) -> dict[str, Any]:
    """The settings of a configuration file, as keyword arguments for `Config`.

    Paths inside are relative to the file's folder and come back absolute.

    Raises:
        ConfigError: not readable, not valid; the message carries file, line and what is allowed.
    """
    path = Path(file)
    try:
        if path.stat().st_size > MAX_BYTES or not path.is_file():
            raise ConfigError(f"{path}: not a file of at most {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    data, where = _toml(path, text) if path.suffix == ".toml" else _yaml(path, text)
    return _settings(path, data, where)


def _yaml(path: Path, text: str) -> tuple[Any, Where]:
    import yaml

    if _depth(text) > MAX_DEPTH:
        raise ConfigError(f"{path}: nested too deeply")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        _no_duplicates(path, node)
        data = yaml.safe_load(text)
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
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


def _depth(text: str) -> int:
    """How deep brackets nest at most: the YAML library takes quadratic time for what no configuration needs."""
    deepest = depth = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _no_duplicates(path: Path, node: Any) -> None:
    """A key that stands twice would silently win over the other."""
    import yaml

    stack = [node]
    visited: set[int] = set()  # an alias may lead back to what contains it
    while stack:
        current = stack.pop()
        if id(current) in visited:
            continue
        visited.add(id(current))
        if isinstance(current, yaml.SequenceNode):
            stack.extend(current.value)
        if not isinstance(current, yaml.MappingNode):
            continue
        seen: set[str] = set()
        for key, value in current.value:
            name = str(key.value)
            if name in seen:
                mark = key.start_mark
                raise ConfigError(f"{path}:{mark.line + 1}:{mark.column + 1}: the key {name!r} stands twice")
            seen.add(name)
            stack.append(value)


def _toml(path: Path, text: str) -> tuple[Any, Where]:
    import tomllib

    try:
        tool = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        match = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error), re.DOTALL)
        at = f"{path}:{match[2]}:{match[3]}: {match[1]}" if match else f"{path}: {error}"
        raise ConfigError(at) from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    data = tool.get("sovlint", {}) if isinstance(tool, dict) else {}

    def where(keys: tuple[str, ...]) -> str:
        number = _toml_line(text, ".".join(("tool", "sovlint", *keys)))
        return f"{path}:{number}:1" if number else str(path)

    return data, where


def _toml_line(text: str, wanted: str) -> int:
    """The line on which a dotted key (or the table or inline table that holds it) is written; 0 if none is found."""
    section, best = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[([^\[\]]+)\]", line)
        if header:
            section = re.sub(r"[\s\"']", "", header[1])
            name = section
        else:
            key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
            if key is None:
                continue
            name = f"{section}.{re.sub(chr(34), '', key[1])}".strip(".")
        if name == wanted:
            return number
        if wanted.startswith(name + ".") and name.startswith("tool.sovlint"):
            best = number
    return best


def code_position(file: str, code: str) -> str:
    """Where a configuration file lists a rule code under `select` or `ignore`; empty if it does not."""
    path = Path(file)
    text = path.read_text(encoding="utf-8")
    data, where = _toml(path, text) if path.suffix == ".toml" else _yaml(path, text)
    for name in ("select", "ignore"):
        if isinstance(data, dict) and code in [str(item).upper() for item in data.get(name) or ()]:
            return where((name,))
    return ""


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
            if name != "exclude":
                out[name] = tuple(code.upper() for code in out[name])
                for code in out[name]:
                    if not _CODE.fullmatch(code):
                        raise ConfigError(f"{where((name,))}: {name} lists rule codes or prefixes, {code} is none")
        elif name in _CHOICES:
            if value not in _CHOICES[name]:
                raise ConfigError(f"{where((name,))}: {name} is one of {', '.join(_CHOICES[name])}")
            out[name.replace("-", "_")] = value
        elif name == "profile":
            if not isinstance(value, str):
                raise ConfigError(f"{where((name,))}: profile is a name")
            out["profile"] = value
            out["profile_origin"] = where((name,))
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
