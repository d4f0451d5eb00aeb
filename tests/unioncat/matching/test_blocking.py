"""Keys: the same everywhere, few, and shared by records that may be one."""

import subprocess
import sys

import pytest

from tests.unioncat.matching.records import book
from unioncat.domain.bib import BibRecord, Title
from unioncat.matching import KEY_CAP, block_keys, extract

FULL = book("Đất rừng phương Nam", "Đoàn Giỏi", 2020, "Kim Đồng", 304, isbn="9786042189606")


def keys(bib: BibRecord) -> set[int]:
    return set(block_keys(extract(bib)))


def test_keys_are_few_sorted_and_fit_a_bigint() -> None:
    made = block_keys(extract(FULL))
    assert 4 <= len(made) <= 9
    assert list(made) == sorted(set(made))
    assert all(-(2**63) <= key < 2**63 for key in made)
    assert KEY_CAP == 40


def test_keys_are_the_same_in_another_process() -> None:
    code = (
        "from unioncat.matching import block_keys, Features;"
        "facts = Features(title='dat rung phuong nam', year=2020, pages=304, people=('doan gioi',));"
        "print(block_keys(facts))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert runs.pop().count(",") >= 3


@pytest.mark.parametrize(
    "other",
    [
        book("Dat rung phuong Nam", "Doan Gioi", 2020),
        book("Đất rừng phương Nam : truyện thiếu nhi", "Đoàn Giỏi", 2020, pages=304),
        book("Đất rừng phương Nam", year=2020, pages=304),
        book("Đất rừng phương Nam", "Giỏi, Đoàn"),
        book("Đất phương Nam", "Đoàn Giỏi", 2020, pages=304),
        book("Rừng phương Nam", isbn="9786042189606"),
        book("Đất rừng phương Nam", "Đoàn Giỏi", 2021),
    ],
    ids=["toneless", "subtitle", "no-author", "no-year", "slip-in-title", "isbn-only", "next-year"],
)
def test_likely_pairs_meet(other: BibRecord) -> None:
    assert keys(FULL) & keys(other)


def test_volumes_of_a_set_do_not_crowd_one_key() -> None:
    of_volumes = [
        keys(book(f"Toàn tập. T.{n}", "Hồ Chí Minh", 2011, "Chính trị quốc gia", 500 + n))
        for n in range(1, 16)
    ]
    assert not set.intersection(*of_volumes)


def test_a_record_without_title_has_only_its_numbers() -> None:
    assert keys(BibRecord(Title(""))) == set()
    assert len(keys(book("", isbn="9786042189606"))) == 1
