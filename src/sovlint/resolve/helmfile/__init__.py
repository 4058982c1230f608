"""Helmfile as far as it is static: releases with exactly the values that each environment gives their charts.

Nothing is executed: template text is looked through where it only reads values
(https://helmfile.readthedocs.io/en/latest/templating/); what depends on the machine that runs helmfile is said.
"""

from sovlint.resolve.helmfile.units import HelmfileRoot, Helmfiles, deployed, is_helmfile

__all__ = ["HelmfileRoot", "Helmfiles", "deployed", "is_helmfile"]
