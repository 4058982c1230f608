"""Comparisons: with a baseline, with another revision."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sovlint import __version__
from sovlint.catalogue import Catalogue
from sovlint.config import Config
from sovlint.discovery import Found, Tree, WorkingTree, walk
from sovlint.discovery.locate import locate
from sovlint.judge.ratchet import (
    Known,
    compare,
    increase_facts,
    known_of,
    read_baseline,
    relocated,
    summary_of_change,
    write_baseline,
)
from sovlint.judge.scopes import ScopedJudge
from sovlint.model.errors import UsageError
from sovlint.model.files import read_regular
from sovlint.model.finding import Atom, Solved

if TYPE_CHECKING:
    from sovlint.discovery.revision import Changes

__all__ = ["Comparison", "compared_with"]

MAX_BASELINE = 100_000_000
"""Bytes; some 200,000 atoms."""


class Comparison(NamedTuple):
    """What remains of the atoms, and what the report says of the comparison.

    Attributes:
        name: what was compared with; empty if a baseline was only written.
    """

    atoms: list[Atom]
    name: str
    known: int
    solved: tuple[Solved, ...]
    change: tuple[str, ...]


def compared_with(
    config: Config,
    catalogue: Catalogue,
    judge: ScopedJudge,
    tree: Tree,
    found: Found,
    atoms: list[Atom],
    changes: Changes | None,
) -> Comparison:
    """Leaves the atoms that a change or the time since a baseline brought.

    Args:
        config: names the baseline.
        catalogue: for names.
        judge: judged the atoms, and judges the older revision.
        tree: the newer one.
        found: what was linted in it.
        atoms: of what the changes may have touched, if there are any.
        changes: since the revision to compare with.

    Raises:
        UsageError: the baseline or the revision is not usable.
    """
    if config.write_baseline:
        _write(config, atoms)
    if changes is not None:
        return _with_revision(config, catalogue, judge, tree, atoms, changes)
    if config.baseline:
        return _with_baseline(config, catalogue, judge, found, atoms)
    return Comparison(atoms, "", 0, (), ())


def _write(config: Config, atoms: Sequence[Atom]) -> None:
    path = os.path.join(config.working_directory, config.write_baseline)
    if os.path.isdir(path) or not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise UsageError(f"--write-baseline {config.write_baseline}: not a file in an existing folder")
    text = write_baseline(atoms, __version__, config.profile)
    from sovlint.output.whole import write_whole

    write_whole(text.encode(), path)


def _with_baseline(
    config: Config, catalogue: Catalogue, judge: ScopedJudge, found: Found, atoms: list[Atom]
) -> Comparison:
    path = os.path.join(config.working_directory, config.baseline)
    try:
        data = read_regular(path, MAX_BASELINE)
        if data is None:
            raise UsageError(f"--baseline {config.baseline}: not a file of at most {MAX_BASELINE:,} bytes")
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise UsageError(f"--baseline {config.baseline}: cannot be read: {reason}") from None
    before = read_baseline(config.baseline, text)
    compared = compare(atoms, before)
    left = relocated(compared) + judge.atoms(list(increase_facts(compared, before, catalogue)))
    # What was not looked at is not solved: only what lies below the paths of this run is.
    solved = [] if found.named else [entry for entry in compared.solved if found.is_below(entry.path)]
    return Comparison(
        left,
        f"baseline {config.baseline}",
        len(compared.known),
        _solved(solved),
        summary_of_change(compared._replace(solved=solved), catalogue),
    )


def _with_revision(
    config: Config, catalogue: Catalogue, judge: ScopedJudge, tree: Tree, atoms: list[Atom], changes: Changes
) -> Comparison:
    from sovlint.discovery.overlay import OverlayTree
    from sovlint.run.judged import judged, settling
    from sovlint.run.way import evaluate

    assert isinstance(tree, WorkingTree)
    older = OverlayTree(tree, changes.older)
    given = locate(config.paths, config.working_directory)
    # A file that is named but gone had findings that are solved now.
    gone = [p.location.path for p in given.problems if p.code == "missing"]
    paths = [path for path in (*given.paths, *gone) if older.exists(path) or older.is_folder(path)]
    before_found = walk(older, paths, config.exclude)
    settle = settling(config, judge, before_found)
    runs = evaluate(older, before_found, config._replace(plan=""), catalogue, frozenset(changes.older), settle=settle)
    known = [known_of(atom) for atom in judged(config, judge, before_found, runs).atoms]
    compared = compare(atoms, known)
    return Comparison(
        relocated(compared, changes.lines) + judge.atoms(list(increase_facts(compared, known, catalogue))),
        f"diff {config.diff}",
        len(compared.known),
        _solved(compared.solved),
        summary_of_change(compared, catalogue),
    )


def _solved(entries: Sequence[Known]) -> tuple[Solved, ...]:
    return tuple(Solved(entry.rule, entry.address, entry.path, entry.line, entry.message) for entry in entries)
