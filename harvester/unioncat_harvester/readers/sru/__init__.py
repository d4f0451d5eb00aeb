"""The reader of SRU 1.1, 1.2 and 2.0 sources."""

from unioncat_harvester.readers.sru.reader import SruReader

__all__ = ["SruReader"]
