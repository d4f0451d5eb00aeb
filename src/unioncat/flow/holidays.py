"""The public holidays of Viet Nam, as the package `holidays` computes them from the labour code.

Days that the government moves by its yearly decision are not in it early enough: they stand in the table of
closed and worked days, whose rows outrank these.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache


@cache
def _of(year: int) -> frozenset[date]:
    import holidays  # reads the calendars of the world: only where days are asked for

    return frozenset(holidays.country_holidays("VN", years=year))


def public_holidays(years: Iterable[int]) -> frozenset[date]:
    """Give the holidays of some years."""
    return frozenset().union(*(_of(year) for year in years))


def holidays_around(day: date) -> frozenset[date]:
    """Give the holidays of a day's year and of those beside it: what a time limit can run into."""
    return public_holidays((day.year - 1, day.year, day.year + 1))
