"""Order and identity of findings, for formats whose readers show only the first ones or tell them apart by a key."""

from __future__ import annotations

from collections.abc import Iterable

from sovlint.model.finding import Finding, severity_rank


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Most severe first, then by position; total, so that ties of fingerprints are numbered the same every time."""
    return sorted(findings, key=_key)


def _key(finding: Finding) -> tuple[object, ...]:
    return (severity_rank(finding.severity), finding.location, finding.rule, finding.fingerprint, finding.message)


class Fingerprints:
    """Hands out every fingerprint once: what is seen again gets an ordinal."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def unique(self, fingerprint: str) -> str:
        """The fingerprint, with an ordinal if it was handed out before."""
        candidate, ordinal = fingerprint, self._seen.get(fingerprint, 0)
        while candidate in self._seen:
            ordinal += 1
            candidate = f"{fingerprint}:{ordinal}"
        self._seen[candidate] = 1
        # Where the next search starts: thousands of findings with one fingerprint are not searched anew each time.
        self._seen[fingerprint] = max(ordinal, 1)
        return candidate
