"""`tools/sample.py`: the sample is reproducible, of the asked size, and says nothing of the judgements it asks for."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from sovlint.catalogue import open_catalogue

TOOL = Path(__file__).parents[2] / "tools" / "sample.py"


@pytest.fixture(scope="module")
def sample() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sample", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sample"] = module
    spec.loader.exec_module(module)
    return module


def test_same_seed_same_sample_of_twenty_each(sample: ModuleType) -> None:
    catalogue = open_catalogue()
    drawn = sample.draw(catalogue, 20261123)
    assert drawn == sample.draw(catalogue, 20261123)
    assert drawn != sample.draw(catalogue, 1)
    assert [sum(row.cloud == cloud for row in drawn) for cloud in ("aws", "azure", "google")] == [20, 20, 20]
    assert len(set(drawn)) == 60


def test_the_sheet_lists_types_without_the_verdict(sample: ModuleType) -> None:
    catalogue = open_catalogue()
    storage = sample.Drawn("aws", "aws", "s3")
    blind = "\n".join(sample.sheet(catalogue, storage, judgements=False))
    open_ = "\n".join(sample.sheet(catalogue, storage, judgements=True))
    entry = catalogue.service("aws", "s3")
    assert "    aws_s3_bucket\n" in blind
    assert "    aws_s3_bucket  primary" in open_
    assert "    aws_s3_bucket_policy  auxiliary" in open_
    assert f"lock_in: {entry['lock_in']}" in open_
    assert entry["reason"] in open_
    assert entry["reason"] not in blind
    assert "lock_in" not in blind
    assert "auxiliary" not in blind
