"""Terragrunt: what a `terragrunt.hcl` makes of a module: its source, inputs, generated files and remote state.

A folder with a `terragrunt.hcl` that leads to a module (by `terraform.source`, its own or an included one, or because
the folder itself holds Terraform files) is a *unit*: a root module with inputs. Semantics follow Terragrunt's own
sources (github.com/gruntwork-io/terragrunt, `pkg/config`). Nothing is executed; stack files are not read.
"""

from sovlint.resolve.terragrunt.scope import UNIT_FILE
from sovlint.resolve.terragrunt.unit import LoadedUnit, Units, unit_folders

__all__ = ["UNIT_FILE", "LoadedUnit", "Units", "unit_folders"]
