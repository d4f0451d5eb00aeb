"""What somebody asks for, as it is typed into a form, a line of a spreadsheet or a program; read and checked.

Faults are keys beside their field; nothing that was typed is lost. Whether one may ask is not judged here.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from unioncat.domain.lending import EditionWish, Money, ReaderRef, Service, ServiceLevel, Wanted
from unioncat.text import key_fold

E = TypeVar("E", bound=StrEnum)
LIMITS: Mapping[str, int] = {
    "title": 500,
    "author": 300,
    "edition": 100,
    "volume": 100,
    "issue": 100,
    "year": 30,
    "publisher": 200,
    "place": 100,
    "isbn": 40,
    "issn": 20,
    "pages": 60,
    "component_title": 500,
    "component_author": 300,
    "union_id": 64,
    "service": 40,
    "level": 40,
    "edition_wish": 40,
    "needed_by": 30,
    "max_cost": 20,
    "pick_up": 64,
    "note": 1000,
    "reader_name": 120,
    "reader_card": 60,
    "reader_email": 254,
    "reader_phone": 40,
}
"""Fields and the signs that each may have."""
_WANTED = tuple(LIMITS)[:14]
_EMAIL = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]+")
_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("muon", "muon ve", "loan", "borrow"), Service.LOAN),
    **dict.fromkeys(
        ("sao chep", "sao", "sao chep so", "ban sao", "photo", "photocopy", "copy"), Service.COPY
    ),
    **dict.fromkeys(("muon hoac sao chep", "either", "loan or copy"), Service.EITHER),
    **dict.fromkeys(("binh thuong", "thuong"), ServiceLevel.STANDARD),
    **dict.fromkeys(("nhanh",), ServiceLevel.EXPRESS),
    **dict.fromkeys(("gap",), ServiceLevel.RUSH),
    **dict.fromkeys(("khan", "rat gap"), ServiceLevel.URGENT),
}
"""Words for values, as people write them in spreadsheets."""
_SPOKEN = {key_fold(word): code for word, code in _WORDS.items()}


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for, and for whom."""

    wanted: Wanted
    service: Service = Service.LOAN
    level: ServiceLevel = ServiceLevel.STANDARD
    edition_wish: EditionWish = EditionWish.THIS
    pick_up: str | None = None
    needed_by: date | None = None
    max_cost: Money | None = None
    note: str = ""
    reader: ReaderRef = field(default_factory=ReaderRef)


def tidy(text: str, longest: int) -> str:
    """Give text composed, without signs that are not seen, cut to a length."""
    kept = "".join(one if one.isprintable() else " " for one in unicodedata.normalize("NFC", text))
    return " ".join(kept.split())[:longest].rstrip()


def read_asking(
    given: Mapping[str, str], today: date, *, for_reader: bool = False
) -> tuple[Asking | None, dict[str, str], dict[str, str]]:
    """Read fields; give what is asked (none where something is wrong), the fields as understood, the faults.

    With `for_reader` somebody asks for a reader, who must be named or have a card.
    """
    typed = {name: tidy(given.get(name, ""), limit) for name, limit in LIMITS.items()}
    faults: dict[str, str] = {}
    if len(typed["title"]) < 2:
        faults["title"] = "title"
    if typed["isbn"]:
        isbn = re.sub(r"[\s‐-―-]", "", typed["isbn"]).upper()
        if not is_isbn(isbn):
            faults["isbn"] = "isbn"
    else:
        isbn = ""
    service = chosen(Service, typed["service"], Service.LOAN)
    level = chosen(ServiceLevel, typed["level"], ServiceLevel.STANDARD)
    wish = chosen(EditionWish, typed["edition_wish"], EditionWish.THIS)
    for name, value in (("service", service), ("level", level), ("edition_wish", wish)):
        if value is None:
            faults[name] = "choose"
    needed = read_day(typed["needed_by"]) if typed["needed_by"] else None
    if typed["needed_by"] and (needed is None or needed < today):
        faults["needed_by"] = "date"
    cost = read_cost(typed["max_cost"]) if typed["max_cost"] else None
    if typed["max_cost"] and cost is None:
        faults["max_cost"] = "cost"
    if for_reader and not typed["reader_name"] and not typed["reader_card"]:
        faults["reader_name"] = "reader"
    if typed["reader_email"] and not _EMAIL.fullmatch(typed["reader_email"]):
        faults["reader_email"] = "email"
    if faults or service is None or level is None or wish is None:
        return None, typed, faults
    facts = {name: typed[name] or None for name in _WANTED if name != "title"}
    facts["isbn"] = isbn or None
    reader = ReaderRef(
        name=typed["reader_name"],
        card=typed["reader_card"],
        email=typed["reader_email"],
        phone=typed["reader_phone"],
    )
    asked = Asking(
        Wanted(title=typed["title"], **facts),
        service,
        level,
        wish,
        typed["pick_up"] or None,
        needed,
        cost,
        typed["note"],
        reader if for_reader else ReaderRef(),
    )
    return asked, typed, {}


def chosen(kind: type[E], typed: str, default: E) -> E | None:
    """Choose a value by its code or by a word for it; none where it is neither."""
    if not typed:
        return default
    code = _SPOKEN.get(key_fold(typed), typed.lower())
    try:
        return kind(code)
    except ValueError:
        return None


def read_day(text: str) -> date | None:
    """Read a day as 2026-11-30, 30/11/2026, 30-11-2026 or 30.11.2026; a time behind it is passed over."""
    text = text.strip().partition("T")[0].partition(" ")[0]
    parts = re.split(r"[/.-]", text)
    if len(parts) != 3 or not all(one.isascii() and one.isdigit() for one in parts):
        return None
    numbers = [int(one) for one in parts]
    if len(parts[0]) != 4:
        numbers.reverse()
    try:
        return date(*numbers)
    except ValueError:
        return None


def read_cost(text: str) -> Money | None:
    """Read an amount in đồng: 20000, 20.000, 20,000 đ, 20 000 VND."""
    digits = re.sub(r"(?i)(vnd|vnđ|đồng|đ|d)\s*$", "", text.strip())
    digits = re.sub(r"[\s.,](?=\d{3}(\D|$))", "", digits).strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        return None
    return Money(Decimal(digits))


def is_isbn(text: str) -> bool:
    """Tell whether digits are a valid ISBN of ten or thirteen."""
    if re.fullmatch(r"97[89]\d{10}", text):
        return sum(int(one) * (3 if place % 2 else 1) for place, one in enumerate(text)) % 10 == 0
    if re.fullmatch(r"\d{9}[\dX]", text):
        values = [10 if one == "X" else int(one) for one in text]
        return sum(value * (10 - place) for place, value in enumerate(values)) % 11 == 0
    return False
