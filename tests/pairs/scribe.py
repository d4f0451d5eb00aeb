"""Writes an edition as a record in MARC-in-JSON, by a manner and in the form of a library system.

The layouts follow what these systems export; numbers of records and shelf marks are made up.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.pairs import habits
from tests.pairs.editions import Edition, Person, Step
from tests.pairs.manner import Manner, System

Json = dict[str, Any]
_Field = tuple[str, str, list[tuple[str, str]]]

_WORDS = {"T": ("T.", "Tập"), "Q": ("Q.", "Quyển"), "P": ("Ph.", "Phần")}
_PLACES = {
    "Hà Nội": {"short": "H.", "old": "Hà-nội"},
    "Tp. Hồ Chí Minh": {"short": "TP.HCM", "old": "Thành phố Hồ Chí Minh"},
}
_DATES = {
    "Nguyễn Du": "1765-1820", "Nguyễn Trãi": "1380-1442", "Lê Quý Đôn": "1726-1784",
    "Nguyễn Đình Chiểu": "1822-1888", "Hồ Chí Minh": "1890-1969", "Vũ Trọng Phụng": "1912-1939",
    "Thạch Lam": "1910-1942", "Xuân Diệu": "1916-1985", "Tố Hữu": "1920-2002", "Võ Nguyên Giáp": "1911-2013",
    "Dale Carnegie": "1888-1955", "Jules Verne": "1828-1905", "Victor Hugo": "1802-1885",
    "Ernest Hemingway": "1899-1961", "Agatha Christie": "1890-1976",
}  # fmt: skip
_SUBJECTS = (
    ("89", "Văn học", "Fiction"), ("00", "Tin học", "Computer programming"), ("34", "Pháp luật", "Law"),
    ("33", "Kinh tế", "Economics"), ("51", "Toán học", "Mathematics"), ("15", "Tâm lí học", "Psychology"),
    ("95", "Lịch sử", "History"), ("91", "Địa chí", "Description and travel"), ("61", "Y học", "Medicine"),
    ("39", "Văn hoá dân gian", "Folklore"), ("31", "Thống kê", "Statistics"), ("37", "Giáo dục", "Education"),
)  # fmt: skip

_LAWGIVERS = ("Việt Nam (CHXHCN)", "Việt Nam (CHXHCN). Quốc hội")
"""Bodies that stand in headings only, never on a title page in this form."""
_LANGUAGES = {"vie": "In Vietnamese.", "eng": "In English.", "fre": "In French."}


class Scribe:
    """Writes one record; `throw` gives what means nothing: numbers of records, shelf marks, prices."""

    def __init__(self, edition: Edition, manner: Manner, throw: Random) -> None:
        self.edition = edition
        self.manner = manner
        self.throw = throw

    def record(self) -> Json:
        """Write the record."""
        fields = sorted(self._fields(), key=lambda field: field[0])
        kind = "i" if self.edition.form == "audio" else "a"
        level = (
            "00000n" + kind + "m a2200000" + (" i " if self.manner.system is System.LC else " a ") + "4500"
        )
        controls: list[Json] = [{tag: value} for tag, value in self._controls()]
        return {
            "leader": level,
            "fields": controls
            + [
                {
                    tag: {
                        "ind1": marks[0],
                        "ind2": marks[1],
                        "subfields": [{code: self._damage(value, tag)} for code, value in subfields if value],
                    }
                }
                for tag, marks, subfields in fields
                if any(value for _, value in subfields)
            ],
        }

    # texts

    def _text(self, text: str) -> str:
        if self.manner.tones:
            text = (habits.tones_new if self.manner.tones == "new" else habits.tones_old)(text)
        if self.manner.iy:
            text = habits.i_for_y(text) if self.manner.iy == "i" else habits.y_for_i(text)
        return text

    def _title(self, text: str) -> str:
        text = self._text(text)
        return text.upper() if self.manner.capitals else text

    def _damage(self, text: str, tag: str) -> str:
        manner = self.manner
        if manner.residue:
            return text if tag in ("020", "852", "880") else habits.RESIDUES[manner.residue](text)
        if manner.slip:
            text = habits.slip(text, manner.slip)
        return habits.decomposed(text) if manner.decomposed else text

    def _name(self, person: Person) -> str:
        name = self._text(person.name)
        if person.name in ("Tony Buổi Sáng",):
            return name
        return habits.inverted(name, person.western) if self.manner.comma else name

    # volumes

    def _label(self, step: Step) -> str:
        short, long = _WORDS[step.level]
        number = habits.roman(step.number) if self.manner.roman else str(step.number)
        match self.manner.label:
            case "long":
                return f"{long} {number}"
            case "words":
                return f"{long} {'một' if step.number == 1 else habits.ordinal(step.number)}"
            case "number":
                return number
            case "spaced":
                return f"{short} {number}"
        return f"{short}{number}"

    def _steps(self, join: str) -> str:
        shown = [
            f"{self._label(step)}{join}{self._text(step.name)}" if step.name else self._label(step)
            for step in self.edition.steps
        ]
        return ", ".join(shown)

    # fields

    def _controls(self) -> Iterator[tuple[str, str]]:
        system, throw, edition = self.manner.system, self.throw, self.edition
        number = throw.randrange(10_000, 999_999)
        language = edition.language
        form = {"online": "o", "braille": "f"}.get(edition.form, " ")
        date = f"s{edition.year}    " if edition.year else "n        "
        coded = f"{max(edition.year, 2008) % 100:02}0{throw.randint(1, 9)}15{date}vm            "[:23] + form
        coded = coded.ljust(29) + "000 0 " + language + " d"
        match system:
            case System.NLV:
                yield "001", f"{number:09}"
                yield "005", "20240115093000.0"
            case System.KOHA:
                yield "001", str(number)
                yield "003", "OSt"
            case System.LC:
                yield "001", str(20_000_000 + number)
            case System.LIBOL:
                yield "001", f"LIB{number:06}"
            case _:
                yield "001", str(number)
        if edition.form == "audio":
            yield "007", "sd fungnn"
        if edition.form == "online" and system in (System.LC, System.KOHA):
            yield "007", "cr"
        if system in (System.NLV, System.KOHA, System.LC) or edition.form == "braille":
            yield "008", coded

    def _fields(self) -> Iterator[_Field]:
        yield from self._numbers()
        yield from self._people()
        yield self._field_245()
        if statement := self._edition_statement():
            yield "250", "  ", [("a", statement)]
        yield from self._imprint()
        if extent := self._extent():
            yield "300", "  ", extent
        yield from self._form_fields()
        yield from self._series()
        yield from self._notes()
        yield from self._local()

    def _numbers(self) -> Iterator[_Field]:
        edition, manner, throw = self.edition, self.manner, self.throw
        for isbn in edition.isbns if manner.isbn != "none" else ():
            match manner.isbn:
                case "hyphens":
                    yield "020", "  ", [("a", habits.hyphenated(isbn, throw.randrange(3)))]
                case "price":
                    price = f"{throw.randint(35, 250)}000đ"
                    yield "020", "  ", [("a", isbn), ("c", price), ("d", f"{throw.randint(1, 5)}000b")]
                case "ten":
                    yield "020", "  ", [("a", habits.isbn10(isbn))]
                case "both":
                    yield "020", "  ", [("a", habits.isbn10(isbn))]
                    yield "020", "  ", [("a", isbn), ("q", "bìa mềm")]
                case _:
                    yield "020", "  ", [("a", isbn)]
        if manner.isbn == "none" and manner.system is System.NLV:
            yield "020", "  ", [("c", f"{throw.randint(35, 250)}000đ"), ("d", f"{throw.randint(1, 5)}000b")]
        if manner.system is System.LC:
            yield "040", "  ", [("a", "DLC"), ("b", "eng"), ("e", "rda"), ("c", "DLC")]
        if manner.system in (System.NLV, System.KOHA, System.LC, System.DC):
            codes = [
                ("a", "vi" if manner.system is System.DC and edition.language == "vie" else edition.language)
            ]
            if edition.parallel and edition.language == "vie":
                codes.append(("a", "eng"))
            if edition.original and manner.system is not System.DC:
                codes.append(("h", edition.original))
            yield "041", "1 " if edition.original else "0 ", codes
        if manner.system is System.NLV:
            yield "044", "  ", [("a", "vm")]
        if edition.ddc and manner.system in (System.NLV, System.KOHA):
            yield "082", "04", [("2", "23"), ("a", edition.ddc), ("b", self._cutter())]
        if edition.ddc and manner.system is System.LIBOL:
            yield "090", "  ", [("a", edition.ddc), ("b", self._cutter())]

    def _cutter(self) -> str:
        first = habits.decomposed(self.edition.title.replace("Đ", "D"))[0].upper()
        return f"{first}{self.throw.randint(100, 999)}{self.throw.choice('ABCDHLMNT')}"

    def _heading(self, person: Person) -> list[tuple[str, str]]:
        name = f"{self.manner.rank}{self._name(person)}"
        if person.role and self.manner.role == "brackets":
            return [("a", f"{name} ({person.role})")]
        if person.role and self.manner.role == "subfield":
            return [("a", name), ("e", person.role)]
        if self.manner.system is System.LC:
            dates = _DATES.get(person.name)
            if dates:
                return [("a", f"{name},"), ("d", f"{dates},"), ("e", "author.")]
            return [("a", f"{name},"), ("e", "author.")]
        return [("a", name)]

    def _people(self) -> Iterator[_Field]:
        edition, manner = self.edition, self.manner
        people = list(edition.people)
        if manner.author in ("statement", "none"):
            people = []
        elif manner.author == "one-field" and people:
            joined = "; " if manner.system is not System.VIETBIBLIO else ", "
            yield "100", "1 ", [("a", joined.join(self._text(each.name) for each in people))]
            people = []
        if people:
            first = people.pop(manner.author_first % len(people))
            yield "100", "1 ", [("a", manner.heading)] if manner.heading else self._heading(first)
            for each in people:
                yield "700", "1 ", self._heading(each)
        if edition.body and manner.author == "headings":
            tag = "110" if not edition.people and manner.system in (System.KOHA, System.LC) else "710"
            yield tag, "2 ", [("a", self._text(edition.body))]
        if manner.translator in ("added", "both"):
            for name in edition.translators:
                heading = [("a", self._name(Person(name)))]
                yield "700", "1 ", [*heading, ("e", "translator." if manner.system is System.LC else "dịch")]

    def _statement(self) -> str:
        edition, manner = self.edition, self.manner
        if manner.author == "none":
            named = ""
        else:
            named = ", ".join(
                f"{manner.rank}{each.name} ({each.role})" if each.role else f"{manner.rank}{each.name}"
                for each in edition.people
            )
            named = named or (edition.body or "") * (edition.body not in _LAWGIVERS)
        if edition.translators and manner.translator in ("statement", "both"):
            translated = ", ".join(edition.translators)
            styles = (f"{translated} dịch", f"Dịch: {translated}", f"Người dịch: {translated}")
            named = " ; ".join(each for each in (named, self.throw.choice(styles)) if each)
        return self._text(named)

    def _field_245(self) -> _Field:
        edition, manner = self.edition, self.manner
        marks = manner.isbd
        title, rest = edition.title, edition.rest
        volume, numbered = manner.volume, bool(edition.steps)
        own = numbered and volume == "own" and edition.steps[-1].name
        if own:
            title, rest, numbered = str(edition.steps[-1].name), None, False
        head, remainder = self._title(title), self._title(rest) if rest else ""
        if edition.parallel:
            head = f"{head} = {self._title(edition.parallel)}"
        if manner.rest == "none":
            remainder = ""
        if remainder and manner.rest == "a":
            head, remainder = f"{head} : {remainder}", ""
        subfields: list[tuple[str, str]] = []
        plain = numbered and volume in ("a", "b")
        if plain and (volume == "a" or remainder):
            if remainder:
                head, remainder = f"{head} : {remainder}", ""
            head = f"{head}. {self._title(self._steps(' - '))}"
        elif plain:
            remainder = self._title(self._steps(": "))
        subfields.append(("a", head))
        if numbered and volume == "n":
            for step in edition.steps:
                subfields[-1] = (subfields[-1][0], subfields[-1][1] + ("." if marks else ""))
                subfields.append(("n", self._label(step) + ("," if step.name and marks else "")))
                if step.name:
                    subfields.append(("p", self._title(step.name)))
        if edition.form == "online" and manner.system in (System.NLV, System.LIBOL, System.VIETBIBLIO):
            subfields.append(("h", "[Tài liệu điện tử]"))
        elif edition.form == "audio" and manner.system in (System.NLV, System.KOHA, System.VIETBIBLIO):
            subfields.append(("h", "[Sách nói]"))
        if remainder:
            self._mark(subfields, " :")
            subfields.append(("b", remainder))
        if manner.system is not System.DC and (statement := self._statement()):
            self._mark(subfields, " /")
            subfields.append(("c", statement + ("." if manner.system is System.LC else "")))
        linked = [("6", "880-01")] if manner.script and edition.script else []
        return "245", "10" if edition.people and manner.author == "headings" else "00", linked + subfields

    def _mark(self, subfields: list[tuple[str, str]], mark: str) -> None:
        if self.manner.isbd:
            code, value = subfields[-1]
            subfields[-1] = (code, value + mark)

    def _edition_statement(self) -> str:
        edition, form = self.edition, self.manner.edition
        if form == "none":
            return ""
        parts = []
        if edition.edition:
            number = edition.edition
            match form:
                case "short":
                    parts.append(f"Tái bản lần {number}")
                case "words":
                    parts.append(f"Tái bản lần thứ {habits.ordinal(number)}")
                case "printing":
                    parts.append(f"In lần thứ {number}")
                case _:
                    parts.append(f"Tái bản lần thứ {number}")
        if edition.revised:
            parts.append(edition.revised)
        return self._text(", ".join(parts))

    def _publisher(self) -> list[str]:
        edition, manner = self.edition, self.manner
        if not edition.publisher:
            return []
        written = manner.publisher * (not edition.thesis) + self._text(manner.house or edition.publisher)
        if not edition.partner or manner.partner == "drop":
            return [written]
        partner = self._text(edition.partner)
        return [written, partner] if manner.partner == "subfield" else [f"{written} ; {partner}"]

    def _imprint(self) -> Iterator[_Field]:
        edition, manner = self.edition, self.manner
        subfields: list[tuple[str, str]] = []
        if manner.place != "none" and edition.publisher:
            written = _PLACES.get(edition.city, {}).get(manner.place, edition.city)
            subfields.append(("a", self._text(written) + (" :" if manner.isbd else "")))
        houses = self._publisher()
        for index, house in enumerate(houses):
            mark = "," if index == len(houses) - 1 else " :"
            subfields.append(("b", house + (mark if manner.isbd else "")))
        year = str(edition.year) if edition.year else ""
        match manner.year:
            case "bracket":
                year = f"[{year}]"
            case "copyright":
                year = self.throw.choice(("c", "©", "cop. ")) + year
            case "printing":
                year = f"{year} (in {year})"
            case "deposit":
                year = f"In xong và nộp lưu chiểu năm {year}"
        tag = "264" if manner.system is System.LC or manner.year == "field4" else "260"
        stop = "." if manner.system is System.LC else ""
        if manner.year == "field4":
            if subfields:
                yield tag, " 1", subfields
            yield "264", " 4", [("c", f"©{year}")]
            return
        yield tag, " 1" if tag == "264" else "  ", [*subfields, ("c", year + stop if year else "")]

    def _extent(self) -> list[tuple[str, str]]:
        edition, manner = self.edition, self.manner
        size = f"{edition.size} cm"
        if manner.pages == "none":
            return []
        if edition.form == "audio":
            minutes = (edition.pages or 200) * 2
            return [
                ("a", f"{minutes // 74 + 1} đĩa CD ({minutes} phút) :"),
                ("b", "âm thanh"),
                ("c", "12 cm"),
            ]
        if edition.volumes:
            return [
                ("a", f"{edition.volumes} {'volumes' if manner.system is System.LC else 'tập'} ;"),
                ("c", size),
            ]
        if edition.pages is None:
            return []
        count = f"{edition.pages + manner.shift} {manner.pages}".strip()
        if edition.form == "online":
            return [("a", f"1 tài liệu trực tuyến ({count})")]
        if edition.form == "braille":
            return [("a", f"{(edition.pages // 120) + 1} tập chữ nổi"), ("c", "30 cm")]
        if manner.prelims:
            count = f"{manner.prelims}, {count}"
        if manner.system in (System.DC, System.SHEET):
            return [("a", count)]
        if manner.system is System.VIETBIBLIO:
            return [("a", count), ("c", size)]
        return [("a", f"{count} ;" if manner.isbd else count), ("c", size)]

    def _form_fields(self) -> Iterator[_Field]:
        if self.manner.system is System.LC or (
            self.edition.form == "online" and self.manner.system is System.KOHA
        ):
            online = self.edition.form == "online"
            audio = self.edition.form == "audio"
            content = ("spoken word", "spw") if audio else ("text", "txt")
            carrier = (
                ("online resource", "cr") if online else ("audio disc", "sd") if audio else ("volume", "nc")
            )
            media = ("computer", "c") if online else ("audio", "s") if audio else ("unmediated", "n")
            if self.edition.form == "braille":
                content = ("tactile text", "tct")
            for tag, (term, code) in (("336", content), ("337", media), ("338", carrier)):
                yield (
                    tag,
                    "  ",
                    [
                        ("a", term),
                        ("b", code),
                        ("2", "rda" + {"336": "content", "337": "media", "338": "carrier"}[tag]),
                    ],
                )
        if self.edition.form == "online":
            yield (
                "856",
                "40",
                [
                    ("u", f"https://example.org/tai-lieu/{self.throw.randrange(10_000, 99_999)}"),
                    ("z", "Toàn văn"),
                ],
            )

    def _series(self) -> Iterator[_Field]:
        edition, manner = self.edition, self.manner
        if edition.steps and manner.volume in ("series", "own"):
            mark = " ;" if manner.isbd else ""
            yield "490", "0 ", [("a", self._text(edition.title) + mark), ("v", self._label(edition.steps[0]))]
        if edition.series and manner.series:
            name, number = edition.series
            mark = " ;" if number and manner.isbd else ""
            yield "490", "0 ", [("a", self._text(name) + mark), ("v", number or "")]

    def _notes(self) -> Iterator[_Field]:
        edition, manner = self.edition, self.manner
        if edition.body and manner.author == "headings" and manner.system is System.NLV:
            yield "500", "  ", [("a", self._text(f"ĐTTS ghi: {edition.body}"))]
        if edition.thesis:
            yield "502", "  ", [("a", self._text(edition.thesis))]
        if manner.system is System.LC:
            yield "546", "  ", [("a", _LANGUAGES[edition.language])]
        if manner.script and edition.script:
            yield "880", "10", [("6", "245-01/$1"), ("a", edition.script)]

    def _local(self) -> Iterator[_Field]:
        edition, system, throw = self.edition, self.manner.system, self.throw
        found = next((row for row in _SUBJECTS if (edition.ddc or "").startswith(row[0])), None)
        subject = found[2 if system is System.LC else 1] if found else None
        shelf = f"{edition.ddc or '000'} / {self._cutter()}"
        bar = f"{throw.randrange(1000, 99_999):06}"
        match system:
            case System.NLV:
                if subject:
                    yield "650", " 7", [("2", "Bộ TK TVQG"), ("a", subject)]
                yield (
                    "852",
                    "  ",
                    [("a", "TVQG"), ("b", "Kho đọc"), ("j", f"VV{edition.year % 100:02}.{bar[1:]}")],
                )
                yield "930", "  ", [("a", bar)]
            case System.KOHA:
                if subject:
                    yield "650", " 4", [("a", subject)]
                yield "942", "  ", [("c", throw.choice(("BK", "SACH", "GT")))]
                yield "952", "  ", [("a", "TVTT"), ("b", "TVTT"), ("o", shelf), ("p", bar)]
            case System.LIBOL:
                if subject:
                    yield "653", "  ", [("a", subject)]
                yield "852", "  ", [("a", "TVT"), ("b", "KM"), ("j", f"KM.{bar}")]
                yield "900", "  ", [("a", "1")]
            case System.VIETBIBLIO:
                yield "852", "  ", [("a", "TVH"), ("j", bar)]
            case System.SHEET:
                if subject:
                    yield "653", "  ", [("a", subject)]
                yield "852", "  ", [("a", "THU VIEN"), ("p", f"{throw.randint(1, 9999)}")]
            case System.LC:
                if subject:
                    yield "650", " 0", [("a", subject + ".")]
            case System.DC:
                if subject:
                    yield "653", "  ", [("a", subject)]


def write(edition: Edition, manner: Manner, seed: str) -> Json:
    """Write one record; the same arguments always give the same record."""
    return Scribe(edition, manner, Random(seed)).record()
