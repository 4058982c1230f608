"""Places in SARIF: files relative to the tree, each listed once, and regions in them."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote

from sovlint.model.source import Location

BASE: Final = "%SRCROOT%"
"""Name of the folder that all paths are relative to; viewers know it by this name."""

_NO_BYTE: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates that do not stand for a byte of a file name that is not UTF-8."""


class Places:
    """Turns locations into SARIF's and remembers the files, which a run lists."""

    def __init__(self) -> None:
        self._files: dict[str, dict[str, Any]] = {}

    def files(self) -> list[dict[str, Any]]:
        """The files that were named, in the order of their index."""
        return [{key: value for key, value in file.items() if key != "index"} for file in self._files.values()]

    def physical(self, location: Location) -> dict[str, Any]:
        """A `physicalLocation`: file and region."""
        return {
            "artifactLocation": self._artifact(location.path),
            "region": {
                "startLine": location.line,
                "startColumn": location.column,
                "endLine": location.end_line,
                "endColumn": location.end_column,
            },
        }

    def location(self, location: Location, number: int = -1, note: str = "") -> dict[str, Any]:
        """A `location`; `number` is what links of the message refer to."""
        result: dict[str, Any] = {} if number < 0 else {"id": number}
        result["physicalLocation"] = self.physical(location)
        if note:
            result["message"] = {"text": note}
        return result

    def _artifact(self, path: str) -> dict[str, Any]:
        """The file as a relative URI reference, one object per file: it is written in thousands of places."""
        found = self._files.get(path)
        if found is None:
            found = self._files[path] = {"uri": _uri(path), "uriBaseId": BASE, "index": len(self._files)}
        return found


def _uri(path: str) -> str:
    """A path of the tree as a relative URI reference; names that are not UTF-8 keep their bytes."""
    return quote(_NO_BYTE.sub("\ufffd", path), safe="/", errors="surrogateescape")
