"""Labelled pairs: read in every form, divided without a leak, measured through the command line."""

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from tests.support.data import DATA, needs_data
from tests.unioncat.matching.records import book
from unioncat.cli.whole import app
from unioncat.domain.match import Verdict
from unioncat.flow import evaluate
from unioncat.flow.pairs import Named, PairsError, Part, read
from unioncat.matching import weights

GOLDFINCH = DATA / "dedup" / "goldfinch-val"


def marc(title: str, author: str = "Tô Hoài", year: str = "2001", pages: str = "180 tr.") -> dict[str, Any]:
    """Write a small record as MARC-in-JSON."""

    def field(**subfields: str) -> dict[str, Any]:
        return {"ind1": " ", "ind2": " ", "subfields": [{code: text} for code, text in subfields.items()]}

    return {
        "leader": "00000nam a2200000 a 4500",
        "fields": [
            {"001": "n1"},
            {"008": f"200515s{year}    vm            000 0 vie d"},
            {"100": field(a=author)},
            {"245": field(a=title)},
            {"260": field(a="H.", b="Kim Đồng", c=year)},
            {"300": field(a=pages)},
        ],
    }


XML = """<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>
<datafield tag="100" ind1=" " ind2=" "><subfield code="a">Tô Hoài</subfield></datafield>
<datafield tag="245" ind1=" " ind2=" "><subfield code="a">Dế Mèn phiêu lưu kí</subfield></datafield>
<datafield tag="260" ind1=" " ind2=" "><subfield code="b">Kim Đồng</subfield>
<subfield code="c">2001</subfield></datafield>
<datafield tag="300" ind1=" " ind2=" "><subfield code="a">180 tr.</subfield></datafield></record>"""

FIELDS = msgspec.to_builtins(book("Dế Mèn phiêu lưu ký", "Tô Hoài", 2001, "Kim Đồng", 180))


def line(number: int, label: int, left: Any, right: Any, **more: str) -> str:
    return json.dumps({"id": f"p{number}", "label": label, "left": left, "right": right, **more})


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Four true pairs, three of them in all forms, and three false ones, of which one is joined."""
    cricket = marc("Dế Mèn phiêu lưu ký")
    rows = [
        line(1, 1, cricket, XML, kind="spelling", work="cricket"),
        line(2, 1, XML, FIELDS, kind="spelling", work="cricket"),
        line(3, 1, cricket, FIELDS, kind="spelling", work="cricket"),
        line(
            4, 0, cricket, marc("Lược sử thời gian", "Stephen Hawking"), kind="unrelated", work="cricket|time"
        ),
        line(5, 0, marc("Đất rừng phương Nam"), marc("Đất rừng phương Nam", pages="181 tr."), kind="wrong"),
        line(6, 1, marc("Cơ học lượng tử"), marc("Toán cao cấp", "Nguyễn Đình Trí"), kind="missed"),
        line(7, 0, marc("Đảo hoang giữa biển"), marc("Chuyện nỏ thần ngày xưa"), kind="title"),
    ]
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join(rows) + "\n\n", encoding="utf-8")
    return path


def test_all_forms_of_a_side_are_the_same_book(pairs: Path) -> None:
    found = read(Named(pairs))
    assert [pair.id for pair in found] == [f"p{n}" for n in range(1, 8)]
    assert {pair.left.title.main for pair in found[:3]} == {"Dế Mèn phiêu lưu ký", "Dế Mèn phiêu lưu kí"}
    assert all(one.verdict is Verdict.SAME for one in evaluate.judge_all(found[:3]))


def test_packed_pairs_are_read_too(pairs: Path) -> None:
    packed = pairs.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(pairs.read_bytes()))
    assert read(Named(packed)) == read(Named(pairs))


def test_pairs_that_share_a_record_or_a_work_are_in_one_part(pairs: Path) -> None:
    groups = [pair.group for pair in read(Named(pairs))]
    assert len(set(groups[:4])) == 1
    assert len(set(groups)) == 4
    parts = [read(Named(pairs, part)) for part in Part]
    assert sum(map(len, parts)) == 7


def test_a_field_that_is_no_field_of_marc_reaches_no_matcher(tmp_path: Path) -> None:
    told = marc("Dế Mèn phiêu lưu ký")
    told["fields"].append({"CID": {"ind1": " ", "ind2": " ", "subfields": [{"a": "the answer"}]}})
    path = tmp_path / "told.jsonl"
    path.write_text(line(1, 1, told, told), encoding="utf-8")
    (pair,) = read(Named(path))
    assert "the answer" not in repr(pair)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a/b.jsonl", Named(Path("a/b.jsonl"))),
        ("a:kept", Named(Path("a"), Part.KEPT)),
        ("a:tune@0.1", Named(Path("a"), Part.TUNE, 0.1)),
        ("a@2", Named(Path("a"), None, 2.0)),
    ],
)
def test_sets_are_named_with_part_and_share(text: str, named: Named) -> None:
    assert Named.of(text) == named


def test_a_bad_line_is_named_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(line(1, 1, FIELDS, FIELDS) + '\n{"id": "x"}\n', encoding="utf-8")
    with pytest.raises(PairsError, match="line 2") as caught:
        read(Named(path))
    assert "docs/matching.md" in caught.value.remedy
    with pytest.raises(PairsError, match="no pairs"):
        read(Named(tmp_path / "nothing"))


def test_the_report_tells_what_is_wrong_worst_first(pairs: Path) -> None:
    report = evaluate.evaluate(Named(pairs))
    assert (report.positives, report.negatives) == (4, 3)
    assert [(fault.id, fault.same) for fault in report.faults] == [("p5", False), ("p6", True)]
    assert report.figures.precision.value == 0.75
    assert report.figures.recall.value == 0.75
    assert report.key_recall.value == 0.75
    assert report.kinds["same spelling"] == {"same": 3}
    assert report.b_cubed[1] < 1
    assert report.faults[0].left.title == "Đất rừng phương Nam"
    assert any("pages.next" in one.grades for one in report.faults[0].evidence)
    assert not report.faults[1].met


def test_a_feature_that_decides_has_worth(pairs: Path) -> None:
    worth = {one.feature: one for one in evaluate.evaluate(Named(pairs)).worth}
    assert {"title", "year", "extent", "responsibility"} <= worth.keys()
    assert worth["title"].f1 > 0
    assert [one.f1 + one.recall for one in worth.values()] == sorted(
        (one.f1 + one.recall for one in worth.values()), reverse=True
    )


def test_the_command_prints_writes_and_records(pairs: Path, tmp_path: Path) -> None:
    data, log = tmp_path / "report.json", tmp_path / "quality.jsonl"
    command = ["match", "evaluate", str(pairs), "--json", str(data), "--record", str(log), "--errors", "1"]
    for date in ("2026-01-01", "2026-02-01"):
        done = CliRunner().invoke(app, [*command, "--date", date])
        assert done.exit_code == 0, done.output
    assert "joined wrongly: p5, wrong: same" in done.output
    assert "1 more errors" in done.output
    told = json.loads(data.read_text(encoding="utf-8"))
    assert told["figures"]["precision"]["value"] == 0.75
    assert [fault["id"] for fault in told["faults"]] == ["p5", "p6"]
    rows = [json.loads(row) for row in log.read_text(encoding="utf-8").splitlines()]
    assert [row["date"] for row in rows] == ["2026-01-01", "2026-02-01"]
    assert rows[0]["rules"] == told["rules"]
    assert {**rows[0], "date": ""} == {**rows[1], "date": ""}


def test_the_command_learns_a_module(pairs: Path, tmp_path: Path) -> None:
    path = tmp_path / "weights.py"
    done = CliRunner().invoke(app, ["match", "train", str(pairs), f"{pairs}:tune@0.5", "--write", str(path)])
    assert done.exit_code == 0, done.output
    assert path.read_text(encoding="utf-8").count(": ") >= len(weights.POINTS)


@needs_data
@pytest.mark.data
def test_the_parts_of_goldfinch_share_no_record_and_hide_the_label() -> None:
    parts = [read(Named(GOLDFINCH, part)) for part in Part]
    records = [{key for pair in part for key in pair.keys} for part in parts]
    groups = [{pair.group for pair in part} for part in parts]
    assert records[0].isdisjoint(records[1])
    assert groups[0].isdisjoint(groups[1])
    assert [len(part) for part in parts] == [6117, 4091]
    assert not any("cid." in repr(side) for pair in parts[0][:500] for side in (pair.left, pair.right))
