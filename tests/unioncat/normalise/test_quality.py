"""What a cataloguer should mend is named; nothing else is."""

from dataclasses import replace

import pytest

from unioncat.domain.bib import (
    Agent,
    BibRecord,
    Classification,
    Extent,
    Holding,
    Identifier,
    Imprint,
    Material,
    Subject,
    Title,
)
from unioncat.domain.quality import MISSING, group_of
from unioncat.normalise.quality import findings

WHOLE = BibRecord(
    title=Title("Đất rừng phương Nam"),
    agents=(Agent("Đoàn Giỏi"),),
    imprints=(Imprint(("Hà Nội",), ("Kim Đồng",), "2019"),),
    year=2019,
    extent=Extent("303 tr."),
    identifiers=(Identifier("isbn", "9786042116534"),),
    subjects=(Subject("Văn học thiếu nhi"),),
    classifications=(Classification("ddc", "895.92233"),),
    languages=("vie",),
)


def changed(**fields: object) -> BibRecord:
    return replace(WHOLE, **fields)  # type: ignore[arg-type]


def test_a_whole_record_has_nothing_to_mend() -> None:
    assert findings(WHOLE) == ()
    assert findings(WHOLE, (Holding(shelf_mark="895.9 Đ123R"),)) == ()


@pytest.mark.parametrize(
    ("field", "value", "finding"),
    [
        ("agents", (), "no-agent"),
        ("imprints", (Imprint(("Hà Nội",), (), "2019"),), "no-publisher"),
        ("imprints", (Imprint((), ("Kim Đồng",), "2019"),), "no-place"),
        ("year", None, "no-year"),
        ("extent", None, "no-extent"),
        ("languages", (), "no-language"),
        ("subjects", (), "no-subject"),
        ("classifications", (), "no-class"),
        ("identifiers", (), "no-isbn"),
        ("identifiers", (Identifier("isbn", "9786042116530", valid=False),), "isbn-invalid"),
    ],
)
def test_what_is_missing_is_named(field: str, value: object, finding: str) -> None:
    assert findings(changed(**{field: value})) == (finding,)


def test_what_need_not_be_there_is_not_missed() -> None:
    assert findings(changed(identifiers=(), year=1975)) == ()
    assert findings(changed(identifiers=(), material=Material.THESIS, imprints=(Imprint(("Huế",)),))) == ()
    assert findings(changed(agents=(), extent=None, identifiers=(), material=Material.SERIAL)) == ()
    assert findings(changed(), (Holding(),)) == ("no-shelf-mark",)


def test_flags_for_people_are_findings_and_those_of_the_machine_are_not() -> None:
    both = changed(flags=("encoding-invalid", "agents-divided", "isbn-invalid"), identifiers=())
    assert findings(both) == ("encoding-invalid", "isbn-invalid")


def test_every_finding_has_a_group() -> None:
    assert {group_of(one) for one in MISSING} == {"missing"}
    others = {
        "isbn-invalid": "numbers",
        "encoding-x": "encoding",
        "duplicate": "duplicates",
        "unreadable": "unreadable",
        "year-doubted": "other",
    }
    assert {one: group_of(one) for one in others} == others
