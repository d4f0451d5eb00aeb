"""The reader of Z39.50 (ISO 23950) targets."""

from unioncat_harvester.readers.z3950.reader import Z3950Reader

__all__ = ["Z3950Reader"]
