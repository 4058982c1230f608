"""Expectations that stand on the line that is wrong: `# expect: SOV101,SOV103`.

One code per finding that starts on the line, repeated when two findings of one rule do. `//` works like `#`. Formats
without comments (JSON) have a file `expect.txt` in the fixture's folder, with lines `path:line: CODES`.

Where charts that are rendered give something else, it stands behind that: `# expect: SOV107, SOV108; rendered: SOV108`,
or `rendered: none`. With `rendered: note` the findings are the same, but notes: no rendering shows what they are about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDECAR = "expect.txt"
NOT_READ = {".md"}

_CODES = r"SOV\d{3}(?:\s*,\s*SOV\d{3})*"
_COMMENT = re.compile(
    rf"(?:#|//)\s*expect:\s*({_CODES})\s*(?:;\s*rendered:\s*({_CODES}|none|note)\s*)?(?:-?\*/-?\}}\}})?\s*$"
)
_LOOKS_LIKE_ONE = re.compile(r"(?:#|//)\s*expect\b")
_SIDECAR_LINE = re.compile(rf"(?P<path>\S.*?):(?P<line>\d+):\s*(?P<codes>{_CODES})\s*$")


@dataclass(frozen=True, order=True)
class Mark:
    """A finding, as far as expectations name it; `path` is relative to the fixture's folder."""

    path: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.rule}"


class MalformedExpectationError(ValueError):
    """Something that was meant as an expectation cannot be read."""


def expected(folder: Path, *, rendered: bool = False) -> Counter[Mark]:
    """All expectations in the files of a fixture folder.

    Args:
        folder: the fixture's.
        rendered: what charts give when they are rendered.

    Raises:
        MalformedExpectationError: a comment or sidecar line that looks like an expectation but is none.
    """
    marks: Counter[Mark] = Counter()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix not in NOT_READ):
        if path.name == SIDECAR:
            marks.update(_from_sidecar(path, folder))
        else:
            marks.update(_from_comments(path, folder, rendered=rendered))
    return marks


def refuted(folder: Path) -> set[Mark]:
    """The expectations that are notes when the charts are rendered."""
    return {
        mark
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix not in NOT_READ)
        for number, match in _comments(path)
        if match[2] == "note"
        for mark in _marks(path.relative_to(folder).as_posix(), number, match[1])
    }


def reported(report: dict[str, Any], folder: str) -> Counter[Mark]:
    """The findings of a JSON report, with paths relative to `folder`, which is itself relative to the repository."""
    marks: Counter[Mark] = Counter()
    for finding in report["findings"]:
        marks[Mark(_inside(finding["path"], folder), finding["line"], finding["rule"])] += 1
    return marks


def difference(wanted: Counter[Mark], got: Counter[Mark], report: dict[str, Any], folder: str) -> str:
    """What is missing and what is there unexpectedly, a line each, in order of place; empty if they agree."""
    messages = {
        Mark(_inside(f["path"], folder), f["line"], f["rule"]): f"{f['message']} (value {f['value']!r})"
        for f in report["findings"]
    }
    lines = [(mark, f"missing     {mark}") for mark in (wanted - got).elements()]
    lines += [(mark, f"unexpected  {mark}: {messages[mark]}") for mark in (got - wanted).elements()]
    return "\n".join(text for _, text in sorted(lines))


def only(marks: Counter[Mark], rule: str) -> Counter[Mark]:
    """The marks of one rule."""
    return Counter({mark: count for mark, count in marks.items() if mark.rule == rule})


def _from_comments(path: Path, folder: Path, *, rendered: bool) -> Iterator[Mark]:
    name = path.relative_to(folder).as_posix()
    for number, match in _comments(path):
        codes = match[2] if rendered and match[2] not in (None, "note") else match[1]
        yield from _marks(name, number, codes) if codes != "none" else ()


def _comments(path: Path) -> Iterator[tuple[int, re.Match[str]]]:
    """The lines of a file with an expectation."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = _COMMENT.search(line)
        if match:
            yield number, match
        elif _LOOKS_LIKE_ONE.search(line):
            raise MalformedExpectationError(f"{path}:{number}: not an expectation: {line.strip()}")


def _from_sidecar(path: Path, folder: Path) -> Iterator[Mark]:
    prefix = path.parent.relative_to(folder)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _SIDECAR_LINE.match(line)
        if match is None or not (path.parent / match["path"]).is_file():
            raise MalformedExpectationError(f"{path}:{number}: not an expectation about an existing file: {line}")
        yield from _marks((prefix / match["path"]).as_posix(), int(match["line"]), match["codes"])


def _marks(name: str, line: int, codes: str) -> Iterable[Mark]:
    return (Mark(name, line, code.strip()) for code in codes.split(","))


def _inside(path: str, folder: str) -> str:
    # The prefix depends on where the repository root is (a source archive has none), the rest does not.
    _, found, rest = path.rpartition(f"{folder}/")
    return rest if found else path
