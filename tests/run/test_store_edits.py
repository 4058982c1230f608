"""Facts kept between runs, over the fixtures: whatever is edited at random, the report is that of a fresh run.

And what an end in the middle of a run leaves behind.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

import sovlint.run.gather
from sovlint import Config
from sovlint.catalogue import Catalogue, open_catalogue
from sovlint.run.way import check, facts_of
from support import REPOSITORY, run_sovlint, sovlint_command

FIXTURES = REPOSITORY / "fixtures"
PROJECTS = [
    *sorted(FIXTURES.glob("projects/*")),
    *sorted(FIXTURES.glob("terragrunt/*")),
    *(FIXTURES / "helm" / name for name in ("helmfile-environments", "subcharts", "umbrella", "common-library")),
    *(FIXTURES / "terraform" / name for name in ("files", "modules-deep", "overrides", "tfvars-precedence")),
]
NAMES = ("x.tf", "x_override.tf", "values.yaml", "Chart.yaml", "kustomization.yaml", "a.auto.tfvars", "helmfile.yaml")
WORDS = (("eu-west-1", "us-east-1"), ("us-east-1", "ap-south-1"), ("default", "other"), ("image", "images"))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Opened once."""
    return open_catalogue()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, catalogue: Catalogue) -> None:
    """A cache of its own, and facts kept from the first file on."""
    monkeypatch.setattr("sovlint.run.way.open_catalogue", lambda **options: catalogue)
    monkeypatch.setenv("SOVLINT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(sovlint.run.gather, "MANY", 1)


def edit(folder: Path, chance: random.Random) -> None:
    """Deletes, renames, swaps, copies or changes files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    for _ in range(chance.choice([1, 1, 2, 5])):
        one, other = chance.choice(files), chance.choice(files)
        if not one.exists() or not other.exists():
            continue
        text = one.read_text()
        lines = text.splitlines(keepends=True) or [""]
        match chance.randrange(6):
            case 0:
                one.unlink()
            case 1:
                one.rename(one.with_name(chance.choice([*NAMES, f"zz-{one.name}"])))
            case 2:
                one.write_text(other.read_text())
                other.write_text(text)
            case 3:
                del lines[chance.randrange(len(lines))]
                one.write_text("".join(lines))
            case 4:
                for old, new in WORDS:
                    text = text.replace(old, new) if chance.random() < 0.6 else text
                one.write_text(text)
            case _:
                (other.parent / one.name).write_text(text)


def said(folder: Path, *, cache: bool) -> tuple[str, list[str]]:
    """All that a run says, and an inventory."""
    config = Config(paths=(str(folder),), working_directory=str(folder), cache=cache)
    surveyed = facts_of(config)
    facts = sorted(f"{type(f).__name__} {f.role} {f.attribute} {f.subject} {f.cause}" for f in surveyed.facts)
    return repr(check(config)), [*facts, repr(surveyed.declared), repr(surveyed.problems)]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_after_any_edits_a_run_says_what_a_fresh_one_says(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    shutil.copytree(project, folder)
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("")
    chance = random.Random(project.name)
    for step in range(4):
        fresh = said(folder, cache=False)
        assert said(folder, cache=True) == fresh, step
        assert said(folder, cache=True) == fresh, (step, "again")
        edit(folder, chance)
    assert list((tmp_path / "cache" / "facts").iterdir())


# --- an end in the middle


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that takes a second or more."""
    folder = tmp_path_factory.mktemp("large")
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("")
    for number in range(600):
        (folder / f"{number}.yaml").write_text(
            f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\nspec:\n  containers:\n"
            + "".join(f"    - name: c{i}\n      image: ghcr.io/a/b{i}:{number}\n" for i in range(8))
        )
    return folder


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_an_end_in_the_middle_of_writing(large: Path, tmp_path: Path, jobs: str, how: signal.Signals) -> None:
    cache = tmp_path / "c"
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SOVLINT_CACHE_DIR": str(cache)}
    words = ["check", "--no-config", "-f", "concise", "--jobs", jobs, "."]
    # The catalogue is compiled before.
    run_sovlint(["check", "--no-config", "0.yaml"], cwd=large, env=variables)
    with subprocess.Popen(
        [sovlint_command(), *words],
        cwd=large,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        end = time.monotonic() + 30
        while not list(cache.glob("facts/*.new")):
            assert time.monotonic() < end and process.poll() is None, "nothing was written"
            time.sleep(0.001)
        since = time.monotonic()
        os.killpg(process.pid, how)
        out, err = process.communicate(timeout=20)
        took = time.monotonic() - since
    assert list(cache.glob("facts/*.facts")) == []
    if how == signal.SIGINT:
        assert (process.returncode, out, err.lstrip("\n")) == (130, "", "sovlint: interrupted\n")
        assert took < 1
        assert list(cache.glob("facts/*.new")) == []
    fresh = run_sovlint([*words, "--no-cache"], cwd=large, env=variables)
    for _ in range(2):
        done = run_sovlint(words, cwd=large, env=variables)
        assert (done.returncode, done.stdout) == (fresh.returncode, fresh.stdout)
    assert len(list(cache.glob("facts/*.facts"))) == 1
