"""Facts kept between runs: never another report than without them; bounded, safe, of no consequence where they fail."""

from __future__ import annotations

import json
import os
import pickle
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sovlint.run.gather
import sovlint.run.store
from sovlint import Config, check
from sovlint.catalogue import Catalogue, open_catalogue
from sovlint.catalogue.store import identity
from sovlint.discovery import Found, WorkingTree
from sovlint.discovery.traced import CHANGED, Question, TracedTree
from sovlint.resolve.manifests import Unit
from sovlint.resolve.terraform.inputs import Given
from sovlint.run.gathered import Gathered
from sovlint.run.reader import Reader
from sovlint.run.store import MAGIC, WITHOUT_EFFECT, FactStore, Row
from support import run_sovlint, sovlint_command

Edit = Callable[[Path], object]

TREE = {
    ".git/HEAD": "",
    "app/main.tf": 'module "m" {\n  source = "../shared"\n  region = var.region\n}\n'
    'resource "aws_s3_bucket" "b" {\n  for_each = toset(split(",", file("${path.module}/names.txt")))\n'
    "  bucket   = each.key\n}\n"
    'provider "aws" {\n  region = var.region\n}\nvariable "region" {\n  default = "us-east-1"\n}\n',
    "app/names.txt": "a,b",
    "files/main.tf": 'resource "aws_s3_bucket" "f" {\n  for_each = fileset(path.module, "*.txt")\n  bucket = each.key\n'
    '  region = fileexists("${path.module}/eu") ? "eu-central-1" : "us-east-2"\n}\n',
    "files/one.txt": "",
    "other/main.tf": 'module "m" {\n  source = "../shared"\n  region = "eu-central-1"\n}\n',
    "shared/main.tf": 'variable "region" {}\nresource "aws_dynamodb_table" "t" {\n  replica {\n'
    "    region_name = var.region\n  }\n}\n",
    "k/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - image: quay.io/a/b:1\n",
    "k/bucket.yaml": "apiVersion: s3.aws.upbound.io/v1beta2\nkind: Bucket\nmetadata: {name: b}\nspec:\n"
    "  forProvider: {region: us-east-1}\n",
    "chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
    "chart/values.yaml": "image:\n  repository: ghcr.io/a/b\n"
    "nodeSelector:\n  topology.kubernetes.io/region: us-east-1\n",
    "chart/templates/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
    "    - image: {{ .Values.image.repository }}:1\n",
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Opened once: compiling it takes longer than these trees."""
    return open_catalogue()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, catalogue: Catalogue) -> None:
    """A cache of its own, and facts kept from the first file on."""
    monkeypatch.setattr("sovlint.run.way.open_catalogue", lambda **options: catalogue)
    monkeypatch.setenv("SOVLINT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(sovlint.run.gather, "MANY", 1)


def lay_out(folder: Path) -> Path:
    """The tree."""
    for name, text in TREE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def report(folder: Path, **changes: object) -> str:
    """All that a run says."""
    config = Config(working_directory=str(folder))._replace(**changes)  # type: ignore[arg-type]
    return repr(check(str(folder), config))


def rows(tmp_path: Path) -> dict[str, tuple[str, ...]]:
    """The units of all files of the store, with what was asked for each."""
    out: dict[str, tuple[str, ...]] = {}
    for file in (tmp_path / "cache" / "facts").glob("*.facts"):
        store = FactStore(file)
        for unit, row in store._rows.items():
            out[unit] = tuple(f"{q.kind} {q.path}" for q, _ in (store._questions[n] for n in row.asked))
    return out


def test_a_second_run_says_the_same_and_reads_nothing_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay_out(tmp_path / "t")
    fresh = report(folder, cache=False)
    assert report(folder) == fresh
    assert "'SOV101'" in fresh
    assert "'SOV501'" in fresh
    monkeypatch.setattr("sovlint.resolve.terraform.load.load_root", _never)
    monkeypatch.setattr("sovlint.resolve.helm.load_chart", _never)
    monkeypatch.setattr("sovlint.resolve.manifests.load_chart", _never)
    assert report(folder) == fresh
    # What refers to objects in other files is not kept.
    assert sorted(unit.split()[1] for unit in rows(tmp_path)) == ["app", "chart", "files", "k/pod.yaml", "other"]


def test_environments_of_helmfiles_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay_out(tmp_path / "t")
    text = "environments: {test: {}, prod: {}}\n---\nreleases:\n  - name: a\n    chart: x/a\n    values:\n"
    (folder / "helmfile.yaml").write_text(f'{text}      - {{image: "{{{{ .Environment.Name }}}}.gcr.io/a/b:1"}}\n')
    fresh = report(folder, cache=False)
    assert "environments=('test', 'prod'), timings" in fresh
    assert report(folder) == fresh
    monkeypatch.setattr("sovlint.resolve.helm.load_chart", _never)
    assert report(folder) == fresh


def _never(*args: object) -> None:
    raise AssertionError("read anew")


def test_a_row_names_all_that_was_looked_at(tmp_path: Path) -> None:
    report(lay_out(tmp_path / "t"))
    asked = {unit.split()[1]: set(questions) for unit, questions in rows(tmp_path).items()}
    assert {"read app/names.txt", "list app", "read app/main.tf", "list shared", "read shared/main.tf"} <= asked["app"]
    assert {"list shared", "read shared/main.tf"} <= asked["other"], "parsed for another root before"
    assert "exists files/eu" in asked["files"], "looked for in vain"


EDITS: dict[str, Edit] = {
    "a default": lambda t: _swap(t / "app/main.tf", "us-east-1", "eu-central-1"),
    "a shared module": lambda t: _swap(t / "shared/main.tf", "var.region\n", '"ap-south-1"\n'),
    "a shared module, more": lambda t: (t / "shared/more.tf").write_text('resource "aws_sqs_queue" "q" {}\n'),
    "a module gone": lambda t: shutil.rmtree(t / "shared", ignore_errors=True),
    "tfvars": lambda t: (t / "app/terraform.tfvars").write_text('region = "eu-west-1"\n'),
    "tfvars of the tree above": lambda t: (t / "app/a.auto.tfvars").write_text('region = "ca-central-1"\n'),
    "a file that is read": lambda t: (t / "app/names.txt").write_text("a,b,c"),
    "a file that is globbed": lambda t: (t / "files/more.txt").write_text(""),
    "a file that was missed": lambda t: (t / "files/eu").write_text(""),
    "an override": lambda t: (t / "files/x_override.tf").write_text(
        'resource "aws_s3_bucket" "f" {\n  region = "us-west-1"\n}\n'
    ),
    "a syntax error": lambda t: (t / "other/main.tf").write_text('module "m" {\n'),
    "a waiver": lambda t: _swap(
        t / "other/main.tf", 'region = "eu-central-1"\n', 'region = "us-east-1" # sovlint:waive SOV1 until=2099-01-01\n'
    ),
    "a root becomes a module": lambda t: (t / "new.tf").write_text('module "o" {\n  source = "./other"\n}\n'),
    "an image": lambda t: _swap(t / "k/pod.yaml", "quay.io", "registry.gitlab.com"),
    "a cloud object": lambda t: _swap(t / "k/bucket.yaml", "us-east-1", "eu-central-1"),
    "a pod becomes a bucket": lambda t: (
        shutil.copy(t / "k/bucket.yaml", t / "k/pod.yaml") if (t / "k/bucket.yaml").exists() else None
    ),
    "a kustomization": lambda t: (t / "k/kustomization.yaml").write_text(
        "resources: [pod.yaml]\nimages: [{name: quay.io/a/b, newName: ghcr.io/c/d}]\n"
    ),
    "values": lambda t: _swap(t / "chart/values.yaml", "us-east-1", "eu-central-1"),
    "a template": lambda t: _swap(
        t / "chart/templates/pod.yaml", "{{ .Values.image.repository }}", "mcr.microsoft.com/x"
    ),
    "more values": lambda t: (t / "chart/values-prod.yaml").write_text("image: {repository: docker.io/x/y}\n"),
    "no chart": lambda t: (t / "chart/Chart.yaml").unlink(missing_ok=True),
    "a chart around it": lambda t: (t / "k/Chart.yaml").write_text("apiVersion: v2\nname: k\nversion: 1.0.0\n"),
    "a helmignore": lambda t: (t / "chart/.helmignore").write_text("templates/\n"),
    "a gitignore": lambda t: (t / ".gitignore").write_text("k/\n"),
    "a link": lambda t: _link(t / "files/eu", "../app/names.txt"),
    "a link out of the tree": lambda t: _link(t / "app/names.txt", "/etc/hostname"),
    "unreadable text": lambda t: (t / "app/names.txt").write_bytes(b"\xff\xfe\x00"),
    "a folder instead": lambda t: _folder(t / "files/eu"),
    "all back": lay_out,
}


def _swap(file: Path, old: str, new: str) -> None:
    if file.is_file():
        text = file.read_text()
        file.write_text(text.replace(old, new) if old in text else text.replace(new, old))


def _link(place: Path, target: str) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


def _folder(place: Path) -> None:
    place.unlink(missing_ok=True)
    place.mkdir(parents=True, exist_ok=True)


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_counts(name: str, tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "t")
    report(folder)
    EDITS[name](folder)
    assert report(folder) == report(folder, cache=False)
    lay_out(folder)
    assert report(folder) == report(folder, cache=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=3), min_size=1, max_size=5))
def test_whatever_is_edited_the_report_is_that_of_a_fresh_run(edits: list[list[str]], tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "t", ignore_errors=True)
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    folder = lay_out(tmp_path / "t")
    report(folder)
    for some in edits:
        for name in some:
            try:
                EDITS[name](folder)
            except OSError:
                continue  # such as a file to be written where a link now leads out of the tree
        assert report(folder) == report(folder, cache=False), some


def test_every_input_counts(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "t")
    (folder / "in.tfvars").write_text('region = "eu-north-1"\n')
    (folder / "v.yaml").write_text("image: {repository: quay.io/x/y}\n")
    changes: list[dict[str, object]] = [
        {},
        {"arguments": (("var", "region=eu-central-1"),)},
        {"arguments": (("var-file", str(folder / "in.tfvars")),)},
        {"environment": {"region": "eu-west-3"}},
        {"values": (str(folder / "v.yaml"),)},
        {"sets": ("image.repository=docker.io/p/q",)},
        {"size_limit": 60},
        {"kubernetes_provider": "azurerm"},
    ]
    fresh = [report(folder, cache=False, **change) for change in changes]
    assert len(set(fresh)) > 5
    for _ in range(2):
        assert [report(folder, **change) for change in changes] == fresh


def test_what_is_judged_anew_needs_no_rows_of_its_own(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "t")
    for change in ({}, {"profile": "nl-gemeente"}, {"select": ("SOV5",)}, {"today": "2030-01-01"}):
        assert report(folder, **change) == report(folder, cache=False, **change)
    assert len(list((tmp_path / "cache" / "facts").iterdir())) == 1


class _Guarded(Config):
    """A configuration that does not tell what is said to have no effect on facts."""

    def __getattribute__(self, name: str) -> object:
        if name in WITHOUT_EFFECT:
            raise AssertionError(f"{name} was asked for while facts were made")
        return super().__getattribute__(name)


def test_facts_do_not_depend_on_what_the_key_leaves_out(tmp_path: Path, catalogue: Catalogue) -> None:
    tree = WorkingTree(lay_out(tmp_path / "t"))
    reader = Reader(tree, _Guarded(), catalogue, Gathered())
    reader.prepare_roots(Given({}, [], "default", []))
    for root in ("app", "files", "other"):
        assert reader.root(root).facts
    for unit in (
        Unit("manifest", "k/pod.yaml", ("k/pod.yaml",)),
        Unit("chart", "chart", ("chart/Chart.yaml", "chart/values.yaml", "chart/templates/pod.yaml")),
    ):
        part = reader.unit(unit)
        assert part is not None and part.facts
    assert set(Config._fields) >= WITHOUT_EFFECT


def test_other_names_of_a_tree_other_rows(tmp_path: Path) -> None:
    one, two = lay_out(tmp_path / "one"), lay_out(tmp_path / "two")
    _swap(two / "app/main.tf", "us-east-1", "eu-central-1")
    for _ in range(2):
        for folder in (one, two):
            assert report(folder) == report(folder, cache=False)
    assert len(list((tmp_path / "cache" / "facts").iterdir())) == 2


def test_a_part_of_the_tree_leaves_the_other_rows(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "t")
    report(folder)
    (folder / "app/names.txt").write_text("x")
    check(str(folder / "app"), Config(working_directory=str(folder)))
    assert {"chart", "other"} <= {unit.split()[1] for unit in rows(tmp_path)}
    shutil.rmtree(folder / "other")
    report(folder)
    assert "other" not in {unit.split()[1] for unit in rows(tmp_path)}


def test_an_unchanged_run_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "t")
    report(folder)
    (file,) = (tmp_path / "cache" / "facts").iterdir()
    before = file.stat()
    os.utime(file, (1, 1))
    report(folder)
    assert file.stat().st_ino == before.st_ino
    assert file.stat().st_mtime > 1, "used: not the first to be removed"
    _swap(folder / "app/main.tf", "us-east-1", "eu-central-1")
    report(folder)
    assert file.stat().st_ino != before.st_ino
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("at", [0, 3, 20, 200, -1, -10, -20, -30, -400])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, at: int) -> None:
    folder = lay_out(tmp_path / "t")
    fresh = report(folder)
    (file,) = (tmp_path / "cache" / "facts").iterdir()
    data = bytearray(file.read_bytes())
    data[at] ^= 0x5A
    file.write_bytes(data)
    assert report(folder) == fresh
    for short in (b"", data[:100], bytes(data[: len(data) // 2])):
        file.write_bytes(short)
        assert report(folder) == fresh


class _Harm:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {os.environ['SOVLINT_HARM']}",)


def test_a_row_cannot_run_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay_out(tmp_path / "t")
    fresh = report(folder)
    monkeypatch.setenv("SOVLINT_HARM", str(tmp_path / "harm"))
    (file,) = (tmp_path / "cache" / "facts").iterdir()
    old, new = FactStore(file), FactStore(file)
    for unit, row in old._rows.items():
        asked = dict(old._questions[number] for number in row.asked)
        new.add(Row(unit, row.path, asked, pickle.dumps(([_Harm()], [], [], set(), set(), [], None))))
    new.save(Found())
    assert FactStore(file)._rows.keys() == old._rows.keys()
    assert report(folder) == fresh
    assert not (tmp_path / "harm").exists()
    pickle.loads(pickle.dumps(_Harm()))  # the harm is real
    assert (tmp_path / "harm").exists()


def test_all_files_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay_out(tmp_path / "t")
    report(folder)
    (first,) = (tmp_path / "cache" / "facts").iterdir()
    os.utime(first, (1, 1))
    (first.parent / "left.new").write_text("of a process that was killed")
    os.utime(first.parent / "left.new", (1, 1))
    monkeypatch.setattr(sovlint.run.store, "ALL", first.stat().st_size * 5 // 2)
    for number in range(4):
        report(folder, arguments=(("var", f"region=eu-west-{number}"),))
    assert not first.exists()
    assert len(list(first.parent.iterdir())) == 2


def test_one_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay_out(tmp_path / "t")
    fresh = report(folder, cache=False)
    monkeypatch.setattr(sovlint.run.store, "LARGEST", 3_000)
    for _ in range(3):
        assert report(folder) == fresh
    (file,) = (tmp_path / "cache" / "facts").iterdir()
    assert 0 < file.stat().st_size < 9_000
    assert rows(tmp_path)


def test_no_cache_neither_reads_nor_writes(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "t")
    report(folder, cache=False)
    assert not (tmp_path / "cache").exists()


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Path]:
    """A tree that is large enough for the command."""
    folder = lay_out(tmp_path / "t")
    for number in range(110):
        (folder / "k" / f"{number}.yaml").write_text(TREE["k/pod.yaml"].replace(":1", f":{number}"))
    yield folder


def command(folder: Path, cache: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run_sovlint(
        ["check", "--no-config", "-f", "json", *options, "."], cwd=folder, env={"SOVLINT_CACHE_DIR": str(cache)}
    )


def test_the_command_keeps_facts_of_many_files(many: Path, tmp_path: Path) -> None:
    cache = tmp_path / "c"
    fresh = command(many, cache, "--no-cache")
    assert fresh.returncode == 1 and not cache.exists()
    for options in ((), ("--jobs", "2"), ()):
        done = command(many, cache, *options)
        assert (done.returncode, done.stdout) == (1, fresh.stdout)
    (file,) = (cache / "facts").iterdir()
    assert len(FactStore(file)._rows) == 115


def test_workers_keep_facts_too(many: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert command(many, one).stdout == command(many, two, "--jobs", "2").stdout
    stored = [FactStore(next((cache / "facts").iterdir())) for cache in (one, two)]
    assert stored[0]._rows.keys() == stored[1]._rows.keys()


def test_runs_at_the_same_time(many: Path, tmp_path: Path) -> None:
    cache = tmp_path / "c"
    fresh = json.loads(command(many, cache, "--no-cache").stdout)
    call = [sovlint_command(), "check", "--no-config", "-f", "json", "."]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SOVLINT_CACHE_DIR": str(cache)}
    for _ in range(2):
        started = [
            subprocess.Popen(call, cwd=many, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)
        ]
        for process in started:
            out, _ = process.communicate(timeout=120)
            assert json.loads(out) == fresh
    (file,) = (cache / "facts").iterdir()
    assert len(FactStore(file)._rows) == 115


@pytest.mark.parametrize("how", ["a file", "no space"])
def test_a_cache_that_cannot_be_written_costs_nothing(many: Path, tmp_path: Path, how: str) -> None:
    cache = tmp_path / "c"
    fresh = command(many, tmp_path / "other").stdout
    if how == "a file":
        (tmp_path / "c").write_text("")
        done = command(many, cache)
    else:
        # The catalogue is there; after that no file may grow.
        command(many, cache)
        shutil.rmtree(cache / "facts")
        call = [sovlint_command(), "check", "--no-config", "-f", "json", "."]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SOVLINT_CACHE_DIR": str(cache)}
        done = subprocess.run(
            call,
            cwd=many,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000)),
        )
        assert list((cache / "facts").iterdir()) == []
    assert (done.returncode, done.stdout) == (1, fresh)
    assert done.stderr == ""


def test_what_changes_while_it_is_read_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    tree = TracedTree(WorkingTree(tmp_path))
    with tree.asking() as asked:
        tree.read("a")
        (tmp_path / "a").write_text("2")
        tree.read("a")
    assert asked == {Question("read", "a"): CHANGED}
    assert not tree.holds(Question("read", "a"), CHANGED)


def test_an_error_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    questions = [Question("read", "gone"), Question("list", "gone"), Question("exists", "gone"), Question("list", "f")]
    tree = TracedTree(WorkingTree(tmp_path))
    with tree.asking() as asked:
        assert not any(tree.holds(question, "") for question in questions)
    assert list(asked) == questions
    assert TracedTree(WorkingTree(tmp_path)).all_hold(asked.items())
    (tmp_path / "gone").write_text("")
    (tmp_path / "f" / "new").write_text("")
    later = TracedTree(WorkingTree(tmp_path))
    assert [one for one in asked.items() if later.holds(*one)] == []


# --- what a key must tell apart


def test_a_name_that_ends_in_a_space(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "t")
    shutil.copytree(folder / "app", folder / "app ")
    _swap(folder / "app /main.tf", "us-east-1", "ap-south-1")
    fresh = report(folder, cache=False)
    assert [report(folder), report(folder)] == [fresh, fresh]


def test_a_file_of_inputs_that_is_another_one_now(tmp_path: Path) -> None:
    """What is named on the command line may be a link."""
    folder = lay_out(tmp_path / "t")
    (folder / "us.tfvars").write_text('region = "us-west-2"\n')
    (folder / "eu.tfvars").write_text('region = "eu-north-1"\n')
    (folder / "us.yaml").write_text("nodeSelector: {topology.kubernetes.io/region: us-west-2}\n")
    (folder / "eu.yaml").write_text("nodeSelector: {topology.kubernetes.io/region: eu-north-1}\n")
    inputs = {"arguments": (("var-file", "now.tfvars"),), "values": ("now.yaml",)}
    fresh = set()
    for name in ("us", "eu", "us"):
        for ending in ("tfvars", "yaml"):
            _link(folder / f"now.{ending}", f"{name}.{ending}")
        fresh.add(report(folder, cache=False, **inputs))
        assert report(folder, **inputs) in fresh
        assert report(folder, **inputs) == report(folder, cache=False, **inputs)
    assert len(fresh) == 2


# --- what others may have written


def forged(file: Path, **columns: object) -> None:
    """Changes columns of the index, with a digest that fits."""
    data = file.read_bytes()
    tail = len(data) - len(MAGIC)
    start = int.from_bytes(data[tail - 8 : tail], "big")
    index = json.loads(data[start : tail - 24])
    index.update({name: [value] * len(index[name]) for name, value in columns.items()})
    write_index(file, data[:start], json.dumps(index).encode())


def write_index(file: Path, rows_: bytes, index: bytes) -> None:
    """A file with these rows and this index."""
    digest = blake2b(index, digest_size=16).digest()
    file.write_bytes(rows_ + index + digest + len(rows_).to_bytes(8, "big") + MAGIC)


@pytest.mark.parametrize(
    "columns",
    [
        {"kinds": "__init__"},
        {"kinds": "__delattr__", "asked": "root"},
        {"kinds": ["read"]},
        {"asked": None},
        {"asked": "../../../../etc/passwd"},
        {"asked": "\0"},
        {"asked": "/etc/passwd"},
        {"answers": 1},
        {"starts": -5},
        {"ends": 10**30},
        {"ends": 10**9},
        {"counts": -1},
        {"counts": 10**9},
        {"numbers": -1},
        {"numbers": 10**9},
        {"numbers": True},
        {"units": 1},
        {"digests": "x"},
    ],
    ids=str,
)
def test_an_index_is_not_trusted(tmp_path: Path, columns: dict[str, object]) -> None:
    folder = lay_out(tmp_path / "t")
    fresh = report(folder)
    (file,) = (tmp_path / "cache" / "facts").iterdir()
    forged(file, **columns)
    assert [report(folder), report(folder)] == [fresh, fresh]


@pytest.mark.parametrize(
    "index",
    [b"", b"[]", b"{}", b"[" * 2_000_000, b'{"kinds":' * 100_000, b'{"kinds": 1}'],
    ids=["nothing", "a list", "an object", "deep", "deep objects", "a number"],
)
def test_an_index_that_is_none(tmp_path: Path, index: bytes) -> None:
    folder = lay_out(tmp_path / "t")
    fresh = report(folder)
    (file,) = (tmp_path / "cache" / "facts").iterdir()
    write_index(file, MAGIC, index)
    assert [report(folder), report(folder)] == [fresh, fresh]


HOSTILE = {
    "a pickle": pickle.dumps(pytest.fail),
    "deep": b"[" * 1_000_000,
    "empty lists": b'{"text":[' + b"[]," * 5_000_000 + b"[]]}",
    "no types": b'{"text":[1,null]}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_row_is_not_trusted(tmp_path: Path, name: str) -> None:
    folder = lay_out(tmp_path / "t")
    fresh = report(folder)
    (file,) = (tmp_path / "cache" / "facts").iterdir()
    store = FactStore(file)
    content = HOSTILE[name]
    for unit, row in store._rows.items():
        store.add(Row(unit, row.path, dict(store._questions[number] for number in row.asked), content))
    store.save(Found())
    store.close()
    assert [report(folder), report(folder)] == [fresh, fresh]


def test_a_hostile_cache_takes_little_memory(many: Path, tmp_path: Path) -> None:
    cache = tmp_path / "c"
    fresh = command(many, cache)
    (file,) = (cache / "facts").iterdir()
    forged(file)
    size = 15 * 1024 * 1024
    for filler in (b"[],", b"{},", b'"ab",', b"0,"):
        write_index(file, MAGIC, b'{"kinds":[' + filler * (size // len(filler)) + b"0]}")
        script = (
            "import resource, subprocess, sys\n"
            "done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)\n"
            "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)\n"
        )
        call = [sys.executable, "-c", script, sovlint_command(), "check", "--no-config", "-f", "json", "."]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SOVLINT_CACHE_DIR": str(cache)}
        done = subprocess.run(call, cwd=many, env=environment, capture_output=True, text=True, check=True)
        code, megabytes = map(int, done.stdout.split())
        assert code == fresh.returncode
        assert megabytes < 500, filler


def test_a_gigantic_file_is_no_cache(many: Path, tmp_path: Path) -> None:
    cache = tmp_path / "c"
    fresh = command(many, cache).stdout
    (file,) = (cache / "facts").iterdir()
    with file.open("r+b") as hole:
        hole.truncate(300 * 1024 * 1024)
    assert command(many, cache).stdout == fresh
    assert file.stat().st_size < 10_000_000


@pytest.mark.parametrize("how", ["cut short", "gone", "overwritten", "folder gone"])
def test_a_cache_that_changes_during_a_run(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lay_out(tmp_path / "t")
    fresh = report(folder)
    (file,) = (tmp_path / "cache" / "facts").iterdir()
    found = FactStore.find

    def find(store: FactStore, unit: str, tree: TracedTree) -> bytes | None:
        if how == "cut short":
            os.truncate(file, 40)
        elif how == "overwritten":
            file.write_bytes(b"x" * 100_000)
        elif file.parent.exists():
            shutil.rmtree(file.parent) if how == "folder gone" else file.unlink(missing_ok=True)
        return found(store, unit, tree)

    monkeypatch.setattr(FactStore, "find", find)
    assert report(folder) == fresh


def test_a_program_is_known_by_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation elsewhere, or at another time, is the same program: caches are carried between machines."""
    marks: list[str] = []
    for name, text in (("one", "1"), ("two", "1"), ("three", "2")):
        (tmp_path / name / "_catalogue").mkdir(parents=True)
        (tmp_path / name / "a.py").write_text(text)
        (tmp_path / name / "_catalogue" / "core.json").write_text("{}")
        os.utime(tmp_path / name / "a.py", (1, len(marks)))
        monkeypatch.setattr("sovlint.catalogue.store._PACKAGE", str(tmp_path / name))
        marks.append(identity())
    assert marks[0] == marks[1] != marks[2]


def test_custom_policies_that_are_edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits count, also while a run has begun: its facts are of what it read, and kept for neither."""
    monkeypatch.setattr("sovlint.run.way.open_catalogue", open_catalogue)
    folder = lay_out(tmp_path / "t")
    file = tmp_path / "own" / "catalogue" / "hosts" / "own.yaml"
    file.parent.mkdir(parents=True)
    _swap(folder / "k/pod.yaml", "quay.io", "registry.acme-gov.eu")
    ours, theirs = (
        "defaults: {source: 'https://example.eu', as_of: 2026-01-01}\n"
        f"hosts: {{registry.acme-gov.eu: {{operator: {operator}, purpose: registry}}}}\n"
        for operator in ("own", "google")
    )
    policies = {"policies": (str(tmp_path / "own"),)}
    fresh = {}
    for text in (ours, theirs):
        file.write_text(text)
        fresh[text] = report(folder, cache=False, **policies)
    assert fresh[ours] != fresh[theirs]
    for text in (ours, theirs, ours):
        file.write_text(text)
        assert [report(folder, **policies), report(folder, **policies)] == [fresh[text], fresh[text]]

    def opened(**options: object) -> Catalogue:
        found = open_catalogue(**options)  # type: ignore[arg-type]
        file.write_text(theirs)
        return found

    shutil.rmtree(tmp_path / "cache" / "facts")
    monkeypatch.setattr("sovlint.run.way.open_catalogue", opened)
    assert report(folder, **policies) == fresh[ours]
    monkeypatch.setattr("sovlint.run.way.open_catalogue", open_catalogue)
    assert report(folder, **policies) == fresh[theirs]
