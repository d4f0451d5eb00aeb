"""The arrows: the only place where pure code meets the store and the index."""
