"""How long 25,000 findings take to become SARIF, against `json.dumps` of the finished log in the same run.

Usage: python benchmarks/sarif.py [findings] [runs]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "output"))

from reports import many

from sovlint.output import FORMATS, Style


def main() -> None:
    """Prints the medians."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 25_000
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    shown = many(number)
    FORMATS["sarif"](many(10), Style())  # the import of sarif-om
    seconds, reference = [], []
    output = ""
    for _ in range(runs):
        start = time.perf_counter()
        output = FORMATS["sarif"](shown, Style())
        seconds.append(time.perf_counter() - start)
        document = json.loads(output)
        start = time.perf_counter()
        json.dumps(document, ensure_ascii=False)
        reference.append(time.perf_counter() - start)
    print(f"{number} findings: {statistics.median(seconds):.2f} s, {len(output.encode()) / 1e6:.1f} MB")
    print(f"json.dumps of that log: {statistics.median(reference):.2f} s")


if __name__ == "__main__":
    main()
