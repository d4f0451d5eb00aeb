"""Makers of negative pairs of two works of one half: makers get the works to choose from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from tests.pairs.editions import Edition
from tests.pairs.pairs import Pair, manners

Stranger = Callable[[Random, Sequence[Edition]], Iterator[Pair]]


def _pair(kind: str, why: str, throw: Random, left: Edition, right: Edition, **fixed: object) -> Pair:
    ours, theirs = (replace(manner, **fixed) for manner in manners(throw, left, right))  # type: ignore[arg-type]
    return Pair(kind, False, (left, ours), (right, theirs), why, f"{left.work}|{right.work}")


def _others(
    pool: Sequence[Edition], fits: Callable[[Edition, Edition], bool]
) -> list[tuple[Edition, Edition]]:
    return [(left, right) for left in pool for right in pool if left.work < right.work and fits(left, right)]


def _same_author(throw: Random, pool: Sequence[Edition]) -> Iterator[Pair]:
    found = _others(pool, lambda a, b: bool(a.people) and bool(b.people) and a.people[0] == b.people[0])
    while found:
        for left, right in throw.sample(found, len(found)):
            right = replace(right, year=left.year, pages=left.pages if throw.random() < 0.4 else right.pages)
            if not right.isbns:
                right = replace(right, publisher=left.publisher)
            why = "Cùng tác giả, cùng năm, khác tác phẩm · two works of one author"
            yield _pair("same-author", why, throw, left, replace(right, isbns=()), author="headings")


def _reused(throw: Random, pool: Sequence[Edition]) -> Iterator[Pair]:
    found = _others(pool, lambda a, b: bool(a.isbns) and a.people != b.people)
    while True:
        left, right = throw.choice(found)
        right = replace(right, isbns=left.isbns)
        why = "Một ISBN trên hai tác phẩm khác nhau · one ISBN on two works"
        yield _pair(
            "isbn-reuse-work",
            why,
            throw,
            left,
            right,
            isbn=throw.choice(("plain", "hyphens")),
            author="headings",
        )


def _like_titles(throw: Random, pool: Sequence[Edition]) -> Iterator[Pair]:
    def share(left: Edition, right: Edition) -> bool:
        ours, theirs = set(left.title.lower().split()), set(right.title.lower().split())
        return (
            len(ours & theirs) >= 2
            and len(ours & theirs) * 2 >= min(len(ours), len(theirs))
            and left.title != right.title
        )

    found = _others(pool, share)
    while found:
        for left, right in throw.sample(found, len(found)):
            right = replace(right, year=left.year if throw.random() < 0.6 else right.year)
            yield _pair(
                "like-title", "Nhan đề giống một phần · titles with words in common", throw, left, right
            )


def _same_imprint(throw: Random, pool: Sequence[Edition]) -> Iterator[Pair]:
    found = _others(pool, lambda a, b: a.publisher == b.publisher and a.people != b.people)
    while True:
        left, right = throw.choice(found)
        right = replace(right, year=left.year, pages=left.pages, isbns=())
        yield _pair(
            "same-imprint",
            "Cùng nhà xuất bản, năm, số trang · same publisher, year and pages",
            throw,
            left,
            right,
        )


def _random(throw: Random, pool: Sequence[Edition]) -> Iterator[Pair]:
    while True:
        left, right = throw.sample(list(pool), 2)
        if left.work != right.work and left.title != right.title:
            yield _pair("unrelated", "Hai sách không liên quan · two unrelated books", throw, left, right)


STRANGERS: tuple[tuple[int, str, Stranger], ...] = (
    (44, "same-author", _same_author),
    (30, "isbn-reuse-work", _reused),
    (50, "like-title", _like_titles),
    (50, "same-imprint", _same_imprint),
    (60, "unrelated", _random),
)
"""(how many in both halves together, kind, maker)."""

EASY = frozenset({"same-imprint", "unrelated", "like-title"})
"""Kinds of negatives that any rule should keep apart; all others are hard."""
