"""What resource types, places, operators and hosts mean for sovereignty; the only reader of `policies/`."""

from sovlint.catalogue.catalogue import Catalogue
from sovlint.catalogue.store import open_catalogue

__all__ = ["Catalogue", "open_catalogue"]
