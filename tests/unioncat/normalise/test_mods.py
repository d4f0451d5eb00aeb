"""MODS: what stands in a whole record is held by its golden case; here are its odd forms."""

import pytest

from unioncat.domain.bib import (
    Agent,
    AgentKind,
    BibRecord,
    Carrier,
    Extent,
    Holding,
    Identifier,
    Imprint,
    Material,
    Normalised,
    Series,
    Subject,
    SubjectKind,
    TitleKind,
)
from unioncat.normalise import PROFILES, normalise

NAMESPACE = 'xmlns="http://www.loc.gov/mods/v3"'
TITLE = "<titleInfo><title>Nhan đề</title></titleInfo>"


def read(inside: str, wrap: str = "{}") -> Normalised:
    payload = wrap.format(f"<mods {NAMESPACE}>{inside}</mods>")
    return normalise(payload.encode(), "mods", PROFILES["marc21"])


def bib(inside: str, title: str = TITLE) -> BibRecord:
    found = read(title + inside).bib
    assert found is not None
    return found


def test_collection_and_prefix() -> None:
    assert read(TITLE, f"<modsCollection {NAMESPACE}>{{}}</modsCollection>").bib is not None
    prefixed = '<m:mods xmlns:m="http://www.loc.gov/mods/v3"><m:titleInfo><m:title>A</m:title></m:titleInfo></m:mods>'
    assert normalise(prefixed.encode(), "mods", PROFILES["marc21"]).bib is not None


@pytest.mark.parametrize("inside", ["", "<titleInfo/>", "<titleInfo><title> </title></titleInfo>"])
def test_without_title(inside: str) -> None:
    assert [problem.code for problem in read(inside).problems] == ["title-missing"]


def test_titles() -> None:
    found = bib(
        '<titleInfo type="uniform"><title>Đoạn trường tân thanh</title></titleInfo>'
        "<titleInfo><title>The tale of Kieu</title></titleInfo>",
        "<titleInfo><nonSort>L'</nonSort><title>assommoir</title><partNumber>2</partNumber>"
        "<partName>Fin</partName></titleInfo>",
    )
    assert (found.title.main, found.title.nonfiling, found.title.parts[0].number) == ("L'assommoir", 2, "2")
    assert [(one.main, one.kind) for one in found.other_titles] == [
        ("Đoạn trường tân thanh", TitleKind.UNIFORM),
        ("The tale of Kieu", TitleKind.PARALLEL),
    ]
    only = read('<titleInfo type="alternative"><title>Khác</title></titleInfo>').bib
    assert only is not None
    assert only.title.main == "Khác"


def test_names() -> None:
    found = bib(
        '<name type="personal"><namePart type="family">Hugo</namePart>'
        '<namePart type="given">Victor</namePart>'
        '<role><roleTerm type="text">author</roleTerm></role></name>'
        "<name><namePart>Nguyễn Du (ch.b.)</namePart></name>"
        '<name type="conference"><namePart>Hội nghị.</namePart><namePart>Lần 2</namePart></name>'
        "<name><displayForm>Tô Hoài</displayForm></name><name/>"
    )
    assert found.agents == (
        Agent("Hugo, Victor", roles=("aut",), main=True),
        Agent("Nguyễn Du", roles=("edt",)),
        Agent("Hội nghị. Lần 2", AgentKind.MEETING),
        Agent("Tô Hoài"),
    )


@pytest.mark.parametrize(
    ("dates", "years", "date"),
    [
        ("<dateIssued>2001</dateIssued>", (2001, None), "2001"),
        ('<dateIssued encoding="w3cdtf">2001-05-02</dateIssued>', (2001, None), "2001-05-02"),
        (
            '<dateIssued encoding="marc" point="start">1960</dateIssued>'
            '<dateIssued encoding="marc" point="end">1975</dateIssued>',
            (1960, 1975),
            "1960",
        ),
        ('<dateIssued encoding="marc">1999</dateIssued><dateIssued>2001</dateIssued>', (2001, None), "2001"),
        ("<dateIssued>k.n.</dateIssued>", (None, None), None),
        ('<copyrightDate encoding="marc">2003</copyrightDate>', (2003, None), None),
    ],
)
def test_dates(dates: str, years: tuple[int | None, ...], date: str | None) -> None:
    found = bib(f"<originInfo>{dates}</originInfo>")
    assert (found.year, found.year_end) == years
    assert found.imprints == ((Imprint((), (), date),) if date else ())


@pytest.mark.parametrize(
    ("inside", "material", "carrier"),
    [
        ("<typeOfResource>text</typeOfResource>", Material.BOOK, Carrier.PRINT),
        ('<typeOfResource manuscript="yes">text</typeOfResource>', Material.MANUSCRIPT, Carrier.PRINT),
        (
            "<typeOfResource>text</typeOfResource><originInfo><issuance>serial</issuance></originInfo>",
            Material.SERIAL,
            Carrier.PRINT,
        ),
        (
            "<typeOfResource>text</typeOfResource><relatedItem type='host'/>",
            Material.ARTICLE,
            Carrier.PRINT,
        ),
        ("<genre>Luận văn thạc sĩ</genre>", Material.THESIS, Carrier.PRINT),
        ("<typeOfResource>sound recording-musical</typeOfResource>", Material.MUSIC, Carrier.DISC),
        (
            "<typeOfResource>text</typeOfResource><physicalDescription><form>electronic</form>"
            "</physicalDescription>",
            Material.BOOK,
            Carrier.ONLINE,
        ),
        (
            "<typeOfResource>text</typeOfResource><physicalDescription><form>microfilm</form>"
            "</physicalDescription>",
            Material.BOOK,
            Carrier.MICROFORM,
        ),
    ],
)
def test_form(inside: str, material: Material, carrier: Carrier) -> None:
    found = bib(inside)
    assert (found.material, found.carrier) == (material, carrier)


def test_identifiers() -> None:
    found = bib(
        '<identifier type="isbn">978-2-07-040922-8 (br.)</identifier><identifier type="issn">1258-0449'
        '</identifier><identifier type="doi">10.1000/182</identifier><identifier type="hdl">10251/4711'
        '</identifier><identifier type="uri">urn:nbn:vn:1</identifier><identifier type="local">a-1'
        '</identifier><identifier type="oclc">12345</identifier><identifier type="isbn">123</identifier>'
        '<identifier type="lccn">85-2 </identifier>'
    )
    assert found.identifiers == (
        Identifier("isbn", "9782070409228", "br."),
        Identifier("issn", "1258-0449"),
        Identifier("doi", "10.1000/182"),
        Identifier("handle", "10251/4711"),
        Identifier("urn", "urn:nbn:vn:1"),
        Identifier("local", "a-1"),
        Identifier("oclc", "12345"),
        Identifier("lccn", "85000002"),
    )
    assert "isbn-malformed" in found.flags


def test_what_belongs_to_a_related_thing_is_not_the_things_own() -> None:
    found = bib(
        "<relatedItem type='host'><titleInfo><title>Tạp chí</title></titleInfo>"
        "<identifier type='issn'>1258-0449</identifier><identifier type='isbn'>9782070409228</identifier>"
        "<part><detail type='volume'><number>3</number></detail></part></relatedItem>"
        "<relatedItem type='original'><titleInfo><title>Original</title></titleInfo>"
        "<name><namePart>Hugo</namePart></name></relatedItem>"
    )
    assert found.series == (Series("Tạp chí", "3", "1258-0449"),)
    assert (found.identifiers, found.agents, found.other_titles) == ((), (), ())


def test_subjects_and_extent() -> None:
    found = bib(
        "<subject><hierarchicalGeographic><country>Việt Nam</country><city>Huế</city>"
        "</hierarchicalGeographic></subject>"
        "<subject><titleInfo><title>Truyện Kiều</title></titleInfo></subject><subject/>"
        "<physicalDescription><extent>391 tr. : hình vẽ ; 21 cm</extent></physicalDescription>"
    )
    assert found.subjects == (
        Subject("Việt Nam -- Huế", SubjectKind.PLACE),
        Subject("Truyện Kiều", SubjectKind.WORK),
    )
    assert found.extent == Extent("391 tr. : hình vẽ", 391, None, "21 cm")


def test_place_without_copies() -> None:
    found = read(TITLE + "<location><physicalLocation>Kho A</physicalLocation></location>").holdings
    assert found == (Holding(None, "Kho A"),)
