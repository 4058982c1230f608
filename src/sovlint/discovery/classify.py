"""Tells by name and content what a file is; syntax is looked at as little as possible."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["terraform", "tfvars", "chart", "values", "template", "kubernetes", "terragrunt", "other"]

_BLOCK = (re.compile(rb"(?m)^[\"']?apiVersion[\"']?[ \t]*:"), re.compile(rb"(?m)^[\"']?kind[\"']?[ \t]*:"))
_FLOW = (re.compile(rb"[\"']?apiVersion[\"']?\s*:"), re.compile(rb"[\"']?kind[\"']?\s*:"))
_VALUES = re.compile(r"values(?:[-._][\w.-]+)?\.ya?ml|[\w.-]+[-._]values\.ya?ml")

TERRAFORM_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")


def kind_by_name(path: str) -> Kind:
    """What the name alone says; YAML that may be a manifest is `other` until its content was seen."""
    name = path.rpartition("/")[2]
    if name.endswith(TERRAFORM_SUFFIXES):
        return "terraform"
    if name.endswith((".tfvars", ".tfvars.json")):
        return "tfvars"
    if name == "terragrunt.hcl":
        return "terragrunt"
    if name in ("Chart.yaml", "Chart.yml"):
        return "chart"
    if _VALUES.fullmatch(name):
        return "values"
    return "other"


def looks_like_manifest(data: bytes) -> bool:
    """Whether the bytes show `apiVersion` and `kind` at top level of some document (block, flow or JSON)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return looks_like_manifest(data.decode("utf-16", "replace").encode())
    if all(pattern.search(data) for pattern in _BLOCK):
        return True
    head = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:3] == b"---":
        head = head[3:].lstrip()
    return head[:1] in (b"{", b"[") and all(pattern.search(head) for pattern in _FLOW)
