"""Explains a rule: why it exists, what to do, when it is fine, how severe it is where, which criteria it informs."""

from __future__ import annotations

from typing import Any

from sovlint.catalogue import Catalogue
from sovlint.explain.page import Entry, Row, Section, origin, provenance
from sovlint.explain.types import capability, way_rows
from sovlint.judge.profile import Profile, load_profile

_MADE = {
    "region": "the most usual region of the same operator inside the zone",
    "other-region": "another region of the same operator inside the zone, where the resource is not already",
    "service": "ways out of the affected service: sovlint explain with its resource type lists them all",
}
"""Alternatives that depend on what a finding is about."""


def rule_entry(code: str, catalogue: Catalogue) -> Entry:
    """The explanation of the rule with this code."""
    rule = catalogue.rules[code]
    texts = catalogue.rule_texts(code)
    severities = {name: _severity(load_profile(catalogue, name), rule) for name in sorted(catalogue.profiles)}
    informs = [_criterion(catalogue, identifier) for identifier in rule.get("informs", ())]
    wanted = rule.get("alternatives", ())
    ways = [capability(catalogue, key) for key in wanted if key not in _MADE]
    data: dict[str, Any] = {
        "code": code,
        "name": rule["name"],
        "title": rule["title"],
        "severity": rule["severity"],
        "severity_by_profile": severities,
        **{key: texts.get(key, "") for key in ("why", "what_to_do", "fine_when")},
        "informs": informs,
        "tags": list(rule.get("tags", ())),
        "alternatives": ways,
        **origin(rule),
    }
    sections = (
        Section("Why", _prose(data["why"])),
        Section("What to do", _prose(data["what_to_do"])),
        Section("When it is fine", _prose(data["fine_when"])),
        Section("Severity by profile", tuple(Row(name, _in_words(found)) for name, found in severities.items())),
        Section("Instead", tuple(Row("", _MADE[key]) for key in wanted if key in _MADE)),
        *(Section(f"Instead: {way['title']}", way_rows(way, catalogue)) for way in ways),
        Section("Informs", tuple(Row(_label(row), _title(row)) for row in informs)),
        Section("Source", (provenance(rule),)),
    )
    return Entry("rule", f"{code} {rule['name']}", rule["title"], sections, data)


def _prose(text: str) -> tuple[Row, ...]:
    return tuple(Row("", part) for part in text.splitlines() if part)


def _severity(profile: Profile, rule: dict[str, Any]) -> dict[str, str] | None:
    """Condition → severity, `default` first; None where the profile does not judge the rule."""
    code = rule["code"]
    if not profile.applies(code):
        return None
    found: dict[str, str] = {"default": profile.severity(code, rule["severity"])}
    for level, severity in sorted(rule.get("severity_by_lock_in", {}).items()):
        found[f"lock-in {level}"] = profile.severity(code, severity)
    if "community_severity" in rule:
        found["community registry"] = rule["community_severity"]
    return found


def _in_words(found: dict[str, str] | None) -> str:
    if found is None:
        return "not judged"
    conditions = {key: value for key, value in found.items() if key != "default"}
    if any(key.startswith("lock-in") for key in conditions):
        return ", ".join(f"{value} at {key}" for key, value in conditions.items())
    return ", ".join([found["default"], *(f"{value} for a {key}" for key, value in conditions.items())])


def _criterion(catalogue: Catalogue, identifier: str) -> dict[str, Any]:
    framework, _, number = identifier.partition(":")
    frame = catalogue.shard("frameworks").get(framework, {})
    criterion = frame.get("criteria", {}).get(number, {})
    return {
        "id": identifier,
        "framework": frame.get("title", framework),
        "label": frame.get("label", framework),
        "version": frame.get("version", ""),
        "status": frame.get("status", ""),
        "criterion": number,
        "title": criterion.get("title", ""),
        **origin({"source": frame.get("source"), "as_of": frame.get("as_of"), **criterion}),
    }


def _label(row: dict[str, Any]) -> str:
    return f"{row['label']} {row['criterion']}"


def _title(row: dict[str, Any]) -> str:
    """`Data and AI sovereignty (EU Cloud Sovereignty Framework 1.2.1)`."""
    status = ", proposed" if row["status"] == "proposed" else ""
    version = "" if row["version"] in row["framework"] else f" {row['version']}"
    return f"{row['title'] or 'not described'} ({row['framework']}{version}{status})"
