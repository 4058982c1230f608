"""What folders of custom policies hold: rules, profiles and additions to the catalogue."""

from __future__ import annotations

from typing import Any, NamedTuple

from sovlint.catalogue.custom import Custom

_TABLES = {
    "countries": ("countries", "zones"),
    "operators": ("operators",),
    "hosts": ("hosts",),
    "regions": ("regions", "multi", "global"),
    "services": ("services", "types"),
    "alternatives": ("alternatives",),
}
"""Kind of file → its tables of named entries."""

_ONE = {"countries": "country"}


class Overview(NamedTuple):
    """What there is, in the order of the files.

    Attributes:
        rules: code, name, title, severity, and the file with its line.
        profiles: name, title, zone, control_area, and the file with its line.
        additions: kind, name, and the file with its line.
    """

    rules: tuple[dict[str, str], ...]
    profiles: tuple[dict[str, str], ...]
    additions: tuple[dict[str, str], ...]


def overview(custom: Custom) -> Overview:
    """The contents of folders that were read."""
    rules: list[dict[str, str]] = []
    profiles: list[dict[str, str]] = []
    additions: list[dict[str, str]] = []
    for file in custom.files:
        data: dict[str, Any] = file.data
        if file.kind == "rule":
            row = {key: str(data[key]) for key in ("code", "name", "title", "severity")}
            rules.append({**row, "at": file.at(("code",), key=True)})
        elif file.kind == "profile":
            row = {key: str(data[key]) for key in ("name", "title", "zone", "control_area")}
            profiles.append({**row, "at": file.at(("name",), key=True)})
        elif file.kind == "framework":
            additions.append({"kind": "framework", "name": str(data["id"]), "at": file.at(("id",), key=True)})
        prefix = {"regions": f"{data.get('namespace')}:"}.get(file.kind, "")
        if file.kind == "services":
            prefix = f"{data['provider']['name']}/"
        for table in _TABLES.get(file.kind, ()):
            kind = _ONE.get(table, table.removesuffix("s"))
            for name in data.get(table) or ():
                shown = name if table == "types" else f"{prefix}{name}"
                additions.append({"kind": kind, "name": shown, "at": file.at((table, name), key=True)})
        for number, pattern in enumerate(data.get("patterns", ()) if file.kind == "hosts" else ()):
            at = file.at(("patterns", number))
            additions.append({"kind": "host pattern", "name": str(pattern["pattern"]), "at": at})
        for number, suffix in enumerate(data.get("private_suffixes", ())):
            at = file.at(("private_suffixes", number))
            additions.append({"kind": "private suffix", "name": str(suffix), "at": at})
    return Overview(tuple(rules), tuple(profiles), tuple(additions))
