"""Against Helm as it was released, 3 and 4: what `--set` means, and what comes out of the charts of the fixtures."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from real_helm import VERSIONS, helm
from sovlint.discovery import MemoryTree
from sovlint.parse.yaml import Mapping, Scalar, resolve_scalar
from sovlint.resolve.helm.charts import load_chart
from sovlint.resolve.helm.engine import Binary, Job
from sovlint.resolve.helm.inputs import HelmInputs
from sovlint.resolve.helm.render import givens, plain
from sovlint.resolve.helm.sets import SetError, UnfinishedError, assignments
from sovlint.resolve.helm.values import ValuesAttributes
from sovlint.resolve.yaml_attributes import Item
from support import FIXTURES, REPOSITORY, run_sovlint

VALUES = """\
listed:
  - {a: 1, b: 2}
  - three
named: {a: 1, b: {c: 2, d: 3}}
text: some
number: 8
"""
GIVEN = """\
listed:
  - {a: 4, b: 5}
  - six
  - seven
named: {b: {c: 9}}
own: {x: [1, [2, 3]], z: null}
"""

TAKEN = [
    "text=other",
    "text=",
    "text=null",
    "named=null",
    "named.b=null",
    "named.b.c=null",
    "listed=null",
    "listed=[]",
    "listed={}",
    "listed={a}",
    "listed={a,b\\,c,1,true,null,1.5}",
    "listed[0].a=null",
    "listed[0].b=7",
    "listed[0].new=7",
    "listed[1]=x",
    "listed[5]=x",
    "listed[5].deep=x",
    "listed[0]={x,y}",
    "own.x[1][0]=z",
    "own.x[1][3]=z",
    "own.x[3][1].q=z",
    "own.z=1",
    "new.deeper.deepest=1",
    "new[0].a=1,new[0].b=2,new[2].c=3",
    "a=1,b=-5,c=+6,d=012,e=0,f=1.5,g=0x10,h=1e3,i=99999999999999999999,j=007",
    "a=true,b=FALSE,c=True,d=yes,e=on,f=NULL,g=nil,h=~",
    "a=x=y=z",
    "a=x{y,z=1}",
    " a = b ",
    "a\\.b/c=d",
    "a\\=b=c",
    "a\\,b=c\\,d",
    "a=b\\\\c",
    "a=\\{b\\,c\\}",
    "a=\"quoted\",b='single'",
    "a=b,",
    "a={b,c},d=e",
    "=a",
    "named.a=1,named.a=2",
    "text=ü€𝄞",
    "text=a\x7f\x85\u2028\ufeffb",
    "a=https://x.example/y?z=1&q#f",
    "named.b.c={1,2},named.b.e[1]=x",
    "",
]
REFUSED = ["a", "a=1,b", "a[x]=1", "a[0]b=c", "a[-1]=1", "a[70000]=1", "a={b", "a.=b", ",a=b", "a.b"]


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set") / "c"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 1.0.0\n")
    (folder / "values.yaml").write_text(VALUES)
    (folder / "given.yaml").write_text(GIVEN)
    (folder / "templates" / "v.yaml").write_text("{{ .Values | toJson }}\n")
    return folder


def rendered(binary: Path, chart: Path, *options: str) -> Any:
    """The values as the engine sees them; None where it does not take the options."""
    command = [str(binary), "template", "r", str(chart), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    return json.loads(done.stdout.partition("# Source: c/templates/v.yaml\n")[2])


def ours(text: str, files: tuple[str, ...]) -> Any:
    """The values as the static reading sees them."""
    texts: dict[str, str | bytes] = {
        "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "c/values.yaml": VALUES,
        "c/given.yaml": GIVEN,
    }
    inputs = HelmInputs(values=files, sets=(text,) if text else ())
    resources, problems = load_chart(MemoryTree(texts), "c", ["c/values.yaml"], inputs=inputs)
    assert problems == []
    attributes = resources[0].attributes
    assert isinstance(attributes, ValuesAttributes)
    return of_item(attributes.item)


def of_item(item: Item) -> Any:
    if item.is_mapping:
        return {key: of_item(child) for key, child in item.children()}
    if type(item.node) is Scalar:
        return resolve_scalar(item.node)
    assert type(item.node) is not Mapping
    return [of_item(element) for element in item.elements()]


def without_nothing(data: Any) -> Any:
    """A key that is null is none: whether the engine keeps it varies, and templates see no difference."""
    if isinstance(data, dict):
        return {key: without_nothing(value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [without_nothing(value) for value in data]
    return data


@pytest.mark.parametrize("files", [(), ("c/given.yaml",)], ids=["alone", "over a file"])
@pytest.mark.parametrize("version", VERSIONS)
def test_what_set_means(version: str, files: tuple[str, ...], chart: Path) -> None:
    options = [part for _ in files for part in ("--values", str(chart / "given.yaml"))]
    for text in TAKEN:
        wanted = rendered(helm(version), chart, *options, "--set", text)
        if wanted is None:
            # It would write an index into what is no list: nothing is deployed.
            assert assignments(text), text
            continue
        assert without_nothing(ours(text, files)) == without_nothing(wanted), text


@pytest.mark.parametrize("version", VERSIONS)
def test_what_set_does_not_take(version: str, chart: Path) -> None:
    for text in REFUSED:
        assert rendered(helm(version), chart, "--set", text) is None, text
        with pytest.raises(SetError):
            assignments(text)


@pytest.mark.parametrize("version", VERSIONS)
def test_sets_that_are_given_to_the_engine_as_a_file(version: str, chart: Path, tmp_path: Path) -> None:
    texts: dict[str, str | bytes] = {"c/Chart.yaml": "", "c/values.yaml": VALUES, "c/given.yaml": GIVEN}
    chosen = [text for text in TAKEN if text not in ("", "=a")]
    jobs = []
    for text in chosen:
        (one,) = givens(MemoryTree(texts), "c", (), HelmInputs(("c/given.yaml",), (text,)), [])
        jobs.append(Job(str(chart), tuple(plain(node) for _, node in one.layers)))
    found = Binary(str(helm(version)), time_limit=60).render(jobs, str(tmp_path))
    for text, output in zip(chosen, found, strict=True):
        wanted = rendered(helm(version), chart, "--values", str(chart / "given.yaml"), "--set", text)
        if wanted is not None:
            assert output.error == "", text
            assert without_nothing(json.loads(output.files["c/templates/v.yaml"])) == without_nothing(wanted), text


@pytest.mark.parametrize("text", [".=", "..=a", ".a="])
def test_names_of_nothing_are_refused_whatever_helm_does(text: str) -> None:
    with pytest.raises(UnfinishedError):
        assignments(text)


PIECES = st.sampled_from(["a", "named", "listed", "own", "x", ".", "[0]", "[2]", "=", ",", "{", "}", "\\", "1", "null"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(PIECES, min_size=1, max_size=9).map("".join))
def test_any_text(chart: Path, text: str) -> None:
    wanted = rendered(helm("v4"), chart, "--set", text)
    try:
        assignments(text)
    except UnfinishedError:
        return
    except SetError:
        assert wanted is None, text
        return
    if wanted is not None:
        assert without_nothing(ours(text, ())) == without_nothing(wanted), text


# --- the charts of the fixtures

CHARTS = sorted(path for path in (FIXTURES / "helm").iterdir() if path.is_dir())


def report(folder: Path, *options: str, path: str = "") -> dict[str, Any]:
    args = ["check", "--format", "json", "--no-config", folder.relative_to(REPOSITORY).as_posix(), *options]
    env = {"PATH": f"{path}:/usr/bin:/bin"} if path else {}
    done = run_sovlint(args, env=env)
    assert done.returncode in (0, 1, 2), done.stderr
    out: dict[str, Any] = json.loads(done.stdout)
    return out


def said(one: dict[str, Any]) -> list[Any]:
    return [
        (f["rule"], f["path"], f["line"], f["column"], f["severity"], f["message"], f["affects"])
        for f in one["findings"]
    ]


@pytest.mark.parametrize("folder", CHARTS, ids=lambda path: path.name)
def test_the_command_says_what_the_library_says(folder: Path) -> None:
    wanted = report(folder, "--helm-engine", "sdk")
    for version in VERSIONS:
        found = report(folder, "--helm-engine", "helm", path=str(helm(version).parent))
        assert said(found) == said(wanted), version
        assert [(p["path"], p["code"]) for p in found["problems"]] == [
            (p["path"], p["code"]) for p in wanted["problems"]
        ], version
