"""The catalogue as a library: knows no web framework and no harvest protocol."""

__version__ = "0.1.0"
