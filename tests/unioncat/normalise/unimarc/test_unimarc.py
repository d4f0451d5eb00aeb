"""UNIMARC: each part of the record, in the forms that national libraries send."""

from dataclasses import replace

import pytest

from tests.unioncat.normalise.records import marc, to_iso2709
from unioncat.domain.bib import (
    Agent,
    AgentKind,
    Alternate,
    BibRecord,
    Carrier,
    Classification,
    Extent,
    Holding,
    Identifier,
    Imprint,
    Material,
    Normalised,
    Note,
    NoteKind,
    Part,
    Series,
    Subject,
    SubjectKind,
    Title,
    TitleKind,
)
from unioncat.domain.source import Profile
from unioncat.normalise import PROFILES, normalise, to_marcxml
from unioncat.normalise.marcjson import to_marc_json

UNIMARC = PROFILES["unimarc"]


def read(*lines: str, profile: Profile = UNIMARC, **rest: str) -> Normalised:
    if not any(line.startswith("200") for line in lines):
        lines = ("200 1# $a Nhan đề", *lines)
    return normalise(to_marcxml(marc(*lines, **rest)), "unimarc", profile)


def bib(*lines: str, **rest: str) -> BibRecord:
    found = read(*lines, **rest).bib
    assert found is not None
    return found


def coded(date: str, language: str = "fre") -> str:
    """Write 100 with kind and years of `date` (nine characters)."""
    return f"100 ## $a 20240110{date.replace('#', ' ')}m  y0{language}y50      ba"


def test_title_with_parts_and_responsibility() -> None:
    found = bib(
        "200 1# $a Les misérables $b Texte imprimé $h 2 $i Cosette $e roman $d The wretched $e a novel "
        "$f Victor Hugo $g préface de Charles Baudelaire"
    )
    assert found.title == Title("Les misérables", "roman", (Part("2", "Cosette"),))
    assert found.other_titles == (Title("The wretched", kind=TitleKind.PARALLEL),)
    assert found.responsibility == "Victor Hugo ; préface de Charles Baudelaire"


@pytest.mark.parametrize(
    ("written", "main", "skipped"),
    [
        ("<<Les >>misérables", "Les misérables", 4),
        ("<<Les>> misérables", "Les misérables", 4),
        ("<<L'>>assommoir", "L'assommoir", 2),
        ("\x88Les \x89misérables", "Les misérables", 4),
        ("\x98Les \x9cmisérables", "Les misérables", 4),
        ("¬Les ¬misérables", "Les misérables", 4),
        ("Misérables <<les>>", "Misérables les", 0),
        ("Les misérables", "Les misérables", 0),
        ("<<Les misérables>>", "Les misérables", 0),
    ],
)
def test_what_is_not_sorted(written: str, main: str, skipped: int) -> None:
    record = marc("200 1# $a x", "101 0# $a fre")
    record = record._replace(fields=(("200", "1", " ", (("a", written),)), *record.fields[1:]))
    for payload in (to_iso2709(record), to_marc_json(record)):
        found = normalise(payload, "unimarc", UNIMARC).bib
        assert found is not None
        assert (found.title.main, found.title.nonfiling) == (main, skipped)


def test_vietnamese_has_no_articles() -> None:
    found = bib("200 1# $a <<An >>toàn lao động", "101 0# $a vie")
    assert (found.title.nonfiling, found.flags) == (0, ("nonfiling-refused",))


def test_volume_that_has_only_a_number_takes_the_title_of_its_set() -> None:
    assert bib("200 1# $a Tome 2", "461 #0 $t Lịch sử Việt Nam").title == Title(
        "Lịch sử Việt Nam", None, (Part("Tome 2"),)
    )
    assert bib("200 1# $a Sử kí", "461 #0 $t Sử kí $v 3").title == Title("Sử kí", None, (Part("3"),))
    own = bib("200 1# $a Cosette", "461 #0 $1 200 1 $a x", "461 #0 $t Les misérables $v 2")
    assert own.title == Title("Cosette")
    assert Series("Les misérables", "2") in own.series


def test_links_that_hold_whole_fields() -> None:
    found = bib("410 #0 $1 001FRBNF123 $1 2001# $a Que sais-je $v 17 $1 011## $a 0768-0066")
    assert found.series == (Series("Que sais-je", "17", "0768-0066"),)


def test_printed_series_gets_the_issn_of_the_linked_one() -> None:
    found = bib("225 |# $a Folio $v 32", "410 #0 $t Collection Folio $x 0768-0732")
    assert found.series == (Series("Folio", "32", "0768-0732"),)
    both = bib("225 |# $a Folio", "463 #0 $t Revue d'histoire $v 4 $x 0035-2357")
    assert both.series == (Series("Folio"), Series("Revue d'histoire", "4", "0035-2357"))


def test_titles_of_the_5xx_block() -> None:
    found = bib(
        "500 10 $a Đoạn trường tân thanh",
        "510 1# $a The tale of Kieu",
        "517 0# $a Kim Vân Kiều $h T.1",
        "520 1# $a Tập san",
        "454 #1 $t 斷腸新聲",
    )
    assert [(title.main, title.kind) for title in found.other_titles] == [
        ("Đoạn trường tân thanh", TitleKind.UNIFORM),
        ("The tale of Kieu", TitleKind.PARALLEL),
        ("Tập san", TitleKind.FORMER),
        ("Kim Vân Kiều", TitleKind.VARIANT),
        ("斷腸新聲", TitleKind.UNIFORM),
    ]
    assert bib("517 0# $a Kim Vân Kiều $h T.1").other_titles[0].parts == (Part("T.1"),)


def test_agents_and_their_roles() -> None:
    found = bib(
        "700 #1 $a Hugo $b Victor $f 1802-1885 $4 070",
        "701 #0 $a Nguyễn Du $4 070",
        "702 #1 $a Baudelaire $b Charles $4 080",
        "702 #1 $a Baudelaire $b Charles $4 730",
        "702 #0 $a Jean $b Paul $d II",
        "710 02 $a Bibliothèque nationale $b Département des imprimés $4 650",
        "711 12 $a Hội nghị thư viện",
        "702 #1 $a 1064723",
        "700 #1 $4 070",
    )
    assert found.agents == (
        Agent("Hugo, Victor", roles=("aut",), dates="1802-1885", main=True),
        Agent("Bibliothèque nationale. Département des imprimés", AgentKind.CORPORATE, ("pbl",), main=True),
        Agent("Nguyễn Du", roles=("aut",)),
        Agent("Hội nghị thư viện", AgentKind.MEETING),
        Agent("Baudelaire, Charles", roles=("aui", "trl")),
        Agent("Jean Paul II"),
    )
    assert found.flags == ("agent-is-a-number",)


def test_edition_imprint_and_extent() -> None:
    found = bib(
        "205 ## $a 2e éd. $b revue",
        "210 ## $a Paris $a [S.l.] $c Gallimard $c [s.n.] $d impr. 1999 $e Mayenne $g Floch",
        "214 #3 $a Mayenne $c Floch",
        "214 #4 $d © 1998",
        "215 ## $a XII-391 p. $c ill. $d 22 cm $e 1 CD",
    )
    assert found.edition == "2e éd. revue"
    assert found.imprints == (Imprint(("Paris",), ("Gallimard",), "impr. 1999"),)
    assert found.extent == Extent("XII-391 p. ill. + 1 CD", 391, None, "22 cm")
    assert bib("210 ## $a S.l. $c s.n. $d 19..").flags == ("publisher-is-a-filler", "year-unreadable")
    assert bib("215 ## $d 20 cm").extent == Extent("20 cm", None, None, "20 cm")


@pytest.mark.parametrize(
    ("date", "printed", "years", "flags"),
    [
        ("d1999####", "1999", (1999, None), ()),
        ("d1999####", "DL 2001", (2001, None), ("year-contradicted",)),
        ("g19992005", "1999-2005", (1999, 2005), ()),
        ("a19609999", "1960-", (1960, None), ()),
        ("e20011885", "2001", (2001, None), ()),
        ("#########", "[1950?]", (1950, None), ()),
        ("d1999####", "", (1999, None), ()),
        ("#########", "1985-1987", (1985, 1987), ()),
    ],
)
def test_years(date: str, printed: str, years: tuple[int | None, ...], flags: tuple[str, ...]) -> None:
    lines = [coded(date)] + ([f"210 ## $d {printed}"] if printed else [])
    found = bib(*lines)
    assert ((found.year, found.year_end), found.flags) == (years, flags)
    assert found.year_coded == (1999 if "year-contradicted" in flags else None)


def test_languages() -> None:
    found = bib("101 1# $a fre $a vie $b eng $c jpn $d eng")
    assert (found.languages, found.original_languages) == (("fre", "vie"), ("jpn",))


@pytest.mark.parametrize(
    ("leader", "lines", "material", "carrier"),
    [
        ("00000nam  2200000   450 ", (), Material.BOOK, Carrier.PRINT),
        ("00000nas  2200000   450 ", (), Material.SERIAL, Carrier.PRINT),
        ("00000naa  2200000   450 ", (), Material.ARTICLE, Carrier.PRINT),
        ("00000nem  2200000   450 ", (), Material.MAP, Carrier.PRINT),
        ("00000njm  2200000   450 ", (), Material.MUSIC, Carrier.DISC),
        ("00000ngm  2200000   450 ", (), Material.VIDEO, Carrier.DISC),
        ("00000nlm  2200000   450 ", ("856 40 $u http://a.vn",), Material.DATA, Carrier.ONLINE),
        ("00000nlm  2200000   450 ", ("105 ## $a y",), Material.BOOK, Carrier.PRINT),
        ("00000nlm  2200000   450 ", ("105 ## $a y", "135 ## $a dr"), Material.BOOK, Carrier.ONLINE),
        ("00000nmm  2200000   450 ", (), Material.KIT, Carrier.OTHER),
        ("00000n m  2200000   450 ", (), Material.BOOK, Carrier.PRINT),
        ("00000nam  2200000   450 ", ("105 ## $a ||||m 00|y|",), Material.THESIS, Carrier.PRINT),
        ("00000nam  2200000   450 ", ("328 #0 $a Thèse",), Material.THESIS, Carrier.PRINT),
        (
            "00000nam  2200000   450 ",
            ("328 #0 $a Thèse", "010 ## $a 978-2-07-040922-8"),
            Material.BOOK,
            Carrier.PRINT,
        ),
        ("00000nam  2200000   450 ", ("106 ## $a f",), Material.BOOK, Carrier.BRAILLE),
        ("00000nam  2200000   450 ", ("106 ## $a s",), Material.BOOK, Carrier.ONLINE),
        ("00000nam  2200000   450 ", ("130 ## $a be",), Material.BOOK, Carrier.MICROFORM),
        (
            "00000nam  2200000   450 ",
            ("200 1# $a x $b Ressource électronique",),
            Material.BOOK,
            Carrier.ONLINE,
        ),
        ("00000nam  2200000   450 ", ("215 ## $a 1 disque optique (CD-ROM)",), Material.BOOK, Carrier.DISC),
    ],
)
def test_form(leader: str, lines: tuple[str, ...], material: Material, carrier: Carrier) -> None:
    found = bib(*lines, leader=leader)
    assert (found.material, found.carrier) == (material, carrier)


def test_identifiers() -> None:
    found = bib(
        "010 ## $a 2070409228 $b br. $d 9 EUR $z 2070369994",
        "010 ## $d 12 EUR",
        "010 ## $a 978-2-07-040922-9",
        "011 ## $a 1258-0449 $y 0866-7349",
        "013 ## $a 9790230671187",
        "020 ## $a FR $b 01139017",
        "021 ## $a VN $b LC-2024-1",
        "035 ## $a (OCoLC)12345",
        "071 01 $a 422 293 $b Philips",
        "073 #0 $a 9782070409228",
        "073 #0 $a 3259190334823",
        "022 ## $a FR $a A-12",
        "017 70 $a 10.1000/182 $2 doi",
    )
    assert [(one.scheme, one.value, one.valid) for one in found.identifiers] == [
        ("isbn", "9782070409228", True),
        ("isbn", "9782070369997", False),
        ("isbn", "9782070409229", False),
        ("issn", "1258-0449", True),
        ("issn", "0866-7349", False),
        ("ismn", "9790230671187", True),
        ("report", "A-12", True),
        ("doi", "10.1000/182", True),
        ("nbn", "01139017", True),
        ("nbn", "LC-2024-1", True),
        ("oclc", "12345", True),
        ("publisher", "422 293", True),
        ("ean", "3259190334823", True),
    ]
    assert found.identifiers[0].qualifier == "br."
    assert found.flags == ("isbn-invalid",)


def test_subjects_and_classes() -> None:
    found = bib(
        "600 #1 $3 1 $a Beauvoir $b Simone de $f 1908-1986 $3 2 $x Et le féminisme $2 rameau",
        "600 #0 $a Nguyễn Du $t Truyện Kiều",
        "601 02 $a Viện Văn học $b Ban Hán Nôm",
        "606 ## $a Roman $y France $z 19e siècle $x Histoire et critique",
        "607 ## $a Huế (Việt Nam)",
        "608 ## $a Thèses",
        "610 0# $a thư viện; đọc sách $a văn hoá",
        "620 ## $a Việt Nam $d Hà Nội",
        "675 ## $a 025.3 $v 1",
        "676 ## $a 843.709 2 $v 23",
        "680 ## $a PQ2288",
        "686 ## $a 84.4 $2 BBK",
        "686 ## $a 805 $2 Cadre",
    )
    assert found.subjects == (
        Subject("Beauvoir, Simone de (1908-1986) -- Et le féminisme", SubjectKind.NAME, "rameau"),
        Subject("Nguyễn Du Truyện Kiều", SubjectKind.WORK),
        Subject("Viện Văn học. Ban Hán Nôm", SubjectKind.NAME),
        Subject("Roman -- France -- 19e siècle -- Histoire et critique"),
        Subject("Huế (Việt Nam)", SubjectKind.PLACE),
        Subject("Thèses", SubjectKind.GENRE),
        Subject("thư viện", SubjectKind.KEYWORD),
        Subject("đọc sách", SubjectKind.KEYWORD),
        Subject("văn hoá", SubjectKind.KEYWORD),
        Subject("Việt Nam -- Hà Nội", SubjectKind.PLACE),
    )
    assert found.classifications == (
        Classification("udc", "025.3", "1"),
        Classification("ddc", "843.7092", "23"),
        Classification("lcc", "PQ2288"),
        Classification("bbk", "84.4", "BBK"),
        Classification("local", "805", "Cadre"),
    )


def test_notes_of_staff_and_copies_are_not_read() -> None:
    found = bib(
        "300 ## $a Index",
        "316 ## $a Exemplaire de la réserve",
        "317 ## $a Ex-libris",
        "318 ## $a relié par le personnel",
        "327 1# $a I $a II",
        "330 ## $a Tóm tắt",
        "345 ## $a don",
    )
    assert found.notes == (
        Note("Index"),
        Note("I II", NoteKind.CONTENTS),
        Note("Tóm tắt", NoteKind.SUMMARY),
    )


def test_other_scripts_are_kept_apart() -> None:
    found = bib(
        "200 1# $6 a01 $7 ba $a Kitāb $f Zawānī",
        "200 1# $6 a01 $7 fa $a كتاب",
        "210 ## $6 a02 $7 ba $a Alger $d 2012",
        "210 ## $6 a02 $7 fa $a الجزائر",
    )
    assert found.title.main == "Kitāb"
    assert found.alternates == (
        Alternate("245", 1, "كتاب", "Arab"),
        Alternate("260", 2, "الجزائر", "Arab"),
    )
    assert len(found.imprints) == 1


def test_holdings_of_995() -> None:
    found = read(
        "995 ## $b TVQ1 $c TVQ1 $e Kho A $f 0001 $k 843 H $2 1",
        "995 ## $b TVQ1 $e Kho A $f 0002 $k 843 H $n 2024-05-01",
        profile=replace(UNIMARC, branches=(("tvq1", "q1"),)),
    ).holdings
    assert found == (
        Holding("q1", "Kho A", "843 H", ("0001",), status="lost"),
        Holding("q1", "Kho A", "843 H", ("0002",), status="on-loan"),
    )


def test_holdings_of_930_and_915() -> None:
    found = read(
        "930 ## $5 751302101:12 $b 751302101 $a 8 Z 1 $c Magasin",
        "930 ## $5 751052105:13 $b 751052105 $a B 2",
        "930 ## $5 FR-751131010:2011-166555",
        "915 ## $5 751302101:12 $a INV1 $b 0000111",
        "915 ## $5 751302101:12 $a INV2",
    ).holdings
    assert found == (
        Holding(None, "Magasin", "8 Z 1", ("0000111", "INV2"), 2),
        Holding(None, "751052105", "B 2"),
        Holding(None, "FR-751131010", "2011-166555"),
    )


def test_what_the_name_says_is_not_believed() -> None:
    assert normalise(to_marcxml(marc("245 00 $a Trăm năm")), "unimarc", UNIMARC).bib is not None
    assert normalise(to_marcxml(marc("200 1# $a Trăm năm")), "marc21", PROFILES["marc21"]).bib is not None
    lacking = normalise(to_marcxml(marc("210 ## $d 1999")), "unimarc", UNIMARC)
    assert [problem.code for problem in lacking.problems] == ["title-missing"]


def test_title_from_another_field() -> None:
    result = normalise(to_marcxml(marc("517 0# $a Nhan đề khác", "210 ## $d 1999")), "unimarc", UNIMARC)
    assert result.bib is not None
    assert (result.bib.title.main, result.bib.flags) == ("Nhan đề khác", ("title-from-other-field",))


def test_identifier_is_kept_once() -> None:
    found = bib("010 ## $a 9782070409228 $b br.", "073 #0 $a 9782070409228")
    assert found.identifiers == (Identifier("isbn", "9782070409228", "br."),)
