"""Physical description: pages, volumes and size out of 300.

The number of pages is the largest number that stands with a word for pages or leaves, whatever its length.
"""

import re
from functools import lru_cache

from unioncat.domain.bib import Extent
from unioncat.normalise.marc21.fields import Fields
from unioncat.normalise.tidy import trim, trim_stop

_TOKEN = re.compile(r"(\d+)|([^\W\d_]+)")
_PAGE_WORDS = (
    "p pp pg pgs page pages paging pagings tr trang trg s S str strana stran lk seite seiten bl blatt l "
    "leaf leaves lá la tờ to f ff feuillet feuillets с стр л 頁 页 ページ 쪽 면 หน้า páginas "
    "pag pág sid sivua sider"
)
_PAGES = frozenset(_PAGE_WORDS.split())
_VOLUME_WORDS = (
    "v vol vols volume volumes tập tap quyển quyen q cuốn cuon bộ bd bde band bände t tome tomes том т 册 "
    "冊 巻 권 tomos"
)
_VOLUMES = frozenset(_VOLUME_WORDS.split())
_NEUTRAL_WORDS = (
    "i e ca unnumbered numbered unpaged various đánh số không folded preliminary prelim next and và in"
)
_NEUTRAL = frozenset(_NEUTRAL_WORDS.split())
_ROMAN = frozenset("ivxlcdm")
_LED_OVER = re.compile(r"\W*(?:l\.,|[\[\d][\d\[\]\-, ]*(?:p|l)\.)")
"""How $b begins where the statement of pages was cut in two ("3 p. $b l., 180 p. illus.")."""
_PLATES = re.compile(r"(?i)\[?\d+\]?(?: \w+\.?)? (?:leaf|leaves|l|p|pages)\.? of plates")
"""Plates that are numbered apart from the text."""
_THOUSANDS = re.compile(r"(?<![\d,])(\d),(?=0\d\d(?!\d))")
"""A comma within a number ("1,042 p."); no paging begins with a nought."""
_LEAVES_BETWEEN = 3
"""Unnumbered leaves that stand between preliminary pages and text at most."""


def extent(fields: Fields) -> Extent | None:
    """Return the physical description of the first 300 that has one."""
    for field in fields.get("300"):
        text = ""
        measures: list[str] = []
        size = None
        for code, value in field.subfields:
            if code in "abf":
                text = f"{text} {value}" if text else value
                if code == "a" or (code == "b" and measures and _LED_OVER.match(value)):
                    measures.append(value)
            elif code == "c":
                size = trim_stop(value.rstrip(" +")) or None
            elif code == "e":
                text = trim(text.rstrip(" +"))
                text = f"{text} + {value}" if text else value
        pages, volumes = read_extent(" ".join(measures)) if measures else (None, None)
        text = trim(text.rstrip(" +"))
        if stated := text or size:
            return Extent(stated, pages, volumes, size)
    return None


@lru_cache(maxsize=1 << 15)
def read_extent(text: str) -> tuple[int | None, int | None]:
    """Return the largest number of pages, and the number of volumes, in a text such as "xii, 391 tr."."""
    if "," in text:
        text = _THOUSANDS.sub(r"\1", text)
    whole = _PLATES.sub("", text) if "late" in text else text
    pages, volumes = _counted(whole)
    return _counted(text) if whole is not text and not pages and not volumes else (pages, volumes)


def _counted(text: str) -> tuple[int | None, int | None]:
    pages = volumes = 0
    waiting: list[int] = []
    after_pages = False
    roman = False
    for digits, word in _TOKEN.findall(text):
        if digits:
            number = int(digits) if len(digits) <= 5 else 0
            if after_pages and not waiting:
                # "tr. 12-40", "p. 7"; in "xvii p., 1" what follows a leaf was lost
                pages = max(pages, 0 if roman and number <= _LEAVES_BETWEEN else number)
            else:
                waiting.append(number)
            continue
        unit = word.lower()
        if unit in _PAGES and (waiting or unit not in _ROMAN):
            pages = max([pages, *waiting])
            after_pages = not waiting
            waiting = []
            continue
        if unit in _VOLUMES and (waiting or unit not in _ROMAN):
            if waiting:
                volumes = max(volumes, waiting[-1])
            after_pages = False
            waiting = []
        elif _ROMAN.issuperset(unit):
            roman = True
        elif unit not in _NEUTRAL:
            after_pages = False
            waiting = []
    return pages or None, volumes or None
