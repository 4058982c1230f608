"""CSV as Go's `encoding/csv` reads it: strict about quotes and about the number of fields."""

from __future__ import annotations

import csv
import io

from sovlint.resolve.terraform.values import undetermined


def parse_csv(text: str) -> tuple[list[str], list[list[str]]]:
    """Column names and rows.

    Raises:
        ValueError: no header, names twice, or a row that does not fit.
    """
    _check_quotes(text)
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        raise undetermined("a carriage return in CSV")
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True, lineterminator="\n") if row]
    if not rows:
        raise ValueError("missing header line")
    header = rows[0]
    if len(set(header)) != len(header):
        raise ValueError("duplicate column name")
    for row in rows[1:]:
        if len(row) != len(header):
            raise ValueError("wrong number of fields")
    return header, rows[1:]


def _check_quotes(text: str) -> None:
    """Go allows a quote only around a whole field, or doubled inside such a field."""
    at = 0
    field_start = True
    size = len(text)
    while at < size:
        character = text[at]
        if character == '"':
            if not field_start:
                raise ValueError('bare " in non-quoted field')
            at = _end_of_quoted(text, at)
            if at < size and text[at] not in ",\n" and text[at : at + 2] != "\r\n":
                raise ValueError('extraneous or missing " in quoted field')
            field_start = False
            continue
        field_start = character in ",\n"
        at += 1


def _end_of_quoted(text: str, at: int) -> int:
    at += 1
    while True:
        at = text.find('"', at)
        if at < 0:
            raise ValueError('missing " at the end')
        if text[at + 1 : at + 2] != '"':
            return at + 1
        at += 2
