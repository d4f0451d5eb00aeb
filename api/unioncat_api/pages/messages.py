"""The words of the pages, from `messages/vi*.toml` and `messages/en*.toml`, and the names of values.

Both languages have the same keys; a key that is missing is an error at once, never an empty place on a page.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as plain_date
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import pycountry
from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

from unioncat.domain.hours import VIET_NAM
from unioncat.domain.lending import Money

LANGUAGES = ("vi", "en")
FORMS = frozenset({"one", "other"})
"""Keys of a message that has forms for numbers."""
NO_LANGUAGE = frozenset({"mul", "und", "zxx", "mis"})


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str | dict[str, str]]:
    """Turn tables into dotted keys; a table of number forms stays whole."""
    found: dict[str, str | dict[str, str]] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, str) or set(value) <= FORMS:
            found[name] = value
        else:
            found |= flat(value, f"{name}.")
    return found


@cache
def load(language: str) -> dict[str, str | dict[str, str]]:
    """Read the words of one language."""
    found: dict[str, str | dict[str, str]] = {}
    for part in files("unioncat_api.pages").joinpath("messages").iterdir():
        if part.name.removesuffix(".toml").partition("_")[0] == language:
            found |= flat(tomllib.loads(part.read_text(encoding="utf-8")))
    return found


@cache
def short_code(code: str) -> str | None:
    """Give the ISO 639-1 code of a language given by 639-2 (bibliographic or terminological) or by 639-1."""
    code = code.lower()
    try:
        found = (
            pycountry.languages.get(alpha_2=code)
            if len(code) == 2
            else pycountry.languages.get(bibliographic=code) or pycountry.languages.get(alpha_3=code)
        )
    except (KeyError, LookupError):
        return None
    if found is None:
        return None
    short: str = getattr(found, "alpha_2", None) or found.alpha_3
    return short


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is said in one language."""

    language: str

    @property
    def locale(self) -> Locale:
        """Babel's locale."""
        return _locale(self.language)

    def has(self, key: str) -> bool:
        """Tell whether there is a message under a key."""
        return key in load(self.language)

    def t(self, key: str, /, **values: object) -> str:
        """Say a message; `n` chooses the number form, numbers are written as the language writes them."""
        message = load(self.language)[key]
        if isinstance(message, dict):
            n = values.get("n", 0)
            form = self.locale.plural_form(n if isinstance(n, int) else 0)
            message = message.get(form, message["other"])
        if not values:
            return message
        shown = {k: self.number(v) if isinstance(v, int) else v for k, v in values.items()}
        return message.format(**shown)

    def value(self, group: str, code: str) -> str:
        """Name a value of a closed list (`material.book`); one that is not in the list stands for itself."""
        key = f"{group}.{code}"
        return self.t(key) if self.has(key) else code

    def number(self, n: int) -> str:
        """Write a number."""
        return format_decimal(n, locale=self.locale)

    def decimal(self, n: float) -> str:
        """Write a number with at most one place behind the comma."""
        return format_decimal(round(n, 1), locale=self.locale)

    def money(self, cost: Money) -> str:
        """Write an amount as people in Viet Nam do: 20.000 đ."""
        unit = "đ" if cost.currency == "VND" else cost.currency
        return f"{format_decimal(cost.amount, locale=self.locale)}\N{NO-BREAK SPACE}{unit}"

    def percent(self, share: float) -> str:
        """Write a share of one."""
        return format_percent(share, locale=self.locale)

    def date(self, moment: datetime) -> str:
        """Write a day as people in Viet Nam see it."""
        return format_date(moment.astimezone(VIET_NAM), self.t("date.day"), locale=self.locale)

    def day(self, day: plain_date) -> str:
        """Write a day that has no hours."""
        return format_date(day, self.t("date.day"), locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """Write a day and time as clocks in Viet Nam show it."""
        pattern = self.t("date.moment")
        return format_datetime(moment, pattern, tzinfo=VIET_NAM, locale=self.locale)

    def ago(self, moment: datetime, now: datetime) -> str:
        """Say how long ago something was."""
        past = min(moment - now, timedelta(seconds=-1))
        return format_timedelta(past, add_direction=True, locale=self.locale)

    def spoken(self, code: str) -> str:
        """Name a language by its code."""
        code = code.lower()
        if code in NO_LANGUAGE:
            return self.t(f"language.{code}")
        name = str(self.locale.languages.get(short_code(code) or code, code))
        return name[:1].upper() + name[1:]


@cache
def _locale(language: str) -> Locale:
    return Locale(language)


VI = Words("vi")
EN = Words("en")


def words(language: str) -> Words:
    """Give the words of a language; Vietnamese where it is not one of ours."""
    return EN if language == "en" else VI
