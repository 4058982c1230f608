"""Worker processes: the same report as without them; killed workers; Ctrl-C; full disks and closed pipes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from check_runs import write

from sovlint.run.workers import Crew
from support import REPOSITORY, as_from_a_terminal, run_sovlint

FIXTURES = [*sorted((REPOSITORY / "fixtures" / "projects").iterdir()), REPOSITORY / "fixtures" / "rules"]

ROOT = """\
module "shared" {{
  source = "../shared"
  region = "us-east-{0}"
}}

provider "aws" {{
  region = "eu-west-1"
}}

resource "aws_s3_bucket" "b" {{
  for_each = toset([for i in range(40) : tostring(i)])
  bucket   = "b-{0}-${{each.key}}" # sovlint:waive SOV101 until=2099-01-01 owner=a reason=b
}}
"""
SHARED = """\
variable "region" {}

resource "aws_dynamodb_table" "t" {
  name     = "t"
  hash_key = "id"
  replica {
    region_name = var.region
  }
}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: p{0}
spec:
  nodeSelector: {{topology.kubernetes.io/region: us-east-1}}
  containers:
    - name: c
      image: ghcr.io/a/b:{0}
"""
BUCKET = """\
apiVersion: s3.aws.upbound.io/v1beta2
kind: Bucket
metadata: {{name: b{0}}}
spec:
  forProvider: {{region: us-east-1}}
  providerConfigRef: {{name: default}}
"""


def many(folder: Path, count: int) -> None:
    """A tree of many units of all kinds; some of them broken."""
    files = {".git/HEAD": "", "shared/main.tf": SHARED, "broken/main.tf": 'resource "a" {', "broken.yaml": "a: [\n"}
    for number in range(count):
        files[f"r{number}/main.tf"] = ROOT.format(number)
        files[f"k/{number}.yaml"] = (BUCKET if number % 5 == 0 else POD).format(number)
    files["k/broken.yaml"] = "apiVersion: v1\nkind: Pod\nspec: {\n"
    files["chart/Chart.yaml"] = "apiVersion: v2\nname: c\nversion: 1.0.0\n"
    files["chart/values.yaml"] = "image:\n  repository: ghcr.io/a/b\n"
    write(folder, files)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that takes a few seconds."""
    folder = tmp_path_factory.mktemp("large")
    many(folder, 400)
    return folder


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: folder.name)
def test_workers_change_no_byte_of_a_fixture(folder: Path) -> None:
    alone = run_sovlint(["check", "--no-cache", "--format", "json", "--jobs", "1", "."], cwd=folder)
    shared = run_sovlint(["check", "--no-cache", "--format", "json", "--jobs", "3", "."], cwd=folder)
    assert alone.stdout.startswith("{")
    assert (shared.returncode, shared.stdout, shared.stderr) == (alone.returncode, alone.stdout, alone.stderr)


@pytest.mark.parametrize("command", ["check", "inventory"])
def test_workers_change_no_byte_of_a_tree_of_all_kinds(tmp_path: Path, command: str) -> None:
    many(tmp_path, 30)
    alone, shared, unasked = (
        run_sovlint([command, "--format", "json", *words, "."], cwd=tmp_path)
        for words in (["--jobs", "1"], ["--jobs", "4"], [])
    )
    assert alone.returncode == 2  # broken files
    for other in (shared, unasked):
        assert (other.returncode, other.stdout, other.stderr) == (alone.returncode, alone.stdout, alone.stderr)


def test_workers_change_no_byte_of_several_environments(tmp_path: Path) -> None:
    many(tmp_path, 10)
    write(
        tmp_path,
        {
            "r1/variables.tf": 'variable "place" {}\n',
            "r1/place.tf": 'provider "aws" {\n  alias  = "p"\n  region = var.place\n}\n'
            'resource "aws_s3_bucket" "p" {\n  provider = aws.p\n}\n',
            "a.tfvars": 'place = "us-east-1"\n',
            "b.tfvars": 'place = "eu-central-1"\n',
            ".sovlint.yaml": "environments:\n  a: {var-files: [a.tfvars]}\n  b: {var-files: [b.tfvars]}\n",
        },
    )
    alone = run_sovlint(["check", "--format", "json", "--jobs", "1"], cwd=tmp_path)
    shared = run_sovlint(["check", "--format", "json", "--jobs", "2"], cwd=tmp_path)
    assert '"environments": ["a"' in " ".join(alone.stdout.split()).replace("[ ", "[")
    assert (shared.returncode, shared.stdout, shared.stderr) == (alone.returncode, alone.stdout, alone.stderr)


def test_workers_tell_which_profiles_were_needed(tmp_path: Path) -> None:
    """A waiver of a rule that only a scope's profile has is unused, though nothing in the scope gives a finding."""
    many(tmp_path, 10)
    bucket = (
        'provider "scaleway" {\n  region = "fr-par"\n}\n\nresource "scaleway_object_bucket" "b" {\n'
        '  name = "b" # sovlint:waive SOV204 until=2099-01-01 owner=a reason=b\n}\n'
    )
    scopes = "scopes:\n  - paths: [strict/**]\n    profile: eu-strict\n"
    write(tmp_path, {"strict/main.tf": bucket, ".sovlint.yaml": scopes})
    alone = run_sovlint(["check", "--format", "json", "--jobs", "1"], cwd=tmp_path)
    shared = run_sovlint(["check", "--format", "json", "--jobs", "2"], cwd=tmp_path)
    assert "strict/main.tf" in alone.stdout
    assert (shared.returncode, shared.stdout, shared.stderr) == (alone.returncode, alone.stdout, alone.stderr)


def test_few_files_do_not_pay_for_workers(tmp_path: Path) -> None:
    many(tmp_path, 10)
    script = (
        "import sys\nsys.argv = ['sovlint', 'check', '.']\nfrom sovlint.cli.main import main\n"
        "try:\n    main()\nfinally:\n    assert 'sovlint.run.gather' in sys.modules\n"
        "    print(sorted(m for m in sys.modules if m.startswith('multiprocessing')), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == "[]"


def test_jobs_must_be_a_number(tmp_path: Path) -> None:
    for word in ("0", "-1", "many"):
        done = run_sovlint(["check", "--jobs", word, "."], cwd=tmp_path)
        assert done.returncode == 2
        assert "--jobs" in done.stderr


# --- workers that end before their work does


def _squared_unless_killed(number: int) -> int:
    if number == 7 and os.getpid() != MAIN:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def _squared_unless_worker(number: int) -> int:
    if os.getpid() != MAIN:
        raise MemoryError
    return number * number


MAIN = os.getpid()


def test_the_share_of_a_killed_worker_is_done_again() -> None:
    with Crew(3, _squared_unless_killed) as crew:
        assert list(crew.results(crew.submit(range(50)))) == [n * n for n in range(50)]
        assert crew.lost == 1
        assert list(crew.results(crew.submit(range(5)))) == [0, 1, 4, 9, 16]


def test_all_workers_may_be_killed() -> None:
    with Crew(2, _squared_unless_killed) as crew:
        assert list(crew.results(crew.submit([7, 7, 7, 1]))) == [49, 49, 49, 1]
        assert crew.lost == 2


def test_an_error_in_a_worker_is_met_in_the_main_process() -> None:
    with Crew(2, _squared_unless_worker) as crew:
        assert list(crew.results(crew.submit(range(9)))) == [n * n for n in range(9)]
        assert crew.lost == 0


def test_a_killed_worker_is_said(large: Path) -> None:
    whole = run_sovlint(["check", "--jobs", "1", "--format", "concise", "."], cwd=large)
    with started(large, "--jobs", "2", "--format", "concise") as process:
        os.kill(workers_of(process)[0], signal.SIGKILL)
        out, _ = process.communicate(timeout=60)
    assert "a worker process was killed" in out
    findings = [line for line in out.splitlines() if ": SOV" in line or " SOV" in line]
    assert findings == [line for line in whole.stdout.splitlines() if ": SOV" in line or " SOV" in line]


# --- interruption


def started(folder: Path, *words: str) -> "subprocess.Popen[str]":
    """The command on a folder, in a group of its own as a terminal has it."""
    return subprocess.Popen(
        [sys.executable, "-m", "sovlint", "check", "--no-cache", *words, "."],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=as_from_a_terminal,  # noqa: PLW1509 - one thread
    )


def workers_of(process: "subprocess.Popen[str]", count: int = 2) -> list[int]:
    """Ids of the worker processes, once they are there."""
    listing = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = [int(word) for word in listing.read_text().split()] if listing.exists() else []
        if len(found) >= count:
            return found
        time.sleep(0.002)
    raise AssertionError("no workers")


def gone(process_id: int) -> bool:
    """Whether a process is no more, or waits only to be forgotten."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_ctrl_c_ends_everything_within_a_second(large: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with started(large, "--jobs", "2", "--format", "json", "--output", str(report)) as process:
        workers = workers_of(process)
        since = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)
        took = time.monotonic() - since
    assert (process.returncode, out, err.lstrip("\n")) == (130, "", "sovlint: interrupted\n")
    assert took < 1
    end = time.monotonic() + 1
    while not all(gone(worker) for worker in workers):
        assert time.monotonic() < end, "a worker lives on"
        time.sleep(0.01)
    assert list(tmp_path.iterdir()) == []


def test_workers_end_with_a_killed_parent(large: Path) -> None:
    with started(large, "--jobs", "2") as process:
        workers = workers_of(process)
        process.kill()
        process.communicate(timeout=20)
    end = time.monotonic() + 10
    while not all(gone(worker) for worker in workers):
        assert time.monotonic() < end, "a worker lives on"
        time.sleep(0.01)


# --- where a report cannot go


@pytest.mark.parametrize("words", [[], ["--output", "/dev/full"]], ids=["standard output", "file"])
def test_a_full_disk_is_a_clear_message(tmp_path: Path, words: list[str]) -> None:
    write(tmp_path, {"shared/main.tf": SHARED})
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sovlint", "check", "--format", "json", *words, "."],
            cwd=tmp_path,
            stdout=subprocess.PIPE if words else full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("sovlint: ")
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_closed_pipe_is_no_finding_and_no_traceback(tmp_path: Path) -> None:
    write(tmp_path, {"shared/main.tf": SHARED})
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "sovlint", "check", "."],
        cwd=tmp_path,
        stdout=written,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(written)
    assert (done.returncode, done.stderr) == (2, "")
