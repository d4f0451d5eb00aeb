"""From an edition to the descriptive fields of a MARC record, in a library's style."""

from zlib import crc32

from unioncat.sample.editions import Edition, Kind
from unioncat.sample.habits import Habit
from unioncat.sample.marc import Field
from unioncat.sample.style import Pen, System, VolumeIn

_ROLES = {"dịch": "Người dịch", "s.t.": "Sưu tầm", "thể hiện": "Thể hiện"}


def leader(edition: Edition) -> str:
    """Write the leader."""
    level = "s" if edition.kind is Kind.SERIAL else "m"
    return f"00000na{level} a2200000 a 4500"


def control(edition: Edition, number: str, entered: str) -> list[tuple[str, str]]:
    """Write the control fields; `entered` is the datestamp of the record's first entry."""
    year = edition.year or ""
    begin, _, end = year.partition("-")
    if edition.kind is Kind.SERIAL:
        dates = f"{'d' if end else 'c'}{begin}{end or '9999'}"
    else:
        dates = f"s{year}    " if year else "nuuuuuuuu"
    return [
        ("001", number),
        ("005", entered.translate({ord(mark): None for mark in "-T:Z"}) + ".0"),
        ("008", f"{entered[2:4]}{entered[5:7]}{entered[8:10]}{dates}vm {'|' * 11}000 0 vie d"),
    ]


def fields(pen: Pen, system: System) -> list[Field]:
    """Write the descriptive fields."""
    edition = pen.edition
    written: list[Field] = [*_numbers(pen), *_names(pen), *_titles(pen, system), *_imprint(pen)]
    translated = (("h", edition.original),) if edition.original else ()
    written.append(("041", "1 " if translated else "0 ", (("a", "vie"), *translated)))
    if system is System.NLV:
        written += _classes(pen, "082", "04", (("2", "23"),))
        written.append(("044", "  ", (("a", "vm"),)))
        if edition.body and edition.kind is Kind.TEXTBOOK:
            written.append(("500", "  ", (("a", pen.text(f"ĐTTS ghi: {edition.body}")),)))
        written += [("650", " 7", (("2", "Bộ TK TVQG"), ("a", pen.text(word)))) for word in edition.subjects]
        if edition.genre:
            written.append(("655", " 7", (("2", "Bộ TK TVQG"), ("a", pen.text(edition.genre)))))
    elif system is System.KOHA:
        written += _classes(pen, "082", "04", (("2", "23"),))
        written.append(("040", "  ", (("a", "VN"), ("b", "vie"))))
        written += [("650", " 4", (("a", pen.text(word)),)) for word in edition.subjects]
    else:
        tag = "090" if system is System.LIBOL else "082"
        written += _classes(pen, tag, "  " if tag == "090" else "04", ())
        words = (*edition.subjects, *((edition.genre,) if edition.genre else ()))
        written += [("653", "  ", (("a", pen.text(word)),)) for word in words]
    if edition.region and system is not System.SIMPLE:
        written.append(("651", " 4", (("a", pen.text(edition.region)),)))
    return written


def title_code(title: str) -> str:
    """Make the code of a title as it stands on spines: letter, three digits, letter."""
    words = title.upper().split()
    second = next((letter for letter in words[-1] if letter.isalpha()), "A")
    return f"{words[0][0]}{100 + crc32(title.encode()) % 900}{second}"


def volume_text(pen: Pen) -> str:
    """Write all volume steps in one text: T.1 - Văn học dân gian, Q.2."""
    steps = []
    for part in pen.edition.parts:
        label = pen.volume_label(part.number or "")
        steps.append(f"{label} - {part.name}" if part.name else label)
    return pen.text(", ".join(steps))


def _numbers(pen: Pen) -> list[Field]:
    edition, written = pen.edition, list[Field]()
    price = f"{20 + crc32(edition.key.encode()) % 180}000đ"
    isbns = pen.isbns()
    for isbn in isbns:
        if pen.style.isbn_price:
            pen.shown.add(Habit.ISBN_PRICE)
            written.append(("020", "  ", (("a", isbn), ("c", price), ("d", "1000b"))))
        else:
            written.append(("020", "  ", (("a", isbn),)))
    if not isbns and pen.style.isbn_price and edition.kind is Kind.BOOK:
        written.append(("020", "  ", (("c", price),)))
    if edition.issn:
        written.append(("022", "  ", (("a", edition.issn),)))
    return written


def _classes(pen: Pen, tag: str, indicators: str, extra: tuple[tuple[str, str], ...]) -> list[Field]:
    if not pen.edition.ddc:
        return []
    code = title_code(pen.edition.title)
    return [(tag, indicators, (*extra, ("a", pen.edition.ddc), ("b", code)))]


def _names(pen: Pen) -> list[Field]:
    edition, written = pen.edition, list[Field]()
    for place, person in enumerate(edition.people):
        main = place == 0 and person.role not in _ROLES
        written.append(("100" if main else "700", "1 ", pen.heading(person)))
    if edition.body:
        name, _, below = edition.body.partition(". ")
        units = (("b", pen.text(below)),) if below else ()
        written.append(("710" if edition.people else "110", "2 ", (("a", pen.text(name)), *units)))
    return written


def _titles(pen: Pen, system: System) -> list[Field]:
    edition, style = pen.edition, pen.style
    marks = system is not System.LIBOL
    main, rest, parts = edition.title, edition.remainder, edition.parts
    below: list[tuple[str, str]] = []
    series: list[Field] = []
    if parts:
        match style.volume:
            case VolumeIn.N:
                pen.shown.add(Habit.VOLUME_N)
                for part in parts:
                    below.append(("n", pen.volume_label(part.number or "")))
                    below += [("p", pen.text(part.name))] if part.name else []
            case VolumeIn.B:
                pen.shown.add(Habit.VOLUME_B)
                rest = ". ".join(text for text in (rest, volume_text(pen)) if text)
            case VolumeIn.A:
                pen.shown.add(Habit.VOLUME_A)
                main = f"{main}. {volume_text(pen)}"
            case VolumeIn.SERIES:
                pen.shown.add(Habit.VOLUME_SERIES)
                numbers = ", ".join(pen.volume_label(part.number or "") for part in parts)
                series = [("490", "0 ", (("a", pen.text(main)), ("v", numbers)))]
                named = [part.name for part in parts if part.name]
                rest = ". ".join([*([rest] if rest else []), *named]) or None
    title = pen.title(main)
    responsibility = pen.responsibility()
    if rest:
        title += " :" if marks else ""
    values = [("a", title), *([("b", pen.text(rest))] if rest else []), *below]
    if responsibility:
        code, value = values[-1]
        values[-1] = (code, value + " /" if marks else value)
        values.append(("c", responsibility))
    written: list[Field] = [("245", "10" if edition.people or edition.body else "00", tuple(values)), *series]
    if edition.statement:
        written.append(("250", "  ", (("a", pen.text(edition.statement)),)))
    if edition.script and system in (System.NLV, System.KOHA):
        pen.shown.add(Habit.HAN_NOM)
        code, value = written[0][2][0]
        written[0] = ("245", written[0][1], (("6", "880-01"), (code, value), *written[0][2][1:]))
        written.append(("880", "10", (("6", "245-01/$1"), ("a", edition.script))))
    return written


def _imprint(pen: Pen) -> list[Field]:
    edition = pen.edition
    publisher, extent = pen.publisher(), pen.extent()
    values = [("a", f"{pen.place()} :")] if publisher else []
    values += [("b", f"{publisher}," if edition.year else publisher)] if publisher else []
    values += [("c", edition.year)] if edition.year else []
    written: list[Field] = [("260", "  ", tuple(values))] if values else []
    if extent:
        written.append(("300", "  ", (("a", f"{extent} ;"), ("c", f"{edition.height} cm"))))
    if edition.kind is Kind.THESIS and edition.genre:
        written.append(("502", "  ", (("a", pen.text(edition.genre)),)))
    return written
