"""A spreadsheet of requests: which column is which, in Vietnamese or English; what is wrong in each line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from unioncat.flow.grid import headed, read_grid
from unioncat.lending.asking import Asking, read_asking
from unioncat.store.errors import Conflict

MOST_LINES = 1000
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "title": ("nhan de", "ten sach", "ten tai lieu", "tai lieu", "title", "book"),
    "author": ("tac gia", "author", "authors"),
    "edition": ("an ban", "lan xuat ban", "edition"),
    "volume": ("tap", "quyen", "volume", "vol"),
    "issue": ("so", "so phat hanh", "issue"),
    "year": ("nam", "nam xuat ban", "nam xb", "year", "date"),
    "publisher": ("nha xuat ban", "nxb", "publisher"),
    "place": ("noi xuat ban", "noi xb", "place"),
    "isbn": ("isbn",),
    "issn": ("issn",),
    "pages": ("trang", "trang can sao", "pages"),
    "component_title": ("bai trich", "nhan de bai", "ten bai", "article", "article title", "chapter"),
    "component_author": ("tac gia bai", "tac gia bai trich", "article author"),
    "union_id": ("ma muc luc", "ma bieu ghi", "union id", "record"),
    "service": ("dich vu", "kieu dich vu", "service"),
    "level": ("muc uu tien", "uu tien", "level", "priority"),
    "edition_wish": ("yeu cau an ban", "edition wish"),
    "needed_by": ("can truoc", "can truoc ngay", "co gia tri den ngay", "needed by", "need by"),
    "max_cost": (
        "phi toi da",
        "phi toi da chap nhan",
        "phi toi da chap nhan vnd",
        "max cost",
        "maximum cost",
    ),
    "pick_up": ("nhan tai", "noi nhan", "ma noi nhan", "pick up", "pickup", "collect at"),
    "note": ("ghi chu", "note", "notes"),
    "reader_name": ("ban doc", "ho ten", "ho va ten", "ten ban doc", "ho ten ban doc", "reader", "name"),
    "reader_card": ("so the", "ma ban doc", "so the ban doc", "the ban doc", "card", "card number"),
    "reader_email": ("email", "e mail", "thu dien tu", "reader email"),
    "reader_phone": ("dien thoai", "so dien thoai", "phone"),
}
"""Fields of a request, and the headings that stand for them; they are compared folded."""


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One line: what it says, and the keys of its faults by field; `number` is the spreadsheet's own."""

    number: int
    cells: Mapping[str, str]
    faults: Mapping[str, str]

    @classmethod
    def read(cls, number: int, cells: Mapping[str, str], today: date) -> Self:
        """Check a line."""
        return cls(number, cells, read_asking(cells, today, for_reader=True)[2])


def read_asked(data: bytes, today: date) -> tuple[list[AskedLine], tuple[str, ...]]:
    """Read a sheet: its lines, and the headings that were not understood. Raises `Conflict`."""
    rows = read_grid(data)
    best, fields, unknown = headed(rows, HEADINGS)
    if "title" not in fields.values():
        raise Conflict("no column holds titles", "Head that column “Nhan đề” or “Title”.")
    lines = []
    for number, row in enumerate(rows[best + 1 :], best + 2):
        cells = {name: row[place] for place, name in fields.items() if place < len(row) and row[place]}
        if cells:
            lines.append(AskedLine.read(number, cells, today))
    if not lines:
        raise Conflict("the sheet has no line below its headings", "Write one request on each line.")
    if len(lines) > MOST_LINES:
        raise Conflict(f"the sheet has more than {MOST_LINES} requests", "Divide it into smaller sheets.")
    return lines, unknown


def asked_of(cells: Mapping[str, str], today: date) -> Asking | None:
    """Give what a line asks for; none where something is wrong with it."""
    return read_asking(cells, today, for_reader=True)[0]
