"""Regular expressions of users, and the vocabulary that schemas promise to those who write rules."""

from __future__ import annotations

import json
import re
import time
from typing import get_args

import pytest

from sovlint.catalogue.regexes import LONGEST, flaw
from sovlint.catalogue.store import open_catalogue
from sovlint.judge import messages
from sovlint.judge.rules import _PREDICATES, FACT_KINDS
from sovlint.model.fact import Holds, PlaceRole
from sovlint.model.resource import Format
from support import POLICIES

SCHEMA = json.loads((POLICIES / "schema" / "rule.schema.json").read_text(encoding="utf-8"))["properties"]


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<region>[a-z]{2}-[a-z]+-[0-9])[a-z]?",
        r"[a-z0-9-]+\.s3\.(?P<region>[a-z0-9-]+)\.example\.eu",
        r"(?:dual\.|fips\.)?(?P<region>eu|us)-1\.example\.com",
        r"(?P<region>[a-z]+)(?:-[0-9]+)?",
        r"(?:[0-9]{3}){4}(?P<region>x)",
    ],
)
def test_ordinary_expressions_are_accepted(pattern: str) -> None:
    assert flaw(pattern, "region") == ""


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(a*)*b",
        "(a|a)*b",
        "(a|aa)+b",
        "(?:a?){40}a{40}",
        "a?" * 40 + "a" * 40,
        ".*" * 4 + "x",
        "(?=a)b",
        r"(a)\1",
        "(?:(?:a|b)?){30}",
        "[a",
        "a" * 301,
        "(" * 200 + "a" + ")" * 200 + "+" * 0 + "(b+)+",
    ],
)
def test_expressions_that_may_take_long_are_refused(pattern: str) -> None:
    assert flaw(pattern)


def test_a_group_that_is_needed() -> None:
    assert "no group" in flaw("[a-z]+", "region")


@pytest.mark.parametrize("pattern", ["[a-z]+[a-z]+[a-z]+9", "[a-z]*?[a-z]*[a-z]*9", "(?:a?){1}" * 8 + "[a-z]+[a-z]+9"])
def test_what_is_accepted_ends_soon(pattern: str) -> None:
    assert flaw(pattern) == ""
    before = time.monotonic()
    assert re.fullmatch(pattern, "a" * LONGEST) is None
    assert time.monotonic() - before < 10


def test_patterns_of_hosts_see_no_more_than_a_host_name() -> None:
    catalogue = open_catalogue()
    before = time.monotonic()
    assert catalogue.host("a" * 1_000_000 + ".eu").operator == ""
    assert time.monotonic() - before < 5


def test_the_schema_of_rules_has_the_vocabulary_of_the_code() -> None:
    placeholders = SCHEMA["message"]["pattern"].partition("(?:[^{}]|\\{(?:")[2].partition(")")[0].split("|")
    assert set(placeholders) == set(messages._FIELDS)
    when = SCHEMA["when"]["properties"]
    assert set(when) == set(_PREDICATES)
    assert set(get_args(PlaceRole)) <= set(when["role"]["items"]["enum"])
    assert set(when["format"]["items"]["enum"]) == set(get_args(Format))
    assert set(when["holds"]["items"]["enum"]) == set(get_args(Holds))
    assert set(SCHEMA["fact"]["oneOf"][0]["enum"]) == set(FACT_KINDS)
