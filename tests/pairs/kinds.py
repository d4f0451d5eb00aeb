"""The kinds of positive pairs: how many of each, what differs in focus on both sides, and for which editions.

Whatever is not in focus is thrown for each side by itself, so most pairs differ in more than their kind says.
"""

from tests.pairs import positives as make
from tests.pairs.manner import FULL, System
from tests.pairs.pairs import WEIGHTED, Maker
from tests.pairs.positives import ONE, focus, numbered, reissued, translated

_COUNTED = (
    (
        30,
        focus(
            "tone-placement",
            "hoà/hòa: vị trí dấu thanh · tone mark on the other vowel",
            {"tones": "old"},
            {"tones": "new"},
            applies=make.has_tones,
        ),
    ),
    (
        30,
        focus("i-or-y", "kỹ/kĩ, lý/lí · i for y", {"iy": ""}, {"iy": "i"}, applies=make.has_y),
    ),
    (
        24,
        focus(
            "nfd",
            "Dấu tổ hợp rời (NFD) · decomposed letters on one side",
            {"decomposed": False, "residue": ""},
            {"decomposed": True},
        ),
    ),
    (
        32,
        focus(
            "letter-slip",
            "Ð, ð, ƣ, NBSP, dấu cách không độ rộng · look-alike letters and stray characters",
            {},
            make.slips,
            applies=lambda e: " " in e.title,
        ),
    ),
    (
        28,
        focus("capitals", "Nhan đề viết hoa toàn bộ · title in capitals on one side", {}, {"capitals": True}),
    ),
    (
        30,
        focus(
            "isbn-one-side",
            "Một bên không có ISBN · ISBN on one side only",
            {"isbn": "plain"},
            {"isbn": "none"},
            applies=lambda e: bool(e.isbns),
        ),
    ),
    (
        26,
        focus(
            "isbn-10-13",
            "ISBN 10 và ISBN 13 · the same number in two lengths",
            {"isbn": "plain"},
            {"isbn": "ten"},
            applies=lambda e: bool(e.isbns),
        ),
    ),
    (
        24,
        focus(
            "isbn-form",
            "ISBN có gạch nối, có giá bìa · hyphens, price and print run beside the number",
            {"isbn": "hyphens"},
            {"isbn": "price"},
            applies=lambda e: bool(e.isbns),
        ),
    ),
    (18, ("isbn-both", make.two_isbns)),
    (
        26,
        focus(
            "author-missing",
            "Một bên thiếu tác giả · no author on one side",
            {"author": "headings"},
            {"author": "none"},
            applies=lambda e: make.authored(e) and not e.translators,
        ),
    ),
    (
        20,
        focus(
            "author-in-statement",
            "Tác giả chỉ ở 245 $c · author only in the statement of responsibility",
            {"author": "headings"},
            {"author": "statement"},
            applies=make.authored,
            systems=(WEIGHTED, FULL),
        ),
    ),
    (
        26,
        focus(
            "pages-missing",
            "Một bên thiếu số trang · no extent on one side",
            {"pages": "tr."},
            {"pages": "none"},
        ),
    ),
    (
        28,
        focus(
            "publisher-form",
            "NXB / Nxb. / Nhà xuất bản · words before the publisher's name",
            {"publisher": ""},
            lambda t, _: {"publisher": t.choice(("NXB ", "Nxb. ", "Nhà xuất bản ", "NXB. "))},
        ),
    ),
    (
        22,
        focus(
            "publisher-partner",
            "Đối tác liên kết sau dấu ; · partner company on one side only",
            {"partner": "keep"},
            {"partner": "drop"},
            applies=lambda e: bool(e.partner),
        ),
    ),
    (26, ("publisher-renamed", make.renamed)),
    (
        24,
        focus(
            "place-form",
            "H. / Hà Nội, TP.HCM / Tp. Hồ Chí Minh · short and old forms of the place",
            {"place": "short"},
            lambda t, _: {"place": t.choice(("full", "old", "full"))},
            systems=(FULL, FULL),
        ),
    ),
    (
        30,
        focus(
            "name-inverted",
            "Tên đảo có dấu phẩy · inverted name",
            {"comma": False},
            {"comma": True},
            applies=make.vietnamese,
        ),
    ),
    (
        18,
        focus(
            "name-foreign",
            "Tên tác giả nước ngoài đảo · foreign name in both orders",
            {"comma": False},
            {"comma": True},
            applies=lambda e: make.authored(e) and e.people[0].western and " " in e.people[0].name,
        ),
    ),
    (
        20,
        focus(
            "name-rank",
            "Học hàm, học vị trước tên · academic rank before the name",
            {"rank": ""},
            lambda t, _: {"rank": t.choice(("GS. TS. ", "PGS. TS. ", "TS. ", "GS. ")), "comma": False},
            applies=make.scholarly,
        ),
    ),
    (
        18,
        focus(
            "name-role",
            "(ch.b.), $e, không ghi vai trò · role in brackets, in $e, or absent",
            {"role": "brackets"},
            lambda t, _: {"role": t.choice(("subfield", "none"))},
            applies=lambda e: any(p.role for p in e.people),
        ),
    ),
    (
        14,
        focus(
            "authors-one-field",
            "Nhiều tác giả trong một trường · several authors in one field",
            {"author": "headings"},
            {"author": "one-field"},
            applies=lambda e: len(e.people) > 1,
        ),
    ),
    (
        14,
        focus(
            "authors-order",
            "Thứ tự tác giả khác nhau · another of the authors stands in 100",
            {"author": "headings", "author_first": 0},
            {"author": "headings", "author_first": 1},
            applies=lambda e: len(e.people) > 1,
            systems=(FULL, FULL),
        ),
    ),
    (
        24,
        focus(
            "subtitle-one-side",
            "Phụ đề chỉ có ở một bên · subtitle on one side only",
            lambda t, _: {"rest": t.choice("ab")},
            {"rest": "none"},
            applies=lambda e: bool(e.rest),
        ),
    ),
    (
        34,
        focus(
            "volume-place",
            "T.1 / Tập 1 / $n · the same volume written in another place",
            {"volume": "n", "label": "short"},
            make.volume_place,
            source=numbered,
        ),
    ),
    (24, ("volume-notation", make.volume_words)),
    (18, ("volume-in-series", make.in_series)),
    (20, ("series-title", make.series_title)),
    (
        28,
        focus(
            "pages-near",
            "Số trang lệch 1-2 · page count off by one or two",
            {},
            lambda t, _: {"shift": t.choice((-2, -1, 1, 2)), "pages": t.choice(("tr.", "p."))},
            applies=lambda e: (e.pages or 0) > 100,
        ),
    ),
    (
        24,
        focus(
            "pages-prelims",
            "Trang La Mã đầu sách, trang để trơ · roman preliminaries or a bare number",
            {},
            lambda t, _: (
                {"prelims": t.choice(("xii", "VIII", "xvi", "iv"))} if t.random() < 0.6 else {"pages": ""}
            ),
            applies=lambda e: bool(e.pages),
        ),
    ),
    (
        30,
        focus(
            "year-form",
            "c2019, [2019], ©2019, nộp lưu chiểu · form of the year",
            {"year": "plain"},
            lambda t, _: {"year": t.choice(("bracket", "copyright", "field4", "printing", "deposit"))},
        ),
    ),
    (
        26,
        focus(
            "edition-form",
            "Tái bản lần thứ 3 / lần 3 / lần thứ ba · the same statement written otherwise",
            {"edition": "ordinal"},
            lambda t, _: {"edition": t.choice(("short", "words"))},
            source=reissued,
        ),
    ),
    (
        18,
        focus(
            "edition-missing",
            "Một bên không ghi lần tái bản, cùng năm cùng số trang · statement on one side only",
            {"edition": "ordinal", "pages": "tr."},
            {"edition": "none", "pages": "trang"},
            source=reissued,
            applies=lambda e: bool(e.pages),
        ),
    ),
    (
        18,
        focus(
            "translator-one-side",
            "Người dịch chỉ ghi ở một bên · translator on one side only",
            {"translator": "both"},
            {"translator": "none"},
            source=translated,
            systems=(FULL, WEIGHTED),
        ),
    ),
    (
        18,
        focus(
            "translator-form",
            "Người dịch ở 245 $c hay 700 · translator in the statement or in 700",
            {"translator": "statement"},
            {"translator": "added"},
            source=translated,
            systems=(FULL, FULL),
        ),
    ),
    (
        16,
        focus(
            "han-nom",
            "880 chữ Hán Nôm ở một bên · original script in 880 on one side",
            {"script": True},
            {"script": False},
            applies=lambda e: bool(e.script),
            systems=(ONE, WEIGHTED),
        ),
    ),
    (16, ("pen-name", make.pen_names)),
    (
        30,
        focus(
            "lc-record",
            "Biểu ghi LC (RDA, NFD, tên đảo) · record of the Library of Congress",
            {},
            {},
            systems=((System.LC,), ONE),
        ),
    ),
    (
        26,
        focus(
            "dc-record",
            "Biểu ghi từ Dublin Core · flat record from Dublin Core",
            {},
            {},
            systems=((System.DC,), ONE),
        ),
    ),
    (
        26,
        focus(
            "minimal-record",
            "Biểu ghi tối giản VietBiblio, Libol · minimal record",
            {"isbn": "none"},
            {},
            systems=((System.VIETBIBLIO, System.VIETBIBLIO, System.LIBOL), ONE),
        ),
    ),
    (
        24,
        focus(
            "spreadsheet",
            "Biểu ghi từ bảng tính · record out of a spreadsheet",
            {},
            {},
            systems=((System.SHEET,), ONE),
        ),
    ),
    (90, ("mixed", make.mixed)),
    (
        28,
        focus(
            "unaccented",
            "Một bên không dấu · no marks at all on one side",
            {},
            {"slip": "unaccented", "isbn": "none"},
            applies=lambda e: " " in e.title,
            systems=(ONE, (System.LIBOL, System.VIETBIBLIO, System.SHEET)),
        ),
    ),
    (
        40,
        focus(
            "residue",
            "Mã TCVN3, VNI hay UTF-8 đọc sai ở một bên · text in a legacy encoding on one side",
            {"tones": ""},
            make.residue,
            systems=(ONE, (System.NLV, System.LIBOL, System.SHEET)),
        ),
    ),
)

POSITIVES: tuple[tuple[int, str, Maker], ...] = tuple(
    (count, kind, maker) for count, (kind, maker) in _COUNTED
)
"""(how many, kind, maker)."""
