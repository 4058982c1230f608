"""Compiled custom policies between runs: one file in the user's cache folder, keyed by the content of both sides."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sovlint import __version__
from sovlint.catalogue.custom_read import MAX_BYTES, MistakeError, files_in
from sovlint.model.files import read_regular

Data = dict[str, Any]

_MODULES = ("overlay", "custom", "custom_read", "violations", "references", "regexes", "compile", "read")
"""Modules that decide what comes of the files."""


def with_custom(
    read: Callable[[str], Data], folders: Sequence[str], cache: Path | None, schemas: Path
) -> Callable[[str], Data]:
    """A reader of shards with custom policies laid over another one.

    Args:
        read: the shards that belong to sovlint.
        folders: absolute.
        cache: the user's cache folder; None to compile in memory.
        schemas: the folder with the schemas of policies.

    Raises:
        PolicyError: the policies are not usable.
    """
    file = None
    if cache is not None:
        file = cache / f"custom-{_key(read, folders, schemas)}.json"
    shards = _stored(file) if file is not None else None
    if shards is None:
        from sovlint.catalogue.custom import custom_shards

        shards = custom_shards(folders, read, schemas)
        if file is not None:
            _store(file, shards)
    found = shards

    def merged(name: str) -> Data:
        return found[name] if name in found else read(name)

    return merged


def _key(read: Callable[[str], Data], folders: Sequence[str], schemas: Path) -> str:
    digest = hashlib.sha256(__version__.encode())
    for name in _MODULES:
        stat = (Path(__file__).parent / f"{name}.py").stat()
        digest.update(f"{stat.st_size}:{stat.st_mtime_ns}\n".encode())
    for path in sorted(schemas.glob("*.json")):
        digest.update(f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}\n".encode())
    # What is laid under it: a checkout's own policies may change between runs of the same version.
    for name in ("core", "hosts", "alternatives"):
        digest.update(json.dumps(read(name), sort_keys=True).encode())
    digest.update(content_key(folders).encode())
    return digest.hexdigest()[:24]


def content_key(folders: Sequence[str]) -> str:
    """Stands for what the files of some folders with policies say, and where they are."""
    digest = hashlib.sha256()
    for folder in folders:
        digest.update(f"\n{folder}\n".encode())
        try:
            for file in files_in(Path(folder)):
                content = read_regular(file.path, MAX_BYTES) or b""
                digest.update(f"{file.kind} {len(content)} {file.path}\n".encode("utf-8", "surrogateescape") + content)
        except (MistakeError, OSError) as error:
            digest.update(str(error).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:24]


def _stored(file: Path) -> dict[str, Data] | None:
    try:
        data = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _store(file: Path, shards: dict[str, Data]) -> None:
    """Appears whole or not at all; a cache that cannot be written costs time alone."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, scratch = tempfile.mkstemp(dir=file.parent, prefix="custom-new-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(shards, out, ensure_ascii=False, separators=(",", ":"))
        Path(scratch).replace(file)
    except OSError:
        return
