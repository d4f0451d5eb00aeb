"""What the gate sees of a record, in whatever form it came, and what is to be cut out of it.

Names are compared folded, and whatever cannot be told is `Unreadable`: the gate then keeps the record out.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from unioncat.normalise.record import MarcRecord, Subfields
from unioncat.text import key_fold


def can_be_tag(name: str) -> bool:
    """Tell whether a name may be a tag ("926", "CAT" of one system, "24" of local fields)."""
    return name.isalnum() and name.isascii() and (len(name) == 3 or (name.isdigit() and len(name) < 3))


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """Return a tag, element or heading in the form in which names are compared; 024 is the local tag 24."""
    key = key_fold(name) or name.strip()
    return key.lstrip("0") if key.isdigit() else key


class Seen(NamedTuple):
    """The content of one payload as far as rules can ask for it."""

    form: str
    """What its fields are named by: `marc` (tags), `elements` of XML, or the headings of a `table`."""
    leaders: tuple[str, ...]
    fields: tuple[tuple[str, Subfields], ...]
    """Name and (code, value) pairs; a value that is in no subfield has an empty code."""


class Strips:
    """What is cut out: whole fields, and subfields of others."""

    def __init__(self, names: Iterable[str]) -> None:
        self.whole: set[str] = set()
        self.parts: dict[str, str] = {}
        for name in names:
            tag, mark, codes = name.partition("$")
            if mark and can_be_tag(tag):
                self.parts[tag] = self.parts.get(tag, "") + codes
            else:
                self.whole.add(folded(name))

    def __bool__(self) -> bool:
        return bool(self.whole or self.parts)

    def cuts(self, name: str) -> bool:
        """Tell whether a whole field goes."""
        return folded(name) in self.whole

    def cuts_part(self, tag: str, code: str) -> bool:
        """Tell whether a subfield goes."""
        return code in self.parts.get(tag.strip(), "")

    def goes(self, tag: str, subfields: Subfields) -> bool:
        """Tell whether a whole field goes, an 880 together with the field it is the other script of."""
        return self.cuts(tag) or (
            tag == "880" and any(self.cuts_linked(text) for code, text in subfields if code == "6")
        )

    def cuts_linked(self, link: str) -> bool:
        """Tell whether an 880 with this $6 goes."""
        linked = link.strip()[:3]
        return self.cuts(linked) or linked in self.parts


def seen_in(record: MarcRecord) -> Seen:
    """Return what the gate sees of a decoded record."""
    controls = [(tag, (("", value),)) for tag, value in record.controls]
    return Seen("marc", (record.leader,), (*controls, *[(tag, subs) for tag, _, _, subs in record.fields]))


def without(record: MarcRecord, strips: Strips) -> MarcRecord:
    """Return a decoded record without what `strips` names; the same object where that is nothing."""
    fields = []
    changed = False
    for field in record.fields:
        tag, first, second, subfields = field
        if strips.goes(tag, subfields):
            changed = True
        elif tag in strips.parts:
            kept = tuple([part for part in subfields if not strips.cuts_part(tag, part[0])])
            changed = changed or len(kept) < len(subfields)
            if kept:
                fields.append((tag, first, second, kept))
        else:
            fields.append(field)
    controls = tuple([control for control in record.controls if not strips.cuts(control[0])])
    if not changed and len(controls) == len(record.controls):
        return record
    return record._replace(controls=controls, fields=tuple(fields))
