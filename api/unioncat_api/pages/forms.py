"""What people send in forms of registration, read and checked field by field.

A fault is the key of a message beside its field; nothing that was typed is lost.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import FormData

from unioncat.domain.library import Contact, Level, LibraryType
from unioncat.domain.licence import LONGEST_WORDS, Licence, LicenceCode
from unioncat.domain.registration import Branch, Facts, Wish
from unioncat_api.pages.show import is_safe

E = TypeVar("E", bound=StrEnum)
MOST_BRANCHES = 200
LIMITS = {
    "name_vi": 300,
    "name_en": 300,
    "parent": 300,
    "email": 200,
    "phone": 60,
    "address": 500,
    "website": 500,
    "note": 4000,
    "province": 64,
    "branches": 20_000,
}
"""Characters of each field."""
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


@dataclass(slots=True)
class Sent:
    """Fields as they were typed, and what is wrong with them."""

    values: dict[str, str]
    faults: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Give what was typed into a field."""
        return self.values.get(name, "")


def text_of(form: FormData, name: str, longest: int = 1000) -> str:
    """Give a field of a form without control characters; empty where it is missing or a file."""
    given = form.get(name)
    text = given if isinstance(given, str) else ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one for one in text if one == "\n" or (one.isprintable() or one == "\u200c"))
    return kept.strip()[:longest]


def licence_of(form: FormData) -> Licence:
    """Read what a library says of the use of its records. Raises `ValueError`."""
    return Licence(LicenceCode(text_of(form, "licence", 20)), text_of(form, "licence_words", LONGEST_WORDS))


def read_facts(form: FormData, provinces: Mapping[str, object]) -> tuple[Facts | None, Sent]:
    """Read the facts of a library; none where something is wrong."""
    sent = Sent({name: text_of(form, name, limit) for name, limit in LIMITS.items()})
    sent.values |= {name: text_of(form, name, 40) for name in ("type", "level", "wish")}
    faults = sent.faults
    if len(sent.value("name_vi")) < 3:
        faults["name_vi"] = "join.fault_name"
    kind = _choice(LibraryType, sent.value("type"))
    if kind is None:
        faults["type"] = "join.fault_choose"
    level = _choice(Level, sent.value("level") or Level.UNIT.value)
    if level is None:
        faults["level"] = "join.fault_choose"
    if sent.value("province") and sent.value("province") not in provinces:
        faults["province"] = "join.fault_choose"
    if not sent.value("email") and not sent.value("phone"):
        faults["email"] = "join.fault_contact"
    elif sent.value("email") and not _EMAIL.fullmatch(sent.value("email")):
        faults["email"] = "join.fault_email"
    website = sent.value("website")
    if website and "://" not in website:
        website = f"https://{website}"
    if website and not is_safe(website):
        faults["website"] = "join.fault_website"
    branches = read_branches(sent.value("branches"))
    if branches is None:
        faults["branches"] = "join.fault_branches"
    wish = _choice(Wish, sent.value("wish") or Wish.UNSURE.value)
    if faults or kind is None or level is None or branches is None:
        return None, sent
    contact = Contact(
        email=sent.value("email") or None,
        phone=sent.value("phone") or None,
        address=sent.value("address") or None,
        website=website or None,
    )
    facts = Facts(
        name_vi=sent.value("name_vi"),
        name_en=sent.value("name_en"),
        type=kind,
        level=level,
        province=sent.value("province") or None,
        parent=sent.value("parent"),
        contact=contact,
        wish=wish or Wish.UNSURE,
        branches=branches,
        note=sent.value("note"),
    )
    return facts, sent


def _choice(kind: type[E], value: str) -> E | None:
    try:
        return kind(value)
    except ValueError:
        return None


def read_branches(text: str) -> tuple[Branch, ...] | None:
    """Read lines of the form `VALUE = name`; none where a line has another form, or a value comes twice."""
    found: dict[str, Branch] = {}
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        value, mark, name = (part.strip() for part in line.partition("="))
        if not mark or not value or not name or value in found or len(found) >= MOST_BRANCHES:
            return None
        found[value] = Branch(value[:200], name[:300])
    return tuple(found.values())


def written(facts: Facts | None) -> Sent:
    """Write facts into the fields of the form."""
    if facts is None:
        return Sent({})
    contact = facts.contact
    return Sent(
        {
            "name_vi": facts.name_vi,
            "name_en": facts.name_en,
            "type": facts.type,
            "level": facts.level,
            "province": facts.province or "",
            "parent": facts.parent,
            "email": contact.email or "",
            "phone": contact.phone or "",
            "address": contact.address or "",
            "website": contact.website or "",
            "wish": facts.wish,
            "branches": "\n".join(f"{one.value} = {one.name}" for one in facts.branches),
            "note": facts.note,
        }
    )


def chosen(form: FormData, name: str) -> Sequence[str]:
    """Give all values of a field that may be sent several times."""
    return [one for one in form.getlist(name) if isinstance(one, str)]
