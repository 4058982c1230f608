"""Custom policies against their schemas, in words: what is wrong, where it stands, and what is allowed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from sovlint.catalogue.custom_read import Keys, PolicyFile

if TYPE_CHECKING:
    from sovlint.catalogue.custom import Custom

MAX_VIOLATIONS = 50
"""Of one file."""


def fits(file: PolicyFile, schemas: Path, out: Custom) -> bool:
    """Whether a file fits its schema; what does not is noted."""
    from jsonschema import Draft202012Validator

    schema = json.loads((schemas / f"{file.kind}.schema.json").read_text(encoding="utf-8"))
    errors = sorted(
        Draft202012Validator(schema).iter_errors(file.data), key=lambda e: [str(part) for part in e.absolute_path]
    )
    for error in errors[:MAX_VIOLATIONS]:
        _violation(file, error, out)
    return not errors


def _violation(file: PolicyFile, error: object, out: Custom) -> None:
    """A violation in words: what is wrong, and what is allowed."""
    keys: Keys = tuple(error.absolute_path)  # type: ignore[attr-defined]  # untyped: jsonschema
    rule, value, schema = error.validator, error.validator_value, error.schema  # type: ignore[attr-defined]  # untyped: jsonschema
    found = error.instance  # type: ignore[attr-defined]  # untyped: jsonschema
    name = ".".join(str(key) for key in keys) or "the file"
    if rule == "additionalProperties" and isinstance(found, dict) and value is False:
        allowed = [*schema.get("properties", {}), *(f"names like {p}" for p in schema.get("patternProperties", {}))]
        for key in found:
            fits = any(re.search(pattern, str(key)) for pattern in schema.get("patternProperties", {}))
            if key not in schema.get("properties", {}) and not fits:
                out.wrong(file, (*keys, str(key)), f"unknown key {key!r}; allowed are {', '.join(allowed)}", key=True)
    elif rule == "required":
        missing = [key for key in value if key not in found]
        text = f"{name} lacks {', '.join(missing)}"
        if f"{file.at(keys)}: {text}" not in out.mistakes:  # jsonschema says it once for each
            out.wrong(file, keys, text)
    elif rule == "enum":
        out.wrong(file, keys, f"{name}: {short(found)} is none of {', '.join(map(str, value))}")
    elif rule == "pattern" and keys == ("code",):
        out.wrong(file, keys, f"code is 2 to 8 capital letters and three digits, such as MIN001, not {short(found)}")
    elif rule == "pattern" and keys == ("message",):
        fields = value.partition("(?:[^{}]|\\{(?:")[2].partition(")")[0].replace("|", ", ")
        out.wrong(file, keys, f"message has an unknown placeholder; there are {fields}")
    elif rule == "type":
        out.wrong(file, keys, f"{name} is {_article(value)}, not {short(found)}")
    else:
        out.wrong(file, keys, f"{name}: {error.message[:300]}")  # type: ignore[attr-defined]  # untyped: jsonschema


def _article(kind: object) -> str:
    words = {"object": "a mapping", "array": "a list", "string": "a text", "boolean": "true or false"}
    kinds = kind if isinstance(kind, list) else [kind]
    return " or ".join(words.get(str(one), f"a {one}") for one in kinds)


def short(value: object) -> str:
    """A value as it is written, cut short."""
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
