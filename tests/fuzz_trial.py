"""One trial of the fuzzer: a tree with one changed file goes through the real run and all formats."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import resource
import shutil
import time
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fuzz_kinds import KINDS, Kind
from sovlint.api import check
from sovlint.config import Config
from sovlint.config.find import find_config
from sovlint.config.read import read_config
from sovlint.model.errors import SovlintError
from sovlint.model.finding import Report
from sovlint.output import FORMATS, Style

MAX_SECONDS = 10.0
"""Of the processor."""

MAX_MEMORY = 500 * 1024 * 1024
"""Bytes that a trial may take, interpreter and catalogue included."""


def forget_peak() -> None:
    """Lets the kernel measure the peak of memory from here on."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """The highest resident memory since `forget_peak`, in bytes; of the whole process where the kernel cannot say."""
    try:
        match = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        match = None
    return int(match[1]) * 1024 if match else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Tree:
    """A folder with the files around a kind's; between trials only the changed file is written anew."""

    def __init__(self, name: str, folder: Path) -> None:
        self.kind: Kind = KINDS[name]
        self.folder = folder / name
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / ".git").mkdir(parents=True)
        for path, data in self.kind.around.items():
            self._write(path, data)

    def _write(self, path: str, data: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def put(self, data: bytes) -> None:
        """Lays out the changed file."""
        self._write(self.kind.path, self.kind.pack(data))

    def config(self, **further: Any) -> Config:
        """The configuration of a run over the tree.

        Raises:
            SovlintError: the changed file is the configuration, and says nothing usable.
        """
        settings: dict[str, Any] = {key: self._filled(value) for key, value in self.kind.settings.items()}
        if self.kind.configured and (found := find_config(self.folder)) is not None:
            settings = {**read_config(found), "file": found}
        return Config(**{"working_directory": str(self.folder), "today": "2026-11-23", **settings, **further})

    def _filled(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._filled(one) for one in value)
        return value.replace("{tree}", str(self.folder)) if isinstance(value, str) else value


def attempt(tree: Tree, data: bytes, *, formats: bool = True, twice: bool = False, jobs: int = 0) -> Report | None:
    """Lints a tree with some bytes in the file that its kind is about.

    Args:
        tree: where.
        data: what the file is to hold, before it is packed.
        formats: whether every format is written and looked at.
        twice: whether a second run must give the same bytes.
        jobs: compare with a run in this many processes; 0 for none.

    Returns:
        The report; None where an error of ours (a `SovlintError`) says that the job cannot be done.

    Raises:
        Exception: whatever the run raised: a mistake of the program.
        AssertionError: it ended with something that must not be.
    """
    tree.put(data)
    since = time.process_time()
    try:
        config = tree.config()
        report = check(config.paths, config)
    except SovlintError as error:
        assert str(error).strip(), "an error that says nothing"
        return None
    took = time.process_time() - since
    assert took < MAX_SECONDS, f"took {took:.1f} s"
    sound(report)
    if formats:
        for name, looked_at in LOOKS.items():
            # The descriptions of all rules make SARIF ten times as slow as the rest together.
            if name == "sarif" and len(data) % 8:
                continue
            looked_at(FORMATS[name](report, Style(verbose=True, statistics=True)))
    for others in (*([config.jobs] if twice else []), *([jobs] if jobs else [])):
        other = check(config.paths, config._replace(jobs=others))
        assert as_json(other) == as_json(report), f"another report with jobs={others}"
    return report


def sound(report: Report) -> None:
    """What holds of every report: places that exist, words where words belong."""
    for problem in report.problems:
        place = problem.location
        assert place.path and not place.path.startswith("/"), problem
        assert 1 <= place.line <= place.end_line and place.column >= 1 and place.end_column >= 1, problem
        assert problem.code and problem.message.strip() and problem.level in ("error", "warning"), problem
        assert problem.code != "internal", problem
        assert len(problem.message) < 20_000, problem.message[:200]
    for finding in report.findings:
        for place in (finding.location, *(step.location for step in finding.via)):
            assert place.path and 1 <= place.line <= place.end_line and place.column >= 1, place
        assert finding.message.strip() and finding.affects, finding.rule


def as_json(report: Report) -> str:
    """The report as programs get it."""
    return FORMATS["json"](report, Style())


def _for_people(text: str) -> None:
    assert text.endswith("\n")
    for character in text:
        # Joiners belong to names in many scripts, and move nothing else.
        assert character in "\n\u200c\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp", "Cs"), (
            ascii(character)
        )


def _table(text: str) -> None:
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r"), cell[:80]


def _commands(text: str) -> None:
    for line in text.split("\n"):
        assert not line.startswith("::") or line.startswith(
            ("::error ", "::warning ", "::notice ", "::group::", "::endgroup::")
        ), line[:80]


def _lines(text: str) -> None:
    for line in text.splitlines():
        json.loads(line)


LOOKS: Mapping[str, Callable[[str], object]] = {
    "text": _for_people,
    "concise": _for_people,
    "json": json.loads,
    "jsonl": _lines,
    "sarif": json.loads,
    "gitlab": json.loads,
    "github": _commands,
    "junit": ET.fromstring,
    "csv": _table,
    "markdown": str.encode,
}
"""Format → what must hold of it whatever the input was."""
