"""Time and memory of a run on one very large Helm chart, read statically.

Usage: `python benchmarks/helm_chart.py [--components 5000] [--lines 3000] [--seed 1] [--keep FOLDER] [--profile]`.

Generates a chart of so many components (each with an image in parts, a node selector, a service and a class of storage)
and so many lines of templates that take values from them, with one environment laid over it and a tenth of the
components switched off. Measures a run on a quarter, a half and all of it, each in a process of its own with a compiled
catalogue; prints seconds of the processor less those of an empty chart, peak memory, and the exponent: 1.0 where
twice the chart takes twice the time. The aim holds on one core of a quiet machine: 2 s, exponent 1.1.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = (2.0, 1.1)

REGISTRIES = ("ghcr.io", "quay.io", "docker.io", "rg.nl-ams.scw.cloud")
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")


def component(random_: random.Random, number: int) -> str:
    """The values of one component."""
    return (
        f"component{number}:\n"
        f"  enabled: {'false' if number % 10 == 0 else 'true'}\n"
        f"  image:\n    registry: {random_.choice(REGISTRIES)}\n    repository: gemeente/part-{number}\n"
        f'    tag: "{random_.randint(1, 9)}.{random_.randint(0, 30)}"\n'
        f"  nodeSelector:\n    topology.kubernetes.io/region: {random_.choice(REGIONS)}\n"
        f"  service:\n    type: ClusterIP\n    port: {8000 + number % 1000}\n"
        f"  persistence:\n    storageClass: {random_.choice(('gp3', 'fast', 'longhorn'))}\n    size: 10Gi\n"
    )


def template(numbers: range) -> str:
    """Objects that take what they are from the values of some components, five lines each."""
    return "".join(
        f"{{{{- if .Values.component{number}.enabled }}}}\n"
        f"image: {{{{ .Values.component{number}.image.registry }}}}/"
        f"{{{{ .Values.component{number}.image.repository }}}}\n"
        f"        topology.kubernetes.io/region: {{{{ .Values.component{number}.nodeSelector.region }}}}\n"
        f"storageClassName: {{{{ .Values.component{number}.persistence.storageClass | quote }}}}\n"
        "{{- end }}\n"
        for number in numbers
    )


def generate(folder: Path, components: int, lines: int, seed: int) -> int:
    """Writes the chart; returns its bytes."""
    random_ = random.Random(seed)
    (folder / ".git").mkdir(parents=True)
    (folder / "templates").mkdir()
    files = {"Chart.yaml": "apiVersion: v2\nname: large\nversion: 1.0.0\n"}
    files["values.yaml"] = "global:\n  imageRegistry: ''\n" + "".join(component(random_, n) for n in range(components))
    files["values-prod.yaml"] = "".join(
        f"component{n}:\n  image:\n    registry: {random_.choice(REGISTRIES)}\n" for n in range(0, components, 3)
    )
    for start in range(0, min(lines // 5, components), 100):
        files[f"templates/{start}.yaml"] = template(range(start, min(start + 100, lines // 5, components)))
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return sum(map(len, files.values()))


def run(folder: Path, *options: str) -> tuple[float, float, str]:
    """Seconds of the processor, MB at most, and the last line of a run."""
    command = [sys.executable, "-m", "sovlint", "check", "--no-config", "--format", "concise", *options, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    out = process.stdout.read().decode().splitlines()
    _, _, used = os.wait4(process.pid, 0)
    memory = used.ru_maxrss / (1 if sys.platform != "darwin" else 1024) / 1024
    return used.ru_utime + used.ru_stime, memory, out[-1] if out else ""


def main() -> None:
    """Generates, runs, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--components", type=int, default=5_000)
    parser.add_argument("--lines", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder to generate into, kept")
    parser.add_argument("--profile", action="store_true", help="where the time goes (cProfile, by own time)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        base = arguments.keep or Path(scratch)
        generate(base / "empty", 1, 5, arguments.seed)
        run(base / "empty")  # compiles the catalogue
        if arguments.profile:
            total = generate(base / "all", arguments.components, arguments.lines, arguments.seed)
            print(f"{arguments.components} components, {total / 1e6:.1f} MB", flush=True)
            code = ["-m", "cProfile", "-s", "tottime", "-m", "sovlint", "check", "--no-config", "--format", "concise"]
            subprocess.run([sys.executable, *code, str(base / "all")], check=False)
            return
        empty, _, _ = run(base / "empty")
        before: float | None = None
        for part in (4, 2, 1):
            folder = base / f"part-{part}"
            total = generate(folder, arguments.components // part, arguments.lines // part, arguments.seed)
            seconds, memory, last = run(folder)
            net = max(seconds - empty, 0.001)
            exponent = f", exponent {math.log2(net / before):.2f}" if before is not None else ""
            size = f"{arguments.components // part} components, {total / 1e6:.2f} MB"
            print(f"{size}: {net:.2f} s, {memory:.0f} MB{exponent}")
            print(f"  {last}", flush=True)
            before = net
        print(f"aim {TARGET[0]:.0f} s, exponent {TARGET[1]}; an empty chart takes {empty:.2f} s")


if __name__ == "__main__":
    main()
