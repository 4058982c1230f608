"""Whether what custom policies name exists: operators, countries, alternatives, criteria, zones, rules."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from sovlint.catalogue.custom_read import Keys, PolicyFile
from sovlint.catalogue.read import Data

if TYPE_CHECKING:
    from sovlint.catalogue.custom import Custom

_MADE = ("region", "other-region", "service")
"""Alternatives that depend on what a finding is about."""

_LISTED = 12


class _Checker:
    """One file against what there is."""

    def __init__(self, out: Custom, file: PolicyFile) -> None:
        self._out = out
        self._file = file
        core = out.shard("core")
        self.operators: Collection[str] = core["operators"]
        self.countries: Collection[str] = core["countries"]
        self.zones: Collection[str] = core["zones"]
        self.namespaces: Collection[str] = core["namespaces"]
        self.codes: Collection[str] = core["rules"]
        self.alternatives: Collection[str] = out.shard("alternatives")
        self.frameworks: Data = out.shard("frameworks")

    def one(
        self,
        value: str | None,
        known: Collection[str],
        what: str,
        *keys: str | int,
        more: Collection[str] = (),
        key: bool = False,
    ) -> None:
        """Notes a name that is not known, with what comes near or what there is."""
        if value is None or value in known or value in more:
            return
        near = difflib.get_close_matches(str(value), list(known), 3)
        hint = ""
        if near:
            hint = f"; near to it: {', '.join(near)}"
        elif len(known) <= _LISTED:
            hint = f"; there are {', '.join(sorted(known))}"
        self._out.wrong(self._file, keys, f"{what} {value} is unknown{hint}", key=key)

    def each(self, values: object, known: Collection[str], what: str, *keys: str | int) -> None:
        """The same for a list."""
        for number, value in enumerate(values if isinstance(values, list) else ()):
            self.one(value, known, what, *keys, number)

    def prefixes(self, values: object, *keys: str | int) -> None:
        """Codes or their beginnings."""
        for number, value in enumerate(values if isinstance(values, list) else ()):
            if not any(code.startswith(value) for code in self.codes):
                self._out.wrong(self._file, (*keys, number), f"{value}: no rule has this code or prefix")

    def criteria(self, values: Iterable[str], *keys: str | int) -> None:
        """Criteria of frameworks."""
        for number, value in enumerate(values):
            framework, _, criterion = value.partition(":")
            known = self.frameworks.get(framework)
            if known is None:
                self.one(framework, self.frameworks, "framework", *keys, number)
            else:
                self.one(criterion, known["criteria"], f"criterion {framework}:", *keys, number)


def check_references(out: Custom) -> None:
    """Notes whatever is named in custom policies and exists nowhere."""
    for file in out.files:
        _CHECKS[file.kind](_Checker(out, file), file.data)


def _countries(check: _Checker, data: Data) -> None:
    for name, zone in data.get("zones", {}).items():
        check.each(zone["countries"], check.countries, "country", "zones", name, "countries")


def _operators(check: _Checker, data: Data) -> None:
    for name, entry in data.get("operators", {}).items():
        keys: Keys = ("operators", name)
        for key in ("seat", "parent_country"):
            check.one(entry[key], check.countries, "country", *keys, key)
        for number, nexus in enumerate(entry.get("nexus", ())):
            check.one(nexus["country"], check.countries, "country", *keys, "nexus", number, "country")


def _hosts(check: _Checker, data: Data) -> None:
    for name, entry in data.get("hosts", {}).items():
        check.one(entry["operator"], check.operators, "operator", "hosts", name, "operator", more=("own", "private"))
    for number, row in enumerate(data.get("patterns", ())):
        keys: Keys = ("patterns", number)
        check.one(row["operator"], check.operators, "operator", *keys, "operator", more=("own", "private"))
        check.one(row.get("regions"), check.namespaces, "namespace of regions", *keys, "regions")


def _regions(check: _Checker, data: Data) -> None:
    check.one(data["operator"], check.operators, "operator", "operator")
    for table in ("regions", "multi"):
        for name, entry in (data.get(table) or {}).items():
            check.one(entry.get("operator"), check.operators, "operator", table, name, "operator")
            check.one(entry.get("country"), check.countries, "country", table, name, "country")
            check.each(entry.get("countries"), check.countries, "country", table, name, "countries")


def _services(check: _Checker, data: Data) -> None:
    provider = data["provider"]
    check.one(provider.get("operator"), check.operators, "operator", "provider", "operator")
    check.one(provider.get("regions"), check.namespaces, "namespace of regions", "provider", "regions")
    for name, entry in data.get("services", {}).items():
        check.one(entry.get("operator"), check.operators, "operator", "services", name, "operator")
        check.each(entry.get("alternatives"), check.alternatives, "alternative", "services", name, "alternatives")


def _alternatives(check: _Checker, data: Data) -> None:
    for name, entry in data["alternatives"].items():
        for number, option in enumerate(entry["options"]):
            keys: Keys = ("alternatives", name, "options", number, "operator")
            check.one(option.get("operator"), check.operators, "operator", *keys)


def _rule(check: _Checker, data: Data) -> None:
    when = data["when"]
    check.each(when.get("operator"), {*check.operators, "private"}, "operator", "when", "operator")
    for key in ("country", "parent_country"):
        check.each(when.get(key), check.countries, "country", "when", key)
    check.each(data.get("alternatives"), {*check.alternatives, *_MADE}, "alternative", "alternatives")
    check.criteria(data["informs"], "informs")


def _profile(check: _Checker, data: Data) -> None:
    for key in ("zone", "control_area"):
        check.one(data[key], check.zones, "zone", key)
    check.each(data["cite"], check.frameworks, "framework", "cite")
    for key in ("select", "ignore"):
        check.prefixes(data.get(key), key)
    for key in ("severities", "severity_shift"):
        for code in data.get(key, {}):
            check.one(code, check.codes, "rule", key, code, key=True)


def _framework(check: _Checker, data: Data) -> None:
    for number, row in enumerate(data.get("ceilings", ())):
        check.each(row["rules"], check.codes, "rule", "ceilings", number, "rules")


_CHECKS: dict[str, Callable[[_Checker, Data], None]] = {
    "countries": _countries,
    "operators": _operators,
    "hosts": _hosts,
    "regions": _regions,
    "services": _services,
    "alternatives": _alternatives,
    "rule": _rule,
    "profile": _profile,
    "framework": _framework,
}
