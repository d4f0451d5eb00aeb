"""Makers of negative pairs of one family: volumes, editions, translations, forms, textbooks, laws, numbers.

What tells the two apart stands in both records; all else is written as alike, or as unlike, as chance will.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from tests.pairs import families as known
from tests.pairs.editions import Edition, books, volume, volumes_of
from tests.pairs.manner import Manner, System
from tests.pairs.pairs import Maker, Pair, full, manners
from tests.pairs.positives import SETS, numbered, single

_T = TypeVar("_T")
_LATEST = 2025


def negative(
    kind: str, why: str, left: Edition, right: Edition, written: tuple[Manner, Manner], **fixed: object
) -> Pair:
    ours, theirs = (replace(manner, **fixed) for manner in written)  # type: ignore[arg-type]
    return Pair(kind, False, (left, ours), (right, theirs), why, left.work)


def _cycle(throw: Random, items: Sequence[_T]) -> Iterator[_T]:
    while True:
        yield from throw.sample(list(items), len(items))


def alike(throw: Random, written: tuple[Manner, Manner]) -> tuple[Manner, Manner]:
    """Write both sides in one manner half of the time: the style then tells nothing."""
    if throw.random() < 0.5:
        return written[0], written[0]
    return written


# volumes


def _by_work() -> list[list[Edition]]:
    found: dict[str, list[Edition]] = {}
    for edition in numbered():
        found.setdefault(edition.work, []).append(edition)
    return [editions for editions in found.values() if len(editions) > 1]


def _volumes(throw: Random) -> Iterator[Pair]:
    for group in _cycle(throw, _by_work()):
        left, right = throw.sample(group, 2)
        if throw.random() < 0.4:  # the same number of pages, one ISBN for the set
            shared = (left.isbns or right.isbns) if throw.random() < 0.5 else ()
            left, right = replace(left, isbns=shared), replace(right, isbns=shared, pages=left.pages)
        written = alike(throw, manners(throw, left, right))
        yield negative("volume", "Khác tập của một bộ · two volumes of one work", left, right, written)


def _volume_forms(throw: Random) -> Iterator[Pair]:
    plain = [group for group in _by_work() if not group[0].steps[0].name]
    forms = (
        {"label": "words"},
        {"roman": True},
        {"volume": "series"},
        {"volume": "b"},
        {"label": "long"},
        {"label": "number", "volume": "n"},
    )
    for group in _cycle(throw, plain):
        left, right = throw.sample(group, 2)
        right = replace(right, pages=left.pages if throw.random() < 0.4 else right.pages, isbns=left.isbns)
        ours, theirs = full(throw, left, right)
        ours, theirs = replace(ours, **throw.choice(forms)), replace(theirs, **throw.choice(forms))
        why = "Khác tập, số tập ghi ở chỗ khác hay kiểu khác · two volumes, their numbers written otherwise"
        yield negative("volume-notation", why, left, right, (ours, theirs))


def _whole(throw: Random) -> Iterator[Pair]:
    for row in _cycle(throw, SETS):
        base = books()[row]
        count = volumes_of(row)
        whole = replace(base, volumes=count, isbns=())
        part = volume(base, throw.randint(1, count), throw, "Q" if row == "B87" else "T")
        written = manners(throw, part, whole, (System.NLV, System.KOHA, System.LIBOL, System.LC))
        why = f"Một tập với cả bộ {count} tập · a part against the whole set"
        yield negative("part-and-whole", why, part, whole, written)


def _ranges(throw: Random) -> Iterator[Pair]:
    for row in _cycle(throw, [row for row in SETS if volumes_of(row) > 2]):
        base = books()[row]
        number = throw.randint(1, 2)
        one = volume(base, number, throw)
        pages = throw.randint(500, 900)
        both = replace(
            base, title=base.title, steps=(), pages=pages, rest=f"{throw.choice(('T.', 'Tập '))}1-2", isbns=()
        )
        written = full(throw, one, both)
        why = f"T.{number} riêng với bản in gộp T.1-2 · one volume against two bound as one"
        yield negative("part-and-range", why, one, both, written, rest="b")


# editions


def _earlier(base: Edition, gap: int) -> Edition:
    """Move an edition back where a later one would lie in the future; its ISBN stays with the known year."""
    return replace(base, year=base.year - gap, isbns=()) if base.year + gap > _LATEST else base


def _editions(throw: Random) -> Iterator[Pair]:
    for base in _cycle(throw, single()):
        first = throw.randint(1, 6)
        gap = throw.randint(1, 5)
        base = _earlier(base, gap)
        left = replace(base, edition=first if first > 1 else None)
        same = throw.random() < 0.4
        pages = base.pages if same else (base.pages or 200) + throw.randint(12, 90)
        right = replace(base, edition=first + gap, year=base.year + gap, pages=pages, isbns=())
        written = manners(throw, left, right)
        detail = "cùng số trang" if same else "khác số trang"
        why = f"Lần in khác, năm khác, {detail} · another edition, another year"
        yield negative("edition-number", why, left, right, written)


def _years(throw: Random) -> Iterator[Pair]:
    for base in _cycle(throw, single()):
        gap = throw.choice((1, 1, 2, 3, 4, 6, 9))
        base = _earlier(base, gap)
        same = throw.random() < 0.5
        pages = base.pages if same else (base.pages or 200) + throw.choice((-24, -9, 16, 31, 64))
        right = replace(base, year=base.year + gap, pages=pages, isbns=())
        written = alike(throw, manners(throw, base, right))
        why = f"In năm {base.year} và năm {right.year}, không ghi lần tái bản · another printing by its year"
        yield negative("edition-year", why, base, right, written)


def _publishers(throw: Random) -> Iterator[Pair]:
    listed = [
        ("A26", "A27"),
        ("A26", "A28"),
        ("A27", "A28"),
        ("A22", "A23"),
        ("A56", "A57"),
        ("A29", "A30"),
        ("A31", "A33"),
        ("A34", "A35"),
        ("A101", "A102"),
    ]
    literature = [
        edition
        for row, edition in books().items()
        if row.startswith("B") and not edition.body and row not in SETS
    ]
    while True:
        for left, right in throw.sample(listed, len(listed)):
            ours, theirs = books()[left], books()[right]
            why = (
                f"{ours.publisher} {ours.year} với {theirs.publisher} {theirs.year} · other publisher or year"
            )
            written = manners(throw, ours, theirs)
            yield negative("publisher-and-year", why, ours, theirs, written, partner="keep")
        for base in throw.sample(literature, 30):
            houses = [
                house
                for house in ("Văn học", "Hội Nhà văn", "Kim Đồng", "Trẻ", "Thanh niên")
                if house != base.publisher
            ]
            year = base.year if throw.random() < 0.4 else min(base.year + throw.randint(1, 8), _LATEST)
            other = replace(
                base,
                publisher=throw.choice(houses),
                year=year,
                pages=(base.pages or 200) + throw.randint(15, 80),
            )
            why = f"{base.publisher} {base.year} với {other.publisher} {year} · another publisher's edition"
            yield negative("publisher-and-year", why, base, other, manners(throw, base, other))


def _abridged(throw: Random) -> Iterator[Pair]:
    rows = [edition for edition in single() if edition.people and (edition.pages or 0) > 180]
    for base in _cycle(throw, rows):
        word = throw.choice(("Bản rút gọn", "Bản tóm tắt", "Bản rút gọn cho thiếu nhi"))
        right = replace(base, revised=word, pages=int((base.pages or 200) * 0.4), isbns=())
        written = full(throw, base, right)
        yield negative(
            "abridged", f"{word} với bản đầy đủ · abridged against full text", base, right, written
        )


# texts and translations


def _translators(throw: Random) -> Iterator[Pair]:
    for row, names, _ in _cycle(throw, known.TRANSLATIONS):
        base = books()[row]
        left = replace(base, translators=(names[0],))
        right = replace(base, translators=(names[1],), isbns=())
        if throw.random() < 0.6:
            right = replace(right, pages=(base.pages or 200) + throw.randint(-30, 60))
        if throw.random() < 0.4:
            right = replace(
                right, publisher=throw.choice(("Văn học", "Hội Nhà văn", "Dân trí")), partner=None
            )
        if throw.random() < 0.4:
            right = replace(right, year=base.year - throw.randint(1, 12))
        written = full(throw, left, right)
        why = f"Bản dịch của {names[0]} và của {names[1]} · two translators of one work"
        yield negative(
            "translator",
            why,
            left,
            right,
            written,
            translator=throw.choice(("both", "both", "statement", "added")),
        )


def _languages(throw: Random) -> Iterator[Pair]:
    for row, title, language in _cycle(throw, known.FOREIGN_TITLES):
        base = books()[row]
        right = replace(base, title=title, rest=None, language=language, isbns=(), script=None)
        if base.isbns and throw.random() < 0.5:
            right = replace(right, pages=(base.pages or 200) + throw.randint(5, 60))
        if throw.random() < 0.5:
            right = replace(right, publisher="Thế giới", year=base.year + throw.randint(0, 3))
        written = full(throw, base, right)
        yield negative(
            "language",
            f"Bản tiếng Việt với bản dịch '{title}' · text in another language",
            base,
            right,
            written,
        )


def _bilingual(throw: Random) -> Iterator[Pair]:
    rows = [
        (row, title) for row, title, language in known.FOREIGN_TITLES if language == "eng" and row != "A43"
    ]
    for row, title in _cycle(throw, rows):
        base = _earlier(books()[row], 2)
        word = throw.choice(("Song ngữ Việt - Anh", "Song ngữ Anh - Việt", "Sách song ngữ"))
        right = replace(
            base,
            parallel=title,
            rest=word if throw.random() < 0.7 else base.rest,
            revised=None,
            isbns=(),
            pages=int((base.pages or 150) * 1.7),
            year=base.year + throw.choice((0, 0, 1, 2)),
        )
        written = full(throw, base, right)
        yield negative(
            "bilingual",
            "Bản song ngữ với bản tiếng Việt · bilingual against one language",
            base,
            right,
            written,
            rest="b",
        )


# form


def _forms(kind: str, form: str, why: str, systems: Sequence[System]) -> Maker:
    def make(throw: Random) -> Iterator[Pair]:
        read_aloud = [base for base in single() if base.people and not base.title.startswith("Giáo trình")]
        for base in _cycle(throw, single() if form == "online" else read_aloud):
            right = replace(base, form=form)
            if throw.random() < 0.4:
                right = replace(right, isbns=())
            written = manners(throw, base, right, systems)
            yield negative(kind, why, base, right, written)

    return make


# ISBN


def _reused(throw: Random) -> Iterator[Pair]:
    reused = replace(books()["A22"], year=2026, pages=310)
    written = full(throw, books()["A22"], reused)
    yield negative(
        "isbn-reuse-printing",
        "9786045370193: in 2016 và nộp lưu chiểu 2026 · one ISBN on two printings",
        books()["A22"],
        reused,
        written,
        isbn="plain",
    )
    fitting = [edition for edition in single() if edition.isbns]
    for base in _cycle(throw, fitting):
        gap = throw.randint(2, 7)
        right = replace(
            base,
            year=base.year - gap,
            edition=None,
            pages=(base.pages or 200) + throw.choice((-40, -17, 24, 56)),
        )
        left = replace(base, edition=throw.choice((None, gap)) if gap > 1 else None)
        why = f"ISBN dùng lại cho lần in {right.year} và {base.year} · one ISBN on two printings"
        yield negative(
            "isbn-reuse-printing",
            why,
            left,
            right,
            manners(throw, left, right),
            isbn=throw.choice(("plain", "hyphens")),
        )


def _translated_volumes(throw: Random) -> Iterator[Pair]:
    """Volumes with names of their own, and volumes of two levels."""
    groups = [list(known.named_volumes(index)) for index in range(len(known.NAMED_VOLUMES))]
    groups.append([books()[f"A{number}"] for number in range(97, 101)])
    for group in _cycle(throw, groups):
        left, right = throw.sample(group, 2)
        right = replace(
            right,
            isbns=left.isbns if throw.random() < 0.3 else (),
            pages=left.pages if throw.random() < 0.3 else right.pages,
        )
        written = alike(throw, full(throw, left, right))
        volume_in = throw.choice(
            (
                "n",
                "n",
                "a",
                "own"
                if len(left.steps) == 1
                and left.publisher == "Kim Đồng"
                and "1" not in str(left.steps[0].name)
                else "n",
            )
        )
        yield negative(
            "volume-named",
            "Khác tập, tập có tên riêng · volumes with names of their own",
            left,
            right,
            written,
            volume=volume_in,
        )


_PRINT_ONLINE = (System.NLV, System.KOHA, System.LIBOL, System.VIETBIBLIO, System.LC)
_SOUND = (System.NLV, System.KOHA, System.VIETBIBLIO, System.LC)

FAMILY: tuple[tuple[int, str, Maker], ...] = (
    (64, "volume", _volumes),
    (56, "volume-notation", _volume_forms),
    (40, "volume-named", _translated_volumes),
    (44, "part-and-whole", _whole),
    (20, "part-and-range", _ranges),
    (64, "edition-number", _editions),
    (60, "edition-year", _years),
    (60, "publisher-and-year", _publishers),
    (24, "abridged", _abridged),
    (50, "translator", _translators),
    (30, "language", _languages),
    (30, "bilingual", _bilingual),
    (
        44,
        "print-online",
        _forms("print-online", "online", "Bản in với bản điện tử · print against online", _PRINT_ONLINE),
    ),
    (34, "audiobook", _forms("audiobook", "audio", "Sách in với sách nói · book against audiobook", _SOUND)),
    (
        16,
        "braille",
        _forms(
            "braille",
            "braille",
            "Sách in với sách chữ nổi · print against braille",
            (System.NLV, System.KOHA),
        ),
    ),
    (36, "isbn-reuse-printing", _reused),
)
"""(how many, kind, maker): both sides are of one family."""
