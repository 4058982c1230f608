"""Bytes to syntax trees with exact spans. Syntax only: no meaning."""
