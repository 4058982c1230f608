"""Reads the YAML under `policies/`, checks it against its schemas and fills in inherited sources.

Used when the catalogue is compiled: at build time, and when a file changed. Never on the way of an ordinary run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from sovlint.catalogue.folders import SCHEMA_OF_FOLDER
from sovlint.model.errors import PolicyError

Data = dict[str, Any]

PROVENANCE = ("source", "as_of", "confidence")


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Dates stay text and only true/false are booleans, so that NO is Norway."""


Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def policy_files(root: Path) -> list[tuple[str, Path]]:
    """Every policy file with its schema's name, sorted by path."""
    return [
        (schema or path.stem, path)
        for folder, schema in SCHEMA_OF_FOLDER.items()
        for path in sorted((root / folder).glob("*.yaml"))
    ]


def read_policy(path: Path) -> Data:
    """One YAML file as plain data.

    Raises:
        PolicyError: not readable or not YAML; the message carries file and line.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)  # noqa: S506 - a safe loader, see above
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PolicyError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise PolicyError(f"{path}: expected a mapping at the top")
    return data


def check_policy(path: Path, data: Data, schema: Data) -> None:
    """Validates one file.

    Raises:
        PolicyError: the first few violations with their place in the document.
    """
    from jsonschema import Draft202012Validator

    errors = sorted(Draft202012Validator(schema).iter_errors(data), key=lambda e: [str(p) for p in e.absolute_path])
    if errors:
        lines = [
            f"{path}: {'.'.join(str(p) for p in e.absolute_path) or '(top)'}: {e.message[:300]}" for e in errors[:5]
        ]
        raise PolicyError("\n".join(lines))


def read_all(root: Path, *, validate: bool = True) -> Iterator[tuple[str, Path, Data]]:
    """All policy files: (schema name, path, data with provenance filled in).

    Raises:
        PolicyError: a file does not fit its schema or an entry has no source or date.
    """
    schemas: dict[str, Data] = {}
    for kind, path in policy_files(root):
        data = read_policy(path)
        if validate:
            if kind not in schemas:
                schema_path = root / "schema" / f"{kind}.schema.json"
                schemas[kind] = json.loads(schema_path.read_text(encoding="utf-8"))
            check_policy(path, data, schemas[kind])
        defaults = {k: v for k, v in (data.get("defaults") or {}).items() if k in PROVENANCE}
        yield kind, path, inherit(data, defaults)


def inherit(data: Data, defaults: Data) -> Data:
    """Gives the entries of every top-level table the file's defaults for source, date and confidence."""
    if not defaults:
        return data
    out: Data = {}
    for key, section in data.items():
        if key in ("provider", "family"):
            out[key] = {**defaults, **section}
        elif (
            isinstance(section, dict)
            and key not in ("defaults", "kinds")
            and all(isinstance(v, dict) for v in section.values())
        ):
            out[key] = {name: {**defaults, **entry} for name, entry in section.items()}
        elif isinstance(section, list) and all(isinstance(v, dict) for v in section):
            out[key] = [{**defaults, **entry} for entry in section]
        else:
            out[key] = section
    alternatives = out.get("alternatives")
    if isinstance(alternatives, dict):
        for group in alternatives.values():
            group["options"] = [{**defaults, **option} for option in group.get("options", ())]
    return out
