"""How old the facts of `policies/` are: per file, those that nobody has looked up for a while.

Run: `python tools/freshness.py [--days 180] [--today YYYY-MM-DD] [--all] [--fail]`.

A fact is every entry with a date (`as_of`), its own or its file's. A stale one is older than `--days`; files with stale
facts are listed, the oldest first, with what they are about. `assumed` counts facts that nobody has looked up at all.
With `--fail` the exit code is 1 if there is a stale one, for a scheduled job.
"""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sovlint.catalogue.read import read_all
from sovlint.catalogue.store import policies_folder

DAYS = 180
SHOWN = 5
"""Stale facts named per file."""


@dataclass(slots=True)
class Row:
    """What is counted of one file.

    Attributes:
        stale: (date, what) of the facts that are too old.
        oldest: the earliest date.
    """

    facts: int = 0
    assumed: int = 0
    oldest: str = "9999-12-31"
    stale: list[tuple[str, str]] = field(default_factory=list)


def dated(data: Any, name: str = "") -> Iterator[tuple[str, str, bool]]:
    """(date, what, assumed) of every fact in a policy file; what an entry holds may be facts again."""
    if isinstance(data, dict):
        if isinstance(data.get("as_of"), str):
            yield data["as_of"], name or "(the file itself)", data.get("confidence") == "assumed"
        for key, value in data.items():
            if key != "defaults":
                yield from dated(value, f"{name}.{key}" if name else str(key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            label = value.get("code") or value.get("title") or value.get("name") if isinstance(value, dict) else None
            yield from dated(value, f"{name}[{label or number}]")


def policy_files(root: Path) -> Iterator[tuple[str, Any]]:
    """Path below `root` and content of every file with facts."""
    for _, path, data in read_all(root, validate=False):
        yield path.relative_to(root).as_posix(), data
    known = root / "catalogue" / "known-types.json"
    if known.is_file():
        # Its names are one fact: the lists were read on one day.
        yield known.relative_to(root).as_posix(), {**json.loads(known.read_text(encoding="utf-8")), "types": None}


def ages(root: Path, today: datetime.date, days: int) -> dict[str, Row]:
    """Path → what is counted, for every file."""
    limit = (today - datetime.timedelta(days=days)).isoformat()
    rows: dict[str, Row] = {}
    for path, data in policy_files(root):
        row = rows.setdefault(path, Row())
        for day, what, assumed in dated(data):
            row.facts += 1
            row.assumed += assumed
            row.oldest = min(row.oldest, day)
            if day < limit:
                row.stale.append((day, what))
    return rows


def report(rows: dict[str, Row], days: int, everything: bool) -> str:
    """The files as a table, those with the oldest facts first."""
    lines = [f"{'file':52} {'facts':>6} {'assumed':>8} {'oldest':>11} {'stale':>6}"]
    for path, row in sorted(rows.items(), key=lambda item: (item[1].oldest, item[0])):
        if row.stale or (everything and row.facts):
            lines.append(f"{path:52} {row.facts:6} {row.assumed:8} {row.oldest:>11} {len(row.stale):6}")
            lines += [f"    {day}  {what}" for day, what in sorted(row.stale)[:SHOWN]]
            if len(row.stale) > SHOWN:
                lines.append(f"    … {len(row.stale) - SHOWN} more")
    total, stale = sum(row.facts for row in rows.values()), sum(len(row.stale) for row in rows.values())
    assumed = sum(row.assumed for row in rows.values())
    lines.append(f"{stale} of {total} facts are older than {days} days; {assumed} are assumed")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Prints; 1 with `--fail` and a stale fact."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--policies", type=Path, default=None, help="another folder than the installed policies")
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--today", type=datetime.date.fromisoformat, default=None, metavar="YYYY-MM-DD")
    parser.add_argument("--all", action="store_true", help="list files without stale facts, too")
    parser.add_argument("--fail", action="store_true", help="exit code 1 if there is a stale fact")
    given = parser.parse_args()
    today = given.today or datetime.datetime.now(datetime.UTC).date()
    rows = ages(given.policies or policies_folder(), today, given.days)
    print(report(rows, given.days, given.all), end="")
    return int(given.fail and any(row.stale for row in rows.values()))


if __name__ == "__main__":
    raise SystemExit(main())
