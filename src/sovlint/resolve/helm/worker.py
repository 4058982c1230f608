"""Renders charts with Helm as a library: a program of its own, run by `engine.Sdk` in a process that may be ended.

Standard input is one JSON object `{"library": folder that holds the package, "jobs": [{"chart": folder, "values":
[layers, the highest last], "name": release, "namespace": …}]}`; standard output one JSON line per job,
`{"files": {path: text}}` or `{"error": message}`. Nothing of sovlint is imported, so that it starts at once.
"""

from __future__ import annotations

import json
import sys
from typing import Any

MAX_OUTPUT = 20_000_000
"""Characters of one rendering; more is an error."""


def merged(below: Any, above: Any) -> Any:
    """Values laid over others as Helm lays `-f` files: maps are merged, the rest is replaced, null stays for Helm."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: merged(below[key], value) if key in below else value for key, value in above.items()}}


def _render(helm: Any, job: dict[str, Any]) -> dict[str, Any]:
    values: Any = {}
    for layer in job["values"]:
        values = merged(values, layer)
    # Loaded anew each time: rendering drops disabled subcharts from a chart for good.
    chart = helm.Chart.load(job["chart"])
    try:
        files = chart.render(values, name=job["name"], namespace=job["namespace"])
    finally:
        chart.close()
    size = sum(map(len, files.values()))
    if size > MAX_OUTPUT:
        return {"error": f"the output of {size} characters is above the limit of {MAX_OUTPUT}", "limit": True}
    return {"files": files}


def main() -> None:
    """Reads the jobs, writes the results."""
    request = json.load(sys.stdin)
    sys.path.insert(0, request["library"])
    import helm_python as helm  # type: ignore[import-not-found,import-untyped,unused-ignore]

    for job in request["jobs"]:
        try:
            answer = _render(helm, job)
        except helm.HelmError as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
