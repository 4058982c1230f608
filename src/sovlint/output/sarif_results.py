"""Findings as results of a SARIF log.

GitHub shows 5,000 of 25,000 results, so the worst come first. It tells alerts apart by `primaryLocationLineHash` alone,
so that is unique. Its upload action would compute one from the text of the line and of those after it: an alert that
somebody dismissed would open again when a neighbouring line is edited, and two findings of a line could become one. The
action keeps a value that is there and says so in its log, once per result; that is the lesser evil. Other viewers find
the same value under a name of ours. GitHub shows related locations only where the message links them, and does not
honour suppressions: waived findings stay out unless they were asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from sovlint.model.fact import Hop, Place
from sovlint.model.finding import Alternative, Finding, Report, Waiver
from sovlint.output.json import place_object
from sovlint.output.ordering import Fingerprints
from sovlint.output.sarif_places import Places
from sovlint.output.sarif_rules import LEVELS
from sovlint.output.snippet import shown_line
from sovlint.output.style import Style
from sovlint.output.terminal import json_safe
from sovlint.output.words import affects_line, holds_in, sentence

FINGERPRINT: Final = "sovlint/v1"
"""Our own key; the number changes when fingerprints are made in another way."""

_AFFECTS: Final = 100
_RELATED: Final = 20


class Results:
    """Writes findings as results, one after the other."""

    def __init__(self, report: Report, style: Style, places: Places) -> None:
        self._report = report
        self._style = style
        self._places = places
        self._index = {rule.code: number for number, rule in enumerate(report.rules)}
        self._prints = Fingerprints()
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
        # Thousands of findings share the way of their value, their place and their ways out, which are most of what
        # there is to write: each is written once.
        self._shared: dict[object, str] = {}

    def written(self, finding: Finding) -> str:
        """A result as one line of JSON."""
        hops = (*finding.via, *finding.related)[:_RELATED]
        parts = [self._core(finding, hops)]
        if hops:
            parts.append(f',"relatedLocations":{self._once(("related", hops), self._related, hops)}')
        if finding.via:
            start = f"{finding.value} is written here" if finding.value else "it starts here"
            first = self._encode(self._places.location(finding.location, note=start))
            rest = self._once(("flow", finding.via), self._steps, finding.via)
            parts.append(f',"codeFlows":[{{"threadFlows":[{{"locations":[{{"location":{first}}},{rest[1:]}}}]}}]')
        parts.append(f',"properties":{self._properties(finding)}}}')
        return json_safe("".join(parts))

    def _once(self, key: object, make: Callable[[Any], Any], value: Any) -> str:
        """What `make` makes of a value, as JSON, kept under the key."""
        found = self._shared.get(key)
        if found is None:
            found = self._shared[key] = self._encode(make(value))
        return found

    def _core(self, finding: Finding, hops: tuple[Hop, ...]) -> str:
        """What is a result's own, as an object that is left open."""
        fingerprint = self._prints.unique(finding.fingerprint)
        result: dict[str, Any] = {
            "ruleId": finding.rule,
            "level": LEVELS[finding.severity],
            "message": {"text": _message(finding, len(finding.via), hops)},
            "locations": [self._primary(finding)],
            "partialFingerprints": {"primaryLocationLineHash": fingerprint, FINGERPRINT: fingerprint},
        }
        if finding.rule in self._index:
            result["ruleIndex"] = self._index[finding.rule]
        if self._report.compared:
            result["baselineState"] = "new"
        if self._style.show_waived:
            # Once one result has suppressions, an empty list is what says "not suppressed" of the others.
            result["suppressions"] = [self._suppression(finding.waiver)] if finding.waiver else []
        return self._encode(result)[:-1]

    def _related(self, hops: tuple[Hop, ...]) -> list[dict[str, Any]]:
        """Places that the message links, by number."""
        return [self._places.location(hop.location, number, hop.note) for number, hop in enumerate(hops, start=1)]

    def _steps(self, via: tuple[Hop, ...]) -> list[dict[str, Any]]:
        """The way of the value behind the place where it is written."""
        return [{"location": self._places.location(hop.location, note=hop.note)} for hop in via]

    def _primary(self, finding: Finding) -> dict[str, Any]:
        """Where a person would edit, with the text that stands there, for viewers without the files."""
        location, line = finding.location, shown_line(finding)
        physical = self._places.physical(location)
        text = line[location.column - 1 : location.end_column - 1]
        if text and location.end_line == location.line:
            physical["region"]["snippet"] = {"text": text}
            if text != line:
                physical["contextRegion"] = {
                    "startLine": location.line,
                    "endLine": location.line,
                    "snippet": {"text": line},
                }
        logical = {"fullyQualifiedName": finding.resource, "kind": _kind(finding.resource)}
        return {"physicalLocation": physical, "logicalLocations": [logical]}

    def _suppression(self, waiver: Waiver) -> dict[str, Any]:
        """A waiver: in the source, or in a configuration file apart from it."""
        outside = waiver.configured or waiver.location.path.endswith((".sovlint.yaml", "pyproject.toml"))
        return {
            "kind": "external" if outside else "inSource",
            "status": "accepted",
            "justification": f"{waiver.reason} ({waiver.owner}, until {waiver.until})",
            "location": self._places.location(waiver.location),
        }

    def _properties(self, finding: Finding) -> str:
        """What SARIF has no place for."""
        own = self._encode(
            {
                "severity": finding.severity,
                "confidence": finding.confidence,
                "verdict": finding.verdict,
                "resource": finding.resource,
                "kind": finding.kind,
                "value": finding.value,
                "affects": finding.affects[:_AFFECTS],
                "affectsCount": max(finding.instances, len(finding.affects)),
                "units": finding.units[:_AFFECTS],
                "environments": finding.environments,
                "inputs": finding.inputs,
                "informs": finding.informs,
                "profile": finding.profile,
            }
        )
        place = self._once(finding.place, self._place, finding.place)
        ways = self._once(finding.alternatives, _ways_out, finding.alternatives)
        return f'{own[:-1]},"place":{place},"alternatives":{ways}}}'

    def _place(self, place: Place | None) -> dict[str, Any] | None:
        return None if place is None else place_object(place, self._report)


def _ways_out(alternatives: tuple[Alternative, ...]) -> list[dict[str, Any]]:
    return [_way_out(way) for way in alternatives]


def _way_out(way: Alternative) -> dict[str, Any]:
    """An alternative without what is empty."""
    values = {
        "title": way.title,
        "kind": way.kind,
        "operator": way.operator,
        "country": way.country,
        "terraformTypes": way.terraform_types,
        "effort": way.effort,
        "api": way.api,
        "loses": way.loses,
        "licence": way.licence,
        "replaces": way.replaces,
        "source": way.source,
        "asOf": way.as_of,
        "evidence": [{"scheme": e.scheme, "source": e.source, "asOf": e.as_of} for e in way.evidence],
    }
    return {key: value for key, value in values.items() if value}


def _kind(address: str) -> str:
    """What an address names, in the specification's words (3.33.7) where it has one."""
    head, _, rest = address.partition(".")
    if rest and head in {"var", "local"}:
        return "variable"
    return "module" if head == "module" and rest.count(".") == 0 and rest else "resource"


def _message(finding: Finding, via: int, hops: Sequence[Hop]) -> str:
    """The message, whom it affects, and links to every related location: without a link GitHub does not show them."""
    sentences = [_literal(sentence(finding.message))]
    if max(finding.instances, len(finding.affects)) > 1:
        sentences.append(_literal(sentence(affects_line(finding))))
    if finding.environments:
        sentences.append(_literal(sentence(holds_in(finding))))
    links = [f"[{_link_text(str(hop.location))}]({number})" for number, hop in enumerate(hops, start=1)]
    if links[:via]:
        sentences.append(f"Through {', '.join(links[:via])}.")
    if links[via:]:
        sentences.append(f"See {', '.join(links[via:])}.")
    return " ".join(sentences)


def _literal(text: str) -> str:
    """Text of the input that must not become a link of the message."""
    return _link_text(text) if "](" in text else text


def _link_text(text: str) -> str:
    """Text inside the brackets of a link (SARIF 2.1.0, 3.11.6)."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
