"""Holdings and local fields, as each kind of library system writes them."""

from collections.abc import Sequence

from unioncat.sample.describe import title_code
from unioncat.sample.editions import Kind
from unioncat.sample.habits import Habit
from unioncat.sample.marc import Field
from unioncat.sample.style import Pen, System

_ROOMS = {
    Kind.BOOK: ("Kho mượn", "KM"),
    Kind.TEXTBOOK: ("Kho giáo trình", "GT"),
    Kind.LOCAL: ("Kho địa chí", "DC"),
    Kind.LAW: ("Kho đọc", "KD"),
    Kind.SERIAL: ("Kho báo, tạp chí", "BC"),
    Kind.THESIS: ("Kho luận án", "LA"),
}
_OTHER_ROOM = ("Kho đọc", "KD")


def holdings(pen: Pen, system: System, owners: Sequence[str], number: int) -> list[Field]:
    """Write what each owner (a branch's code in this system) has; `number` makes item numbers unique."""
    written: list[Field] = []
    for place, owner in enumerate(owners):
        copies = 2 if system is System.NLV else pen.throw.choice((1, 1, 2, 3))
        first = number * 40 + 4 * place
        written += [_HOLDING[system](pen, owner, item) for item in range(first, first + copies)]
    pen.shown.add(Habit.HOLDINGS_952 if system is System.KOHA else Habit.HOLDINGS_852)
    return written + _local(pen, system, number)


def _nlv(pen: Pen, owner: str, item: int) -> Field:
    serial = f"VV{(pen.edition.year or '00')[-2:]}.{item % 100000:05}"
    return ("852", "  ", (("a", owner), ("b", "Kho đọc"), ("j", serial)))


def _libol(pen: Pen, owner: str, item: int) -> Field:
    room, letters = _ROOMS.get(pen.edition.kind, _OTHER_ROOM)
    return ("852", "  ", (("a", owner), ("b", room), ("p", f"{letters}/{owner[-4:]}{item % 1000000:06}")))


def _koha(pen: Pen, owner: str, item: int) -> Field:
    room, _ = _ROOMS.get(pen.edition.kind, _OTHER_ROOM)
    lent = (("q", "2026-12-31"),) if pen.throw.random() < 0.1 else ()
    reference = "1" if pen.edition.kind in (Kind.LOCAL, Kind.SERIAL, Kind.THESIS) else "0"
    mark = f"{pen.edition.ddc} {title_code(pen.edition.title)}".strip()
    return (
        "952",
        "  ",
        (
            ("0", "0"),
            ("1", "0"),
            ("7", reference),
            ("a", owner),
            ("b", owner),
            ("c", room),
            ("o", mark),
            ("p", f"{owner}{item:07}"),
            *lent,
            ("y", "BK"),
        ),
    )


def _simple(pen: Pen, owner: str, item: int) -> Field:
    room, letters = _ROOMS.get(pen.edition.kind, _OTHER_ROOM)
    mark = f"{pen.edition.ddc} / {title_code(pen.edition.title)}".removeprefix(" / ")
    return ("852", "  ", (("a", owner), ("b", room), ("j", mark), ("p", f"{letters}.{item:06}")))


_HOLDING = {System.NLV: _nlv, System.LIBOL: _libol, System.KOHA: _koha, System.SIMPLE: _simple}


def _local(pen: Pen, system: System, number: int) -> list[Field]:
    """Write fields that mean something in one system only; staff appear by function, never by name."""
    match system:
        case System.NLV:
            return [("930", "  ", (("a", f"{number:06}"),))]
        case System.KOHA:
            material: Field = ("942", "  ", (("2", "ddc"), ("c", "BK")))
            return [material, ("999", "  ", (("c", str(number)), ("d", str(number))))]
        case System.LIBOL:
            pen.shown.add(Habit.STAFF_BY_FUNCTION)
            kind = "LV" if pen.edition.kind is Kind.THESIS else "SH"
            return [
                ("900", "  ", (("a", "0"),)),
                ("911", "  ", (("a", "Cán bộ biên mục"),)),
                ("912", "  ", (("a", "Cán bộ hiệu đính"),)),
                ("925", "  ", (("a", "G"),)),
                ("926", "  ", (("a", "0"),)),
                ("927", "  ", (("a", kind),)),
            ]
        case _:
            return []
