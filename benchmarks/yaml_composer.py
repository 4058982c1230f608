"""Speed of the YAML composer on generated manifests: lines per second, and how it compares to `yaml.CSafeLoader`.

Run: `python benchmarks/yaml_composer.py [documents]`. The manifests are the same on each run (seeded).
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Callable

import yaml

from sovlint.model.source import SourceFile
from sovlint.parse.yaml import parse_stream


def manifest(rng: random.Random, number: int) -> str:
    """One Deployment with what such files usually hold."""
    name = f"{rng.choice(['web', 'api', 'worker', 'cache'])}-{number}"
    env = "".join(
        f'        - name: VAR_{index}\n          value: "{rng.randrange(10**6)}"\n' for index in range(rng.randrange(8))
    )
    return f"""\
# generated
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {rng.choice(["default", "prod", "staging"])}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: 'shop'
spec:
  replicas: {rng.randrange(1, 9)}
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      nodeSelector:
        topology.kubernetes.io/region: {rng.choice(["eu-central-1", "us-east-1", "fr-par"])}
      containers:
      - name: main
        image: registry.example.com/{name}:{rng.randrange(9)}.{rng.randrange(30)}.{rng.randrange(9)}
        args: ["--verbose", "--port=8080"]
        ports:
        - containerPort: 8080
        resources:
          limits:
            cpu: 500m
            memory: 256Mi
        env:
{env}        - name: REGION
          value: eu-west-1
        command:
        - /bin/sh
        - -c
        - |
          set -e
          exec /app/{name}
"""


def best(run: Callable[[], object], rounds: int = 5) -> float:
    """Shortest time of several runs, in seconds."""
    times = []
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print the table."""
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    rng = random.Random(7)
    files = [
        SourceFile(f"{index}.yaml", "---\n".join(manifest(rng, index * 5 + part) for part in range(5)))
        for index in range(documents // 5)
    ]
    lines = sum(file.text.count("\n") for file in files)

    def ours() -> None:
        for file in files:
            parse_stream(file)

    def theirs() -> None:
        for file in files:
            list(yaml.load_all(file.text, Loader=yaml.CSafeLoader))

    def events() -> None:
        for file in files:
            get_event = yaml.CSafeLoader(file.text).get_event
            while get_event() is not None:
                pass

    reference = best(theirs, 3)
    print(f"{lines:,} lines in {len(files):,} files")
    for label, seconds in (
        ("parse_stream", best(ours)),
        ("libyaml events only", best(events)),
        ("CSafeLoader", reference),
    ):
        print(f"{label:34} {lines / seconds:12,.0f} lines/s   {reference / seconds:5.1f} x CSafeLoader")
    gc.disable()
    seconds = best(ours)
    print(f"{'without collector':34} {lines / seconds:12,.0f} lines/s   {reference / seconds:5.1f} x CSafeLoader")


if __name__ == "__main__":
    main()
