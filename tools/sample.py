"""A random sample of the catalogue's judgements, for a second pair of eyes.

Run: `python tools/sample.py [--seed N] [--each N] [--judgements]`.

Prints services of the three big clouds with their types, and deliberately not what the catalogue says of them: who
checks should judge first. `--judgements` prints the entries, to compare afterwards. The same seed and the same services
give the same sample; a service that is added or taken away changes it, so a note about a sample names the commit.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sovlint.catalogue import Catalogue, open_catalogue

# google-beta has no file of its own: its resources are those of google.
CLOUDS: Mapping[str, tuple[str, ...]] = {"aws": ("aws",), "azure": ("azurerm", "azuread"), "google": ("google",)}
SEED = 20261123
EACH = 20


class Drawn(NamedTuple):
    """A service of the sample."""

    cloud: str
    provider: str
    service: str


def draw(catalogue: Catalogue, seed: int = SEED, each: int = EACH) -> list[Drawn]:
    """`each` services of every cloud (all of them, where there are fewer), sorted; the draws follow from `seed`."""
    chance = random.Random(seed)
    drawn = []
    for cloud, providers in CLOUDS.items():
        services = sorted(
            Drawn(cloud, name, service) for name in providers for service in catalogue.shard(f"services-{name}")
        )
        drawn += sorted(chance.sample(services, min(each, len(services))))
    return drawn


def types_of(catalogue: Catalogue, drawn: Drawn) -> list[tuple[str, str]]:
    """(type, role) of the known types that belong to the service, patterns expanded, by name."""
    known = catalogue.shard("known-types")["types"].get(drawn.provider, ())
    entries = ((kind, catalogue.type_entry(drawn.provider, kind)) for kind in known)
    return [
        (kind, "primary" if entry.primary else "auxiliary") for kind, entry in entries if entry.service == drawn.service
    ]


def sheet(catalogue: Catalogue, drawn: Drawn, *, judgements: bool) -> Iterator[str]:
    """Lines about one service: title and types, and only on demand what the catalogue says."""
    entry = catalogue.service(drawn.provider, drawn.service)
    yield f"{drawn.provider}/{drawn.service}: {entry['title']}"
    if judgements:
        for key in (
            "lock_in",
            "reason",
            "effort",
            "open_api",
            "holds",
            "alternatives",
            "confidence",
            "source",
            "as_of",
        ):
            yield f"  {key}: {entry.get(key, '-')}"
    for kind, role in types_of(catalogue, drawn):
        yield f"    {kind}  {role}" if judgements else f"    {kind}"


def main() -> None:
    """Prints the sample."""
    parser = argparse.ArgumentParser(description="A random sample of the catalogue's judgements.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--each", type=int, default=EACH, help="services per cloud")
    parser.add_argument("--judgements", action="store_true", help="print what the catalogue says, too")
    options = parser.parse_args()
    catalogue = open_catalogue()
    for drawn in draw(catalogue, options.seed, options.each):
        print("\n".join(sheet(catalogue, drawn, judgements=options.judgements)))


if __name__ == "__main__":
    main()
