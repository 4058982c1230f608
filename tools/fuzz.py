"""The long fuzzer: every kind of file that is read, changed at random, through the real run with bounds.

    python tools/fuzz.py --minutes 10
    python tools/fuzz.py --minutes 2 --kinds tf,plan --seed 7 --workers 2
    python tools/fuzz.py --minutes 0            # replays the corpus alone

The corpus (`tests/data/fuzz_corpus/KIND/`) is replayed first. Then files of the fixtures are changed
(`tests/fuzz_mutate.py`) and linted in their tree (`tests/fuzz_kinds.py`, `tests/fuzz_trial.py`) by worker processes: an
exception, a report that is not sound, more than 10 s of the processor or 500 MB, and a process that dies are failures.
What a report had not said before makes its input a seed of the run. A failure is made as small as can be and saved in
the corpus, once per place in the code.

With `--coverage` (needs `pip install atheris`, not a dependency) one process follows the branches of the program
instead; what it finds is written to the folder that it names, to be replayed with `--replay FILE --kinds KIND`.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import importlib
import json
import os
import random
import re
import resource
import select
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))

from fuzz_kinds import CORPUS, KINDS, seeds_of  # noqa: E402 - found by the line above
from fuzz_mutate import CHANGES, Step, mutated  # noqa: E402
from fuzz_trial import MAX_MEMORY, MAX_SECONDS, Tree, attempt, forget_peak, peak  # noqa: E402

HANG_SECONDS = 60.0
"""Of a clock, after which a worker is killed. A trial is limited in time of the processor: machines are shared."""

ADDRESS_SPACE = 1_200_000_000
"""Bytes of address space of a worker: what asks for more fails at once instead of taking the machine along."""

LEARNT = 200
"""Inputs per kind that are kept as seeds because their reports said something new."""

SHRINKING_TRIALS = 400


# --- the worker: one process that lints one input after another


def serve() -> None:
    """Answers trials, one line of JSON each, until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    trees: dict[str, Tree] = {}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        os.environ["XDG_CACHE_HOME"] = f"{scratch}/cache"
        share = _keep_catalogue()
        for line in sys.stdin:
            asked = json.loads(line)
            kind = asked["kind"]
            tree = trees.get(kind) or trees.setdefault(kind, Tree(kind, Path(scratch)))
            # Hosts of a configuration are laid over the catalogue in memory: they must not be there in the next run.
            share(not tree.kind.configured)
            answer = _trial(tree, base64.b64decode(asked["data"]), asked["twice"], asked["jobs"])
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


def _keep_catalogue() -> Callable[[bool], None]:
    """Gives a switch: whether runs share a catalogue, since reading it anew takes longer than most trials."""
    from sovlint.run import way as module

    way: Any = module
    opened = way.open_catalogue
    kept = opened()

    def shared(*, cache: bool = True, custom: tuple[str, ...] = ()) -> Any:
        return opened(cache=cache, custom=custom) if custom else kept

    def switch(share: bool) -> None:
        way.open_catalogue = shared if share else opened

    return switch


def _trial(tree: Tree, data: bytes, twice: bool, jobs: int) -> dict[str, Any]:
    forget_peak()
    since = time.process_time()
    answer: dict[str, Any] = {"failure": "", "says": []}
    try:
        report = attempt(tree, data, formats=True, twice=twice, jobs=jobs)
        answer["says"] = ["unusable"] if report is None else _said(report)
    except BaseException as error:  # SystemExit and MemoryError are failures, too
        if isinstance(error, KeyboardInterrupt):
            raise
        answer["failure"] = _signature(error)
        answer["trace"] = "".join(traceback.format_exception(error))[-4_000:]
    answer["seconds"] = time.process_time() - since
    answer["memory"] = peak()
    if not answer["failure"] and answer["seconds"] > MAX_SECONDS * (3 if twice or jobs else 1):
        answer["failure"] = "slow"
    if not answer["failure"] and answer["memory"] > MAX_MEMORY:
        answer["failure"] = "memory"
    return answer


def _said(report: Any) -> list[str]:
    """What a report says, without what differs from input to input."""
    said = {f"{p.code} {re.sub(r'[0-9]+|[^ ]*[^a-zA-Z ,;:][^ ]*', '_', p.message)[:80]}" for p in report.problems}
    said |= {f"{f.rule} {f.verdict} {f.confidence}" for f in report.findings}
    return sorted(said)


def _signature(error: BaseException) -> str:
    """What failed and where: the same mistake of the program gives the same text."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/sovlint/" in frame.filename]
    where = "; ".join(f"{Path(frame.filename).name}:{frame.name}" for frame in frames[-2:])
    text = re.sub(r"[0-9]+", "0", str(error))[:60] if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} {text} in {where or 'no frame of the program'}"


class Worker:
    """A worker process, started anew when it dies or after some thousand inputs."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._done = 0

    def ask(self, kind: str, data: bytes, *, twice: bool = False, jobs: int = 0) -> dict[str, Any]:
        """What became of an input."""
        if self._process is None or self._done > 2_000:
            self.end()
            self._process = subprocess.Popen(
                [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self._done = 0
        self._done += 1
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        line = {"kind": kind, "data": base64.b64encode(data).decode(), "twice": twice, "jobs": jobs}
        try:
            process.stdin.write(json.dumps(line).encode() + b"\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], HANG_SECONDS)
            answer = process.stdout.readline() if ready else b""
        except OSError:
            answer, ready = b"", [process.stdout]
        if answer:
            found: dict[str, Any] = json.loads(answer)
            return found
        failure = "died" if ready else "hangs"
        self.end()
        return {"failure": failure, "says": [], "seconds": 0.0 if ready else HANG_SECONDS, "memory": 0, "trace": ""}

    def end(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


# --- the main process


class Tally:
    """What was tried of a kind."""

    def __init__(self) -> None:
        self.inputs = 0
        self.unusable = 0
        self.failures: set[str] = set()
        self.failed = 0
        self.slowest = 0.0
        self.memory = 0
        self.said: set[str] = set()
        self.learnt: list[bytes] = []

    def add(self, answer: dict[str, Any], data: bytes) -> None:
        """An answer that is no failure teaches what the next inputs are made of."""
        self.inputs += 1
        self.failed += bool(answer["failure"])
        self.slowest = max(self.slowest, answer["seconds"])
        self.memory = max(self.memory, answer["memory"])
        self.unusable += answer["says"] == ["unusable"]
        new = set(answer["says"]) - self.said
        if new and not answer["failure"]:
            self.said |= new
            if len(self.learnt) < LEARNT and len(data) < 50_000:
                self.learnt.append(data)


def random_input(rng: random.Random, kind: str, learnt: Sequence[bytes]) -> bytes:
    """A changed file of a kind."""
    seeds = (*seeds_of(kind), *learnt)
    syntax = KINDS[kind].syntax
    steps = [
        Step(
            rng.randrange(len(CHANGES[syntax])), rng.randrange(1 << 30), rng.randrange(1 << 30), rng.randrange(1 << 30)
        )
        for _ in range(min(12, 1 + int(rng.expovariate(0.5))))
    ]
    pool = seeds
    if rng.random() < 0.05:
        other = rng.choice([name for name, one in KINDS.items() if one.syntax == syntax])
        pool = (*seeds_of(other), *seeds[:3])
    return mutated(rng.choice(seeds), steps, pool, syntax)


def minimized(fails: Callable[[bytes], bool], data: bytes, trials: int = SHRINKING_TRIALS) -> bytes:
    """A smaller input that still fails: without lines, then words, then bytes."""
    for pattern in (rb"[^\n]*\n|[^\n]+", rb"\w+|\s+|[^\w\s]+", rb"(?s)."):
        parts = re.findall(pattern, data)
        size = max(1, len(parts) // 2)
        while size and trials > 0:
            at = 0
            while at < len(parts) and trials > 0:
                without = parts[:at] + parts[at + size :]
                trials -= 1
                if fails(b"".join(without)):
                    parts = without
                else:
                    at += size
            size //= 2
        data = b"".join(parts)
    return data


def corpus(kind: str) -> list[Path]:
    """The kept inputs of a kind."""
    return sorted(path for path in (CORPUS / kind).glob("*") if path.is_file())


class Fuzzer:
    """Shares trials among workers and keeps the tally.

    Args:
        kinds: which.
        seed: of the random numbers.
        save: where failures are kept.
    """

    def __init__(self, kinds: Sequence[str], seed: int, save: Path) -> None:
        self.tallies = {kind: Tally() for kind in kinds}
        self._seed = seed
        self._save = save
        self._lock = threading.Lock()

    def replay(self, worker: Worker) -> None:
        """The corpus, then the seeds as they are; twice each, since the same input must give the same report."""
        for kind in self.tallies:
            for data in [*(path.read_bytes() for path in corpus(kind)), *seeds_of(kind)]:
                self._tried(worker, kind, data, worker.ask(kind, data, twice=True, jobs=0))

    def run(self, worker: Worker, number: int, until: float) -> None:
        """Trials until a moment of `time.monotonic`."""
        rng = random.Random(f"{self._seed}/{number}")  # seeded, so that a run can be had again
        kinds = list(self.tallies)
        count = 0
        while time.monotonic() < until:
            kind = kinds[count % len(kinds)]
            count += 1
            data = random_input(rng, kind, self.tallies[kind].learnt)
            answer = worker.ask(kind, data, twice=count % 23 == 0, jobs=2 if count % 211 == 0 else 0)
            self._tried(worker, kind, data, answer)

    def _tried(self, worker: Worker, kind: str, data: bytes, answer: dict[str, Any]) -> None:
        failure = answer["failure"]
        with self._lock:
            tally = self.tallies[kind]
            tally.add(answer, data)
            known = any(failure in one.failures for one in self.tallies.values())
            if failure and not known:
                tally.failures.add(failure)
        if not failure or known:
            return
        print(f"\n{kind}: {failure}\n{answer.get('trace', '')}", flush=True)
        small = minimized(lambda less: bool(worker.ask(kind, less, twice=True)["failure"] == failure), data)
        name = re.sub(r"[^a-z0-9]+", "-", failure.lower()).strip("-")[:60]
        path = self._save / kind / f"{name}-{hashlib.sha256(small).hexdigest()[:6]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(small)
        print(f"saved: {path} ({len(small)} bytes)", flush=True)

    def totals(self) -> str:
        """The tally as a table."""
        head = ("Kind", "Inputs", "Refused as a whole", "Failures", "Distinct", "Slowest (s)", "Most memory (MB)")
        rows = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
        for kind, some in [*((kind, [one]) for kind, one in self.tallies.items()), ("all", [*self.tallies.values()])]:
            numbers = (
                f"{sum(t.inputs for t in some):,}",
                f"{sum(t.unusable for t in some):,}",
                str(sum(t.failed for t in some)),
                str(sum(len(t.failures) for t in some)),
                f"{max(t.slowest for t in some):.2f}",
                f"{max(t.memory for t in some) / 1e6:.0f}",
            )
            rows.append(f"| {' | '.join((kind, *numbers))} |")
        return "\n".join(rows)


def follow_branches(kind: str, minutes: float) -> None:
    """Fuzzes one kind with atheris, which is told which branches were taken; our changes make its inputs."""
    atheris: Any = importlib.import_module("atheris")

    atheris.instrument_all()
    scratch = Path(tempfile.mkdtemp(prefix="fuzz-"))
    tree = Tree(kind, scratch)
    (scratch / "found").mkdir()
    (scratch / "seeds").mkdir()
    for number, data in enumerate([*seeds_of(kind), *(path.read_bytes() for path in corpus(kind))]):
        (scratch / "seeds" / str(number)).write_bytes(data)

    def change(data: bytes, size: int, seed: int) -> bytes:
        return random_input(random.Random(seed), kind, (data,) * 40)[:size]

    print(f"failures are written to {scratch}/found", flush=True)
    atheris.Setup(
        [sys.argv[0], f"-max_total_time={int(minutes * 60)}", "-max_len=50000", "-timeout=10", "-rss_limit_mb=900",
         f"-artifact_prefix={scratch}/found/", str(scratch / "seeds")],
        lambda data: attempt(tree, data, formats=False),
        custom_mutator=change,
    )  # fmt: skip
    atheris.Fuzz()


def main() -> int:
    """The command line; 1 if anything failed."""
    parser = argparse.ArgumentParser(description="Changes files at random and lints them.")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--save", type=Path, default=CORPUS, help="where failures are kept (default: the corpus)")
    parser.add_argument("--replay", type=Path, help="try one file (of the one kind) and say what it does")
    parser.add_argument("--coverage", action="store_true", help="follow branches, with atheris (one kind)")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.serve:
        serve()
        return 0
    kinds = words.kinds.split(",")
    if unknown := set(kinds) - set(KINDS):
        parser.error(f"no kind {', '.join(sorted(unknown))}; there are: {', '.join(KINDS)}")
    if words.coverage:
        follow_branches(kinds[0], words.minutes)
        return 0
    workers = [Worker() for _ in range(max(1, words.workers))]
    try:
        if words.replay:
            answer = workers[0].ask(kinds[0], words.replay.read_bytes(), twice=True)
            print(answer.get("trace") or answer)
            return int(bool(answer["failure"]))
        fuzzer = Fuzzer(kinds, words.seed, words.save)
        fuzzer.replay(workers[0])
        until = time.monotonic() + words.minutes * 60
        threads = [
            threading.Thread(target=fuzzer.run, args=(worker, number, until)) for number, worker in enumerate(workers)
        ]
        with contextlib.suppress(KeyboardInterrupt):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        print(fuzzer.totals())
        return int(any(tally.failed for tally in fuzzer.tallies.values()))
    finally:
        for worker in workers:
            worker.end()


if __name__ == "__main__":
    sys.exit(main())
