"""Tells a record without content: what Koha and others send in place of one that they cannot read themselves.

Only what holds nothing at all is hollow; a record that holds little is a record.
"""

import re

HOLLOW = (
    "record-empty",
    "The record is empty: its server could not read it itself (Koha does so). What was here before is kept.",
)
"""Code and words for such a record that is put aside."""
_SMALL = 2048
"""Bytes; a larger record with fields is not looked at."""
_LARGEST = 64 * 1024
_FIXED = re.compile(rb"<(?:[\w.-]+:)?(leader|controlfield)\b[^>]*>[^<]*</(?:[\w.-]+:)?\1\s*>", re.IGNORECASE)
"""Leader and control fields alone make no record: Koha writes them into its empty ones."""
_FILLED = re.compile(
    rb"<(?:[\w.-]+:)?(?!leader\b|controlfield\b)[\w.-]+(?:\s[^<>]*)?>[^<]*[^<\s]", re.IGNORECASE
)
"""An element with text of its own: nearly every record shows one at once."""
_TAG = re.compile(rb"<[^>]*>")
_SAYING = re.compile(
    rb"""\s(?!xmlns\b|xsi:|xml:|tag\b|ind[12i]?\b|code\b|type\b|id\b|version\b)[\w:.-]+\s*=\s*["'][^"']"""
)
"""An attribute that may hold content."""


def is_hollow(payload: bytes) -> bool:
    """Tell whether an XML record holds no text at all, beyond leader and control fields."""
    if (
        _FILLED.search(payload)
        or len(payload) > _LARGEST
        or (len(payload) > _SMALL and b"datafield" in payload)
    ):
        return False
    rest = _FIXED.sub(b"", payload)
    if b"<![CDATA[" in rest or _SAYING.search(rest):
        return False
    return not _TAG.sub(b"", rest).strip()
