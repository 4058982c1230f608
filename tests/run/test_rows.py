"""Rows of the store: what comes back is what was kept, type for type; what nobody here wrote is no row."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovlint.catalogue import Catalogue, open_catalogue
from sovlint.config import Config
from sovlint.discovery import WorkingTree, walk
from sovlint.model.fact import Cause, Fact, Place, Placement, Subject
from sovlint.model.finding import Waiver
from sovlint.model.problem import Problem
from sovlint.model.source import Location
from sovlint.run.gather import gather
from sovlint.run.gathered import Gathered
from sovlint.run.rows import Given, decode, encode
from support import REPOSITORY

FIXTURES = sorted((REPOSITORY / "fixtures").glob("[!a]*/*"))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Opened once."""
    return open_catalogue()


def typed(value: object) -> object:
    """A value with the types in it."""
    if isinstance(value, Fact):
        slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        return type(value), [(name, typed(getattr(value, name))) for name in sorted(slots)]
    if isinstance(value, (tuple, list)):
        return type(value), [typed(one) for one in value]
    return type(value), value


def same(one: Given) -> None:
    """Whether what comes back is the same."""
    again = decode(encode(one))
    assert typed(tuple(again)) == typed(tuple(one))


def test_what_fixtures_give_comes_back(catalogue: Catalogue) -> None:
    kinds: set[type] = set()
    for folder in FIXTURES:
        tree = WorkingTree(folder)
        out = gather(tree, walk(tree, [""]), Config(working_directory=str(folder)), catalogue, Gathered(declared=[]))
        kinds.update(map(type, out.facts))
        same(
            Given(
                out.facts,
                out.problems,
                list(out.waivers),
                out.instances,
                out.files,
                out.remote_modules,
                out.declared,
            )
        )
    assert len(kinds) == 8, "a fixture for every kind of fact"


TEXT = st.text(st.characters(), max_size=3)
LOCATION = st.builds(Location, TEXT, st.integers(), st.integers(), st.integers(), st.integers())


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXT), LOCATION, st.none() | TEXT, st.none() | LOCATION)
def test_all_texts_and_numbers_come_back(texts: list[str], at: Location, value: str | None, covers: Any) -> None:
    some = tuple(texts)
    subject = Subject("u", "a", "k", "helm", "object", "", value, True, at, classification=tuple((t, t) for t in texts))
    cause = Cause(at, "o", value, inputs=some)
    fact = Placement(subject, "primary", "x", "literal", cause, (Place("n", "", "o", some),))
    waiver = Waiver(at, some, "", "", "", covers=covers)
    halves = "\ud83d\ude00"  # two halves of a character that were never one
    same(Given([fact], [Problem(at, "c", halves)], [waiver], {(t, t) for t in texts}, set(texts), texts, None))


def row() -> dict[str, Any]:
    """A row as it is written."""
    at = Location("main.tf", 1, 2, 3, 4)
    subject = Subject("u", "a", "k", "terraform", "managed", "aws", None, True, at)
    fact = Placement(subject, "primary", "x", "literal", Cause(at, "o", "v"), (Place("aws", "r", "o", ("DE",)),))
    found: dict[str, Any] = json.loads(encode(Given([fact], [], [], {("u", "a")}, {"f"}, [], [subject])))
    return found


PIECES: list[Any] = [None, True, -1, 10**9, 1.5, "x", [], [[]], {}, [0], ["x"], [[0]], [10**9], {"0": 0}]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_nobody_here_wrote_is_an_error_that_is_expected(data: st.DataObject) -> None:
    read: Any = row()
    at: Any = read
    key: Any = data.draw(st.sampled_from(sorted(read)))
    while at[key] and isinstance(at[key], (list, dict)) and data.draw(st.booleans()):
        at = at[key]
        key = data.draw(st.sampled_from(range(len(at)) if isinstance(at, list) else sorted(at)))
    at[key] = data.draw(st.sampled_from(PIECES))
    try:
        given_ = decode(json.dumps(read).encode())
    except (ValueError, TypeError, LookupError, AttributeError):
        return
    # What is let through has the right types all the same.
    same(given_)


@pytest.mark.parametrize("text", [b"", b"\xff", b"null", b"[", b"[" * 1_000_000, b'{"a":' * 100_000, b"1" * 100_000])
def test_what_is_no_row(text: bytes) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(12_000)
    try:
        with pytest.raises((ValueError, TypeError, LookupError, RecursionError)):
            decode(text)
    finally:
        sys.setrecursionlimit(limit)


def test_a_field_more_is_noticed() -> None:
    """Records and rows are changed together."""
    from sovlint.run import rows

    for record, kinds in rows._RECORDS.values():
        assert len(record._fields) == len(kinds)
    for kind, own in rows._FACTS.values():
        slots = [name for one in kind.__mro__ for name in getattr(one, "__slots__", ())]
        assert len(slots) == len(rows._FACT) + len(own)
