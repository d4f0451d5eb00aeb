"""The bench of joins: what is drawn, what is kept of judgements, and the figures that follow from them."""

import csv
import json
import re
from pathlib import Path

import pytest

from tests.bench.joins.__main__ import main
from tests.bench.joins.drawing import Drawn, Pair, draw, pair_id
from tests.bench.joins.judged import COLUMNS, FOLDER, Truth, known, take, tally, wilson
from tests.support.data import needs_data
from unioncat.domain.match import Verdict

LONGEST_REASON = 120


def pairs(count: int) -> list[Pair]:
    return [Pair(n, n + 1, f"{n:016x}", Drawn.JOIN, 50.0, Verdict.SAME) for n in range(count)]


def test_a_pair_has_one_id_whichever_record_comes_first() -> None:
    assert pair_id(b"a", b"b") == pair_id(b"b", b"a") != pair_id(b"a", b"c")


def test_a_sample_is_the_same_whatever_the_order_and_keeps_most_pairs_when_others_come() -> None:
    first = draw(pairs(1000), 100)
    assert first == draw(list(reversed(pairs(1000))), 100)
    assert len(set(first) & set(draw(pairs(1100), 100))) > 80
    assert len({pair.left for pair in first} & set(range(100))) < 30, "not only the first ones"


def test_intervals_are_wilsons() -> None:
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 29 of 29
    for hits, of, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (29, 29, 0.8830, 1.0),
    ):
        assert wilson(hits, of) == pytest.approx((low, high), abs=0.00006)
    assert wilson(0, 0) == (0.0, 1.0)


def test_what_cannot_be_told_counts_neither_way_but_is_shown() -> None:
    counts = tally([Truth.ONE, Truth.ONE, Truth.TWO, Truth.OPEN, None], Truth.ONE)
    assert (counts["right"], counts["wrong"], counts["open"], counts["not_judged"]) == (2, 1, 1, 1)
    assert counts["share"] == pytest.approx(2 / 3)
    assert counts["share_if_open_is_wrong"] == pytest.approx(1 / 2)


def test_judgements_are_taken_without_a_word_of_the_records(tmp_path: Path) -> None:
    line = {
        "id": "00ff",
        "drawn": "join",
        "rules": "3",
        "left": {"says": ["245 Dế Mèn phiêu lưu ký"]},
        "right": {"says": []},
        "truth": "two",
        "reason": "other\tvolumes",
    }
    sheet = tmp_path / "sheet.jsonl"
    sheet.write_text(json.dumps(line) + "\n" + json.dumps({**line, "id": "0aaa", "truth": ""}), "utf-8")
    assert take(sheet, "x", tmp_path) == 1
    assert take(sheet, "x", tmp_path) == 0
    (only,) = known("x", tmp_path).values()
    assert (only.pair, only.truth, only.reason) == ("00ff", Truth.TWO, "other volumes")
    assert "Mèn" not in (tmp_path / "x.tsv").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.tsv")))
def test_the_judgements_in_the_project_are_whole(name: str) -> None:
    with (FOLDER / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert tuple(rows[0]) == COLUMNS
    ids = [row[0] for row in rows[1:]]
    assert len(set(ids)) == len(ids) == len(known(name))
    for row in rows[1:]:
        assert re.fullmatch(r"[0-9a-f]{16}", row[0])
        assert row[4], row
        assert len(row[4]) < LONGEST_REASON, row


@needs_data
@pytest.mark.data
@pytest.mark.slow
def test_a_catalogue_is_joined_and_set_out_from_end_to_end(
    tmp_path: Path,
) -> None:
    out = tmp_path / "figures.json"
    assert main(["bachkhoa", "--records", "600", "--folder", str(tmp_path), "--json", str(out)]) == 0
    figures = json.loads(out.read_text("utf-8"))
    assert figures["records"] > 590
    assert figures["libraries"] > 5
    assert figures["pairs"]["join"] > 100
    assert 0 < figures["told_alike"]["in_one_cluster"] <= figures["told_alike"]["pairs"]
    assert figures["judged"]["joins"]["drawn"] == min(200, figures["pairs"]["join"])
    lines = [json.loads(line) for line in (tmp_path / "bachkhoa.jsonl").read_text("utf-8").splitlines()]
    assert len({line["id"] for line in lines}) == len(lines)
    assert f"#{len(lines)} {lines[-1]['id']}" in (tmp_path / "bachkhoa.txt").read_text("utf-8")
