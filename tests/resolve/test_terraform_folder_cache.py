"""What stays parsed between root modules, and that files and folders are read as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sovlint.discovery import MemoryTree, TreeError, WorkingTree
from sovlint.resolve.terraform import folder as folders
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.load import load_root

CALL = 'module "part" {\n  source = "../part"\n}\n'


def test_modules_stay_and_roots_pass_by() -> None:
    """A module is parsed once for all its callers, a root module is not kept at all."""
    cache = FolderCache(MemoryTree({"a/main.tf": CALL, "b/main.tf": CALL, "part/main.tf": 'resource "x" "y" {}\n'}))
    for root in ("a", "b"):
        assert [r.address for r in load_root(cache, root, Given()).resources] == ["module.part.x.y"]
    assert "part" in cache
    assert "a" not in cache
    assert cache.read("part") is cache.read("part")


def test_the_cache_is_bounded_by_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently used folders go when there is too much text; one always stays."""
    monkeypatch.setattr(folders, "CACHED_TEXT", 250)
    cache = FolderCache(MemoryTree({f"m{i}/main.tf": "#" * 100 for i in range(4)} | {"big/main.tf": "#" * 1_000}))
    for name in ("m0", "m1", "m0", "m2"):
        cache.read(name)
    assert [name for name in ("m0", "m1", "m2") if name in cache] == ["m0", "m2"]
    cache.read("big")
    assert [name for name in ("m0", "m2", "big") if name in cache] == ["big"]


def test_files_of_every_size_are_read_whole(tmp_path: Path) -> None:
    """Up to the limit, and nothing above it."""
    tree = WorkingTree(tmp_path, size_limit=100)
    for size in (0, 1, 99, 100):
        (tmp_path / "file").write_bytes(b"x" * size)
        assert tree.read("file") == b"x" * size
    (tmp_path / "file").write_bytes(b"x" * 101)
    with pytest.raises(TreeError) as error:
        tree.read("file")
    assert error.value.code == "too-large"


def test_a_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came meanwhile is read, too, but no more than the limit and one byte, which tells that it is too large."""
    (tmp_path / "file").write_bytes(b"x" * 10)
    real = os.fstat

    def grown(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        with (tmp_path / "file").open("ab") as file:
            file.write(b"y" * 1_000)
        return found

    monkeypatch.setattr(os, "fstat", grown)
    assert WorkingTree(tmp_path, size_limit=5_000).read("file") == b"x" * 10 + b"y" * 1_000
    (tmp_path / "file").write_bytes(b"x" * 10)
    assert len(WorkingTree(tmp_path, size_limit=100).read("file")) == 101


def test_folders_lead_out_of_the_tree_nowhere(tmp_path: Path) -> None:
    """Neither by `..` nor by a link, whether it is the folder itself or one above it."""
    outside = tmp_path / "outside" / "below"
    outside.mkdir(parents=True)
    (outside / "main.tf").write_text("", encoding="utf-8")
    root = tmp_path / "tree"
    (root / "a").mkdir(parents=True)
    (root / "a" / "link").symlink_to(tmp_path / "outside")
    (root / "inside").symlink_to(root / "a")
    tree = WorkingTree(root)
    for path in ("..", "a/../..", "../outside", "a/link", "a/link/below", "inside/link/below"):
        with pytest.raises(TreeError) as error:
            tree.list(path)
        assert error.value.code == "outside-tree"
        assert not tree.is_folder(path)
    with pytest.raises(TreeError):
        tree.read("a/link/below/main.tf")
    assert [entry.name for entry in tree.list("inside")] == ["link"]
    assert tree.is_folder("inside")
    assert not tree.is_folder("a/none")
