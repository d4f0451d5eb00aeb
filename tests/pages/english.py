"""Finds English sentences on a page that is in Vietnamese."""

import re

from lxml import html
from lxml.html import HtmlElement

_WORDS = re.compile(
    r"\b(?:the|is|are|was|were|of|and|that|this|which|it|its|has|have|been|with|for|from|not|no|by|be|to)\b",
    re.IGNORECASE,
)
_VIETNAMESE = re.compile(
    r"[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE
)
_APART = frozenset({"script", "style", "code", "pre", "title", "meta"})
ENOUGH = 2
"""Words of English grammar that make a text without Vietnamese letters a sentence in English."""


def english_on(page: str) -> list[str]:
    """Give the English sentences of a page outside of what says that it is English, is code, or a record."""
    found: list[str] = []
    _look(html.document_fromstring(page), found)
    return found


def _look(element: HtmlElement, found: list[str]) -> None:
    if element.tag in _APART or not isinstance(element.tag, str):
        return
    if element.get("lang") == "en" or element.get("data-record") is not None:
        return
    texts = [element.text, *(child.tail for child in element)]
    texts += [element.get(name) for name in ("placeholder", "aria-label", "title", "alt")]
    found += [
        " ".join(text.split())
        for text in texts
        if text and not _VIETNAMESE.search(text) and len(_WORDS.findall(text)) >= ENOUGH
    ]
    for child in element:
        _look(child, found)
