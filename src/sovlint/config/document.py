"""A configuration file as data, with the place of every key."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sovlint.model.errors import ConfigError
from sovlint.model.files import read_regular

if TYPE_CHECKING:
    import yaml

MAX_DEPTH = 50
MAX_BYTES = 1_000_000

Keys = tuple["str | int", ...]
Where = Callable[[Keys], str]
"""Keys and indexes from the top → `file:line:column` of the last of them that is written."""


def read_document(path: Path) -> tuple[Any, Where]:
    """The data of a configuration file (`[tool.sovlint]` of a TOML file), and where its keys stand.

    Raises:
        ConfigError: not readable or not valid; the message carries file and line.
    """
    try:
        data = read_regular(path, MAX_BYTES)
        if data is None:
            raise ConfigError(f"{path}: not a file of at most {MAX_BYTES} bytes")
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return _toml(path, text) if path.suffix == ".toml" else _yaml(path, text)


def _yaml(path: Path, text: str) -> tuple[Any, Where]:
    import yaml

    if _depth(text) > MAX_DEPTH:
        raise ConfigError(f"{path}: nested too deeply")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        _no_duplicates(path, node)
        data = yaml.load(text, Loader=_loader())  # noqa: S506 - a safe loader, without timestamps
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: {getattr(error, 'problem', None) or 'not valid YAML'}") from None

    def where(keys: Keys) -> str:
        current: Any = node
        mark = getattr(node, "start_mark", None)
        for key in keys:
            if isinstance(key, int):
                if isinstance(current, yaml.SequenceNode) and key < len(current.value):
                    current = current.value[key]
                    mark = current.start_mark
                continue
            pairs = current.value if isinstance(current, yaml.MappingNode) else []
            for key_node, value_node in pairs:
                if key_node.value == key:
                    current, mark = value_node, key_node.start_mark
                    break
        return f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)

    return data, where


def _loader() -> type[yaml.SafeLoader]:
    """YAML's safe loader, but a date stays the text that is written: an impossible one is for the reader to name."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


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

    def where(keys: Keys) -> str:
        number = _toml_line(text, ".".join(("tool", "sovlint", *(key for key in keys if isinstance(key, str)))))
        return f"{path}:{number}:1" if number else str(path)

    return data, where


def _toml_line(text: str, wanted: str) -> int:
    """The line on which a dotted key (or the table or inline table that holds it) is written; 0 if none is found."""
    section, best = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[{1,2}([^\[\]]+)\]", line)
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
