"""What a reader counts as one character: extended grapheme clusters, as Terraform's `length`, `substr` and `strrev` do.

Rules: Unicode Standard Annex 29. Python knows categories but not the break property, so that is rebuilt here.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

_PICTOGRAPHS = (
    "a9 ae 203c 2049 2122 2139 2194-2199 21a9-21aa 231a-231b 2328 2388 23cf 23e9-23f3 23f8-23fa 24c2 25aa-25ab "
    "25b6 25c0 25fb-25fe 2600-2605 2607-2612 2614-2685 2690-2705 2708-2712 2714 2716 271d 2721 2728 2733-2734 "
    "2744 2747 274c 274e 2753-2755 2757 2763-2767 2795-2797 27a1 27b0 27bf 2934-2935 2b05-2b07 2b1b-2b1c 2b50 "
    "2b55 3030 303d 3297 3299 1f000-1f0ff 1f10d-1f10f 1f12f 1f16c-1f171 1f17e-1f17f 1f18e 1f191-1f19a 1f1ad-1f1e5 "
    "1f201-1f20f 1f21a 1f22f 1f232-1f23a 1f23c-1f23f 1f249-1f3fa 1f400-1f53d 1f546-1f64f 1f680-1f6ff 1f774-1f77f "
    "1f7d5-1f7ff 1f80c-1f80f 1f848-1f84f 1f85a-1f85f 1f888-1f88f 1f8ae-1f8ff 1f90c-1f93a 1f93c-1f945 1f947-1faff "
    "1fc00-1fffd"
)
_EXTENDING = (
    "200c 9be 9d7 b3e b57 bbe bd7 cc2 cd5-cd6 d3e d57 dcf ddf 1b35 302e-302f 1133e 11357 114b0 114bd 115af 11930 "
    "1d165 1d16e-1d172 ff9e-ff9f 1f3fb-1f3ff e0020-e007f"
)
_PREPENDED = "600-605 6dd 70f 890-891 8e2 d4e 110bd 110cd 111c2-111c3 1193f 11941 11a3a 11a84-11a89 11d46"


class _Table:
    """Code point ranges."""

    def __init__(self, text: str) -> None:
        pairs = sorted(tuple(int(x, 16) for x in item.split("-")) for item in text.split())
        self._starts = [pair[0] for pair in pairs]
        self._ends = [pair[-1] for pair in pairs]

    def __contains__(self, code: int) -> bool:
        at = bisect_right(self._starts, code) - 1
        return at >= 0 and code <= self._ends[at]


_PICTOGRAPH, _EXTEND, _PREPEND = _Table(_PICTOGRAPHS), _Table(_EXTENDING), _Table(_PREPENDED)


def _kind(character: str) -> str:
    code = ord(character)
    if code < 0x300:
        if character in "\r\n":
            return character
        if code == 0xAD:
            return "control"
        return "control" if code < 32 or 127 <= code < 160 else "pictograph" if code in _PICTOGRAPH else "other"
    if code == 0x200D:
        return "joiner"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return "flag"
    if code in _EXTEND:
        return "extend"
    if code in _PREPEND:
        return "prepend"
    hangul = _hangul(code)
    if hangul:
        return hangul
    category = unicodedata.category(character)
    if category in ("Mn", "Me"):
        return "extend"
    if category == "Mc" or code in (0xE33, 0xEB3):
        return "spacing"
    if category in ("Cc", "Cf", "Zl", "Zp"):
        return "control"
    return "pictograph" if code in _PICTOGRAPH else "other"


def _hangul(code: int) -> str:
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    return ""


_JOINED = {("L", "L"), ("L", "V"), ("L", "LV"), ("L", "LVT"), ("LV", "V"), ("LV", "T"), ("V", "V"), ("V", "T")}
_JOINED |= {("LVT", "T"), ("T", "T"), ("\r", "\n")}
_CONTROLS = frozenset({"control", "\r", "\n"})


def graphemes(text: str) -> list[str]:
    """The text in clusters."""
    if text.isascii() and "\r" not in text:
        return list(text)
    out: list[str] = []
    start = 0
    before = ""
    flags = 0
    picture = False
    for at, character in enumerate(text):
        kind = _kind(character)
        if at and not _together(before, kind, flags, picture):
            out.append(text[start:at])
            start = at
            flags = 0
            picture = False
        flags = flags + 1 if kind == "flag" else 0
        if kind == "pictograph":
            picture = True
        elif kind not in ("extend", "joiner"):
            picture = False
        before = kind
    if text:
        out.append(text[start:])
    return out


def _together(before: str, kind: str, flags: int, picture: bool) -> bool:
    """Whether there is no break between two neighbours."""
    if (before, kind) in _JOINED:
        return True
    if before in _CONTROLS or kind in _CONTROLS:
        return False
    if kind in ("extend", "joiner", "spacing") or before == "prepend":
        return True
    if before == "joiner" and kind == "pictograph":
        return picture
    return before == "flag" and kind == "flag" and flags % 2 == 1
