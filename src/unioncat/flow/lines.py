"""Lines of a spreadsheet of libraries: what its headings mean, and what can be wrong with a line."""

from collections.abc import Mapping
from dataclasses import dataclass

from unioncat.flow.grid import headed, read_grid
from unioncat.store.errors import Conflict

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("ma", "ma thu vien", "code", "library code"),
    "name_vi": ("ten", "ten thu vien", "ten don vi", "thu vien", "name", "name vi", "library"),
    "name_en": ("ten tieng anh", "english name", "name en", "ten anh"),
    "type": ("loai", "loai thu vien", "loai hinh", "type", "kind"),
    "level": ("cap", "cap hanh chinh", "level"),
    "province": ("tinh", "tinh thanh pho", "tinh thanh", "province"),
    "parent": ("cap tren", "thu vien cap tren", "don vi cap tren", "co quan chu quan", "parent"),
    "group": ("nhom", "lien hiep", "group", "groups"),
    "audience": ("pham vi", "pham vi cong khai", "audience"),
    "email": ("email", "e mail", "thu dien tu"),
    "phone": ("dien thoai", "so dien thoai", "phone"),
    "address": ("dia chi", "address"),
    "website": ("website", "trang web", "trang thong tin"),
    "software": ("phan mem", "software"),
    "endpoint": ("dia chi muc luc", "dia chi nguon", "dia chi thu thap", "endpoint", "oai pmh", "oai"),
    "branch": ("ma trong muc luc", "ma trong nguon", "ma kho trong nguon", "branch", "branch value"),
}
"""Fields of a line, and the headings that stand for them; they are compared folded."""
FAULTS = {
    "name-missing": "the name is missing",
    "type-unknown": "there is no such kind of library",
    "level-unknown": "there is no such level",
    "province-unknown": "there is no such province",
    "parent-unknown": "there is no such superior library, neither registered nor in this sheet",
    "group-unknown": "there is no such group",
    "audience-unknown": "there is no such audience",
    "code-malformed": "a code is made of letters without marks, digits, full stop, hyphen",
    "code-taken": "a library of this code is registered already",
    "code-twice": "this code stands twice in the sheet",
    "software-unknown": "there is no such software",
    "endpoint-malformed": "this is no address of a catalogue",
    "branch-without-source": "the superior library has no source, or several: name its own endpoint first",
    "branch-taken": "this value is the name of another branch in that source",
    "line-unsound": "the line cannot be registered",
}
"""What may be wrong with a line, in English; pages have their own words."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one line."""

    field: str
    code: str
    value: str = ""

    def __str__(self) -> str:
        """Say it in English."""
        return f"{self.field}: {FAULTS[self.code]}" + (f" ({self.value})" if self.value else "")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sheet; `number` is the one that a spreadsheet shows beside it."""

    number: int
    cells: dict[str, str]
    faults: tuple[Fault, ...] = ()


def read_lines(data: bytes) -> tuple[list[Line], tuple[str, ...]]:
    """Read a sheet: its lines by field, and the headings that were not understood. Raises `Conflict`."""
    rows = read_grid(data)
    best, fields, unknown = headed(rows, COLUMNS)
    if "name_vi" not in fields.values():
        raise Conflict("no column holds the names of libraries", "Head that column “Tên thư viện” or “Name”.")
    lines = [
        Line(number, {name: row[place] for place, name in fields.items() if place < len(row) and row[place]})
        for number, row in enumerate(rows[best + 1 :], best + 2)
        if any(row)
    ]
    if not lines:
        raise Conflict("the sheet has no line below its headings", "Write one library on each line.")
    return lines, unknown
