"""What people must be able to rely on: no network, no writes, nothing executed, no secrets in reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import run_sovlint


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif"])
@pytest.mark.parametrize("way", ["default", "tfvars", "--var", "TF_VAR"])
def test_sensitive_values_are_never_printed(tmp_path: Path, form: str, way: str) -> None:
    secret = "us-gov-west-1"
    default = f'  default = "{secret}"\n' if way == "default" else ""
    (tmp_path / "main.tf").write_text(
        f'variable "r" {{\n  sensitive = true\n{default}}}\nprovider "aws" {{\n  region = var.r\n}}\n'
        'resource "aws_s3_bucket" "b" {}\n'
    )
    if way == "tfvars":
        (tmp_path / "terraform.tfvars").write_text(f'r = "{secret}"\n')
    args = ["--var", f"r={secret}"] if way == "--var" else []
    env = {"TF_VAR_r": secret} if way == "TF_VAR" else {}
    result = run_sovlint(["check", "--no-config", "-f", form, "-v", *args, "."], cwd=tmp_path, env=env)
    assert "SOV101" in result.stdout
    assert secret not in result.stdout + result.stderr
