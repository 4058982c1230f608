"""Commands: flags become a `Config`, a report becomes an exit code. No logic."""
