"""Reads a value as a model: where an inference profile, deployment type or setting lets prompts be processed."""

from __future__ import annotations

from sovlint.catalogue import Catalogue
from sovlint.model.lazy import pattern
from sovlint.model.value import Unknown, Value
from sovlint.survey.causes import covering, text_of
from sovlint.survey.places import Reading

_ARN = pattern(r"arn:aws[\w-]*:bedrock:(?P<region>[\w-]*):[0-9]*:(?P<kind>[\w-]+)/(?P<name>.+)")


def read_model(catalogue: Catalogue, namespace: str, value: Value) -> Reading:
    """What a model id, its ARN or the name of a deployment type says; a plain id says nothing and is not determined.

    The names (`us.`, `GlobalStandard`) and the ids they begin stand in the region file `<namespace>-inference`. A model
    is in the region of its ARN; an inference profile is wherever its prefix lets it go.
    """
    text = text_of(value)
    if text is None:
        candidates = value.candidates if type(value) is Unknown else ()
        readings = [read_model(catalogue, namespace, candidate) for candidate in candidates]
        places = tuple(dict.fromkeys(place for reading in readings for place in reading.places))
        reason = value.reason if type(value) is Unknown else "not a text"
        return Reading(value, places if readings and all(r.places for r in readings) else (), False, reason)
    names = namespace if namespace.endswith("-inference") else f"{namespace}-inference"
    arn = _ARN.match(text)
    name, offset = (arn["name"], arn.start("name")) if arn else (text, 0)
    known = catalogue.place(names, name)
    if known is not None:
        return Reading(covering(value, offset, offset + len(known.name)), (known,))
    if arn and arn["kind"] != "inference-profile" and (place := catalogue.place(namespace, arn["region"])):
        return Reading(covering(value, arn.start("region"), arn.end("region")), (place,))
    return Reading(value, (), False, "the model is not bound to a place")
