"""Rules over facts: atoms first, groups for presentation last. Knows no file formats."""

from sovlint.judge.judge import Judge

__all__ = ["Judge"]
