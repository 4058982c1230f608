"""What there is: every resource with service, places, operator, country and lock-in, the good ones included.

Consumes facts, profile and catalogue; judges nothing but how a place lies to the profile's zone.
"""

from sovlint.inventory.build import Inventory, PlaceRow, Row, build
from sovlint.inventory.declared import declared
from sovlint.inventory.document import document
from sovlint.inventory.table import Screen, render

__all__ = ["Inventory", "PlaceRow", "Row", "Screen", "build", "declared", "document", "render"]
