"""Time to load what a run of one provider matches against, and what only findings and `explain` describe.

Run: `python benchmarks/catalogue.py [provider …]` (aws, azurerm and google without any). The catalogue is compiled into
a scratch folder, as a wheel carries it; every measurement opens it anew. Prints the fastest and the median of 30, in
milliseconds. The aim is 6 ms for the match part of one provider.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sovlint.catalogue.catalogue import Catalogue
from sovlint.catalogue.compile import compile_policies
from sovlint.catalogue.store import _Shards, policies_folder, write_shards

RUNS = 30
AIM = 6.0
PROVIDERS = ("aws", "azurerm", "google")
SHARED = ("core", "hosts", "dependencies")
"""Shards of the match part that do not depend on the provider."""


def match_part(catalogue: Catalogue, provider: str) -> None:
    """Everything that resources of one provider are matched against, with the entries of its listed types."""
    for name in SHARED:
        catalogue.shard(name)
    entry = catalogue.provider(provider)
    shard = catalogue.shard(f"types-{provider}")
    if entry is not None and entry.namespace:
        for region in catalogue.suggested_regions(entry.namespace)[:3]:
            catalogue.place(entry.namespace, region)
    # Entries are built when a type is met; a large root module has some fifty.
    for kind in list(shard.get("exact", ()))[:50]:
        catalogue.type_entry(provider, kind)


def descriptions(catalogue: Catalogue, provider: str) -> None:
    """What is read on demand: for a finding, a report or an explanation."""
    for name in (f"services-{provider}", "alternatives", "frameworks", "texts"):
        catalogue.shard(name)


def milliseconds(folder: Path, part: Callable[[Catalogue, str], None], provider: str) -> list[float]:
    """Times of loading one part from a folder of compiled shards."""
    times = []
    for _ in range(RUNS):
        catalogue = Catalogue(_Shards(str(folder), None).read)
        start = time.perf_counter()
        part(catalogue, provider)
        times.append((time.perf_counter() - start) * 1000)
    return times


def main() -> int:
    """Measures and prints; 1 if a match part takes longer than the aim even at its best."""
    providers = sys.argv[1:] or PROVIDERS
    over = False
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "catalogue"
        write_shards(folder, compile_policies(policies_folder(), validate=False))
        print(f"best and median of {RUNS}, Python {sys.version.split()[0]}; aim for a match part: {AIM:.0f} ms")
        for provider in providers:
            for label, part in (("match", match_part), ("descriptions", descriptions)):
                times = milliseconds(folder, part, provider)
                print(f"{provider:16} {label:13} {min(times):6.1f} ms  {statistics.median(times):6.1f} ms")
                over |= label == "match" and min(times) > AIM
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
