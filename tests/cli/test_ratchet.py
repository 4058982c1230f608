"""The ratchet: baselines, and what a change since a revision brings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from check_runs import Outcome, write

from support import run_sovlint

PROVIDER = 'provider "aws" {\n  region = "us-east-1"\n}\n'
BUCKET = 'resource "aws_s3_bucket" "%s" {\n  bucket = "%s"\n}\n'
QUEUE = 'resource "aws_sqs_queue" "%s" {\n  name = "%s"\n}\n'
SCALEWAY = 'provider "scaleway" {\n  region = "fr-par"\n}\nresource "scaleway_object_bucket" "b" {\n  name = "b"\n}\n'


def bucket(name: str) -> str:
    return BUCKET % (name, name)


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, str | None], message: str = "x") -> str:
    for path, text in files.items():
        if text is None:
            (folder / path).unlink()
        else:
            write(folder, {path: text})
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, {"a/main.tf": PROVIDER + bucket("old"), "b/main.tf": SCALEWAY, ".gitignore": "*.ignored\n"})
    return folder


def found(out: Outcome, *rules: str) -> list[tuple[str, str, int]]:
    return [(f["rule"], f["path"], f["line"]) for f in out.findings if not rules or f["rule"] in rules]


def solved(out: Outcome) -> list[tuple[str, str]]:
    return [(entry["rule"], entry["address"]) for entry in out.report["comparison"]["solved"]]


# --- baseline


def baselined(folder: Path, *args: str) -> Outcome:
    return Outcome(folder, "--baseline", "base.json", *(args or (".",)))


def test_what_is_in_the_baseline_passes(repo: Path) -> None:
    first = Outcome(repo, "--write-baseline", "base.json", ".")
    assert first.code == 1, "writing a baseline does not hide what it holds"
    data = json.loads((repo / "base.json").read_text())
    assert data["schema"] == "sovlint-baseline/1"
    assert [row["rule"] for row in data["atoms"] if row["path"] == "a/main.tf"].count("SOV101") == 1
    again = baselined(repo)
    assert (again.code, again.findings) == (0, [])
    assert again.report["comparison"]["known"] == len(data["atoms"])
    # The file is the same for the same input, and sorted.
    assert Outcome(repo, "--write-baseline", "again.json", "a", "b").code == 1
    assert (repo / "again.json").read_text() == (repo / "base.json").read_text()


def test_a_new_resource_under_a_known_provider_stands_at_its_own_line(repo: Path) -> None:
    Outcome(repo, "--write-baseline", "base.json", ".")
    write(repo, {"a/main.tf": PROVIDER + bucket("old") + bucket("new")})
    out = baselined(repo)
    assert out.code == 1
    new = out.one("SOV101")
    assert (new["path"], new["line"], new["affects"]) == ("a/main.tf", 7, ["aws_s3_bucket.new"])
    assert [(hop["path"], hop["line"]) for hop in new["related"]][:1] == [("a/main.tf", 2)]
    assert "root cause" in new["related"][0]["note"]
    assert "SOV901" in out.rules


def test_what_is_solved_is_named_and_what_moved_is_not_new(repo: Path) -> None:
    Outcome(repo, "--write-baseline", "base.json", ".")
    (repo / "a").rename(repo / "moved")
    out = baselined(repo)
    assert (out.code, found(out)) == (0, [])
    assert solved(out) == []
    write(repo, {"moved/main.tf": SCALEWAY})
    out = baselined(repo)
    assert out.code == 0
    assert ("SOV101", "aws_s3_bucket.old") in solved(out)
    # Of a part of the tree nobody knows whether the rest is solved.
    assert solved(baselined(repo, "b")) == []


def test_a_new_operator_and_service_are_said(repo: Path) -> None:
    Outcome(repo, "--write-baseline", "base.json", ".")
    spanner = 'name = "s"\n  config = "regional-europe-west4"\n  display_name = "s"'
    google = 'provider "google" {\n  region = "europe-west4"\n}\n'
    write(repo, {"c/main.tf": google + 'resource "google_spanner_instance" "s" {\n  ' + spanner + "\n}\n"})
    out = baselined(repo)
    messages = [f["message"] for f in out.findings if f["rule"] == "SOV901"]
    assert any("new operator: Google" in message for message in messages), messages
    assert any("new service: " in message and "Spanner" in message for message in messages), messages


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "not a baseline"),
        ("[]", "format sovlint-baseline/1"),
        ('{"schema": "sovlint-baseline/9", "atoms": []}', "format sovlint-baseline/1"),
        ('{"schema": "sovlint-baseline/1", "atoms": [{"rule": "SOV101"}]}', "atom 1 is not complete"),
        ("[" * 100_000, "not a baseline"),
    ],
)
def test_what_is_no_baseline(repo: Path, text: str, part: str) -> None:
    write(repo, {"base.json": text})
    result = run_sovlint(["check", "--no-config", "--baseline", "base.json", "."], cwd=repo)
    assert (result.returncode, result.stdout) == (2, "")
    assert part in result.stderr
    assert "base.json" in result.stderr


def test_a_baseline_that_is_missing_or_cannot_be_written(repo: Path) -> None:
    for args in (["--baseline", "no.json"], ["--write-baseline", "no/where.json"], ["--write-baseline", "a"]):
        result = run_sovlint(["check", "--no-config", *args, "."], cwd=repo)
        assert (result.returncode, result.stdout) == (2, ""), args
        assert args[1] in result.stderr


# --- diff


def diff(folder: Path, base: str = "main", *args: str) -> Outcome:
    return Outcome(folder, "--diff", base, *(args or (".",)))


def test_nothing_changed_nothing_said(repo: Path) -> None:
    out = diff(repo, "HEAD")
    assert (out.code, out.findings) == (0, [])
    assert out.report["comparison"]["with"] == "diff HEAD"


def test_added_files_and_blocks_stand_at_a_line_of_the_change(repo: Path) -> None:
    write(repo, {"a/main.tf": PROVIDER + bucket("old") + bucket("new"), "a/more.tf": QUEUE % ("q", "q")})
    out = diff(repo, "HEAD")
    assert found(out, "SOV101") == [("SOV101", "a/main.tf", 7), ("SOV101", "a/more.tf", 1)]
    assert out.one("SOV101", "a/more.tf")["related"][0]["line"] == 2
    assert any(text.startswith("+2 on ") for text in out.report["comparison"]["change"])


def test_a_variable_changed_in_another_file_is_where_the_finding_stands(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    files: dict[str, str | None] = {
        "m/main.tf": 'variable "r" {}\nresource "aws_s3_bucket" "b" {\n  region = var.r\n}\n',
        "main.tf": 'variable "region" {}\nmodule "m" {\n  source = "./m"\n  r      = var.region\n}\n',
        "terraform.tfvars": '# the place\nregion = "eu-central-1"\n',
    }
    commit(tmp_path, files)
    write(tmp_path, {"terraform.tfvars": '# the place\nregion = "us-east-1"\n'})
    out = diff(tmp_path, "HEAD")
    assert found(out, "SOV101") == [("SOV101", "terraform.tfvars", 2)]


def test_what_gets_worse_is_new_and_what_gets_better_is_solved(repo: Path) -> None:
    commit(repo, {"v/main.tf": 'variable "r" {}\nprovider "aws" {\n  region = var.r\n}\n' + bucket("x")})
    write(
        repo,
        {
            "v/main.tf": 'variable "r" {\n  default = "us-west-2"\n}\nprovider "aws" {\n  region = var.r\n}\n'
            + bucket("x")
        },
    )
    out = diff(repo, "HEAD")
    assert found(out, "SOV101") == [("SOV101", "v/main.tf", 2)]
    assert ("SOV109", "aws_s3_bucket.x") in solved(out)


def test_moved_renamed_and_deleted_files(repo: Path) -> None:
    git(repo, "mv", "a/main.tf", "a/renamed.tf")
    git(repo, "mv", "b", "elsewhere")
    out = diff(repo, "HEAD")
    assert (out.code, found(out), solved(out)) == (0, [], [])
    (repo / "a" / "renamed.tf").unlink()
    out = diff(repo, "HEAD")
    assert out.code == 0
    assert ("SOV101", "aws_s3_bucket.old") in solved(out)
    assert any("−1 on " in text for text in out.report["comparison"]["change"])


def test_committed_staged_and_untracked_changes_count(repo: Path) -> None:
    git(repo, "checkout", "-q", "-b", "feature")
    commit(repo, {"c/main.tf": PROVIDER + bucket("committed")})
    write(repo, {"d/main.tf": PROVIDER + bucket("staged"), "e/main.tf": PROVIDER + bucket("untracked")})
    git(repo, "add", "d/main.tf")
    paths = {path for _, path, _ in found(diff(repo), "SOV101")}
    assert paths == {"c/main.tf", "d/main.tf", "e/main.tf"}


def test_a_merge_commit_is_compared_with_the_common_ancestor(repo: Path) -> None:
    git(repo, "checkout", "-q", "-b", "feature")
    commit(repo, {"f/main.tf": PROVIDER + bucket("mine")})
    git(repo, "checkout", "-q", "main")
    commit(repo, {"g/main.tf": PROVIDER + bucket("theirs")})
    git(repo, "checkout", "-q", "feature")
    # Not merged yet: what others did on main since is neither mine nor solved.
    out = diff(repo)
    assert ({path for _, path, _ in found(out, "SOV101")}, solved(out)) == ({"f/main.tf"}, [])
    git(repo, "merge", "-q", "--no-edit", "main")
    out = diff(repo)
    assert ({path for _, path, _ in found(out, "SOV101")}, solved(out)) == ({"f/main.tf"}, [])


def test_one_file_of_the_change(repo: Path) -> None:
    write(repo, {"a/main.tf": PROVIDER + bucket("old") + bucket("new"), "c/main.tf": PROVIDER + bucket("other")})
    out = diff(repo, "HEAD", "c/main.tf")
    assert {path for _, path, _ in found(out)} == {"c/main.tf"}


def test_manifests_and_charts(repo: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: %s\nspec:\n  containers:\n    - name: c\n      image: %s\n"
    chart = "apiVersion: v2\nname: c\nversion: 1.0.0\n"
    commit(
        repo,
        {
            "k/a.yaml": pod % ("a", "docker.io/a/b:1"),
            "ch/Chart.yaml": chart,
            "ch/values.yaml": "image: docker.io/x/y:1\n",
        },
    )
    write(repo, {"k/b.yaml": pod % ("b", "ghcr.io/a/b:1"), "ch/values-prod.yaml": "image: ghcr.io/x/y:1\n"})
    out = diff(repo, "HEAD")
    assert found(out, "SOV501") == [("SOV501", "ch/values-prod.yaml", 1), ("SOV501", "k/b.yaml", 8)]


def test_what_git_cannot_answer(repo: Path, tmp_path: Path) -> None:
    def said(folder: Path, base: str) -> str:
        result = run_sovlint(["check", "--no-config", "--diff", base, "."], cwd=folder)
        assert (result.returncode, result.stdout) == (2, ""), result
        assert "Traceback" not in result.stderr
        return result.stderr

    assert "no such revision" in said(repo, "nowhere")
    assert "not a revision" in said(repo, "--output=x") or "no such revision" in said(repo, "--output=x")
    plain = tmp_path / "plain"
    write(plain, {"main.tf": PROVIDER})
    assert "not a git repository" in said(plain, "HEAD")
    commit(repo, {"x.tf": ""}, "second")
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{repo}", "shallow"], cwd=tmp_path, check=True)
    assert "shallow" in said(tmp_path / "shallow", git(repo, "rev-parse", "HEAD~1"))
    git(repo, "checkout", "-q", "--orphan", "other")
    commit(repo, {"y.tf": ""}, "unrelated")
    assert "no common ancestor" in said(repo, "main")
    assert run_sovlint(["check", "--diff", "main", "--baseline", "b.json", "."], cwd=repo).returncode == 2


def test_nothing_that_the_repository_configures_is_executed(repo: Path) -> None:
    touch = 'touch "$(git rev-parse --show-toplevel)/executed"'
    for key in (
        "core.fsmonitor",
        "filter.x.clean",
        "filter.x.smudge",
        "diff.external",
        "diff.x.textconv",
        "core.pager",
    ):
        git(repo, "config", key, touch)
    write(repo, {".gitattributes": "*.tf filter=x diff=x\n", "a/main.tf": PROVIDER + bucket("new")})
    hook = repo / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\n{touch}\n")
    hook.chmod(0o755)
    assert diff(repo, "HEAD").code == 1
    assert not (repo / "executed").exists()


def test_two_thousand_files_are_evaluated_once_where_nothing_changed(tmp_path: Path) -> None:
    """A count, not a time: the older side only evaluates the units that the change can have touched."""
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, {f"r{i}/main.tf": PROVIDER + bucket(f"b{i}") for i in range(40)})
    write(tmp_path, {"r7/main.tf": PROVIDER + bucket("b7") + bucket("more")})
    out = diff(tmp_path, "HEAD")
    assert found(out, "SOV101") == [("SOV101", "r7/main.tf", 7)]
    assert out.report["comparison"]["known"] < 10


def test_sarif_says_what_was_scanned(repo: Path) -> None:
    def provenance(*args: str) -> list[dict[str, str]]:
        result = run_sovlint(["check", "--no-config", "-f", "sarif", *args, "."], cwd=repo)
        found: list[dict[str, str]] = json.loads(result.stdout)["runs"][0].get("versionControlProvenance", [])
        return found

    assert provenance() == [], "without a remote there is no address"
    git(repo, "remote", "add", "origin", "https://me:secret@git.example.eu/a/b.git")
    assert provenance() == [{"repositoryUri": "https://git.example.eu/a/b.git", "mappedTo": {"uriBaseId": "%SRCROOT%"}}]
    [entry] = provenance("--diff", "HEAD")
    assert entry["revisionId"] == git(repo, "rev-parse", "HEAD")
    write(repo, {"new.tf": ""})
    assert "revisionId" not in provenance("--diff", "HEAD")[0], "the files are no commit"


def test_an_object_that_did_not_change_still_places_what_is_new(repo: Path) -> None:
    """Resources of a cloud refer to objects in other files: the older side and the newer one must both know them."""
    placed = "metadata:\n  name: z\n  annotations: {services.k8s.aws/default-region: %s}\n"
    namespace = f"apiVersion: v1\nkind: Namespace\n{placed}"
    kind = "apiVersion: rds.services.k8s.aws/v1alpha1\nkind: DBInstance\n"
    database = kind + "metadata: {name: d, namespace: %s}\nspec: {engine: x}\n"
    inside, outside = namespace % "eu-central-1", (namespace % "us-west-2").replace("name: z", "name: y")
    commit(repo, {"k/inside.yaml": inside, "k/outside.yaml": outside})
    write(repo, {"k/a.yaml": database % "z", "k/b.yaml": database % "y"})
    out = diff(repo, "HEAD")
    (new,) = (f for f in out.findings if f["rule"] in ("SOV101", "SOV109"))
    assert (new["rule"], new["path"]) == ("SOV101", "k/b.yaml")
    assert new["affects"] == ["rds.services.k8s.aws/DBInstance/y/d"]
    assert new["related"][0]["path"] == "k/outside.yaml"
