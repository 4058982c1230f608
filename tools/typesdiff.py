"""What a new list of resource types would change: types that are new, types that are gone, and what covers them.

Run: `python tools/typesdiff.py FOLDER… [--provider NAME] [--uncovered] [--fail]`.

Each FOLDER holds `<provider>.txt`, one type a line, as read from the providers' documentation; lines that are no type
name are skipped. Several folders count as one list: the types of today, and those that older versions had. It is
compared with `policies/catalogue/known-types.json`, provider by provider; providers that are not in FOLDER stay out.

Each new type says how the catalogue takes it: by its name, by a pattern and into which service (a pattern may be wrong
for it: look at it), or not at all. A type that is gone keeps its entry, since old code uses it. `--uncovered` lists
only new types that no service takes; with `--fail` the exit code is 1 if there are any.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sovlint.catalogue import Catalogue, open_catalogue


@dataclass(frozen=True, slots=True)
class Change:
    """One type that one list has and the other has not.

    Attributes:
        how: `name`, `pattern PREFIX*`, or `nothing`.
        service: service that takes it, empty without.
    """

    provider: str
    kind: str
    new: bool
    how: str
    service: str

    def __str__(self) -> str:
        taken = f"by {self.how}: {self.service}" if self.service else "by nothing"
        return f"  {'+' if self.new else '-'} {self.kind}  {taken}"


def read_types(path: Path) -> set[str]:
    """The type names in a list."""
    lines = (line.split("\t")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return {line for line in lines if "_" in line and line.replace("_", "").isalnum() and line == line.lower()}


def catalogued(catalogue: Catalogue, listed: str) -> str:
    """The catalogue's name of a provider in a list: google-beta reads the types of google."""
    core = catalogue.shard("core")
    return listed if listed in core["providers"] else str(core["sources"].get(f"hashicorp/{listed}", listed))


def covering(catalogue: Catalogue, provider: str, kind: str) -> tuple[str, str]:
    """How the catalogue takes a type, and into which service."""
    shard = catalogue.shard(f"types-{provider}")
    row = shard.get("exact", {}).get(kind)
    if row is not None:
        return "name", f"{provider}/{row[0]}"
    for prefix, service, *_ in shard.get("patterns", ()):
        if kind.startswith(prefix):
            return f"pattern {prefix}*", f"{provider}/{service}"
    return "nothing", ""


def changes(catalogue: Catalogue, folders: list[Path], providers: list[str]) -> Iterator[Change]:
    """New and gone types, provider by provider, sorted."""
    known = catalogue.shard("known-types").get("types", {})
    lists: dict[str, set[str]] = {}
    for path in (path for folder in folders for path in folder.glob("*.txt")):
        lists.setdefault(path.stem, set()).update(read_types(path))
    for listed, after in sorted(lists.items()):
        if providers and listed not in providers:
            continue
        provider = catalogued(catalogue, listed)
        before = set(known.get(listed, ()))
        for kind in sorted(before ^ after):
            yield Change(listed, kind, kind in after, *covering(catalogue, provider, kind))


def main() -> int:
    """Prints; 1 with `--fail` and a new type that nothing covers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--provider", action="append", default=[], metavar="NAME")
    parser.add_argument("--uncovered", action="store_true")
    parser.add_argument("--fail", action="store_true")
    given = parser.parse_args()
    for folder in given.folder:
        if not any(folder.glob("*.txt")):
            parser.error(f"{folder}: no <provider>.txt in it")
    found = list(changes(open_catalogue(), given.folder, given.provider))
    missing = [change for change in found if change.new and not change.service]
    provider = ""
    for change in missing if given.uncovered else found:
        if change.provider != provider:
            provider = change.provider
            print(provider)
        print(change)
    new = sum(change.new for change in found)
    by_pattern = sum(change.new and change.how.startswith("pattern") for change in found)
    print(f"{new} new, {by_pattern} of them by a pattern and {len(missing)} by nothing; {len(found) - new} gone")
    return int(given.fail and bool(missing))


if __name__ == "__main__":
    raise SystemExit(main())
