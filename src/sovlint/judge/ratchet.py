"""The ratchet: known atoms pass, new ones are reported at the place that brought them, solved ones are named."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sovlint.catalogue import Catalogue
from sovlint.judge.governance import governance
from sovlint.judge.judge import fingerprint
from sovlint.model.errors import UsageError
from sovlint.model.fact import Cause, Governance, Hop
from sovlint.model.finding import Atom, severity_rank
from sovlint.model.source import Location

SCHEMA = "sovlint-baseline/1"


class Known(NamedTuple):
    """An atom that was there before.

    Attributes:
        fingerprint: of the atom; `content` is the same without the unit, for what was moved.
        path, line: where it stood, for people.
    """

    fingerprint: str
    content: str
    rule: str
    severity: str
    address: str
    path: str
    line: int
    operator: str
    service: str
    message: str


class Compared(NamedTuple):
    """What a comparison gives: atoms that are new or worse, those that were known, and what is solved."""

    new: list[Atom]
    known: list[Atom]
    solved: list[Known]


def known_of(atom: Atom) -> Known:
    """What is remembered of an atom."""
    where = atom.cause.location
    content = fingerprint(atom.rule, atom.subject.address, atom.attribute, (atom.cause.value or "").strip().lower())
    return Known(
        atom.fingerprint,
        content,
        atom.rule,
        atom.severity,
        atom.subject.address,
        where.path,
        where.line,
        atom.operator,
        atom.service or "",
        atom.message,
    )


def compare(atoms: Sequence[Atom], before: Iterable[Known]) -> Compared:
    """Which atoms are new. First the same atoms are paired, then those of the same content that moved elsewhere."""
    by_mark: dict[str, list[Known]] = {}
    for entry in before:
        by_mark.setdefault(entry.fingerprint, []).append(entry)
    new: list[Atom] = []
    known: list[Atom] = []
    left: list[tuple[Atom, Known]] = []
    for atom in atoms:
        paired = by_mark.get(atom.fingerprint)
        if paired:
            entry = paired.pop()
            worse = severity_rank(atom.severity) < severity_rank(entry.severity)
            (new if worse else known).append(atom)
        else:
            left.append((atom, known_of(atom)))
    by_content: dict[str, list[Known]] = {}
    for entries in by_mark.values():
        for entry in entries:
            by_content.setdefault(entry.content, []).append(entry)
    for atom, own in left:
        moved = by_content.get(own.content)
        if moved:
            entry = moved.pop()
            worse = severity_rank(atom.severity) < severity_rank(entry.severity)
            (new if worse else known).append(atom)
        else:
            new.append(atom)
    solved = [entry for entries in by_content.values() for entry in entries]
    solved.sort(key=lambda entry: (entry.path, entry.line, entry.rule, entry.address))
    return Compared(new, known, solved)


def relocated(compared: Compared, changed: Mapping[str, frozenset[int]] | None = None) -> list[Atom]:
    """The new atoms, each at the place that brought it; the cause stays as the root.

    Args:
        compared: the comparison.
        changed: path → changed lines. Without them, an atom whose cause has known atoms too moves to its declaration.
    """
    shared = {(atom.rule, atom.cause.location) for atom in compared.known}
    return [_moved(atom, changed, shared) for atom in compared.new]


def _moved(atom: Atom, changed: Mapping[str, frozenset[int]] | None, shared: set[tuple[str, Location]]) -> Atom:
    cause = atom.cause
    places = [cause.location, *(hop.location for hop in cause.via), atom.subject.declared_at]
    if changed is None:
        target = atom.subject.declared_at if (atom.rule, cause.location) in shared else cause.location
    else:
        target = next((place for place in places if _touched(place, changed)), cause.location)
    if target == cause.location:
        return atom
    here = Cause(
        target,
        atom.subject.address,
        cause.value,
        (),
        cause.known,
        cause.reason,
        cause.inputs,
        cause.attribute,
        cause.sensitive,
    )
    root = Hop(cause.location, f"root cause: {cause.owner}" if cause.owner else "root cause")
    return atom._replace(cause=here, root=root, group=(target, *atom.group))


def _touched(place: Location, changed: Mapping[str, frozenset[int]]) -> bool:
    lines = changed.get(place.path, frozenset())
    return any(line in lines for line in range(place.line, place.end_line + 1))


def increase_facts(compared: Compared, before: Sequence[Known], catalogue: Catalogue) -> Iterator[Governance]:
    """What was added: operators, services, and findings of families in which neither of them is new."""
    new = sorted(compared.new, key=lambda atom: (atom.cause.location, atom.rule))
    told: set[str] = set()
    for name, title in (("operator", _operator(catalogue)), ("service", _service(catalogue))):
        had = {getattr(entry, name) for entry in before}
        seen: set[str] = set()
        for atom in new:
            value = getattr(atom, name) or ""
            if value and value not in had and atom.rule[3] in _SAYS[name]:
                told.add(atom.rule[:4])
                if value not in seen:
                    seen.add(value)
                    text = f"new {name}: {title(value)}"
                    yield governance("increase", atom.cause.location, f"{name} {value}", text, value)
    more = Counter(atom.rule[:4] for atom in new)
    fewer = Counter(entry.rule[:4] for entry in compared.solved)
    for family, count in sorted(more.items()):
        if count > fewer[family] and family not in told:
            first = next(atom for atom in new if atom.rule.startswith(family))
            added = count - fewer[family]
            text = f"{added} more {'finding' if added == 1 else 'findings'} of the family {family}xx than the baseline"
            yield governance("increase", first.cause.location, f"family {family}xx", text, f"{family}xx")


_SAYS = {"operator": "2", "service": "4"}
"""Families of rules that say that an operator, or a service, is used."""


def _operator(catalogue: Catalogue) -> Callable[[str], str]:
    def title(key: str) -> str:
        operator = catalogue.operator(key)
        return operator.name if operator is not None else key

    return title


def _service(catalogue: Catalogue) -> Callable[[str], str]:
    return lambda key: str(catalogue.service(*key.partition("/")[::2]).get("title", key))


def summary_of_change(compared: Compared, catalogue: Catalogue) -> tuple[str, ...]:
    """How dependencies on operators change: `+2 on Amazon Web Services`; one per operator, sorted."""
    title = _operator(catalogue)
    more: dict[str, set[str]] = {}
    fewer: dict[str, set[str]] = {}
    for atom in compared.new:
        if atom.operator:
            more.setdefault(atom.operator, set()).add(f"{atom.subject.unit}\0{atom.subject.address}")
    for entry in compared.solved:
        if entry.operator:
            fewer.setdefault(entry.operator, set()).add(f"{entry.path}\0{entry.address}")
    out = []
    for operator in sorted({*more, *fewer}, key=title):
        plus, minus = len(more.get(operator, ())), len(fewer.get(operator, ()))
        parts = [text for text, count in ((f"+{plus}", plus), (f"−{minus}", minus)) if count]
        out.append(f"{', '.join(parts)} on {title(operator)}")
    return tuple(out)


# --- files


def write_baseline(atoms: Sequence[Atom], version: str, profile: str) -> str:
    """A baseline as text: sorted, one atom a line, so that its history can be read."""
    entries = sorted({known_of(atom) for atom in atoms}, key=lambda e: (e.path, e.rule, e.address, e.fingerprint))
    rows = ",\n".join(f"    {json.dumps(entry._asdict(), ensure_ascii=True)}" for entry in entries)
    head = f'  "schema": "{SCHEMA}",\n  "tool": {json.dumps(f"sovlint {version}")},\n  "profile": {json.dumps(profile)}'
    return f'{{\n{head},\n  "atoms": [\n{rows}\n  ]\n}}\n' if rows else f'{{\n{head},\n  "atoms": []\n}}\n'


def read_baseline(path: str, text: str) -> list[Known]:
    """The atoms of a baseline.

    Raises:
        UsageError: it is none, or of another version of the format.
    """
    try:
        data: Any = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{path}: not a baseline: {error}") from None
    except RecursionError:
        raise UsageError(f"{path}: not a baseline") from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise UsageError(f"{path}: not a baseline of the format {SCHEMA}; write it anew with --write-baseline")
    out = []
    rows = data.get("atoms") or []
    if not isinstance(rows, list):
        raise UsageError(f"{path}: atoms is not a list; write it anew with --write-baseline")
    for number, row in enumerate(rows):
        try:
            entry = Known(**row)
        except TypeError:
            raise UsageError(
                f"{path}: atom {number + 1} is not complete; write it anew with --write-baseline"
            ) from None
        if not all(isinstance(value, int if name == "line" else str) for name, value in entry._asdict().items()):
            raise UsageError(f"{path}: atom {number + 1} is malformed; write it anew with --write-baseline")
        out.append(entry)
    return out
