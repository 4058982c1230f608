"""Test cases of custom policies: input, and the findings that are expected at its lines.

A case is a folder `tests/<name>/` with files, or an entry of `cases:` in `tests/*.yaml` with one text. Expectations
stand in comments on the line that is wrong (`# expect: MIN001`), in `expect.txt` (`main.tf.json:3: MIN001`), or under
`expect`.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sovlint.catalogue.custom_read import MistakeError, PolicyFile, shown
from sovlint.config import Config
from sovlint.config.read import read_config
from sovlint.model.errors import PolicyError, SovlintError
from sovlint.run import check

SIDECAR = "expect.txt"
CONFIGURATION = ".sovlint.yaml"

MAX_FILES = 500
MAX_BYTES = 5_000_000

_CODE = r"[A-Z]{2,8}[0-9]{3}"
_CODES = rf"{_CODE}(?:\s*,\s*{_CODE})*"
_COMMENT = re.compile(rf"(?:#|//)\s*expect:\s*({_CODES})\s*(?:-?\*/-?\}}\}})?\s*$")
_MEANT = re.compile(r"(?:#|//)\s*expect\s*:")
_SIDECAR_LINE = re.compile(rf"(?P<path>\S[^:]*):(?P<line>[0-9]+):\s*(?P<codes>{_CODES})\s*$")
_KEYS = ("name", "file", "input", "expect", "profile", "select")

Mark = tuple[str, int, str]
"""Path in the case, line, code."""


class Case(NamedTuple):
    """One case.

    Attributes:
        name: folder, or name in the list.
        at: where it is written.
        folder: with its files; None if it is a text.
        file, text: what is linted of a text, and under which name.
        expect: what a list expects.
        profile: empty for that of the case's configuration.
        select: codes that are judged; empty: the rules of the policies, and those that are expected.
    """

    name: str
    at: str
    folder: Path | None
    file: str = ""
    text: str = ""
    expect: tuple[Mark, ...] = ()
    profile: str = ""
    select: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """What came of a case: nothing in `lines` if it passed."""

    case: Case
    lines: tuple[str, ...]


def cases_in(folder: Path) -> Iterator[Case]:
    """The cases beside the policies of a folder, by name.

    Raises:
        PolicyError: a list of cases is not as it has to be.
    """
    tests = folder / "tests"
    if not tests.is_dir():
        return
    root = folder.resolve()
    for path in sorted(tests.iterdir()):
        if not path.resolve().is_relative_to(root):
            raise PolicyError(f"{shown(path)}: leads out of the folder of policies")
        if path.is_dir():
            yield Case(path.name, shown(path), path)
        elif path.suffix == ".yaml":
            yield from _listed(path)


def _listed(path: Path) -> Iterator[Case]:
    file = PolicyFile("cases", path)
    try:
        file.read()
        rows = file.data.get("cases")
        if set(file.data) != {"cases"} or not isinstance(rows, list):
            raise MistakeError(f"{file.at()}: expected `cases:` with a list, and nothing else")
        for number, row in enumerate(rows):
            yield _case(file, number, row)
    except MistakeError as error:
        raise PolicyError(str(error)) from None


def _case(file: PolicyFile, number: int, row: Any) -> Case:
    at = file.at(("cases", number))
    if not isinstance(row, dict):
        raise MistakeError(f"{at}: a case is a mapping with {', '.join(_KEYS)}")
    for key in row:
        if key not in _KEYS:
            where = file.at(("cases", number, str(key)), key=True)
            raise MistakeError(f"{where}: unknown key {key!r}; allowed are {', '.join(_KEYS)}")
    for key in ("name", "file", "input", "profile"):
        if not isinstance(row.get(key, "" if key == "profile" else None), str):
            raise MistakeError(f"{file.at(('cases', number, key))}: a case has a {key}, which is a text")
    name = row["file"]
    if name.startswith("/") or ".." in Path(name).parts or not Path(name).name:
        raise MistakeError(f"{file.at(('cases', number, 'file'))}: a path inside the case, without ..")
    select = row.get("select", [])
    if not isinstance(select, list) or not all(isinstance(code, str) for code in select):
        raise MistakeError(f"{file.at(('cases', number, 'select'))}: select is a list of codes")
    if "expect" not in row and not _MEANT.search(row["input"]):
        raise MistakeError(f"{at}: a case has expect, a list that may be empty, or comments `# expect: CODE`")
    expected = row.get("expect", [])
    marks: list[Mark] = []
    for index, entry in enumerate(expected if isinstance(expected, list) else [expected]):
        fine = isinstance(entry, dict) and set(entry) == {"line", "code"} and type(entry["line"]) is int
        if not fine or not re.fullmatch(_CODE, str(entry["code"])):
            where = file.at(("cases", number, "expect", index))
            raise MistakeError(f"{where}: what is expected is written {{line: 3, code: MIN001}}")
        marks.append((name, entry["line"], entry["code"]))
    return Case(
        row["name"], at, None, name, row["input"], tuple(marks), row.get("profile", ""), tuple(map(str, select))
    )


def run_case(case: Case, policies: tuple[str, ...], own: tuple[str, ...], config: Config) -> Outcome:
    """Lints a case in a folder of its own and compares.

    Args:
        case: which.
        policies: folders of policies, absolute.
        own: codes of their rules.
        config: day and cache of the run; all else is the case's.
    """
    with tempfile.TemporaryDirectory(prefix="sovlint-case-") as scratch:
        target = Path(scratch).resolve() / "case"
        try:
            if case.folder is None:
                (target / case.file).parent.mkdir(parents=True)
                (target / case.file).write_text(case.text, encoding="utf-8")
            else:
                _copy(case.folder, target)
            wanted = Counter([*case.expect, *_expected(target)])
            return Outcome(case, tuple(_compared(case, target, policies, own, config, wanted)))
        except (SovlintError, OSError) as error:
            return Outcome(case, (str(error).replace(f"{target}/", ""),))


def _copy(folder: Path, target: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    if len(files) > MAX_FILES or sum(path.stat().st_size for path in files) > MAX_BYTES:
        raise PolicyError(f"{shown(folder)}: more than {MAX_FILES} files or {MAX_BYTES} bytes")
    # Links stay links: the tree of the run refuses those that lead out of it.
    shutil.copytree(folder, target, symlinks=True)


def _compared(
    case: Case, target: Path, policies: tuple[str, ...], own: tuple[str, ...], config: Config, wanted: Counter[Mark]
) -> Iterator[str]:
    settings: dict[str, Any] = {}
    if (target / CONFIGURATION).is_file():
        settings = {**read_config(target / CONFIGURATION), "file": str(target / CONFIGURATION)}
    if case.profile:
        settings["profile"] = case.profile
    if case.select:
        settings["select"] = case.select
    chosen = settings.get("select", ())
    judged = chosen or tuple(dict.fromkeys([*own, *(code for _, _, code in wanted)]))
    if not judged:
        raise PolicyError("nothing is judged: the policies have no rules; name codes under select")
    settings.update(select=judged, policies=(*settings.get("policies", ()), *policies))
    run = Config(paths=(".",), working_directory=str(target), today=config.today, cache=config.cache)
    report = check(run._replace(**settings))
    for problem in report.problems:
        if problem.level == "error":
            yield f"{problem.location}: {problem.message} [{problem.code}]"
    messages = {(f.location.path, f.location.line, f.rule): f.message for f in report.findings}
    got = Counter((f.location.path, f.location.line, f.rule) for f in report.findings if f.waiver is None)
    for path, line, code in sorted((wanted - got).elements()):
        yield f"missing     {path}:{line} {code}"
    for mark in sorted((got - wanted).elements()):
        yield f"unexpected  {mark[0]}:{mark[1]} {mark[2]}: {messages[mark]}"


def _expected(folder: Path) -> Iterator[Mark]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        name = path.relative_to(folder).as_posix()
        for number, line in enumerate(lines, 1):
            if path.name == SIDECAR:
                if not line.strip() or line.startswith("#"):
                    continue
                match = _SIDECAR_LINE.match(line)
                if match is None:
                    raise PolicyError(f"{name}:{number}: not an expectation (main.tf.json:3: MIN001): {line.strip()}")
                beside = (path.parent / match["path"]).relative_to(folder).as_posix()
                yield from ((beside, int(match["line"]), code.strip()) for code in match["codes"].split(","))
            elif (match := _COMMENT.search(line)) is not None:
                yield from ((name, number, code.strip()) for code in match[1].split(","))
            elif _MEANT.search(line):
                raise PolicyError(f"{name}:{number}: not an expectation (# expect: MIN001): {line.strip()}")
