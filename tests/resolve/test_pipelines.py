"""Delivery pipelines: which files are, what their jobs say, and where."""

from __future__ import annotations

import pytest
from delivery_runs import run

from sovlint.resolve.pipelines import platform_of

WORKFLOW = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("path", "platform"),
    [
        (".github/workflows/ci.yml", "github"),
        ("sub/.github/workflows/ci.yaml", "github"),
        (".github/actions/a/b/action.yml", "github"),
        (".forgejo/workflows/ci.yml", "forgejo"),
        (".gitea/workflows/ci.yml", "gitea"),
        (".gitlab-ci.yml", "gitlab"),
        ("a/b.gitlab-ci.yml", "gitlab"),
        (".github/workflows/deep/ci.yml", None),
        (".github/dependabot.yml", None),
        ("github/workflows/ci.yml", None),
        ("workflows/ci.yml", None),
        ("gitlab-ci.yaml.bak", None),
    ],
)
def test_the_names_of_pipelines(path: str, platform: str | None) -> None:
    assert platform_of(path) == platform


def job(text: str, top: str = "") -> dict[str, str]:
    lines = "\n".join(f"    {line}" for line in text.splitlines())
    return {WORKFLOW: f"{top}jobs:\n  a:\n{lines}\n"}


@pytest.mark.parametrize(
    ("runs_on", "found"),
    [
        ("ubuntu-latest", ["ubuntu-latest"]),
        ("'ubuntu-22.04'", ["'ubuntu-22.04'"]),
        ("macos-15-xlarge", ["macos-15-xlarge"]),
        ("[ubuntu-24.04]", ["ubuntu-24.04"]),
        ("{group: big, labels: windows-2025}", ["windows-2025"]),
        ("{group: big}", []),
        ("self-hosted", []),
        ("[self-hosted, ubuntu-latest]", []),
        ("[ubuntu-latest, self-hosted]", []),
        ("ubuntu-runner", []),
        ("my-ubuntu-latest", []),
        ("${{ vars.RUNNER }}", []),
        ("${{ matrix.os }}", []),
    ],
)
def test_labels_of_hosted_runners(runs_on: str, found: list[str]) -> None:
    hosts = run(job(f"runs-on: {runs_on}")).hosts("service")
    assert hosts == [f"github.com @ {WORKFLOW}:3 {text}" for text in found]


def test_values_of_a_matrix() -> None:
    text = "strategy: {matrix: {os: [own, ubuntu-22.04, [self, macos-14]], include: [{os: windows-2022}, {x: y}]}}\n"
    found = run(job(text + "runs-on: ${{ matrix.os }}"))
    labels = sorted(host.rpartition(" ")[2] for host in found.hosts("service"))
    assert labels == ["macos-14", "ubuntu-22.04", "windows-2022"]


@pytest.mark.parametrize("folder", [".forgejo", ".gitea"])
def test_labels_elsewhere_are_those_of_the_own_runner(folder: str) -> None:
    path = f"{folder}/workflows/ci.yml"
    assert run({path: "jobs: {a: {runs-on: ubuntu-latest}}"}).hosts("service") == []


@pytest.mark.parametrize(
    ("folder", "uses", "host"),
    [
        (".github", "actions/checkout@v4", "github.com"),
        (".github", "./local", ""),
        (".gitea", "actions/checkout@v4", "github.com"),
        (".gitea", "https://gitea.com/actions/checkout@v4", "gitea.com"),
        (".forgejo", "actions/checkout@v4", "data.forgejo.org"),
        (".forgejo", "https://github.com/actions/checkout@v4", "github.com"),
    ],
)
def test_where_an_action_comes_from(folder: str, uses: str, host: str) -> None:
    path = f"{folder}/workflows/ci.yml"
    found = run({path: f"jobs:\n  a:\n    steps:\n    - uses: {uses}\n"})
    assert found.hosts("module") == ([f"{host} @ {path}:4 {uses}"] if host else [])


def test_images_in_all_their_places() -> None:
    found = run(
        job(
            """\
container: {image: "ghcr.io/a/container:1"}
services:
  db: {image: "ghcr.io/a/service:1"}
  short: ghcr.io/a/short:1
steps:
- uses: docker://ghcr.io/a/step:1
- {run: "docker pull ghcr.io/a/run:1"}
- uses: docker/build-push-action@v6
  with:
    tags: |
      ghcr.io/a/pushed:1
      quay.io/a/pushed:1,gcr.io/a/pushed:1
      type=raw,value=latest
"""
        )
    )
    assert found.images == [f"ghcr.io/a/{name}:1" for name in ("container", "service", "short", "step")]
    assert found.hosts("registry") == [
        f"gcr.io @ {WORKFLOW}:14 gcr.io/a/pushed:1",
        f"ghcr.io @ {WORKFLOW}:13 ghcr.io/a/pushed:1",
        f"quay.io @ {WORKFLOW}:14 quay.io/a/pushed:1",
    ]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("with: {registry: ghcr.io}", ["ghcr.io @ {}:6 ghcr.io"]),
        ("with: {registry: 'https://index.docker.io/v1/'}", ["index.docker.io @ {}:6 'https://index.docker.io/v1/'"]),
        ("with: {registry: '${{ env.REG }}'}", ["quay.io @ {}:1 quay.io"]),
        ("with: {registry: '${{ env.REG }}'}\n  env: {REG: gcr.io}", ["gcr.io @ {}:7 gcr.io"]),
        ("with: {registry: '${{ secrets.REG }}'}", []),
        ("with: {registry: '${{ env.NONE }}'}", []),
        ("with: {username: me}", ["docker.io @ {}:5 docker/login-action@v3"]),
        ("id: x", ["docker.io @ {}:5 docker/login-action@v3"]),
    ],
)
def test_registries_that_are_logged_in_to(given: str, found: list[str]) -> None:
    texts = job(f"steps:\n- uses: docker/login-action@v3\n  {given}", "env: {REG: quay.io}\n")
    got = [host.replace(" 'https", " 'https") for host in run(texts).hosts("registry")]
    assert got == [text.format(WORKFLOW) for text in found]


# --- GitLab


def test_gitlab_images_with_variables() -> None:
    found = run(
        {
            ".gitlab-ci.yml": """
                variables:
                  REG: quay.io
                  BASE: {value: "$REG/base", description: x}
                  LOOP: $LOOP/x
                image: $REG/top:1
                default:
                  services: ["ghcr.io/a/service:1", {name: "${BASE}/db:1"}]
                job:
                  variables: {REG: gcr.io}
                  image: {name: "$REG/a/job:1"}
                unknown:
                  image: $CI_REGISTRY_IMAGE/x
                loop:
                  image: $LOOP/x
                .template:
                  image: ghcr.io/a/template
                """
        }
    )
    assert found.images == [
        "gcr.io/a/job:1",
        "ghcr.io/a/service:1",
        "ghcr.io/a/template",
        "quay.io/base/db:1",
        "quay.io/top:1",
    ]
    assert found.image("gcr.io/a/job:1") == ".gitlab-ci.yml:9 gcr.io"
    assert found.image("quay.io/top:1") == ".gitlab-ci.yml:2 quay.io"


def test_gitlab_reads_local_files_and_names_remote_ones() -> None:
    found = run(
        {
            ".gitlab-ci.yml": """
                include:
                  - local: /ci/a.yml
                  - local: none.yml
                  - local: ../../out.yml
                  - local: /ci/*.yml
                  - remote: https://gitlab.com/x/y/-/raw/main/a.yml
                  - component: $CI_SERVER_FQDN/x/y@1
                """,
            "ci/a.yml": "include: ci/b.yml\na: {image: ghcr.io/a/a}",
            "ci/b.yml": "include: ci/a.yml\nb: {image: ghcr.io/a/b, tags: [saas-macos-medium-m1, own]}",
            "ci/c.yml": "c: {image: ghcr.io/a/c}",
        }
    )
    assert found.images == ["ghcr.io/a/a", "ghcr.io/a/b"]
    assert found.hosts("service") == ["gitlab.com @ ci/b.yml:2 saas-macos-medium-m1"]
    assert found.hosts("module") == ["gitlab.com @ .gitlab-ci.yml:6 https://gitlab.com/x/y/-/raw/main/a.yml"]
    assert found.said == [".gitlab-ci.yml:3 missing warning", ".gitlab-ci.yml:4 missing warning"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "jobs: []", "jobs: {a: []}",
     "jobs: {a: {runs-on: [[a], {b: c}], steps: x, container: [], services: []}}",
     "jobs: {a: {runs-on: {labels: {}}, steps: [{uses: []}, {uses: docker/login-action, with: []}], strategy: []}}",
     "include: {a: b}", "include: [[], {local: []}, {remote: {}}]", "image: []", "services: {a: b}", "a: {tags: {}}",
     "variables: []\nimage: $A"],
)  # fmt: skip
def test_odd_shapes(text: str) -> None:
    for path in (WORKFLOW, ".gitlab-ci.yml"):
        assert [said for said in run({path: text}).said if "warning" not in said] == []


def test_what_is_broken_is_said_where_it_is() -> None:
    assert run({WORKFLOW: "jobs:\n  a: [\n"}).said == [f"{WORKFLOW}:3 syntax error"]


def test_variables_that_multiply_end() -> None:
    lines = "\n".join(f"  V{i}: {' '.join([f'$V{i + 1}'] * 20)}" for i in range(30))
    found = run({".gitlab-ci.yml": f"variables:\n{lines}\n  V30: x\nimage: quay.io/a/b\na: {{image: $V0}}"})
    assert found.images == ["quay.io/a/b"]
