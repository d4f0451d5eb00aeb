"""What is printed: codes that scanners read, hostile words as words, bounds that hold."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unioncat.flow.paper import (
    Label,
    Notice,
    PaperError,
    Slip,
    labels,
    notices,
    press,
    pressed,
    pull_list,
    slips,
)
from unioncat.flow.paper.bars import PATTERNS, code128, qr
from unioncat.flow.paper.sheets import in_order, lines, plain
from unioncat_api.pages.messages import VI, load

WORDS = {key.removeprefix("paper."): VI.t(key) for key in load("vi") if key.startswith("paper.")}
HOSTILE = '#panic() *đậm* $x^2$ <a> @b `c` ]] }} // \\u{41} #import "x" \u202e\u0000\ud800"\n= Truyện'
SLIP = Slip("YC-2026-000123", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)


def test_patterns_are_those_of_the_standard() -> None:
    assert len(PATTERNS) == len(set(PATTERNS)) == 107
    for pattern in PATTERNS[:-1]:
        widths = [int(one) for one in pattern]
        assert sum(widths) == 11
        assert sum(widths[::2]) % 2 == 0
    assert PATTERNS[106] == "2331112"


def test_a_code_is_checked_by_its_weighted_sum() -> None:
    # "A" is value 33: start 104, check (104 + 33) % 103 = 34.
    widths = "".join(str(one) for one in code128("A"))
    assert widths == PATTERNS[104] + PATTERNS[33] + PATTERNS[34] + PATTERNS[106]
    for wrong in ("", "đ", "x" * 41, "a\n"):
        with pytest.raises(ValueError, match="cannot be written"):
            code128(wrong)


def test_scanners_read_what_is_printed(tmp_path: Path) -> None:
    reader = shutil.which("zbarimg")
    if reader is None:
        pytest.skip("no zbarimg on this machine (apt-get install zbar-tools): codes were not read back")
    notice = Notice("YC-2026-000123", "…4821", "Dế mèn", "Quầy", address="https://union.example/r/1")
    picture = tmp_path / "notice.png"
    picture.write_bytes(press.compiled("notices", notices([notice], WORDS, "Thư viện"), "png"))
    said = subprocess.run([reader, "-q", str(picture)], capture_output=True, text=True, check=True).stdout
    assert "QR-Code:https://union.example/r/1" in said
    assert "CODE-128:YC-2026-000123" in said


def test_qr_is_a_picture_without_words() -> None:
    assert qr("https://x.example/<a>&").startswith("<svg ")
    assert "<a>" not in qr("https://x.example/<a>&")


@given(st.text(max_size=400))
@settings(max_examples=200)
def test_text_for_paper_is_bounded_and_visible(text: str) -> None:
    made = plain(text)
    assert len(made) <= 240
    assert made.isprintable()
    made.encode()


def test_the_walk_is_by_place_and_shelf_as_vietnamese_orders() -> None:
    places = [("Kho đóng", "2"), ("Kho mở", "1"), ("Kho dự trữ", "9"), ("Kho đóng", "1")]
    walk = in_order([Slip("c", "t", location=place, shelf_mark=mark) for place, mark in places])
    assert [(one.location, one.shelf_mark) for one in walk] == [
        ("Kho dự trữ", "9"),
        ("Kho đóng", "1"),
        ("Kho đóng", "2"),
        ("Kho mở", "1"),
    ]


def test_hostile_words_are_printed_as_words() -> None:
    label = Label("đ", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    for sheet, data in (
        ("pull", pull_list([SLIP] * 3, WORDS, HOSTILE, "x")),
        ("slips", slips([SLIP] * 5, WORDS, HOSTILE, "x")),
        ("labels", labels([label], WORDS)),
        ("notices", notices([Notice(HOSTILE[:30], HOSTILE, HOSTILE, HOSTILE)], WORDS, HOSTILE)),
    ):
        assert press.compiled(sheet, data).startswith(b"%PDF-"), sheet


def test_addresses_keep_their_lines() -> None:
    assert lines("Số 1\r\n\n  Hà Nội \n" + "x\n" * 20) == ["Số 1", "Hà Nội", *["x"] * 6]


async def test_printing_is_bounded_in_time_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    data = slips([SLIP] * 600, WORDS, "Thư viện", "x")
    assert len(data["slips"]) == 500
    with pytest.raises(PaperError, match="longer than"):
        await pressed("slips", data, patience=0.01)
    with pytest.raises(PaperError, match="no sheet"):
        await pressed("../press", data)
    monkeypatch.setattr(press, "MOST_DATA", 10)
    with pytest.raises(PaperError, match="too much"):
        await pressed("slips", data)


async def test_several_are_printed_at_once_and_faults_are_told() -> None:
    data = pull_list([SLIP], WORDS, "Thư viện", "x")
    made = await asyncio.gather(*(pressed("pull", data) for _ in range(4)))
    assert all(one.startswith(b"%PDF-") for one in made)
    with pytest.raises(PaperError, match="could not be printed"):
        await pressed("pull", {"words": {}})
