"""Explains a host: who runs it, what for, where, and which entry of the catalogue says so."""

from __future__ import annotations

import re
from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.explain.operators import operator_data, operator_rows
from sovlint.explain.page import Entry, Row, Section, origin, provenance
from sovlint.explain.places import place_data, zones_of


def host_entry(name: str, catalogue: Catalogue) -> Entry:
    """The explanation of a host name (lower case, without port); also of one that nobody knows."""
    host = catalogue.host(name)
    matched, raw = _entry_of(name, catalogue) if host.operator != "private" else ("", {})
    place = catalogue.place(host.namespace, host.region) if host.region and host.namespace else None
    rows = []
    if raw:
        rows.append(Row("purpose", host.purpose))
        if matched != name:
            rows.append(Row("known as", matched))
        if place is not None:
            zones = ", ".join(catalogue.zone_title(zone) for zone in zones_of(catalogue, place.countries))
            countries = ", ".join(catalogue.country_name(code) for code in place.countries)
            rows.append(Row("place", f"{place.name}: {countries or 'none that is promised'} ({zones or 'in no zone'})"))
        elif host.region:
            rows.append(Row("place", f"{host.region}, which is no region that the catalogue knows"))
        else:
            rows.append(Row("place", "the name does not say"))
        if host.community:
            rows.append(Row("community", "run by a community of open-source projects"))
        if raw.get("note"):
            rows.append(Row("note", raw["note"]))
        rows.append(provenance(raw))
    elif host.operator == "private":
        rows.append(Row("", "This name or address only exists inside a network: it is never foreign."))
    else:
        rows.append(
            Row("", "The catalogue does not know this host: who runs it is an open question, not a good answer.")
        )
    data: dict[str, Any] = {
        "host": name,
        "known": bool(raw) or host.operator == "private",
        "private": host.operator == "private",
        "matched": matched,
        "purpose": host.purpose if raw else "",
        "community": host.community,
        "place": place_data(catalogue, place) if place else None,
        "operator": operator_data(catalogue, host.operator) if raw else None,
        "note": raw.get("note", ""),
        **origin(raw),
    }
    who = operator_rows(catalogue, host.operator) if raw else ()
    return Entry("host", name, "", (Section("What", tuple(rows)), Section("Who runs it", who)), data)


def _entry_of(name: str, catalogue: Catalogue) -> tuple[str, dict[str, Any]]:
    """Pattern or host under which the catalogue knows a name, with its entry; both empty if it does not."""
    table = catalogue.shard("hosts")
    for row in table.get("patterns", ()):
        if re.fullmatch(row["pattern"], name):
            return row["pattern"], row
    labels = name.split(".")
    for start in range(len(labels)):
        suffix = ".".join(labels[start:])
        entry = table.get("hosts", {}).get(suffix)
        if entry is not None and (start == 0 or not entry.get("exact")):
            return suffix, entry
    return "", {}
