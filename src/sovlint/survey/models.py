"""Reads a value as what its attribute carries; a model: where a profile or deployment type lets prompts go."""

from __future__ import annotations

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import PlaceSpec
from sovlint.model.lazy import pattern
from sovlint.model.value import Unknown, Value
from sovlint.survey.causes import covering, text_of
from sovlint.survey.places import Reading, is_arn, read_arn, read_host, read_region

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


def read_place(catalogue: Catalogue, spec: PlaceSpec, value: Value) -> Reading:
    """The place in a value by what its attribute carries; references are followed elsewhere."""
    if spec.carries == "arn" or (spec.carries == "reference" and is_arn(value)):
        return read_arn(catalogue, spec.namespace, value)
    if spec.carries == "host":
        host = read_host(catalogue, value)
        return host[2] if host else Reading(value, (), False, "the host is not known")
    if spec.carries == "model":
        return read_model(catalogue, spec.namespace, value)
    reading = read_region(catalogue, spec.namespace, value)
    if spec.carries == "reference" and not reading.determined and text_of(value) is not None:
        reading.reason = "what it names is not declared in these files"
    return reading
