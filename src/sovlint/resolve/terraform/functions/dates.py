"""Functions of timestamps. They take and give RFC 3339 texts; none reads a clock."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from fractions import Fraction

from sovlint.resolve.terraform.functions.base import Function, scalar
from sovlint.resolve.terraform.types import NUMBER, STRING
from sovlint.resolve.terraform.values import undetermined

_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d++))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DURATION_PART = re.compile(r"(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


@dataclass(frozen=True, slots=True)
class Stamp:
    """A point in time with its offset.

    Attributes:
        local: date and time as written, to the second.
        nanoseconds: fraction of the second.
        offset: minutes east of UTC.
        zulu: whether the offset was written as `Z`.
    """

    local: datetime.datetime
    nanoseconds: int
    offset: int
    zulu: bool

    @property
    def instant(self) -> int:
        """Nanoseconds since the year 1, UTC."""
        since = self.local - datetime.datetime(1, 1, 1)
        return (since.days * 86_400 + since.seconds - self.offset * 60) * 10**9 + self.nanoseconds

    def zone(self, *, colon: bool, zulu: bool) -> str:
        """The offset as text."""
        if self.offset == 0 and zulu:
            return "Z"
        hours, minutes = divmod(abs(self.offset), 60)
        return f"{'-' if self.offset < 0 else '+'}{hours:02d}{':' if colon else ''}{minutes:02d}"


def parse_stamp(text: str) -> Stamp:
    """A timestamp.

    Raises:
        ValueError: it is none.
    """
    found = _STAMP.fullmatch(text)
    if found is None:
        raise ValueError("not a valid RFC3339 timestamp")
    numbers = [int(found[i]) for i in range(1, 7)]
    zone = found[8]
    if numbers[0] == 0:
        raise undetermined("the year 0")
    local = datetime.datetime(*numbers)  # type: ignore[arg-type]
    offset = 0
    if zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        if hours > 23 or minutes > 59:
            raise ValueError("not a valid offset")
        offset = (hours * 60 + minutes) * (-1 if zone[0] == "-" else 1)
    return Stamp(local, int((found[7] or "").ljust(9, "0")[:9]), offset, zone == "Z")


def _nanoseconds(text: str) -> int:
    """A duration as Go reads it: `1h15m30.5s`."""
    sign = -1 if text[:1] == "-" else 1
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    total = Fraction(0)
    at = 0
    while at < len(rest) or not at:
        found = _DURATION_PART.match(rest, at)
        if found is None or not (found[1] or found[2]) or len(found[0]) > 40:
            raise ValueError("not a valid duration")
        amount = Fraction(int(found[1] or 0)) + Fraction(int(found[2] or 0), 10 ** len(found[2] or ""))
        total += int(amount * _UNITS[found[3]])
        at = found.end()
    if total >= 2**63:
        raise ValueError("not a valid duration")
    return sign * int(total)


def _timeadd(text: str, duration: str) -> str:
    stamp = parse_stamp(text)
    moved = stamp.nanoseconds + _nanoseconds(duration)
    seconds, nanoseconds = divmod(moved, 10**9)
    try:
        local = stamp.local + datetime.timedelta(seconds=seconds)
    except OverflowError:
        raise undetermined("a year beyond 9999") from None
    # Fractions of a second are dropped.
    del nanoseconds
    return local.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + stamp.zone(colon=True, zulu=True)


def _timecmp(left: str, right: str) -> int:
    a, b = parse_stamp(left).instant, parse_stamp(right).instant
    return (a > b) - (a < b)


_TOKEN = re.compile(r"'(?:[^']|'')*'|([a-zA-Z])\1*|[^a-zA-Z']+|'")


def _formatdate(spec: str, text: str) -> str:
    stamp = parse_stamp(text)
    out: list[str] = []
    for match in _TOKEN.finditer(spec):
        token = match[0]
        if token[0] == "'":
            if len(token) < 2:
                raise ValueError("unterminated literal")
            if "'''" in token:
                raise undetermined("quotes beside each other in a date format")
            out.append(token[1:-1].replace("''", "'") if len(token) > 2 else "'")
        elif match[1]:
            out.append(_field(token, stamp))
        else:
            out.append(token)
    return "".join(out)


def _field(token: str, stamp: Stamp) -> str:
    when = stamp.local
    hour = when.hour % 12 or 12
    morning = "AM" if when.hour < 12 else "PM"
    fields = {
        "YYYY": f"{when.year:04d}",
        "YY": f"{when.year % 100:02d}",
        "MMMM": calendar.month_name[when.month],
        "MMM": calendar.month_abbr[when.month],
        "MM": f"{when.month:02d}",
        "M": str(when.month),
        "DD": f"{when.day:02d}",
        "D": str(when.day),
        "EEEE": calendar.day_name[when.weekday()],
        "EEE": calendar.day_abbr[when.weekday()],
        "hh": f"{when.hour:02d}",
        "h": str(when.hour),
        "HH": f"{hour:02d}",
        "H": str(hour),
        "AA": morning,
        "aa": morning.lower(),
        "mm": f"{when.minute:02d}",
        "m": str(when.minute),
        "ss": f"{when.second:02d}",
        "s": str(when.second),
        "ZZZZZ": stamp.zone(colon=True, zulu=False),
        "ZZZZ": stamp.zone(colon=False, zulu=False),
        "ZZZ": "UTC" if stamp.offset == 0 else stamp.zone(colon=False, zulu=False),
        "Z": stamp.zone(colon=True, zulu=True),
    }
    if token not in fields:
        raise ValueError(f"invalid date format verb {token!r}")
    return fields[token]


FUNCTIONS: dict[str, Function] = {
    "formatdate": scalar((STRING, STRING), STRING, _formatdate),
    "timeadd": scalar((STRING, STRING), STRING, _timeadd),
    "timecmp": scalar((STRING, STRING), NUMBER, _timecmp),
}
