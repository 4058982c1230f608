"""Output: one module per format, each a function of the report alone.

The table below is the whole registry. A format's module is imported when the format is used: starting the program must
not pay for a library that one format needs (sarif-om alone takes 59 ms).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias, cast

from sovlint.model.finding import Report
from sovlint.output.style import Style

__all__ = ["FORMATS", "Formatter", "Style"]

Formatter: TypeAlias = Callable[[Report, Style], str]
"""What a format is: the report and how to show it become text that ends with a newline."""


def _lazy(module: str) -> Formatter:
    """A formatter that imports `module` of this room at its first call and hands over to its `render`."""

    def formatter(report: Report, style: Style) -> str:
        render = cast(Formatter, import_module(f"{__name__}.{module}").render)
        return render(report, style)

    return formatter


FORMATS: dict[str, Formatter] = {
    "text": _lazy("text"),
    "concise": _lazy("concise"),
    "json": _lazy("json"),
    "jsonl": _lazy("jsonl"),
    "sarif": _lazy("sarif"),
    "github": _lazy("github"),
    "gitlab": _lazy("gitlab"),
    "junit": _lazy("junit"),
    "markdown": _lazy("markdown"),
    "csv": _lazy("csv"),
}
"""Name on the command line → formatter."""
