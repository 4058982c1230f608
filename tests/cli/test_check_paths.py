"""What is linted and what is only read: PATH, `.gitignore`, `--exclude`, and what paths in reports are relative to."""

from __future__ import annotations

from pathlib import Path

from check_runs import BUCKET, GOOD, POD, PROVIDER, Outcome, write

PROJECT = {
    "envs/prod/main.tf": 'variable "region" {}\nprovider "aws" {\n  region = var.region\n}\n'
    'module "db" {\n  source = "../../modules/db"\n  copy   = "us-west-2"\n}\n',
    "envs/prod/extra.tf": 'resource "aws_s3_bucket" "extra" {}\n'
    'resource "aws_s3_bucket" "own" { region = "eu-west-2" }\n',
    "envs/prod/terraform.tfvars": 'region = "us-east-1"\n',
    "modules/db/main.tf": 'variable "copy" {}\nresource "aws_dynamodb_table" "t" {\n'
    "  replica { region_name = var.copy }\n}\n",
    "other/main.tf": GOOD,
    "k8s/a.yaml": POD,
    "k8s/b.yaml": POD,
}

REGION = ("SOV101", "envs/prod/terraform.tfvars", 1, 10)
COPY = ("SOV103", "envs/prod/main.tf", 7, 12)
OWN = ("SOV101", "envs/prod/extra.tf", 2, 43)
OTHER = ("SOV101", "other/main.tf", 1, 27)


def residency(out: Outcome) -> set[tuple[str, str, int, int]]:
    """Places of the findings about where things are."""
    return {place for place in out.places if place[0] in ("SOV101", "SOV103", "SOV109")}


# --- files as PATH


def test_a_file_selects_what_touches_it(tmp_path: Path) -> None:
    write(tmp_path, PROJECT)
    assert residency(Outcome(tmp_path)) == {REGION, COPY, OWN, OTHER}
    # The cause lies in it.
    assert residency(Outcome(tmp_path, "envs/prod/terraform.tfvars")) == {REGION}
    # The value comes through it, or its module call brings the argument.
    assert residency(Outcome(tmp_path, "envs/prod/main.tf")) == {REGION, COPY}
    # What is declared in it is affected; only that is listed.
    extra = Outcome(tmp_path, "envs/prod/extra.tf")
    assert residency(extra) == {REGION, OWN}
    assert next(f for f in extra.findings if f["line"] == 1)["affects"] == ["aws_s3_bucket.extra"]
    # Callers of a module are not read.
    module = Outcome(tmp_path, "modules/db/main.tf")
    assert {path for _, path, _, _ in module.places} == {"modules/db/main.tf"}
    assert module.rules >= {"SOV109", "SOV401"}
    assert module.report["summary"]["undetermined"] >= 1


def test_several_files_and_folders(tmp_path: Path) -> None:
    write(tmp_path, PROJECT)
    out = Outcome(tmp_path, "other/main.tf", "k8s/b.yaml")
    assert residency(out) == {OTHER}
    assert out.regions("SOV501") == [("k8s/b.yaml", 7, 14)]
    # What is a folder among them is reported as a whole.
    out = Outcome(tmp_path, "other", "k8s/b.yaml", "./envs/../envs/prod/terraform.tfvars", "k8s/b.yaml")
    assert residency(out) == {OTHER, REGION}
    assert out.regions("SOV501") == [("k8s/b.yaml", 7, 14)]
    assert residency(Outcome(tmp_path, "envs/prod", "other")) == {REGION, COPY, OWN, OTHER}


def test_a_named_file_is_linted_whatever_git_ignores(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", ".gitignore": "*\n", "x/main.tf": GOOD})
    assert Outcome(tmp_path).places == []
    assert Outcome(tmp_path, "x/main.tf").regions() == [("x/main.tf", 1, 27)]


# --- what paths are relative to


def test_paths_are_relative_to_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {f"repo/{name}": text for name, text in PROJECT.items()})
    write(tmp_path, {"repo/.git/HEAD": "ref: refs/heads/main\n"})
    repo = tmp_path / "repo"
    whole = Outcome(repo)
    assert residency(whole) == {REGION, COPY, OWN, OTHER}
    below = [
        Outcome(repo / "envs/prod"),
        Outcome(repo, "envs/prod"),
        Outcome(tmp_path, "repo/envs/prod"),
        Outcome(repo / "k8s", "../envs/prod/"),
        Outcome(repo / "k8s", str(repo / "envs/prod")),
        Outcome(Path("/"), str(repo / "envs/prod")),
    ]
    assert residency(below[0]) == {REGION, COPY, OWN}
    assert all(out.run.stdout == below[0].run.stdout for out in below)
    # Called from outside: the repository is that of the path, not of the working directory.
    assert Outcome(tmp_path, "repo").report == whole.report


def test_without_a_repository_paths_are_relative_to_the_working_directory_that_holds_them(tmp_path: Path) -> None:
    write(tmp_path, {f"top/{name}": text for name, text in PROJECT.items()})
    top = tmp_path / "top"
    assert ("SOV101", "top/other/main.tf", 1, 27) in Outcome(tmp_path, "top/other").places
    assert ("SOV101", "main.tf", 1, 27) in Outcome(top / "other").places
    # Elsewhere: to PATH itself; of a file, to its folder.
    assert ("SOV101", "main.tf", 1, 27) in Outcome(top / "k8s", "../other").places
    assert ("SOV101", "main.tf", 1, 27) in Outcome(top / "k8s", str(top / "other/main.tf")).places
    # A module beside the tree is out of reach: said, not guessed.
    lonely = Outcome(top / "envs/prod")
    assert lonely.regions("SOV103") == []
    assert [code for _, code in (*lonely.warnings, *lonely.problems)] == ["outside-tree"]


def test_a_worktree_and_a_link_to_the_tree(tmp_path: Path) -> None:
    write(tmp_path, {"work/.git": "gitdir: elsewhere\n", "work/x/main.tf": GOOD})
    (tmp_path / "link").symlink_to("work/x")
    assert Outcome(tmp_path / "work/x").regions() == [("x/main.tf", 1, 27)]
    assert Outcome(tmp_path, "link").regions() == [("x/main.tf", 1, 27)]


# --- what is left out

LOCAL_MODULE = 'module "m" {\n  source = "./generated"\n}\n'


def test_what_git_ignores_is_not_linted_but_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/HEAD": "",
            ".gitignore": "# comment\n*.tfvars\n/build/\nscratch*.tf\nlogs/**\n!logs/keep/\n",
            "main.tf": 'variable "region" {}\n' + PROVIDER % "var.region",
            "terraform.tfvars": 'region = "us-east-1"\n',
            "scratch.tf": 'resource "aws_s3_bucket" "mine" { region = "us-west-1" }\n',
            "build/main.tf": GOOD,
            "sub/build/main.tf": GOOD,
            "sub/.gitignore": "private/\n!private/not\n",
            "sub/private/main.tf": GOOD,
            "sub/scratch1/main.tf": GOOD,
            ".terraform/x/main.tf": GOOD,
            "node_modules/x/main.tf": GOOD,
            "k/.gitignore": "*.yaml\n!b.yaml\n",
            "k/a.yaml": POD,
            "k/b.yaml": POD,
            "caller/main.tf": LOCAL_MODULE + 'provider "aws" { region = "eu-west-1" }\n',
            "caller/.gitignore": "generated/\n",
            "caller/generated/main.tf": 'resource "aws_s3_bucket" "in" { region = "ca-central-1" }\n',
        },
    )
    out = Outcome(tmp_path)
    assert out.problems == []
    assert set(out.regions()) == {
        ("terraform.tfvars", 1, 10),
        ("sub/build/main.tf", 1, 27),
        ("sub/scratch1/main.tf", 1, 27),
        ("caller/generated/main.tf", 1, 42),
    }
    assert out.regions("SOV501") == [("k/b.yaml", 7, 14)]
    # From below, the ignore files above still count.
    assert Outcome(tmp_path / "sub").regions() == [("sub/build/main.tf", 1, 27), ("sub/scratch1/main.tf", 1, 27)]


def test_exclude_adds_to_the_configuration(tmp_path: Path) -> None:
    files = ("a/main.tf", "b/main.tf", "b/examples/main.tf", "c/examples/deep/main.tf", "d/x.tf", "d/xy.tf", "e.tf")
    text = 'resource "aws_s3_bucket" "b%d" { region = "us-east-1" }\n'
    write(tmp_path, {name: text % number for number, name in enumerate(files)})
    write(tmp_path, {".sovlint.yaml": 'exclude: ["a/**"]\n'})

    def left(*globs: str, config: bool = True) -> set[str]:
        args = [word for glob in globs for word in ("--exclude", glob)]
        return {path for path, _, _ in Outcome(tmp_path, *args, ".", config=config).regions()}

    every = set(files)
    assert left(config=False) == every
    assert left() == every - {"a/main.tf"}
    assert left("**/examples/**", "e.tf") == {"b/main.tf", "d/x.tf", "d/xy.tf"}
    assert left("b", "?.tf", config=False) == {"a/main.tf", "c/examples/deep/main.tf", "d/x.tf", "d/xy.tf"}
    assert left("*.tf", config=False) == every - {"e.tf"}
    assert left("**/x?.tf", "*/examples", config=False) == {"a/main.tf", "b/main.tf", "d/x.tf", "e.tf"}
    assert left("**", config=False) == set()


def test_default_path_is_the_working_directory(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": GOOD, "sub/pod.yaml": POD, "b.txt": BUCKET})
    out = Outcome(tmp_path)
    assert out.report["summary"]["files"] == 2
    assert out.rules == {"SOV101", "SOV201", "SOV501"}
