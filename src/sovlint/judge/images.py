"""Images that the catalogue lists: withdrawn catalogues, and components under a licence that is not open source."""

from __future__ import annotations

from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Artefact
from sovlint.model.lazy import pattern

Data = dict[str, Any]

_VERSION = pattern(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?![\w.]*[a-z]{3,}\d)")
_NEWEST = 1_000_000
"""Stands for what a tag leaves open: `7` is the newest 7.x, `latest` the newest of all."""


def listed(catalogue: Catalogue, name: str, fact: Artefact) -> Data | None:
    """The row of a list (`withdrawn`, `licences`) that an image falls under; None without."""
    if fact.kind != "image":
        return None
    host, _, rest = fact.reference.partition("/")
    repository, tag = _split(rest)
    for row in catalogue.shard("images").get(name, {}).get(host, ()):
        wanted: str = row["repository"]
        matches = repository.startswith(wanted) if wanted.endswith("/") else repository == wanted
        if matches and _affected(tag, row):
            return dict(row)
    return None


def _split(rest: str) -> tuple[str, str]:
    """Repository and tag of a reference without host; a digest names no version."""
    name, _, digest = rest.partition("@")
    repository, _, tag = name.partition(":")
    return repository.rstrip("…"), tag or ("?" if digest or name.endswith("…") else "latest")


def _affected(tag: str, row: Data) -> bool:
    """Whether a tag falls under `from` (inclusive) and `until` (exclusive); what cannot be read does not."""
    if "from" not in row and "until" not in row:
        return True
    match = _VERSION.match(tag)
    if match is not None:
        version = tuple(_NEWEST if part is None else int(part) for part in match.groups())
    elif tag.split("-", maxsplit=1)[0] in ("latest", "alpine", "stable"):
        version = (_NEWEST,) * 3
    else:
        return False
    return _number(row.get("from", "0")) <= version < _number(row.get("until", str(_NEWEST + 1)))


def _number(text: str) -> tuple[int, ...]:
    parts = [int(part) for part in text.split(".")]
    return (*parts, *([0] * (3 - len(parts))))
