"""Opens the index that the settings name: a folder for tantivy, an address for a server.

Callers know the port alone; which engine stands behind it is decided here and nowhere else.
"""

from pathlib import Path

from unioncat.index.port import SearchIndex
from unioncat.index.tantivy import TantivyIndex


def open_index(target: Path | str, *, write: bool = False) -> SearchIndex:
    """Open an index for reading or, in the one process that may, for writing. Raises `IndexBusy`."""
    if isinstance(target, str) and target.startswith(("http://", "https://")):
        # Imported when wanted: the client's models take a quarter of a second to load.
        from unioncat.index.meilisearch import MeilisearchIndex

        return MeilisearchIndex(target, write=write)
    return TantivyIndex(Path(target), write=write)
