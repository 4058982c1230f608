"""Syntax trees to resources with lazy values that know where they came from."""
