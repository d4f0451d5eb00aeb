"""The reader of files: MARC in every wrapping, MODS, Dublin Core, CSV, Excel, and zips of these."""

from unioncat_harvester.readers.files.reader import FilesReader

__all__ = ["FilesReader"]
