"""Character classes of Go's regular expressions, and which characters are one when case does not matter."""

from __future__ import annotations

from typing import TypeAlias

Ranges: TypeAlias = "tuple[tuple[int, int], ...]"

_DIGIT: Ranges = ((48, 57),)
_SPACE: Ranges = ((9, 10), (12, 13), (32, 32))
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
PERL = {"d": _DIGIT, "s": _SPACE, "w": _WORD}
POSIX: dict[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": _DIGIT,
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": _WORD,
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
ESCAPES = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
CATEGORIES = frozenset(
    list("CLMNPSZ")
    + [f"C{x}" for x in "cfos"]
    + [f"L{x}" for x in "lmotu"]
    + [f"M{x}" for x in "cen"]
    + [f"N{x}" for x in "dlo"]
    + [f"P{x}" for x in "cdefios"]
    + [f"S{x}" for x in "ckmo"]
    + [f"Z{x}" for x in "lps"]
)
_ORBITS = {"k": "kK\u212a", "s": "sS\u017f", "\u00e5": "\u00e5\u00c5\u212b"}


def folded(character: str) -> tuple[str, ...]:
    """The characters that are the same one when case does not matter."""
    lower = character.lower()
    orbit = _ORBITS.get(lower if len(lower) == 1 else character) or _ORBITS.get(character.casefold())
    if orbit:
        return tuple(orbit)
    return tuple({c for c in (character, lower, character.upper(), character.title()) if len(c) == 1})
