"""What a column of a library's spreadsheet holds: by its heading in Vietnamese or English, or by its cells.

A guess is only offered: a person sees it with samples and may correct it before anything is used.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from unioncat.domain.column import Column
from unioncat.domain.upload import GuessedColumn
from unioncat.text.keys import key_exact, key_fold

WORDS: Mapping[Column, str] = MappingProxyType(
    {
        Column.ID: "mã biểu ghi, mã sách, mã tài liệu, mã ấn phẩm, mã số sách, mã nhan đề, số biểu ghi, "
        "id, mfn, 001, biblionumber, record id, record number, control number, book id, bib id, mã",
        Column.TITLE: "nhan đề, nhan đề chính, tên sách, tên tài liệu, tên ấn phẩm, tên tác phẩm, tựa "
        "đề, tựa sách, tiêu đề, tên đầu sách, đầu sách, tên sách báo, tên giáo trình, tên luận văn, tên "
        "đề tài, tên truyện, tên tạp chí, tên, title, book title, title proper, main title, name, book, "
        "dc title",
        Column.SUBTITLE: "phụ đề, nhan đề phụ, tên phụ, phụ đề sách, subtitle, remainder of title",
        Column.OTHER_TITLE: "nhan đề song song, nhan đề khác, tên khác, tên gốc, nguyên tác, nhan đề "
        "gốc, tên tiếng anh, parallel title, original title, other title, alternative title",
        Column.VOLUME: "tập, số tập, quyển, tập số, phần, tập phần, tập quyển, số quyển, volume, vol, "
        "part number, number of part",
        Column.PART_TITLE: "tên tập, tên phần, nhan đề tập, part title, name of part, volume title",
        Column.AUTHOR: "tác giả, tên tác giả, họ tên tác giả, tác giả chính, người viết, tg, tgia, tác "
        "giả cá nhân, chủ biên, tác giả chủ biên, tác giả nxb, author, authors, main author, creator, "
        "writer, by",
        Column.CONTRIBUTOR: "đồng tác giả, tác giả phụ, tác giả khác, cộng tác, tác giả tập thể, "
        "contributor, contributors, co author, other authors, corporate author",
        Column.TRANSLATOR: "người dịch, dịch giả, dịch, biên dịch, translator, translated by",
        Column.EDITOR: "biên soạn, người biên soạn, hiệu đính, sưu tầm, biên tập, người hiệu đính, "
        "editor, editors, compiler",
        Column.EDITION: "lần xuất bản, lần xb, tái bản, lần tái bản, lần in, ấn bản, edition, ed",
        Column.PUBLISHER: "nhà xuất bản, nxb, nhà xb, n x b, tên nxb, tên nhà xuất bản, đơn vị xuất bản, "
        "cơ quan xuất bản, publisher, publishers, publishing house",
        Column.PLACE: "nơi xuất bản, nơi xb, nxb nơi, nơi in, place, place of publication, publication "
        "place, city",
        Column.YEAR: "năm xuất bản, năm xb, năm, nxb năm, năm in, năm phát hành, năm xuất bản in, ngày "
        "xuất bản, year, publication year, year of publication, pub year, date, publication date, "
        "published, copyright year",
        Column.EXTENT: "số trang, trang, tổng số trang, st, s trang, mô tả vật lý, số tờ, pages, page, "
        "number of pages, extent, page count, physical description",
        Column.SIZE: "khổ, khổ sách, khổ cỡ, kích thước, khuôn khổ, cỡ, size, dimensions, height",
        Column.SERIES: "tùng thư, bộ sách, tủ sách, tên bộ, loạt sách, series, series title, collection "
        "title",
        Column.ISBN: "isbn, mã isbn, số isbn, chỉ số isbn, isbn 13, isbn 10, isbn13, isbn10",
        Column.ISSN: "issn, mã issn, số issn",
        Column.LANGUAGE: "ngôn ngữ, tiếng, ngữ, mã ngôn ngữ, ngôn ngữ văn bản, language, lang, languages",
        Column.MATERIAL: "dạng tài liệu, loại tài liệu, kiểu tài liệu, loại hình, loại hình tài liệu, "
        "vật mang tin, loại ấn phẩm, material, item type, type, format, document type, material type",
        Column.SUBJECT: "chủ đề, đề mục, đề mục chủ đề, thể loại, môn học, môn, lĩnh vực, chuyên ngành, "
        "loại sách, subject, subjects, category, topic, genre, subject heading",
        Column.KEYWORD: "từ khóa, từ khoá, từ khóa tự do, keyword, keywords, tags",
        Column.CLASSIFICATION: "ký hiệu phân loại, kí hiệu phân loại, khpl, chỉ số phân loại, số phân "
        "loại, phân loại, môn loại, ddc, chỉ số ddc, ký hiệu ddc, dewey, bbk, udc, ký hiệu môn loại, mã "
        "phân loại, classification, class number, dewey number, class",
        Column.SUMMARY: "tóm tắt, nội dung, nội dung tóm tắt, tóm tắt nội dung, giới thiệu, mô tả, "
        "summary, abstract, description, synopsis",
        Column.NOTE: "ghi chú, phụ chú, chú thích, chú giải, lưu ý, note, notes, remark, remarks, comment",
        Column.LINK: "liên kết, đường dẫn, địa chỉ, toàn văn, url, link, uri, website, full text, href",
        Column.PRICE: "giá, giá tiền, đơn giá, giá bìa, giá sách, thành tiền, giá vnđ, trị giá, giá bán, "
        "price, cost, unit price, list price",
        Column.LIBRARY: "thư viện, tên thư viện, chi nhánh, cơ sở, đơn vị, điểm phục vụ, trường, "
        "library, branch, home branch, holding library, owning library",
        Column.LOCATION: "kho, kho sách, nơi lưu trữ, nơi lưu giữ, vị trí, vị trí kho, tên kho, phòng, "
        "kệ, giá sách số, ngăn, tủ, nơi để, location, shelf, shelving location, stack, collection, room",
        Column.SHELF_MARK: "ký hiệu xếp giá, kí hiệu xếp giá, khxg, ký hiệu kho, ký hiệu, kí hiệu, số "
        "xếp giá, xếp giá, mã xếp giá, số ký hiệu, call number, callnumber, call no, shelf mark, "
        "shelfmark, shelf number",
        Column.ITEM: "số đăng ký cá biệt, số đkcb, đkcb, đăng ký cá biệt, số cá biệt, cá biệt, mã vạch, "
        "số vào sổ, mã cá biệt, mã đkcb, số đăng ký, sđkcb, mã vạch sách, số đầu kho, mã xếp giá đkcb, "
        "barcode, barcodes, item barcodes, item barcode, accession number, accession no, accession, copy "
        "number, item number, items",
        Column.COPIES: "số lượng, số bản, số cuốn, sl, số lượng bản, tổng số bản, số bản sách, lượng, sl "
        "bản, copies, quantity, number of copies, qty, count, no of copies",
        Column.STATUS: "tình trạng, trạng thái, hiện trạng, status, availability, condition",
        Column.IGNORE: "stt, số tt, số thứ tự, tt, thứ tự, no, index, #, người nhập, người biên mục, "
        "ngày nhập, ngày tạo, cán bộ, người tạo, ngày vào sổ, row, row number, chữ ký, ký nhận, created "
        "by, created at, ngày sửa, updated at",
    }
)
"""Headings of each field, with tone marks as they are written; compared without marks and signs."""

MARC: Mapping[str, Column] = MappingProxyType(
    {
        "001": Column.ID,
        "020a": Column.ISBN,
        "022a": Column.ISSN,
        "041a": Column.LANGUAGE,
        "082a": Column.CLASSIFICATION,
        "084a": Column.CLASSIFICATION,
        "090a": Column.SHELF_MARK,
        "100a": Column.AUTHOR,
        "110a": Column.AUTHOR,
        "245a": Column.TITLE,
        "245b": Column.SUBTITLE,
        "245n": Column.VOLUME,
        "245p": Column.PART_TITLE,
        "246a": Column.OTHER_TITLE,
        "250a": Column.EDITION,
        "260a": Column.PLACE,
        "260b": Column.PUBLISHER,
        "260c": Column.YEAR,
        "264a": Column.PLACE,
        "264b": Column.PUBLISHER,
        "264c": Column.YEAR,
        "300a": Column.EXTENT,
        "300c": Column.SIZE,
        "490a": Column.SERIES,
        "500a": Column.NOTE,
        "520a": Column.SUMMARY,
        "650a": Column.SUBJECT,
        "653a": Column.KEYWORD,
        "700a": Column.CONTRIBUTOR,
        "852j": Column.SHELF_MARK,
        "852p": Column.ITEM,
        "856u": Column.LINK,
        "952p": Column.ITEM,
    }
)
"""Headings that are MARC fields, as `245$a`."""

_ALL = [(word, column) for column, words in WORDS.items() for word in words.split(", ")]
_MARKED: Mapping[str, Column] = MappingProxyType({key_exact(word) or word: column for word, column in _ALL})
_BARE: Mapping[str, Column] = MappingProxyType({key_fold(word) or word: column for word, column in _ALL})
_LONGEST_FIRST = sorted((word for word in _BARE if " " in word), key=len, reverse=True)
_TAG = re.compile(r"(\d{3})\s*[$|‡^_ ]?\s*([a-z0-9])", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_PARTS = re.compile(r"[/\\,;:|+–\n-]+")
ONE_ONLY = frozenset({Column.ID, Column.TITLE, Column.YEAR, Column.PUBLISHER, Column.ISBN, Column.EXTENT})
"""Fields that one table has once: of several columns the first recognised keeps it."""
LONGEST = 60
"""Characters of a heading in which known words are looked for; a longer one is a sentence."""
MOSTLY = 0.9
"""Share of the rows that a number of records must be in; a total at the end of a table has none."""
LOOKED_AT = 400
"""Cells of a column that are looked at."""


def of_heading(heading: str) -> Column | None:
    """Tell what a heading names, or None. `Năm XB`, `NAM XUAT BAN (*)` and `260$c` all mean the year.

    Tone marks are heeded where they are written: khổ is the size, kho the place.
    """
    tag = _TAG.fullmatch(heading.strip())
    if tag:
        return MARC.get(tag[1] + tag[2].lower())
    text = heading.replace("_", " ")
    for whole in (text, _BRACKETS.sub(" ", text), *(_BRACKETS.sub(" ", part) for part in _PARTS.split(text))):
        if found := _named(whole):
            return found
    padded = f" {key_fold(text)} "
    if len(padded) > LONGEST:
        return None
    return next((_BARE[word] for word in _LONGEST_FIRST if f" {word} " in padded), None)


def _named(text: str) -> Column | None:
    text = text.strip()
    return _MARKED.get(key_exact(text) or text) or _BARE.get(key_fold(text) or text)


_YEAR = re.compile(r"\W*(1[4-9]\d\d|20\d\d)\W*")
_ISBN = re.compile(r"[\d-]{9,17}[\dXx]")
_PAGES = re.compile(r"\d+\s*(tr|trang|p|pages?|tờ|s)\b\.?.*", re.IGNORECASE)
_SIZE = re.compile(r"\d+([.,]\d+)?\s*(x\s*\d+([.,]\d+)?\s*)?cm\.?", re.IGNORECASE)
_PRICE = re.compile(r"\d{1,3}([.,]?\d{3})+\s*(đ|vnđ|vnd|đồng)?", re.IGNORECASE)
_CLASS = re.compile(r"\d{3}(\.\d+)?")
_SHELF = re.compile(r"\d{3}(\.\d+)?\s*[/ -]?\s*[A-ZĐ]\d{0,3}[A-ZĐ]?\w*", re.IGNORECASE)
_ITEM = re.compile(r"[A-ZĐ]{1,8}(?:\d{1,4}\.)?[./ -]?\d{3,}", re.IGNORECASE)
_VOLUME = re.compile(r"(t|tập|q|quyển|v|vol|p|phần|ph)\s*\.?\s*\d+", re.IGNORECASE)
_PUBLISHER = re.compile(r"(nxb|nhà xuất bản|n\.x\.b)\b.*", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+")
_SHAPES: Sequence[tuple[Column, re.Pattern[str], float]] = (
    (Column.LINK, _LINK, 0.7),
    (Column.PUBLISHER, _PUBLISHER, 0.5),
    (Column.SIZE, _SIZE, 0.7),
    (Column.EXTENT, _PAGES, 0.7),
    (Column.VOLUME, _VOLUME, 0.8),
    (Column.YEAR, _YEAR, 0.85),
    (Column.CLASSIFICATION, _CLASS, 0.9),
    (Column.SHELF_MARK, _SHELF, 0.8),
    (Column.ITEM, _ITEM, 0.8),
    (Column.PRICE, _PRICE, 0.8),
)


def of_cells(cells: Sequence[str]) -> Column | None:
    """Tell what the cells of a column look like, or None where they could be anything."""
    full = [cell.strip() for cell in cells if cell.strip()]
    if not full:
        return None
    if is_running(full):
        return Column.IGNORE
    if sum(map(_is_isbn, full)) >= 0.6 * len(full):
        return Column.ISBN
    for column, shape, share in _SHAPES:
        if sum(shape.fullmatch(cell) is not None for cell in full) >= share * len(full):
            return column
    return None


def is_running(cells: Sequence[str]) -> bool:
    """Tell whether cells are 1, 2, 3 … or go up by one from some other number, save for a few."""
    cells = [cell for cell in cells if cell]
    if len(cells) < 3:
        return False
    numbers = [int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 10 else -1 for cell in cells]
    steps = sum(later - earlier == 1 for earlier, later in itertools.pairwise(numbers))
    return steps >= 0.9 * (len(cells) - 1)


def _is_isbn(cell: str) -> bool:
    if not _ISBN.fullmatch(cell):
        return False
    digits = cell.replace("-", "").upper()
    if len(digits) == 13 and digits.startswith(("978", "979")) and digits.isdigit():
        return sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(digits)) % 10 == 0
    if len(digits) == 10 and digits[:9].isdigit():
        return sum((10 if d == "X" else int(d)) * (10 - n) for n, d in enumerate(digits)) % 11 == 0
    return False


def guess(
    headings: Sequence[str], rows: Iterable[Mapping[str, str]], known: Mapping[str, str] | None = None
) -> tuple[GuessedColumn, ...]:
    """Tell for every heading what its column holds; `known` (heading -> field) is what a person said."""
    known = known or {}
    looked = [dict(row) for _, row in zip(range(LOOKED_AT), rows, strict=False)]
    taken: set[Column] = set()
    found: dict[str, tuple[Column, str]] = {}
    for by, tell in (("known", known.get), ("heading", of_heading)):
        for heading in headings:
            column = tell(heading)
            if heading in found or column is None:
                continue
            field = Column(column)
            if field in taken and field in ONE_ONLY:
                continue
            taken.add(field)
            found[heading] = (field, by)
    guesses = []
    for heading in headings:
        cells = [row.get(heading, "") for row in looked]
        full = [cell for cell in cells if cell.strip()]
        if heading not in found:
            shape = of_cells(cells)
            if shape is not None and shape not in taken:
                taken.add(shape)
                found[heading] = (shape, "cells")
        column, by = found.get(heading, (None, "nothing"))
        unique = len(full) >= MOSTLY * len(cells) > 0 and len(full) == len(set(full))
        guesses.append(GuessedColumn(heading, column, by, len(full), unique))
    if Column.TITLE not in taken:
        guesses = _title_by_length(guesses, looked)
    return tuple(guesses)


def _title_by_length(guesses: list[GuessedColumn], rows: Sequence[Mapping[str, str]]) -> list[GuessedColumn]:
    """Take the column with the longest texts of several words for the title, where nothing else is it."""

    def length(guess: GuessedColumn) -> float:
        cells = [row.get(guess.heading, "") for row in rows]
        words = sum(" " in cell.strip() for cell in cells)
        if guess.column is not None or not cells or words < 0.6 * len(cells):
            return 0.0
        return min(sum(map(len, cells)) / len(cells), 80.0)

    best = max(guesses, key=length, default=None)
    if best is None or not length(best):
        return guesses
    return [
        GuessedColumn(one.heading, Column.TITLE, "cells", one.filled, one.unique) if one is best else one
        for one in guesses
    ]


def heading_score(cells: Iterable[str]) -> int:
    """Count the different fields that a row of a sheet names, to find the row of the headings."""
    return len({column for cell in cells if cell.strip() and (column := of_heading(cell)) is not None})
