"""The fields of one MARC record, grouped by tag and cleaned: what all modules of this package read from.

Only tags that somebody reads are kept, so staff names and local data go no further.
"""

import unicodedata
from collections.abc import Container, Sequence
from functools import lru_cache
from typing import NamedTuple

from unioncat.domain.source import Profile
from unioncat.normalise.record import DataField, MarcRecord, Subfields
from unioncat.text import clean

_BIBLIOGRAPHIC_TAG_LIST = (
    "010 015 020 022 024 027 028 035 041 050 060 080 082 084 088 090 100 110 111 130 210 222 240 242 245 "
    "246 247 250 260 264 300 337 338 440 490 500 501 502 504 505 506 507 508 511 513 515 516 518 520 521 "
    "522 524 525 526 530 533 534 535 536 538 540 545 546 547 550 555 556 562 580 581 585 586 600 610 611 "
    "630 648 650 651 653 654 655 656 662 700 710 711 720 730 740 773 800 810 811 830 856 880"
)
_BIBLIOGRAPHIC_TAGS = frozenset(_BIBLIOGRAPHIC_TAG_LIST.split())


class Field(NamedTuple):
    """A data field with cleaned, never empty, subfields."""

    ind1: str
    ind2: str
    subfields: Subfields

    def first(self, code: str) -> str | None:
        """Return the first value of a subfield."""
        for found, value in self.subfields:
            if found == code:
                return value
        return None

    def all(self, codes: str) -> list[str]:
        """Return all values of the subfields whose codes are in `codes`, in the order of the record."""
        return [value for code, value in self.subfields if code in codes]

    def text(self, codes: str, between: str = " ") -> str:
        """Return the values of the subfields whose codes are in `codes`, joined."""
        return between.join([value for code, value in self.subfields if code in codes])


class Fields:
    """A record ready to be read. `flags` collects what is mended or doubted on the way."""

    __slots__ = ("_by_tag", "controls", "f008", "flags", "leader")

    def __init__(self, record: MarcRecord, profile: Profile) -> None:
        self.leader = record.leader
        self.flags: list[str] = list(record.flags)
        self.controls: dict[str, list[str]] = {}
        for tag, value in record.controls:
            self.controls.setdefault(tag, []).append(value)
        f008 = self.controls.get("008")
        self.f008 = f008[0].ljust(40) if f008 else " " * 40
        self._by_tag: dict[str, list[Field]] = {}
        self._fill(record, _tags_read(profile))

    def _fill(self, record: MarcRecord, tags: frozenset[str]) -> None:
        chosen = [field for field in record.fields if field[0] in tags]
        tidy = _squeezed if _is_plain(chosen) else self._cleaned
        by_tag = self._by_tag
        for tag, ind1, ind2, subfields in chosen:
            values = tidy(subfields)
            if values:
                field = Field(ind1, ind2, tuple(values))
                if tag in by_tag:
                    by_tag[tag].append(field)
                else:
                    by_tag[tag] = [field]

    def _cleaned(self, subfields: Subfields) -> list[tuple[str, str]]:
        values = []
        for code, value in subfields:
            if value.isascii() and value.isprintable():
                cleaned = " ".join(value.split()) if "  " in value else value.strip(" ")
            else:
                cleaned = clean(value)
                if cleaned is not value and _was_mended(value, cleaned):
                    self.flag("text-mended")
            if cleaned:
                values.append((code, cleaned))
        return values

    def get(self, tag: str) -> Sequence[Field]:
        """Return the fields with this tag in the order of the record."""
        return self._by_tag.get(tag, ())

    def each(self, *tags: str) -> list[tuple[str, Field]]:
        """Return tag and field of all fields with these tags, tag by tag."""
        return [(tag, field) for tag in tags for field in self._by_tag.get(tag, ())]

    def among(self, tags: Container[str]) -> list[tuple[str, list[Field]]]:
        """Return the tags that are in `tags`, in the order of the record, each with its fields."""
        return [entry for entry in self._by_tag.items() if entry[0] in tags]

    def has(self, tag: str) -> bool:
        """Tell whether there is a field with this tag."""
        return tag in self._by_tag

    def value(self, tag: str, code: str) -> str | None:
        """Return a subfield of the first field with this tag."""
        fields = self._by_tag.get(tag)
        return fields[0].first(code) if fields else None

    def control(self, tag: str) -> str:
        """Return the first control field with this tag, or an empty text."""
        values = self.controls.get(tag)
        return values[0] if values else ""

    def flag(self, code: str) -> None:
        """Remember what was mended or doubted."""
        if code not in self.flags:
            self.flags.append(code)


def _is_plain(fields: list[DataField]) -> bool:
    """Tell whether cleaning could take away nothing but spaces: asked once for all texts of a record."""
    text = "".join([value for field in fields for _, value in field[3]])
    return text.isascii() and text.isprintable()


def _squeezed(subfields: Subfields) -> list[tuple[str, str]]:
    return [
        (code, tidied)
        for code, value in subfields
        if (tidied := " ".join(value.split()) if "  " in value else value.strip(" "))
    ]


def _was_mended(value: str, cleaned: str) -> bool:
    """Tell whether more than white space and the form of Unicode was changed."""
    return " ".join(unicodedata.normalize("NFC", value).split()) != cleaned


@lru_cache(maxsize=256)
def _tags_read(profile: Profile) -> frozenset[str]:
    holdings = {place.tag for place in profile.holdings}
    if "shelf-mark-099" in profile.fixes:
        holdings.add("099")
    return (_BIBLIOGRAPHIC_TAGS | holdings) - frozenset(profile.drop_tags)
