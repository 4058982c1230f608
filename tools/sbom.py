"""Prints the bill of materials of a wheel in CycloneDX JSON: sovlint, and what is installed with it.

Run: `python tools/sbom.py dist/sovlint-*.whl`, in an environment that has the run-time dependencies (the development
environment does). Versions and licences are those installed there. The same wheel, environment and SOURCE_DATE_EPOCH
give the same bytes. Format: https://cyclonedx.org/docs/1.6/json/ (read 2026-11-23).
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import uuid
import zipfile
from datetime import UTC, datetime
from email.parser import Parser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def wheel_metadata(wheel: Path) -> tuple[str, str, list[str]]:
    """Name, version and requirements of a wheel."""
    with zipfile.ZipFile(wheel) as file:
        [name] = [name for name in file.namelist() if name.endswith(".dist-info/METADATA")]
        head = Parser().parsestr(file.read(name).decode("utf-8"))
    return head["Name"], head["Version"], head.get_all("Requires-Dist") or []


def needed(requirements: list[str], extra: str = "") -> list[str]:
    """Normalised names of those requirements that apply here."""
    parsed = [Requirement(text) for text in requirements]
    found = [one for one in parsed if one.marker is None or one.marker.evaluate({"extra": extra})]
    return sorted({canonicalize_name(one.name) for one in found})


def closure(names: list[str]) -> dict[str, Distribution]:
    """Normalised name → installed distribution, for these and whatever they need.

    Raises:
        SystemExit: one of them is not installed.
    """
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            raise SystemExit(f"{name} is not installed: the bill of materials would be incomplete") from None
        waiting += needed(found[name].requires or [])
    return dict(sorted(found.items()))


def licences(found: Distribution) -> list[dict[str, Any]]:
    """What the distribution says of its licence."""
    head = found.metadata
    if "License-Expression" in head:
        return [{"expression": head["License-Expression"]}]
    named = [line.rpartition(" :: ")[2] for line in head.get_all("Classifier") or [] if line.startswith("License ::")]
    return [{"license": {"name": name}} for name in named if name != "OSI Approved"]


def bill(wheel: Path) -> dict[str, Any]:
    """The document."""
    name, version, requirements = wheel_metadata(wheel)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    direct = needed(requirements)
    packages = closure(direct)
    refs = {key: f"pkg:pypi/{key}@{found.version}" for key, found in packages.items()}
    own = f"pkg:pypi/{canonicalize_name(name)}@{version}"
    moment = int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.now(UTC).timestamp())
    components = [
        {
            "type": "library",
            "bom-ref": refs[key],
            "name": found.metadata["Name"],
            "version": found.version,
            "purl": refs[key],
            **({"licenses": said} if (said := licences(found)) else {}),
        }
        for key, found in packages.items()
    ]
    depends = [{"ref": own, "dependsOn": sorted(refs[key] for key in direct)}]
    depends += [
        {"ref": refs[key], "dependsOn": sorted(refs[one] for one in needed(found.requires or []))}
        for key, found in packages.items()
    ]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest + repr(sorted(refs.values())))}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": name,
                "version": version,
                "purl": own,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "hashes": [{"alg": "SHA-256", "content": digest}],
            },
        },
        "components": components,
        "dependencies": depends,
    }


def main() -> None:
    """Prints the bill of the wheel named on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python tools/sbom.py WHEEL")
    print(json.dumps(bill(Path(sys.argv[1])), indent=2))


if __name__ == "__main__":
    main()
