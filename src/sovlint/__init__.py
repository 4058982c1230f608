"""sovlint: where is it, under whose law, who holds the keys, how would we leave? Asked of infrastructure as code.

`check` is the whole interface for programs; what it takes and gives is `Config` and `Report`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sovlint.api import Config, Report, check

__version__ = "0.1.0"

__all__ = ["Config", "Report", "__version__", "check"]


def __getattr__(name: str) -> object:
    # Looked up when asked for: starting the command must not pay for the names that programs use.
    if name in ("Config", "Report", "check"):
        from sovlint import api

        return getattr(api, name)
    raise AttributeError(f"module 'sovlint' has no attribute {name!r}")
