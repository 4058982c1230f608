"""Kustomize read statically: overlays laid over their bases in plain Python, so that objects are judged as applied.

Semantics as in https://github.com/kubernetes-sigs/kustomize; the modules name the files they follow.
"""

from sovlint.resolve.kustomize.files import FILE_NAMES, is_kustomization_name
from sovlint.resolve.kustomize.units import Kustomizations, Root

__all__ = ["FILE_NAMES", "Kustomizations", "Root", "is_kustomization_name"]
