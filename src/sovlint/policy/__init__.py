"""Policies of the user's own, seen from outside: their test cases, and what they hold."""

from sovlint.policy.cases import Case, Outcome, cases_in, run_case
from sovlint.policy.overview import Overview, overview

__all__ = ["Case", "Outcome", "Overview", "cases_in", "overview", "run_case"]
