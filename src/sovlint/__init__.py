"""sovlint: where is it, under whose law, who holds the keys, how would we leave? Asked of infrastructure as code."""

__version__ = "0.1.0"
