"""Decisions on batches: enough evidence decides, mixed batches are left alone and named, good text stays."""

import pytest

from tests.bench import encodings as bench
from tests.bench.batches import sound
from tests.support.data import needs_data
from unioncat.text.encodings import decide, encode, repair, restore

GOOD = [
    "Giáo trình lịch sử Đảng Cộng sản Việt Nam",
    "Cơ sở văn hóa Việt Nam / Trần Quốc Vượng chủ biên",
    "Kỹ thuật điện tử: dùng cho sinh viên các trường đại học",
    "Những vấn đề về kinh tế nông nghiệp ở đồng bằng sông Cửu Long",
    "Truyện ngắn chọn lọc",
    "Luật xây dựng và các nghị định hướng dẫn thi hành",
]
WESTERN = [
    "Les misérables: édition intégrale, préfacée et annotée",
    "Précis de géométrie élémentaire à l'usage des élèves",
    "Über die Brücke: Erzählungen für größere Kinder",
    "Historia económica de España en los siglos XIX y XX",
    "À la recherche du temps perdu: du côté de chez Swann",
    "Færøerne før og nå: bøker på norsk",
]
BYTES = ("tcvn3", "tcvn5712", "vni", "viscii", "vps", "cp1258", "marc-8")
TEXTS = ("tcvn3", "vni", "viscii", "vps", "cp1258", "marc-8", "utf-8-twice", "viqr")


@pytest.mark.parametrize("encoding", TEXTS)
def test_text_that_was_taken_for_western(encoding: str) -> None:
    samples = [restore(title, encoding) for title in GOOD]
    decision = decide(samples)
    assert decision.encoding == encoding
    assert decision.confidence > 0.6
    assert [repair(sample, encoding) for sample in samples] == GOOD
    assert (samples[0], GOOD[0]) in decision.examples
    assert not decision.mixed


@pytest.mark.parametrize("encoding", BYTES)
def test_bytes(encoding: str) -> None:
    decision = decide([encode(title, encoding) for title in GOOD])
    assert decision.encoding == ("tcvn3" if encoding == "tcvn5712" else encoding)


def test_toned_capitals_tell_the_standard_from_the_fonts() -> None:
    samples = [encode(title, "tcvn5712") for title in (*GOOD, "ĐỒNG BẰNG SÔNG CỬU LONG", "KỸ THUẬT ĐIỆN")]
    assert decide(samples).encoding == "tcvn5712"


@pytest.mark.parametrize(
    "samples",
    [
        GOOD,
        WESTERN,
        [*GOOD, *WESTERN],
        ["Война и мир", "Преступление и наказание", "紅樓夢", "三國演義"],
        ["plain ASCII", "C++ primer (2nd ed.)", "don't, you're, I'm", "Who is who? A. B. Smith"],
        [],
        ["", " "],
        ["« À propos » – 20 °C, 3 × 4 ½, ® ™ © § 5, µm, ¹ ² ³", "“dấu” – ngoặc…"],
        ["HIØ", "HIØ/HALD", "BØ", "BØ Mat", "HIØ", "HIØ"],
    ],
    ids=["good", "western", "both", "other-scripts", "ascii", "nothing", "empty", "signs", "codes"],
)
def test_sound_text_is_left_alone(samples: list[str]) -> None:
    decision = decide(samples)
    assert decision.encoding == "utf-8"
    assert not decision.strange
    assert not decision.mixed
    octets = decide([sample.encode() for sample in samples])
    assert octets.encoding == "utf-8"


def test_western_bytes_are_western() -> None:
    assert decide([title.encode("cp1252") for title in WESTERN]).encoding == "cp1252"


def test_bytes_that_fit_nothing_are_unknown() -> None:
    decision = decide([text.encode("gb18030") for text in ("紅樓夢第一回", "三國演義卷之一", "水滸傳全集")])
    assert decision.encoding is None
    assert decision.confidence == 0
    assert len(decision.strange) == 3


def test_decomposed_text() -> None:
    assert decide([restore(title, "nfd") for title in GOOD]).encoding == "nfd"


def test_three_words_do_not_decide() -> None:
    assert decide(["TruyÖn KiÒu", "NguyÔn Du"]).encoding == "utf-8"


def test_remains_in_a_good_file_are_named_and_nothing_is_changed() -> None:
    samples = [*GOOD * 10, restore(GOOD[3], "vni"), *GOOD * 10, restore(GOOD[1], "tcvn3")]
    decision = decide(samples)
    assert decision.encoding == "utf-8"
    assert not decision.mixed
    assert [(one.position, one.encoding, one.after) for one in decision.strange] == [
        (60, "vni", GOOD[3]),
        (121, "tcvn3", GOOD[1]),
    ]


def test_a_mixed_batch_is_left_alone() -> None:
    decision = decide([*GOOD, *(restore(title, "vni") for title in GOOD)])
    assert decision.encoding == "utf-8"
    assert decision.mixed
    assert [one.position for one in decision.strange if one.encoding == "vni"] == [6, 7, 8, 9, 10, 11]


def test_later_unicode_records_in_an_old_file_are_named_and_stay() -> None:
    old = [restore(title, "tcvn3") for title in GOOD * 10]
    decision = decide([*old, GOOD[0]])
    assert decision.encoding == "tcvn3"
    assert [(one.position, one.encoding) for one in decision.strange] == [(60, "utf-8")]
    assert repair(GOOD[0], "tcvn3") == GOOD[0]


def test_a_few_old_words_do_not_make_a_russian_file_old() -> None:
    russian = ["Преступление и наказание", "Собрание сочинений"] * 20
    decision = decide([*russian, restore(GOOD[0], "tcvn3")])
    assert decision.encoding == "utf-8"


def test_a_damaged_letter_does_not_make_utf8_another_encoding() -> None:
    samples = [title.encode() for title in GOOD] * 10
    decision = decide([*samples, GOOD[0].encode()[:-3] + b"\xe1"])
    assert decision.encoding == "utf-8"


@needs_data
def test_every_document_of_the_corpus_is_told_and_read() -> None:
    rows = bench.documents()
    assert len(rows) == 26
    assert [row["document"] for row in rows if row["decided"] != row["right"]] == []
    assert sum(row["words right"] for row in rows) >= 0.998 * sum(row["words"] for row in rows)
    assert sum(row["words wrong"] for row in rows) <= 25


@needs_data
def test_titles_are_told_by_the_file_and_by_five() -> None:
    for row in bench.shares(draws=20):
        assert row["whole"] == row["right"], row["batch"]
        assert row["text right"] >= 498, row["batch"]
        assert row["5 right"] >= 19, row["batch"]


@needs_data
def test_no_sound_set_is_changed() -> None:
    for name, right, every in sound(large=False):
        samples = every[:: len(every) // 5000 + 1]
        decision = decide(samples)
        assert str(decision.encoding).lower() in right.split(), name
        if "bachkhoa" not in name and right.startswith("utf-8 "):
            assert not decision.strange, name
