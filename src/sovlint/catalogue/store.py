"""Where the compiled catalogue comes from: inside the wheel, or compiled once into the user's cache folder.

The cache is keyed by the policy files' names, sizes and times and by the compiler's version, so an editable install and
custom policies never see a stale catalogue. A cache that cannot be written costs time, never correctness.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from sovlint import __version__
from sovlint.catalogue.catalogue import Catalogue
from sovlint.catalogue.folders import SCHEMA_OF_FOLDER
from sovlint.model.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Data = dict[str, Any]

_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def policies_folder() -> Path:
    """The folder `policies/`: inside the installed package, else beside `src/` in a checkout.

    Raises:
        PolicyError: there is none; the installation is broken.
    """
    from pathlib import Path  # costs milliseconds, as do hashlib and tempfile below; an installed wheel needs none

    package = Path(_PACKAGE)
    for folder in (package / "policies", package.parent.parent / "policies"):
        if (folder / "schema").is_dir():
            return folder
    raise PolicyError("the policies that belong to sovlint are not installed")


def cache_folder() -> Path | None:
    """The user's cache folder of sovlint: `SOVLINT_CACHE_DIR`, else `XDG_CACHE_HOME`, else `~/.cache`.

    None without an absolute one: a relative path would lead into whatever folder is being linted.
    """
    from pathlib import Path

    own = Path(os.environ.get("SOVLINT_CACHE_DIR", ""))
    if own.is_absolute():
        return own
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if base.is_absolute():
        return base / "sovlint"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / ".cache" / "sovlint" if home.is_absolute() else None


def open_catalogue(*, cache: bool = True, custom: Sequence[str] = ()) -> Catalogue:
    """The catalogue that belongs to this installation, with policies of the user's own laid over it.

    Args:
        cache: whether the user's cache folder may be read and written.
        custom: folders with policies, absolute.

    Raises:
        PolicyError: a policy file is not usable.
    """
    read = _open(cache=cache)
    if not custom:
        return Catalogue(read)
    from sovlint.catalogue.overlay import content_key, with_custom

    key = content_key(custom)
    return Catalogue(with_custom(read, custom, cache_folder() if cache else None, policies_folder() / "schema"), key)


def identity(custom: Sequence[str] = ()) -> str:
    """Stands for the program and everything its catalogue says: what was worked out by another one does not count.

    By content: times of installed files differ wherever they are installed, and what is kept may be carried along. It
    takes some hundredths of a second.

    Args:
        custom: folders with policies of the user's own, absolute.
    """
    import hashlib
    from importlib.util import find_spec

    digest = hashlib.sha256(f"{__version__} {sys.version}".encode())
    for folder, folders, files in os.walk(_PACKAGE):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            path = os.path.join(folder, name)
            digest.update(f"{os.path.relpath(path, _PACKAGE)} {os.stat(path).st_size}\n".encode("utf-8", "replace"))
            with open(path, "rb") as file:
                digest.update(file.read())
    # What reads YAML; its version stands in its first file.
    yaml = find_spec("yaml")
    for folder in (yaml.submodule_search_locations or ()) if yaml is not None else ():
        with os.scandir(folder) as entries:
            rows = sorted((entry.name, entry.stat().st_size) for entry in entries if entry.is_file())
        with open(os.path.join(folder, "__init__.py"), "rb") as file:
            digest.update(f"{rows}".encode("utf-8", "replace") + file.read())
    if not os.path.isfile(os.path.join(_PACKAGE, "_catalogue", "core.json")):
        digest.update(_key(policies_folder()).encode())
    if custom:
        from sovlint.catalogue.overlay import content_key

        digest.update(content_key(custom).encode())
    return digest.hexdigest()


def _open(*, cache: bool) -> Callable[[str], Data]:
    """How shards of the installation are read."""
    compiled = os.path.join(_PACKAGE, "_catalogue")
    if os.path.isfile(os.path.join(compiled, "core.json")):
        return _Shards(compiled, None).read
    policies = policies_folder()
    folder = cache_folder() if cache else None
    if folder is not None:
        folder = folder / f"catalogue-{_key(policies)}"
        if (folder / "core.json").is_file() or _write_compiled(folder, policies):
            return _Shards(str(folder), policies).read
    return _Shards(None, policies).read


class _Shards:
    """Reads compiled shards. What a tidied or torn cache has lost is compiled anew, never taken for empty."""

    def __init__(self, folder: str | None, policies: Path | None) -> None:
        self._folder = folder
        self._policies = policies
        self._compiled: dict[str, Data] | None = None
        self._names: frozenset[str] | None = None

    def read(self, name: str) -> Data:
        """A shard; empty only if the catalogue has none of that name."""
        if self._compiled is None and self._folder is not None:
            found = self._stored(name)
            if found is not None:
                return found
            if name != "core" and name not in self._known():
                return {}
            if self._policies is None:
                raise PolicyError(f"the installation is damaged: {name}.json is missing or broken")
        return self._anew().get(name, {})

    def _known(self) -> frozenset[str]:
        if self._names is None:
            core = self._stored("core") or self._anew()["core"]
            self._names = frozenset(core.get("shards", ()))
        return self._names

    def _stored(self, name: str) -> Data | None:
        assert self._folder is not None
        try:
            with open(os.path.join(self._folder, f"{name}.json"), "rb") as file:
                data = json.loads(file.read())
        except (OSError, ValueError):
            return None
        return data if isinstance(data, dict) else None

    def _anew(self) -> dict[str, Data]:
        if self._compiled is None:
            from sovlint.catalogue.compile import compile_policies

            assert self._policies is not None
            self._compiled = compile_policies(self._policies)
        return self._compiled


def _key(policies: Path) -> str:
    import hashlib
    from pathlib import Path

    digest = hashlib.sha256(__version__.encode())
    for name in ("compile.py", "read.py"):
        stat = (Path(__file__).parent / name).stat()
        digest.update(f"{stat.st_size}:{stat.st_mtime_ns}\n".encode())
    for folder in (*SCHEMA_OF_FOLDER, "schema"):
        with os.scandir(policies / folder) as entries:
            rows = sorted((e.name, e.stat().st_size, e.stat().st_mtime_ns) for e in entries if e.is_file())
        digest.update(f"{folder}{rows}\n".encode())
    return digest.hexdigest()[:24]


def write_shards(folder: Path, shards: dict[str, Data]) -> None:
    """Writes compiled shards; the folder appears whole or not at all, also with several processes at once."""
    import tempfile
    from pathlib import Path

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="catalogue-new-") as scratch:
        new = Path(scratch) / "c"
        new.mkdir()
        for name, shard in shards.items():
            (new / f"{name}.json").write_text(
                json.dumps(shard, ensure_ascii=False, separators=(",", ":"), sort_keys=True), encoding="utf-8"
            )
        try:
            new.rename(folder)
        except OSError:
            if not (folder / "core.json").is_file():
                raise


def _write_compiled(folder: Path, policies: Path) -> bool:
    from sovlint.catalogue.compile import compile_policies

    shards = compile_policies(policies)
    try:
        write_shards(folder, shards)
    except OSError:
        return False
    return True
