"""Time and memory of a run on very many Kubernetes manifests.

Usage: `python benchmarks/manifests.py [--count 10000] [--size 5000] [--seed 1] [--keep FOLDER] [--profile]`.

Generates so many files of about so many bytes (one object each, as in a GitOps repository: workloads, services,
configuration, custom resources that run pods, cloud resources) and runs the linter on them in a process of its own,
with a compiled catalogue. Prints seconds (of the processor, too), peak memory and findings. The target holds for 10,000
manifests of 50 MB on one core of a quiet machine: 15 s and 400 MB.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGET = (15.0, 400.0)

REGISTRIES = (
    "ghcr.io/gemeente",
    "rg.nl-ams.scw.cloud/gemeente",
    "docker.io/library",
    "registry.intern:5000",
    "quay.io/a",
)
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
WORDS = (
    *("zaken", "portaal", "loket", "burger", "dossier", "besluit"),
    *("archief", "koppeling", "melding", "register", "vergunning", "belasting"),
)


def pod(random_: random.Random, indent: str) -> str:
    """A pod spec with a few containers, probes, variables and volumes."""
    lines = ["serviceAccountName: app", "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}"]
    if random_.random() < 0.1:
        lines += ["nodeSelector:", f"  topology.kubernetes.io/region: {random_.choice(REGIONS)}"]
    lines.append("containers:")
    for number in range(random_.randint(1, 3)):
        word = random_.choice(WORDS)
        lines += [
            f"  - name: {word}-{number}",
            f"    image: {random_.choice(REGISTRIES)}/{word}:{random_.randint(1, 9)}.{random_.randint(0, 30)}",
            "    ports:",
            "      - containerPort: 8080",
            "        name: http",
            "    readinessProbe:",
            "      httpGet: {path: /healthz, port: http}",
            "    resources:",
            "      requests: {cpu: 100m, memory: 256Mi}",
            "      limits: {memory: 512Mi}",
            "    env:",
        ]
        lines += [
            line
            for i in range(random_.randint(4, 14))
            for line in (
                f"      - name: SETTING_{random_.choice(WORDS).upper()}_{i}",
                f"        value: {random_.choice(WORDS)}-{random_.randint(0, 99999)} # as agreed",
            )
        ]
    return "".join(f"{indent}{line}\n" for line in lines)


def manifest(random_: random.Random, number: int, size: int) -> str:
    """One object."""
    name = f"{random_.choice(WORDS)}-{number}"
    metadata = f"metadata:\n  name: {name}\n  namespace: team-{number % 40}\n  labels:\n    app: {name}\n"
    kind = random_.choices(
        ("Deployment", "StatefulSet", "CronJob", "Rollout", "ConfigMap", "Service", "Bucket", "Portaal"),
        (30, 10, 5, 5, 25, 10, 5, 10),
    )[0]
    if kind in ("Deployment", "StatefulSet", "Rollout"):
        version = "argoproj.io/v1alpha1" if kind == "Rollout" else "apps/v1"
        body = f"apiVersion: {version}\nkind: {kind}\n{metadata}spec:\n  template:\n    spec:\n{pod(random_, ' ' * 6)}"
    elif kind == "CronJob":
        body = (
            f"apiVersion: batch/v1\nkind: CronJob\n{metadata}spec:\n  schedule: '0 3 * * *'\n  jobTemplate:\n"
            f"    spec:\n      template:\n        spec:\n{pod(random_, ' ' * 10)}"
        )
    elif kind == "Portaal":
        body = f"apiVersion: voorbeeld.nl/v1\nkind: Portaal\n{metadata}spec:\n  runtime:\n{pod(random_, ' ' * 4)}"
    elif kind == "Bucket":
        body = (
            f"apiVersion: s3.aws.upbound.io/v1beta2\nkind: Bucket\n{metadata}spec:\n"
            f"  forProvider:\n    region: {random_.choice(REGIONS)}\n    tags:\n"
        ) + "".join(f"      {word}: {random_.randint(0, 99)}\n" for word in WORDS)
    elif kind == "Service":
        body = (
            f"apiVersion: v1\nkind: Service\n{metadata}spec:\n  selector: {{app: {name}}}\n  ports:\n    - port: 80\n"
        )
    else:
        body = f"apiVersion: v1\nkind: ConfigMap\n{metadata}data:\n"
    lines = [body]
    length = len(body)
    while kind == "ConfigMap" and length < size:
        lines.append(f"  {random_.choice(WORDS)}.{length}: {random_.choice(WORDS)} {random_.random()}\n")
        length += len(lines[-1])
    while length < size:
        lines.append(f"# {random_.choice(WORDS)} {random_.choice(WORDS)} {random_.choice(WORDS)} {random_.random()}\n")
        length += len(lines[-1])
    return "".join(lines)


def generate(folder: Path, count: int, size: int, seed: int) -> int:
    """Writes the files; returns their bytes."""
    random_ = random.Random(seed)
    total = 0
    for number in range(count):
        path = folder / f"team-{number % 40}" / f"{number}.yaml"
        path.parent.mkdir(exist_ok=True)
        text = manifest(random_, number, random_.randint(size // 2, size * 3 // 2))
        total += len(text)
        path.write_text(text, encoding="utf-8")
    return total


def main() -> None:
    """Generates, runs, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder to generate into, kept")
    parser.add_argument("--profile", action="store_true", help="where the time goes (cProfile, by own time)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch) / "manifests"
        folder.mkdir(parents=True, exist_ok=True)
        total = generate(folder, arguments.count, arguments.size, arguments.seed)
        print(f"{arguments.count} manifests, {total / 1e6:.1f} MB, seed {arguments.seed}", flush=True)
        command = [sys.executable, "-m", "sovlint", "check", "--no-config", "--format", "concise"]
        # The first run compiles the catalogue; it is not measured.
        one = next(folder.rglob("*.yaml"))
        subprocess.run([*command, str(one)], capture_output=True, check=False)
        if arguments.profile:
            subprocess.run([sys.executable, "-m", "cProfile", "-s", "tottime", *command[1:], str(folder)], check=False)
            return
        start = time.perf_counter()
        done = subprocess.run([*command, str(folder)], capture_output=True, check=False)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        memory = used.ru_maxrss / (1 if sys.platform != "darwin" else 1024) / 1024
        print(f"{seconds:.1f} s ({used.ru_utime + used.ru_stime:.1f} s of the processor), {memory:.0f} MB at most")
        print(done.stdout.decode().splitlines()[-1])
        print(f"target {TARGET[0]:.0f} s, {TARGET[1]:.0f} MB")


if __name__ == "__main__":
    main()
