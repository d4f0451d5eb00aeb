"""Years out of dates as printed and as coded.

A year is one of the Gregorian calendar between the first printing and 2100; anything else is no year.
"""

import re
from functools import lru_cache

FIRST_YEAR = 868
LAST_YEAR = 2100

_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_COPYRIGHT = re.compile(r"(?:\b[cp]|[©℗]|copyright)\s*(?=\d{4})", re.IGNORECASE)
_CORRECTED = re.compile(r"i\.\s?e\.,?\s*", re.IGNORECASE)


def valid_year(text: str) -> int | None:
    """Return four digits as a year, or None."""
    if len(text) == 4 and text.isascii() and text.isdigit():
        year = int(text)
        if FIRST_YEAR <= year <= LAST_YEAR:
            return year
    return None


@lru_cache(maxsize=1 << 14)
def years_in(text: str) -> tuple[int, ...]:
    """Return the years in a printed date, the best first.

    A correction ("1989 [i.e. 1998]") comes before what it corrects, a year of publication before one of
    copyright ("2005, c1990").
    """
    best = _CORRECTED.split(text)[-1] if "i" in text else text
    copyrighted = _COPYRIGHT.sub("©", best)
    years: list[int] = []
    copyrights: list[int] = []
    for match in _YEAR.finditer(copyrighted):
        year = valid_year(match[1])
        if year:
            (copyrights if copyrighted[: match.start()].endswith("©") else years).append(year)
    if best is not text:
        years += [year for year in map(valid_year, _YEAR.findall(text)) if year]
    return tuple(dict.fromkeys(years + copyrights))


@lru_cache(maxsize=1 << 14)
def is_range(text: str) -> bool:
    """Tell whether a printed date is a span of years ("1985-1986")."""
    return re.search(r"\d{4}\]?\s*[-–]\s*\[?\d{4}", text) is not None
