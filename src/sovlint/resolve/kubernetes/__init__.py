"""Kubernetes objects in YAML and JSON."""

from sovlint.resolve.kubernetes.objects import load, load_documents, object_at

__all__ = ["load", "load_documents", "object_at"]
