"""Titles: 245 and its relatives, without ISBD marks and General Material Designation.

What stands in the title is kept as written, whole capitals too; only its division into parts is read.
"""

import re

from unioncat.domain.bib import Part, Title, TitleKind
from unioncat.normalise.marc21.fields import Field, Fields
from unioncat.normalise.record import Subfields, Unreadable
from unioncat.normalise.tidy import trim, trim_stop, unbracket

# Subfield codes typed into the text: "Tin học căn bản : \b Chỉ dẫn bằng hình".
_TYPED = re.compile(r"\s*\\([bcnp])(?=\s|$)\s*")
_VIETNAMESE = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
_BEFORE_FILED = " '’ʹʻʼ\"“‘«([-–"
_LEADING_MARKS = "=:;/ "


def titles(fields: Fields, languages: tuple[str, ...]) -> tuple[Title, tuple[Title, ...], str | None]:
    """Return the title, the other titles and the statement of responsibility.

    Raises `Unreadable` where the record has no title at all.
    """
    statement = fields.get("245")
    main: Title | None = None
    parallel: list[Title] = []
    responsibility: str | None = None
    if statement:
        main, parallel, responsibility = _read_245(statement[0], fields, languages)
    others = [*parallel, *_others(fields)]
    if main is None:
        if not others:
            raise Unreadable(
                "title-missing",
                "The record has no title (245 $a). Ask the library to complete it, or to leave it out.",
            )
        fields.flag("title-from-other-field")
        main = Title(others[0].main, others[0].remainder, others[0].parts)
    if not main.parts:
        main = _with_volume_of_490(main, fields)
    return main, tuple(others), responsibility


def _read_245(
    field: Field, fields: Fields, languages: tuple[str, ...]
) -> tuple[Title | None, list[Title], str | None]:
    subfields = field.subfields
    if any("\\" in value for _, value in subfields):
        subfields = _typed_codes(subfields, fields)
    main = remainder = responsibility = None
    parts: list[Part] = []
    parallel: list[Title] = []
    before = ""
    for code, value in subfields:
        if code == "a":
            if main is None:
                main, *others = value.split(" = ") if " = " in value else (value,)
                parallel += _parallel(others)
            else:
                parallel.append(Title(trim_stop(value), kind=TitleKind.VARIANT))
        elif code == "b":
            if value[0] in _LEADING_MARKS:  # some systems write the mark before its element
                before, value = value[0], value.lstrip(_LEADING_MARKS)
            stated, *others = value.split(" = ") if " = " in value else (value,)
            if before == "=" or main is None:
                others.insert(0, stated)
            elif remainder is None:
                remainder = trim_stop(stated)
            else:
                remainder = f"{remainder} : {trim_stop(stated)}"
            parallel += _parallel(others)
        elif code in "np":
            _add_part(parts, code, value)
        elif code == "c" and responsibility is None:
            responsibility = trim_stop(value) or None
        before = value[-1:]
    if main is None:
        if not parallel and not parts:
            return None, [], responsibility
        fields.flag("title-without-a")
        main = parallel.pop(0).main if parallel else parts[0].name or parts[0].number or ""
    main, remainder, responsibility = _divide(main, remainder, responsibility)
    main = unbracket(trim_stop(main))
    if not main:
        if not remainder:
            return None, parallel, responsibility
        main, remainder = remainder, None
        fields.flag("title-without-a")
    nonfiling = _nonfiling(field.ind2, main, fields, languages)
    return Title(main, remainder or None, tuple(parts), TitleKind.PROPER, nonfiling), parallel, responsibility


def _divide(
    main: str, remainder: str | None, responsibility: str | None
) -> tuple[str, str | None, str | None]:
    """Divide a title that carries everything in $a at the ISBD marks " / " and " : "."""
    if " / " in main and responsibility is None:
        main, _, rest = main.partition(" / ")
        responsibility = trim_stop(rest) or None
    if remainder is None and " : " in main:
        main, _, rest = main.partition(" : ")
        remainder = trim_stop(rest) or None
    return main, remainder, responsibility


def _parallel(statements: list[str]) -> list[Title]:
    found = []
    for statement in statements:
        main, _, remainder = statement.partition(" : ")
        main = unbracket(trim_stop(main))
        if main:
            found.append(Title(main, trim_stop(remainder) or None, kind=TitleKind.PARALLEL))
    return found


def _add_part(parts: list[Part], code: str, value: str) -> None:
    value = trim_stop(value) if code == "p" else trim(value).rstrip(".").rstrip()
    if not value:
        return
    if code == "n":
        parts.append(Part(number=value))
    elif parts and parts[-1].name is None:
        parts[-1] = Part(parts[-1].number, value)
    else:
        parts.append(Part(name=value))


def _typed_codes(subfields: Subfields, fields: Fields) -> Subfields:
    divided: list[tuple[str, str]] = []
    for code, value in subfields:
        first, *rest = _TYPED.split(value)
        if rest:
            fields.flag("subfields-typed")
        divided.append((code, first))
        divided += [(c, v) for c, v in zip(rest[::2], rest[1::2], strict=True)]
    return tuple((code, value) for code, value in divided if value)


def _nonfiling(indicator: str, title: str, fields: Fields, languages: tuple[str, ...]) -> int:
    """Return the characters to skip in sorting. Vietnamese has no articles: "An toàn" sorts under An."""
    if not "1" <= indicator <= "9":
        return 0
    count = int(indicator)
    fits = count < len(title) and title[count - 1] in _BEFORE_FILED
    vietnamese = (
        languages[:1] == ("vie",) or (not languages and not title.isascii()) or _VIETNAMESE.search(title)
    )
    if not fits or (vietnamese and title[:count] != "The "):
        fields.flag("nonfiling-refused")
        return 0
    return count


def _others(fields: Fields) -> list[Title]:
    found = []
    for tag, field in fields.each("130", "240", "246", "247", "242", "740", "222", "210"):
        main = None
        remainder = None
        parts: list[Part] = []
        for code, value in field.subfields:
            if code == "a" and main is None:
                main = unbracket(trim_stop(value))
            elif code == "b" and remainder is None:
                remainder = trim_stop(value) or None
            elif code in "np":
                _add_part(parts, code, value)
        if not main:
            continue
        if tag in ("130", "240"):
            kind = TitleKind.UNIFORM
        elif tag == "247":
            kind = TitleKind.FORMER
        elif tag == "246" and field.ind2 == "1":
            kind = TitleKind.PARALLEL
        else:
            kind = TitleKind.VARIANT
        found.append(Title(main, remainder, tuple(parts), kind))
    return found


def _with_volume_of_490(title: Title, fields: Fields) -> Title:
    """Take over a volume number that stands in 490 $v without any series."""
    for field in fields.get("490"):
        number = field.first("v")
        if number and not field.first("a"):
            fields.flag("volume-from-490")
            return Title(title.main, title.remainder, (Part(trim_stop(number)),), title.kind, title.nonfiling)
    return title
