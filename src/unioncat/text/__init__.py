"""Normal forms and keys of text, Vietnamese first: what is equal, what is alike, what sorts where.

Nothing outside this package folds, normalises or collates by itself: two ways of folding are two catalogues.
"""

from unioncat.text.clean import clean
from unioncat.text.collate import COLLATION_VERSION, sort_key
from unioncat.text.keys import key_exact, key_fold, name_key

__all__ = ["COLLATION_VERSION", "clean", "key_exact", "key_fold", "name_key", "sort_key"]
