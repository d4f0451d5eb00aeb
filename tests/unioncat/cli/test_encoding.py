"""`unioncat encoding check`: the decision, samples before and after, what does not fit, and what to do."""

import gzip
import json
from pathlib import Path

from typer.testing import CliRunner

from unioncat.cli.whole import app
from unioncat.text.encodings import encode, restore

TITLES = [
    "Giáo trình lịch sử Đảng Cộng sản Việt Nam",
    "Cơ sở văn hóa Việt Nam, Trần Quốc Vượng chủ biên",
    "Kỹ thuật điện tử: dùng cho sinh viên các trường đại học",
    "Những vấn đề về kinh tế nông nghiệp ở đồng bằng sông Cửu Long",
]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["encoding", "check", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_text_in_utf8(tmp_path: Path) -> None:
    file = tmp_path / "titles.txt"
    file.write_text("\n".join(TITLES), "utf-8")
    assert "nothing to do" in run(str(file))


def test_a_spreadsheet_in_viscii(tmp_path: Path) -> None:
    file = tmp_path / "titles.csv"
    file.write_bytes(b"".join(b'1,"' + encode(title, "viscii") + b'"\r\n' for title in TITLES))
    told = run(str(file))
    assert "viscii" in told
    assert TITLES[0] in told
    assert "encoding=viscii" in told


def test_iso2709_packed(tmp_path: Path) -> None:
    record = b"00100nam  2200037   4500245004600000\x1e10\x1fa%s\x1e\x1d"
    file = tmp_path / "records.mrc.gz"
    file.write_bytes(gzip.compress(b"".join(record % encode(title, "tcvn3") for title in TITLES)))
    told = json.loads(run(str(file), "--json"))
    assert told["unit"] == "record"
    assert told["decision"]["encoding"] == "tcvn3"
    assert told["decision"]["texts"] == 4


def test_utf16_of_a_text_editor(tmp_path: Path) -> None:
    file = tmp_path / "titles.txt"
    file.write_text("\n".join(restore(title, "vni") for title in TITLES), "utf-16")
    assert json.loads(run(str(file), "--json"))["decision"]["encoding"] == "vni"


def test_what_does_not_fit_is_shown_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "titles.txt"
    file.write_text("\n".join([*TITLES * 9, restore(TITLES[3], "vni")]), "utf-8")
    told = run(str(file))
    assert "the file is good" in told
    assert "37 (vni)" in told


def test_bytes_that_fit_nothing(tmp_path: Path) -> None:
    file = tmp_path / "titles.txt"
    file.write_bytes("紅樓夢第一回\n三國演義卷之一\n水滸傳全集".encode("gb18030"))
    assert "unknown" in run(str(file))


def test_no_such_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["encoding", "check", str(tmp_path / "none.txt")])
    assert isinstance(result.exception, FileNotFoundError)
