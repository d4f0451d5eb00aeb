"""Sort keys of titles and headings in the Vietnamese order (ICU, CLDR `vi`).

Keys of different `COLLATION_VERSION` must never stand in one list: they do not compare.
"""

import re
from functools import cache
from typing import Any

import icu

from unioncat.text.clean import clean

_LEADING = re.compile(r"^[\W_]+")


@cache
def _collator() -> Any:
    collator = icu.Collator.createInstance(icu.Locale("vi"))
    collator.setAttribute(icu.UCollAttribute.NUMERIC_COLLATION, icu.UCollAttributeValue.ON)
    return collator


COLLATION_VERSION = f"vi-kn-icu{icu.ICU_VERSION}-unicode{icu.UNICODE_VERSION}"
"""Version of the rules and tables behind `sort_key`."""


def sort_key(text: str, nonfiling: int = 0) -> bytes:
    """Return bytes that sort as a Vietnamese reader expects: a à ả ã á ạ ă â, d before đ, 9 before 10.

    The first `nonfiling` characters and leading quotes and punctuation are skipped; a text of nothing else
    sorts by itself.
    """
    cleaned = clean(text)
    filed = _LEADING.sub("", cleaned[nonfiling:]) if nonfiling < len(cleaned) else ""
    key: bytes = _collator().getSortKey(filed or cleaned)
    return key.rstrip(b"\0")
