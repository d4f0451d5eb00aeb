"""The search projection: documents made of union records, and the engines that answer from them.

The index is disposable: nothing is kept here that the store cannot give again (DESIGN invariant 11).
"""

from unioncat.index.cursor import BadCursor
from unioncat.index.document import LibraryFacts, build_document
from unioncat.index.generations import IndexBusy
from unioncat.index.open import open_index
from unioncat.index.port import IndexHealth, IndexReadOnly, IndexWriter, Packed, SearchIndex
from unioncat.index.prepare import BadQuery
from unioncat.index.query import parse, unparse

__all__ = [
    "BadCursor",
    "BadQuery",
    "IndexBusy",
    "IndexHealth",
    "IndexReadOnly",
    "IndexWriter",
    "LibraryFacts",
    "Packed",
    "SearchIndex",
    "build_document",
    "open_index",
    "parse",
    "unparse",
]
