"""Defaults, configuration file and flags become one frozen `Config`."""

from sovlint.config.model import Config
from sovlint.config.read import code_position, find_config, read_config

__all__ = ["Config", "code_position", "find_config", "read_config"]
