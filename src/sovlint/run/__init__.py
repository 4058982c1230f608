"""The only room that knows every other: paths become a report."""

from sovlint.run.way import check, facts_of

__all__ = ["check", "facts_of"]
