"""How much of the world the catalogue covers, per Terraform provider.

Run: `python tools/coverage.py [--types FOLDER] [--popularity FILE.tsv]`.

`services`, `sourced` and `assumed` count the catalogue's own entries: services looked up at a source, and services that
are general knowledge still to be checked. Against a list of types it counts those named (`exact`), those covered by a
pattern such as `aws_glue_*` (`pattern`) and those that no service lists (`missing`, judged by a rule of thumb).

A list of types is a folder of `<provider>.txt`, one type a line (`--types`), or a table of popularity (`--popularity`):
tab-separated, with the columns resource_type, provider and capped: uses in public code, which weigh the last column.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sovlint.catalogue import Catalogue, open_catalogue

MATCHES = ("exact", "pattern", "missing")


@dataclass(slots=True)
class Row:
    """What is counted for one provider.

    Attributes:
        services, assumed: services in the catalogue, and those that nobody looked up yet.
        types: number of types by kind of match.
        uses: the same, weighted by popularity.
    """

    services: int = 0
    assumed: int = 0
    types: Counter[str] = field(default_factory=Counter)
    uses: Counter[str] = field(default_factory=Counter)


def match_of(catalogue: Catalogue, provider: str, kind: str) -> str:
    """How the catalogue knows a resource type: `exact`, `pattern` or `missing`."""
    shard = catalogue.shard(f"types-{provider}")
    if kind in shard.get("exact", {}):
        return "exact"
    return "pattern" if any(kind.startswith(row[0]) for row in shard.get("patterns", ())) else "missing"


def listed(folder: Path) -> Iterable[tuple[str, str, int]]:
    """(provider, type, 0) from a folder of `<provider>.txt`; lines that are no type name are skipped."""
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip().replace("_", "").isalnum():
                yield path.stem, line.strip(), 0


def popular(path: Path) -> Iterable[tuple[str, str, int]]:
    """(provider, type, uses) from a popularity table."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for row in csv.DictReader(lines, delimiter="\t"):
            yield row["provider"], row["resource_type"], int(row["capped"])


def measure(catalogue: Catalogue, types: Iterable[tuple[str, str, int]]) -> dict[str, Row]:
    """Counts by provider, every provider of the catalogue included."""
    rows: dict[str, Row] = {}
    for provider in catalogue.shard("core")["services"]:
        services = catalogue.shard(f"services-{provider}").values()
        assumed = sum(service.get("confidence") == "assumed" for service in services)
        rows[provider] = Row(len(services), assumed)
    for provider, kind, uses in dict.fromkeys(types):
        row = rows.setdefault(provider, Row())
        match = match_of(catalogue, provider, kind)
        row.types[match] += 1
        row.uses[match] += uses
    return rows


def share(counts: Counter[str]) -> str:
    """What part is covered, exactly or by a pattern."""
    total = counts.total()
    return f"{100 * (total - counts['missing']) / total:.1f} %" if total else "-"


def line(name: str, row: Row) -> str:
    """One line of the table."""
    sourced = row.services - row.assumed
    numbers = [row.services, sourced, row.assumed, *(row.types[match] for match in MATCHES)]
    return f"{name:20}" + "".join(f"{number:9}" for number in numbers) + f"{share(row.types):>9}{share(row.uses):>9}"


def main() -> None:
    """Prints the table, most used (or largest) providers first, and the total."""
    parser = argparse.ArgumentParser(description="Coverage of the catalogue per Terraform provider.")
    parser.add_argument("--types", type=Path, help="folder of <provider>.txt with one resource type a line")
    parser.add_argument("--popularity", type=Path, help="popularity table (TSV)")
    options = parser.parse_args()
    types = [*(popular(options.popularity) if options.popularity else ())]
    named = {(provider, kind) for provider, kind, _ in types}
    types += [row for row in (listed(options.types) if options.types else ()) if row[:2] not in named]
    rows = measure(open_catalogue(), types)
    headings = ("services", "sourced", "assumed", *MATCHES, "types", "uses")
    print(f"{'provider':20}" + "".join(f"{heading:>9}" for heading in headings))
    for name, row in sorted(rows.items(), key=lambda item: (-item[1].uses.total(), -item[1].types.total(), item[0])):
        print(line(name, row))
    total = Row()
    for row in rows.values():
        total.services += row.services
        total.assumed += row.assumed
        total.types += row.types
        total.uses += row.uses
    print(line(f"all {len(rows)} providers", total))


if __name__ == "__main__":
    main()
