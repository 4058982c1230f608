"""Changed files of every kind that is read: nothing crashes, hangs or grows, and the same input gives the same report.

Short and always the same, for every change of the program; `tools/fuzz.py` does the same for as long as one likes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz_kinds import CORPUS, KINDS, seeds_of
from fuzz_mutate import CHANGES, Step, mutated
from fuzz_trial import MAX_MEMORY, Tree, as_json, attempt, forget_peak, peak
from sovlint.api import check
from sovlint.config import Config
from support import REPOSITORY

NUMBERS = st.integers(0, (1 << 30) - 1)
STEPS = st.lists(st.builds(Step, NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=6)

EXAMPLES = 12
"""Per kind; together some 20 s of a processor."""


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The catalogue of the run is compiled outside of the trials' limits."""
    check((), Config(working_directory=str(tmp_path_factory.mktemp("empty"))))


@pytest.mark.parametrize("name", KINDS)
def test_what_once_failed_and_the_seeds_themselves(tmp_path: Path, name: str) -> None:
    tree = Tree(name, tmp_path)
    kept = sorted((CORPUS / name).glob("*"))
    for data in (*(path.read_bytes() for path in kept), *seeds_of(name)[:4]):
        attempt(tree, data, twice=True)


def test_every_kept_input_is_replayed() -> None:
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} <= set(KINDS)
    assert all(path.stat().st_size <= 20_000 for path in CORPUS.glob("*/*"))


def test_the_seeds_say_something(tmp_path: Path) -> None:
    """A seed that is refused, or a tree in which the file does not count, would fuzz nothing."""
    for name in KINDS:
        tree = Tree(name, tmp_path)
        report = attempt(tree, seeds_of(name)[0], formats=False)
        assert report is not None and (report.findings or report.resources), name
        # The run depends on the file: it is read, not only there.
        read = attempt(tree, b"\0[{", formats=False)
        assert read is None or as_json(read) != as_json(report) or name in ("lock", "helmignore", "gitignore", "tpl"), (
            name
        )


@pytest.mark.parametrize("name", KINDS)
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
@given(data=st.data())
def test_changed_files(tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject) -> None:
    seeds = seeds_of(name)
    start = data.draw(st.sampled_from(seeds))
    changed = mutated(start, data.draw(STEPS), seeds, KINDS[name].syntax)
    tree = Tree(name, tmp_path_factory.getbasetemp())
    forget_peak()
    before = peak()
    attempt(tree, changed, twice=len(changed) % 4 == 0)
    assert peak() - before < MAX_MEMORY - 100_000_000, "the interpreter and the catalogue take the rest"


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(changes=st.fixed_dictionaries({name: st.tuples(NUMBERS, STEPS) for name in KINDS}))
def test_workers_change_no_byte_of_a_changed_tree(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, tuple[int, list[Step]]]
) -> None:
    """A tree with all kinds in it, each changed."""
    folder = tmp_path_factory.mktemp("all")
    (folder / ".git").mkdir()
    for name, (seed, steps) in changes.items():
        tree = Tree(name, folder)
        seeds = seeds_of(name)
        tree.put(mutated(seeds[seed % len(seeds)], steps, seeds, KINDS[name].syntax))
        (tree.folder / ".git").rmdir()
    reports = [
        as_json(check(".", Config(working_directory=str(folder), today="2026-11-23", jobs=jobs))) for jobs in (1, 2, 1)
    ]
    assert reports[1] == reports[0], "two workers report something else"
    assert reports[2] == reports[0], "the second time, something else is reported"


def test_every_change_changes() -> None:
    """A change that never does anything would be a hole in all of this."""
    for syntax, changes in CHANGES.items():
        kinds = [name for name, kind in KINDS.items() if kind.syntax == syntax]
        seeds = max(map(seeds_of, kinds), key=len)
        for change in changes:
            steps = [Step(0, first, 7 * first + 3, first) for first in range(1, 200, 7)]
            assert any(change(seeds[0], step, seeds) != seeds[0] for step in steps), (syntax, change.__name__)


def test_the_long_fuzzer_finds_shrinks_and_keeps_a_failure(tmp_path: Path) -> None:
    """Against a program with a mistake in it: a word in a file of variables that raises."""
    mistake = tmp_path / "sitecustomize.py"
    mistake.write_text(
        "import sys\n"
        "if '--serve' in sys.argv:\n"
        "    from sovlint.discovery.tree import WorkingTree\n"
        "    read = WorkingTree.read\n"
        "    def broken(self, path):\n"
        "        data = read(self, path)\n"
        "        if path.endswith('terraform.tfvars') and b'us-east-1' not in data:\n"
        "            raise ZeroDivisionError('planted')\n"
        "        return data\n"
        "    WorkingTree.read = broken\n"
    )
    done = subprocess.run(
        [sys.executable, REPOSITORY / "tools/fuzz.py", "--minutes", "0.02", "--kinds", "tfvars",
         "--save", tmp_path / "kept"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "tfvars: ZeroDivisionError" in done.stdout
    assert "planted" in done.stdout
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("| all ")]
    assert row.split("|")[5].strip() == "1", "one mistake, one failure"
    (kept,) = (tmp_path / "kept/tfvars").iterdir()
    assert kept.read_bytes() == b"", "the smallest input without the word"
