"""The reader of OAI-PMH 2.0 sources."""

from unioncat_harvester.readers.oaipmh.reader import OaiPmhReader

__all__ = ["OaiPmhReader"]
