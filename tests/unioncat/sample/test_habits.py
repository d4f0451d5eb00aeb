"""Every habit by its name: it occurs, and it shows in the payloads that claim it."""

import re
import unicodedata
from collections import Counter

import pytest
from lxml import etree

from unioncat.sample import habits
from unioncat.sample.editions import Person
from unioncat.sample.generate import edition_of, records
from unioncat.sample.habits import Habit

LIVE = [record for record in records() if not record.deleted]
OLD = re.compile(r"(òa|óa|ỏa|õa|ọa|òe|óe|ỏe|ùy|úy|ủy|ũy|ụy)\b")
NEW = re.compile(r"(oà|oá|oả|oã|oạ|oè|oé|oẻ|uỳ|uý|uỷ|uỹ|uỵ)\b")

TWICE = {
    place for place, count in Counter((r.member, r.edition_key) for r in records()).items() if count == 2
}


def texts(record, tag=None, codes=None):
    """Values of a MARC record's subfields, or all texts of a Dublin Core record."""
    tree = etree.fromstring(record.payload)
    return [
        each.text or ""
        for each in tree.iter()
        if not len(each)
        and (tag is None or each.getparent().get("tag") == tag)
        and (codes is None or each.get("code") in codes)
    ]


def title(record):
    found = texts(record, "245", "a")
    tree = etree.fromstring(record.payload)
    return found[0] if found else tree.findtext("{http://purl.org/dc/elements/1.1/}title")


def headings(record):
    tree = etree.fromstring(record.payload)
    dc = "{http://purl.org/dc/elements/1.1/}"
    named = [each.text for name in ("creator", "contributor") for each in tree.iter(dc + name)]
    return (
        texts(record, "100", "a")
        + texts(record, "700", "a")
        + [name for name in named if name != edition(record).body]
    )


def whole(record):
    return " ".join(texts(record))


edition = edition_of


SHOWS = {
    Habit.NAME_DIRECT: lambda r: (
        sum("," in name for name in headings(r)) == sum("," in p.name for p in edition(r).people)
    ),
    Habit.NAME_COMMA: lambda r: ", " in whole(r),
    Habit.ROLE_SUBFIELD: lambda r: (
        bool(texts(r, "100", "e") + texts(r, "700", "e")) or "dc:" in r.payload.decode()
    ),
    Habit.ROLE_BRACKETS: lambda r: re.search(
        r"\((ch\.b\.|dịch|s\.t\.|thể hiện)\)", "".join(texts(r, "100") + texts(r, "700"))
    ),
    Habit.TONE_OLD: lambda r: OLD.search(whole(r)) or "capitals" in r.habits,
    Habit.TONE_NEW: lambda r: NEW.search(whole(r)),
    Habit.I_FOR_Y: lambda r: re.search(r"\b([hklmst]|qu)[iíìỉĩị]\b", whole(r), re.IGNORECASE),
    Habit.DECOMPOSED: lambda r: not unicodedata.is_normalized("NFC", r.payload.decode()),
    Habit.OI_SLIP: lambda r: "ƣ" in title(r).lower(),
    Habit.ETH_SLIP: lambda r: "Ð" in title(r),
    Habit.NBSP: lambda r: "\xa0" in title(r),
    Habit.CAPITALS: lambda r: title(r) == title(r).upper(),
    Habit.PAGES_TR: lambda r: re.search(r"\d tr\.", whole(r)),
    Habit.PAGES_P: lambda r: re.search(r"\d p\.", whole(r)),
    Habit.PAGES_TRANG: lambda r: re.search(r"\d trang", whole(r)),
    Habit.PUBLISHER_BARE: lambda r: not re.search(r"nxb|nhà xuất bản", whole(r).lower()),
    Habit.PUBLISHER_NXB: lambda r: re.search(r"Nxb\. |NXB ", whole(r)),
    Habit.PUBLISHER_WORD: lambda r: "Nhà xuất bản " in unicodedata.normalize("NFC", whole(r)),
    Habit.PUBLISHER_RENAMED: lambda r: (
        edition(r).publisher not in [text.strip(" ,") for text in texts(r, "260", "b")]
    ),
    Habit.PARTNER_DROPPED: lambda r: edition(r).partner and edition(r).partner not in whole(r),
    Habit.PLACE_SHORT: lambda r: texts(r, "260", "a")[0] in ("H. :", "TP.HCM :"),
    Habit.PLACE_FULL: lambda r: texts(r, "260", "a")[0] not in ("H. :", "TP.HCM :"),
    Habit.ISBN_MISSING: lambda r: edition(r).isbns and "978" not in "".join(texts(r, "020")),
    Habit.ISBN_HYPHENS: lambda r: any(re.fullmatch(r"978(-\d+){4}", isbn) for isbn in texts(r, "020", "a")),
    Habit.ISBN_PRICE: lambda r: texts(r, "020", "c")[0].endswith("000đ"),
    Habit.VOLUME_N: lambda r: texts(r, "245", "n"),
    Habit.VOLUME_B: lambda r: re.search(r"[TQ]\.\d", texts(r, "245", "b")[0]),
    Habit.VOLUME_A: lambda r: re.search(r"[TQ]\.\d", title(r)),
    Habit.VOLUME_SERIES: lambda r: re.search(r"[TQ]\.\d", texts(r, "490", "v")[0]),
    Habit.HOLDINGS_852: lambda r: texts(r, "852", "a"),
    Habit.HOLDINGS_952: lambda r: texts(r, "952", "p"),
    Habit.HAN_NOM: lambda r: re.search(r"[\u4e00-\u9fff]", "".join(texts(r, "880", "a"))),
    Habit.STAFF_BY_FUNCTION: lambda r: texts(r, "911", "a") == ["Cán bộ biên mục"],
    Habit.DUPLICATE: lambda r: (r.member, r.edition_key) in TWICE,
    Habit.WRONG_ISBN: lambda r: len(texts(r, "020", "a")) == 2,
}


@pytest.mark.parametrize("habit", list(Habit))
def test_habit_occurs_and_shows(habit):
    claimed = [record for record in LIVE if habit in record.habits]
    assert claimed
    assert all(SHOWS[habit](record) for record in claimed)


def test_names_are_written_in_both_orders():
    names = {text for record in LIVE for tag in ("100", "700") for text in texts(record, tag, "a")}
    assert {"Nguyễn Nhật Ánh", "Nguyễn, Nhật Ánh"} <= {unicodedata.normalize("NFC", name) for name in names}


def test_one_publisher_has_many_forms():
    forms = {text.strip(" ,") for record in LIVE for text in texts(record, "260", "b")}
    assert {"Trẻ", "Nxb. Trẻ", "NXB Trẻ", "Nhà xuất bản Trẻ"} <= forms


def test_staff_fields_hold_functions_only():
    found = {text for record in LIVE for tag in ("911", "912") for text in texts(record, tag)}
    assert found == {"Cán bộ biên mục", "Cán bộ hiệu đính"}


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (habits.tones_new, "hòa thủy khỏe quý của Hoàng", "hoà thuỷ khoẻ quý của Hoàng"),
        (habits.tones_old, "hoà thuỷ khoẻ Quý quỳ hoàng", "hòa thủy khỏe Quý quỳ hoàng"),
        (habits.i_for_y, "kỹ thuật Lý Quý ly tay thúy ký sỹ", "kĩ thuật Lí Quí li tay thúy kí sĩ"),
        (habits.oi_slip, "đất rừng phương Nam", "đất rừng phƣơng Nam"),
        (habits.eth_slip, "Đất đỏ", "Ðất đỏ"),
        (habits.nbsp, "một hai ba", "một\xa0hai ba"),
        (habits.decomposed, "ặ", "a\u0323\u0306"),
        (habits.renamed, "Phụ nữ", "Phụ nữ Việt Nam"),
        (habits.renamed, "Trẻ", "Trẻ"),
    ],
)
def test_changes_of_text(change, before, after):
    assert change(before) == after


@pytest.mark.parametrize(
    ("person", "written"),
    [
        (Person("Nguyễn Nhật Ánh"), "Nguyễn, Nhật Ánh"),
        (Person("Plato"), "Plato"),
        (Person("Farrow, Dave"), "Farrow, Dave"),
        (Person("Gabriel García Márquez", None, True), "García Márquez, Gabriel"),
        (Person("Antoine de Saint-Exupéry", None, True), "Saint-Exupéry, Antoine de"),
    ],
)
def test_comma_names(person, written):
    assert habits.comma_name(person) == written


@pytest.mark.parametrize("pattern", range(6))
def test_hyphens_leave_the_number(pattern):
    written = habits.hyphenated("9786042189606", pattern)
    assert written.count("-") == 4
    assert written.replace("-", "") == "9786042189606"
