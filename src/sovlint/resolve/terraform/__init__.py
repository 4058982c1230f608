"""Terraform and OpenTofu: modules, variables, expressions, providers; evaluated statically, never run."""
