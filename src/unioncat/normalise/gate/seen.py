"""What the gate sees of a record, in whatever form it came, and what is to be cut out of it.

Names are compared folded, and whatever cannot be told is `Unreadable`: the gate then keeps the record out.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from unioncat.normalise.record import Subfields
from unioncat.text import key_fold


def can_be_tag(name: str) -> bool:
    """Tell whether a name may be a MARC tag ("926", or "CAT" of one system)."""
    return len(name) == 3 and name.isalnum() and name.isascii()


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """Return a tag, element or heading in the form in which names are compared."""
    return key_fold(name) or name.strip()


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

    def cuts_linked(self, tag: str, link: str) -> bool:
        """Tell whether an 880 goes, because it is such a field in another script (`link` is its $6)."""
        linked = link.strip()[:3]
        return tag.strip() == "880" and (linked in self.whole or linked in self.parts)
