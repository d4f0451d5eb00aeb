"""Every trap of old encodings by name: what must come right, what must stay, what must go back."""

import pytest

from unioncat.text.encodings import ENCODINGS, UnknownEncoding, decode, encode, repair, restore

RIGHT = [
    ("tcvn3", "Khæ mÉu MARC 21 cho d÷ liÖu th− môc", "Khổ mẫu MARC 21 cho dữ liệu thư mục"),
    ("tcvn3", "TruyÖn KiÒu", "Truyện Kiều"),
    ("tcvn3", "§¹i häc Quèc gia Hµ Néi", "Đại học Quốc gia Hà Nội"),
    ("tcvn3", "Tr\xad\xeang §¹i häc", "Trường Đại học"),
    ("vni", "Tieáng Vieät coù 29 chöõ caùi", "Tiếng Việt có 29 chữ cái"),
    ("vni", "Ñaïi hoïc Quoác gia Haø Noäi", "Đại học Quốc gia Hà Nội"),
    ("vni", "Truyeän Kieàu", "Truyện Kiều"),
    ("vni", "Phaàn 1: töø chöông 1 - 6", "Phần 1: từ chương 1 - 6"),
    ("vni", "Hoaøng Vaên Thuï, Nguyeãn Thò Ñònh", "Hoàng Văn Thụ, Nguyễn Thị Định"),
    ("vni", "Kyõ thuaät loø xo, chaïy thöû, kyû luaät, heát", "Kỹ thuật lò xo, chạy thử, kỷ luật, hết"),
    ("utf-8-twice", "Thiáº¿u tham sá»‘", "Thiếu tham số"),
    ("utf-8-twice", "Thiáº¿u tham sá»\x91", "Thiếu tham số"),
    ("viqr", "Vie^.t Nam dda^'t nu+o+'c ngu+o+`i", "Việt Nam đất nước người"),
    ("viscii", "Ð\xd5i h÷c Qu¯c gia Hà Nµi", "Đại học Quốc gia Hà Nội"),
    ("cp1258", "Ðaòi hoòc Quôìc gia Hà Nôòi", "Đại học Quốc gia Hà Nội"),
    ("marc-8", "³òai hòoc Quâãoc gia Háa Nãòoi", "đại học Quốc gia Hà Nội"),
    ("nfd", "Nguye\u0302\u0303n Vie\u0323\u0302t, Vie\u0302\u0323t, e\u0301\u0302", "Nguyễn Việt, Việt, ế"),
]


@pytest.mark.parametrize(("encoding", "before", "after"), RIGHT)
def test_comes_right(encoding: str, before: str, after: str) -> None:
    assert repair(before, encoding) == after
    assert repair(restore(after, encoding), encoding) == after


@pytest.mark.parametrize(
    "text",
    [
        "Dế Mèn phiêu lưu ký",
        "Truyện Kiều",
        "Nhà giả kim",
        "Những người khốn khổ; Đắk Lắk; Ô châu cận lục",
        "Giáo trình triết học Mác - Lênin",
        "Toán cao cấp",
        "",
        "plain ASCII, 1990",
        "Война и мир",
        "紅樓夢",
    ],
)
@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if name != "viqr"])
def test_good_text_stays_even_in_a_file_of_an_old_encoding(text: str, encoding: str) -> None:
    assert repair(text, encoding) == text


@pytest.mark.parametrize(
    "text",
    ["Gabriel García Márquez", "Antoine de Saint-Exupéry", "Über die Brücke", "Les Misérables", "Dvořák"],
)
def test_western_text_is_no_utf8_encoded_twice(text: str) -> None:
    assert repair(text, "utf-8-twice") == text
    assert repair(text, "nfd") == text


def test_capitals_of_tcvn3_are_given_back_by_the_words_around() -> None:
    assert repair("TRUYÖN KIÒU", "tcvn3") == "TRUYỆN KIỀU"
    assert repair("TUYÓN TËP §Ò THI", "tcvn3") == "TUYỂN TẬP ĐỀ THI"
    assert repair("A¸o dµi", "tcvn3") == "Áo dài"
    assert repair("§Ò thi TO¸N", "tcvn3") == "Đề thi TOÁN"


def test_capitals_of_tcvn3_are_not_guessed_from_abbreviations() -> None:
    assert repair("Së GD&§T", "tcvn3") == "Sở GD&ĐT"
    assert repair("Bé Y tÕ", "tcvn3") == "Bộ Y tế"
    assert repair("ñy ban", "tcvn3") == "ủy ban"


def test_a_hyphen_for_the_horn_of_tcvn3() -> None:
    assert repair("tr-êng th- viÖn, ng-êi, -íc m¬", "tcvn3") == "trường thư viện, người, ước mơ"
    assert repair("M¸c-Lªnin, chÊt l-îng, 1-2, A-B", "tcvn3") == "Mác-Lênin, chất lượng, 1-2, A-B"


def test_three_layers_and_one() -> None:
    text = "Đường vào “Nus” – học"
    once = restore(text, "utf-8-twice")
    assert repair(once, "utf-8-twice") == text
    assert repair(restore(once, "utf-8-twice"), "utf-8-twice") == text
    assert repair(restore(restore(once, "utf-8-twice"), "utf-8-twice"), "utf-8-twice") == text


def test_an_old_text_that_was_decomposed_on_its_way() -> None:
    assert repair("Pha\u0061\u0300n 1: chu\u031bo\u031bng", "vni") == "Phần 1: chương"


def test_bytes() -> None:
    assert decode(b"H\xb5 N\xe9i", "tcvn3") == "Hà Nội"
    assert decode("Hµ Néi".encode(), "tcvn3") == "Hà Nội"
    assert decode("Hà Nội".encode(), "tcvn3") == "Hà Nội"
    assert decode(b"H\xe0 N\xb5i", "viscii") == "Hà Nội"
    assert encode("Hà Nội", "viscii") == b"H\xe0 N\xb5i"
    assert encode("Hà Nội", "utf-8") == "Hà Nội".encode()
    with pytest.raises(UnicodeEncodeError):
        encode("紅", "viscii")


def test_signs_that_are_no_letters_stay() -> None:
    assert decode(b"\x93H\xb5 N\xe9i\x94 \x96 1", "tcvn3") == "“Hà Nội” – 1"


def test_a_wrong_name_says_which_are_right() -> None:
    with pytest.raises(UnknownEncoding, match="abc") as caught:
        repair("text", "abc")
    assert "tcvn3" in caught.value.remedy
