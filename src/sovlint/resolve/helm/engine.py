"""Finds and runs Helm: a `helm` on PATH, or Helm as a library (`pip install sovlint[helm]`).

Every run is a process of its own with limits of time, memory and output, in an environment without anything of the
user: an empty home, no plugins, no cluster. Nothing here asks Helm for the network: `lookup` and `getHostByName` give
nothing when a chart is only rendered.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from sovlint.model.errors import UsageError
from sovlint.resolve.helm import worker

RELEASE = "release-name"
"""Name of the release, as `helm template` without one."""

TIME_LIMIT = 20.0
"""Seconds for one call of the engine."""

MEMORY_LIMIT = 2 * 1024**3
"""Bytes of address space; Helm as a library takes about 0.6 GiB of it to start."""

OUTPUT_LIMIT = 20_000_000
"""Bytes of one rendering, and of all of a call per job."""


class Job(NamedTuple):
    """One rendering: a chart's folder, and layers of values over the chart's own, the highest last."""

    chart: str
    values: tuple[object, ...]


class Output(NamedTuple):
    """What a job gave: texts by the template's path (`chart/templates/x.yaml`), or why there is none."""

    files: dict[str, str]
    error: str = ""


class Engine(Protocol):
    """Something that renders charts."""

    name: str

    def render(self, jobs: Sequence[Job], scratch: str) -> list[Output]:
        """Renders charts; one output per job. `scratch` is a folder that may be written to."""
        ...


def find_engine(choice: str, path: str) -> Engine | None:
    """The engine that was chosen.

    Args:
        choice: `none`, `auto` (a `helm` on PATH, else the library), `helm` or `sdk`.
        path: PATH of the user.

    Returns:
        None for `none`, and for `auto` where there is no engine.

    Raises:
        UsageError: the one that was named is not there.
    """
    if choice in ("helm", "auto"):
        # A `.` on PATH would run what lies in the tree.
        folders = os.pathsep.join(folder for folder in path.split(os.pathsep) if folder.startswith("/"))
        found = shutil.which("helm", path=folders)
        if found is not None:
            return Binary(found)
        if choice == "helm":
            raise UsageError("--helm-engine helm: there is no helm on PATH")
    if choice in ("sdk", "auto"):
        import importlib.util

        spec = importlib.util.find_spec("helm_python")
        if spec is not None and spec.origin:
            return Sdk(str(Path(spec.origin).parent.parent))
        if choice == "sdk":
            raise UsageError("--helm-engine sdk: Helm as a library is not installed (pip install 'sovlint[helm]')")
    return None


class Sdk:
    """Helm as a library, run by the program `worker`."""

    name = "sdk"

    def __init__(self, library: str, time_limit: float = TIME_LIMIT) -> None:
        self.library = library
        self.time_limit = time_limit

    def render(self, jobs: Sequence[Job], scratch: str) -> list[Output]:
        """See `Engine.render`."""
        request = {
            "library": self.library,
            "jobs": [{"chart": j.chart, "values": j.values, "name": RELEASE, "namespace": "default"} for j in jobs],
        }
        # -I and -S: no site-packages, no user site, nothing of the working folder.
        command = [sys.executable, "-I", "-S", "-B", str(Path(worker.__file__).resolve())]
        ran = _run(command, json.dumps(request).encode(), scratch, self.time_limit, OUTPUT_LIMIT * (len(jobs) + 1))
        outputs: list[Output] = []
        for line in ran.output.split(b"\n"):
            if line.startswith(b"{") and line.endswith(b"}"):
                answer = json.loads(line)
                outputs.append(Output(answer.get("files", {}), answer.get("error", "")))
        missing = ran.failure or _crash(ran.errors) or "the engine ended without an answer"
        return outputs + [Output({}, missing)] * (len(jobs) - len(outputs))


class Binary:
    """The command `helm`."""

    name = "helm"

    def __init__(self, path: str, time_limit: float = TIME_LIMIT) -> None:
        self.path = path
        self.time_limit = time_limit

    def render(self, jobs: Sequence[Job], scratch: str) -> list[Output]:
        """See `Engine.render`."""
        deadline = time.monotonic() + self.time_limit
        return [self._one(job, scratch, max(0.1, deadline - time.monotonic())) for job in jobs]

    def _one(self, job: Job, scratch: str, limit: float) -> Output:
        command = [self.path, "template", RELEASE, job.chart, "--namespace", "default"]
        for number, layer in enumerate(job.values):
            file = Path(scratch, f"values-{number}.json")
            file.write_text(_as_yaml(layer), encoding="utf-8")
            command += ["--values", str(file)]
        deadline = time.monotonic() + limit
        ran = _run(command, b"", scratch, limit, OUTPUT_LIMIT)
        if ran.code and "YAML parse error on" in ran.errors and not ran.failure:
            # Shown all the same when it is asked for: whoever reads it says where it is no YAML.
            again = _run([*command, "--debug"], b"", scratch, max(0.1, deadline - time.monotonic()), OUTPUT_LIMIT)
            if b"# Source: " in again.output and not again.failure:
                return Output(split_sources(again.output.decode("utf-8", "replace")))
        if ran.failure:
            return Output({}, ran.failure)
        if ran.code:
            return Output({}, _crash(ran.errors) or ran.errors.removeprefix("Error: ").strip() or "helm failed")
        return Output(split_sources(ran.output.decode("utf-8", "replace")))


_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _as_yaml(data: object) -> str:
    """Data as JSON that Helm's reader of YAML takes: it knows no pairs of escapes for one character."""
    text = _SURROGATE.sub("\ufffd", json.dumps(data, ensure_ascii=False))
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


_SOURCE = re.compile(r"(?m)^---\n# Source: ([^\n]+)\n")


def split_sources(text: str) -> dict[str, str]:
    """The output of `helm template` by template; documents of one template that stand apart come together again."""
    out: dict[str, str] = {}
    parts = _SOURCE.split(text)
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        out[name] = f"{out[name]}---\n{body}" if name in out else body
    return out


class _Ran(NamedTuple):
    code: int
    output: bytes
    errors: str
    failure: str


def environment(scratch: str) -> dict[str, str]:
    """The environment of the engine: nothing of the user's, all folders of Helm below `scratch`."""
    home = Path(scratch, "home")
    home.mkdir(exist_ok=True)
    folders = {
        name: str(home / name.lower())
        for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME", "HELM_PLUGINS")
    }
    return {
        "HOME": str(home),
        "TMPDIR": str(home),
        "PATH": os.defpath,
        "KUBECONFIG": os.devnull,
        "LANG": "C.UTF-8",
        # Ends cleanly near the limit of memory instead of swapping; see runtime/debug.SetMemoryLimit of Go.
        "GOMEMLIMIT": str(MEMORY_LIMIT * 3 // 4),
        **folders,
    }


def _limit() -> None:
    import resource

    def lower(kind: int, amount: int) -> None:
        _, hard = resource.getrlimit(kind)
        amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        # Some systems know a limit and refuse it; those of time and output are kept by the parent as well.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (amount, amount))

    lower(resource.RLIMIT_AS, MEMORY_LIMIT)
    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_CPU, int(TIME_LIMIT) * 2 + 5)
    lower(resource.RLIMIT_FSIZE, OUTPUT_LIMIT)


def _run(command: list[str], given: bytes, scratch: str, seconds: float, limit: int) -> _Ran:
    """Runs a program within its limits; more output or time than allowed ends it with all its children."""
    deadline = time.monotonic() + seconds
    request = Path(scratch, "request.json")
    request.write_bytes(given)
    with request.open("rb") as stdin:
        process = subprocess.Popen(  # noqa: S603 - no shell; the program is Helm or ours
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=scratch,
            env=environment(scratch),
            preexec_fn=_limit,  # noqa: PLW1509 - no threads here
            start_new_session=True,
        )
    assert process.stdout is not None and process.stderr is not None
    texts: dict[str, bytearray] = {"out": bytearray(), "err": bytearray()}
    failure = ""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, "out")
        selector.register(process.stderr, selectors.EVENT_READ, "err")
        while selector.get_map() and not failure:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                failure = f"rendering took longer than {seconds:.0f} s and was ended"
                break
            for key, _ in selector.select(remaining):
                data = os.read(key.fd, 1 << 16)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.data == "out" or len(texts["err"]) < 100_000:
                    texts[key.data] += data
            if len(texts["out"]) > limit:
                failure = f"the output is above the limit of {limit} bytes"
    if failure:
        _end(process)
    try:
        code = process.wait(max(0.1, deadline - time.monotonic()) if not failure else 5)
    except subprocess.TimeoutExpired:
        _end(process)
        code = process.wait()
        failure = f"rendering took longer than {seconds:.0f} s and was ended"
    process.stdout.close()
    process.stderr.close()
    return _Ran(code, bytes(texts["out"]), texts["err"].decode("utf-8", "replace"), failure)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()


def _crash(errors: str) -> str:
    """What a crash of the engine is called in one sentence; Go's traces are no text for a person."""
    if "out of memory" in errors or "MemoryError" in errors or "cannot allocate memory" in errors:
        return f"rendering needs more memory than the limit of {MEMORY_LIMIT // 1024**2} MiB"
    if "stack overflow" in errors or "goroutine stack exceeds" in errors:
        return "the templates call each other without end"
    return ""
