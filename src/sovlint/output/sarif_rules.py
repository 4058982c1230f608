"""Rules and frameworks in a SARIF log. They depend on the profile alone: GitHub merges rules of many uploads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sarif_om as om

from sovlint.model.finding import RuleInfo
from sovlint.output.words import help_uri, sentence

LEVELS: Final[dict[str, str]] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "note": "note",
}
SECURITY_SEVERITY: Final[dict[str, str]] = {
    "critical": "9.5",
    "high": "8.0",
    "medium": "5.5",
    "low": "2.0",
    "note": "2.0",
}
"""GitHub's scale: over 9.0 critical, from 7.0 high, from 4.0 medium, else low; a string, as it demands."""

ASSUMING: Final = frozenset({"SOV107", "SOV108", "SOV401", "SOV402", "SOV403", "SOV605"})
"""Rules many findings of which are heuristic (in `fixtures/`; a test counts them): their precision is medium."""

_TAGS: Final = 20
"""GitHub's limit of tags per rule."""
_DESCRIPTION: Final = 1024
"""GitHub's limit of characters per description."""


class Taxonomies:
    """The frameworks that rules inform, as taxonomies of SARIF, and their criteria as taxa.

    Args:
        rules: all rules; what they inform is what there is.
        labels: framework id → what people call it.
    """

    def __init__(self, rules: Sequence[RuleInfo], labels: Mapping[str, str]) -> None:
        self._labels = labels
        self._criteria: dict[str, dict[str, int]] = {}
        for criterion in sorted({criterion for rule in rules for criterion in rule.informs}):
            framework, _, number = criterion.partition(":")
            taxa = self._criteria.setdefault(framework, {})
            taxa[number] = len(taxa)
        self._index = {framework: number for number, framework in enumerate(self._criteria)}

    def _name(self, framework: str) -> str:
        return self._labels.get(framework, framework)

    def components(self) -> list[Any]:
        """The frameworks with the criteria that rules inform; none of them is listed in full."""
        return [
            om.ToolComponent(
                name=self._name(framework),
                is_comprehensive=False,
                taxa=[om.ReportingDescriptor(id=number) for number in taxa],
                properties={"id": framework},
            )
            for framework, taxa in self._criteria.items()
        ]

    def references(self) -> list[Any]:
        """What the driver names as the taxonomies it uses."""
        return [self._reference(framework) for framework in self._criteria]

    def _reference(self, framework: str) -> Any:
        return om.ToolComponentReference(name=self._name(framework), index=self._index[framework])

    def relationships(self, rule: RuleInfo) -> list[Any]:
        """The criteria that a rule informs."""
        found = []
        for criterion in rule.informs:
            framework, _, number = criterion.partition(":")
            target = om.ReportingDescriptorReference(
                id=number, index=self._criteria[framework][number], tool_component=self._reference(framework)
            )
            found.append(om.ReportingDescriptorRelationship(target=target, kinds=["relevant"]))
        return found


def rule_descriptor(rule: RuleInfo, taxonomies: Taxonomies) -> Any:
    """A rule of the profile."""
    title = sentence(rule.title)
    text = rule.help.strip() or title
    tags = dict.fromkeys(("security", "digital-sovereignty", *rule.tags, *rule.informs))
    return om.ReportingDescriptor(
        id=rule.code,
        name="".join(part.capitalize() for part in rule.name.split("-")),
        short_description=om.MultiformatMessageString(text=title[:_DESCRIPTION]),
        full_description=om.MultiformatMessageString(text=_description(rule)[:_DESCRIPTION]),
        help=om.MultiformatMessageString(text=_plain(text), markdown=text),
        help_uri=help_uri(rule.code),
        default_configuration=om.ReportingConfiguration(level=LEVELS[rule.severity]),
        relationships=taxonomies.relationships(rule) or None,
        properties={
            "tags": list(tags)[:_TAGS],
            "precision": "medium" if rule.code in ASSUMING else "high",
            "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[
                LEVELS[rule.severity]
            ],
            "security-severity": SECURITY_SEVERITY[rule.severity],
            "slug": rule.name,
        },
    )


def _description(rule: RuleInfo) -> str:
    """The first paragraph of the help that is prose; the title where there is none."""
    for paragraph in rule.help.split("\n\n"):
        if paragraph.strip() and not paragraph.lstrip().startswith(("#", "-", "*", "|", "`")):
            return sentence(" ".join(_plain(paragraph).split()))
    return sentence(rule.title)


_HEADING: Final = re.compile(r"^#+\s*", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)")


def _plain(markdown: str) -> str:
    """Markdown as plain text: no heading signs, emphasis and code signs; links with their address behind."""
    text = _LINK.sub(r"\1 (\2)", _HEADING.sub("", markdown))
    return text.replace("**", "").replace("`", "")
