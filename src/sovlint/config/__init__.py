"""Defaults, configuration file and flags become one frozen `Config`."""

from sovlint.config.find import find_config
from sovlint.config.model import Config

__all__ = ["Config", "find_config"]
