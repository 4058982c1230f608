"""Which folder of `policies/` holds files of which schema."""

from __future__ import annotations

SCHEMA_OF_FOLDER = {
    "rules": "rule",
    "profiles": "profile",
    "frameworks": "framework",
    "catalogue/kubernetes/bindings": "bindings",
    "catalogue/kubernetes/egress": "egress",
    "catalogue/regions": "regions",
    "catalogue/operators": "operators",
    "catalogue/hosts": "hosts",
    "catalogue/services": "services",
    "catalogue/kubernetes": "kubernetes",
    "catalogue/resources": "resources",
    "catalogue": None,
}
"""Folder under `policies/` → schema of its files; in `catalogue` itself the file name is the schema's name."""
