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


def extent(fields: Fields) -> Extent | None:
    """Return the physical description of the first 300 that has one."""
    for field in fields.get("300"):
        text = ""
        measures = []
        size = None
        for code, value in field.subfields:
            if code in "abf":
                text = f"{text} {value}" if text else value
                if code == "a":
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
    pages = volumes = 0
    waiting: list[int] = []
    after_pages = False
    for digits, word in _TOKEN.findall(text):
        if digits:
            number = int(digits) if len(digits) <= 5 else 0
            if after_pages and not waiting:
                pages = max(pages, number)  # "tr. 12-40", "p. 7"
            else:
                waiting.append(number)
            continue
        unit = word.lower()
        if unit in _PAGES and (waiting or unit not in _ROMAN):
            pages = max([pages, *waiting])
            after_pages = not waiting
            waiting = []
        elif unit in _VOLUMES and (waiting or unit not in _ROMAN):
            if waiting:
                volumes = max(volumes, waiting[-1])
            after_pages = False
            waiting = []
        elif unit not in _NEUTRAL and not _ROMAN.issuperset(unit):
            after_pages = False
            waiting = []
    return pages or None, volumes or None
