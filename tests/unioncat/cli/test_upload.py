"""A file by the command line: read, shown, accepted on request, refused in words."""

import json
from pathlib import Path

import pytest

from tests.harvester.files.support import workbook
from tests.unioncat.cli.test_cli import Said, cli, home

__all__ = ["cli", "home"]
MEMBERS = """
[[library]]
code = "truong"
name_vi = "Trường Hoa Sen"
name_en = "Hoa Sen school"
type = "school"

[[source]]
code = "truong"
library = "truong"
protocol = "files"
address = "files:"
"""


@pytest.fixture
def school(cli: Said, tmp_path: Path) -> str:
    path = tmp_path / "members.toml"
    path.write_text(MEMBERS, encoding="utf-8")
    code, _, err = cli("load", str(path), "--quiet")
    assert code == 0, err
    return "truong"


def test_a_file_is_read_shown_and_accepted(cli: Said, school: str, tmp_path: Path) -> None:
    file = tmp_path / "sách.xlsx"
    rows = [("Tên sách", "Tác giả"), ("Cánh diều trên đồi", "Mai Thị Thử"), ("", "Lê Văn Mẫu")]
    file.write_bytes(workbook(*rows))
    code, out, err = cli("upload", school, str(file), "--mode", "full")
    assert code == 0, err
    for word in ("ready", "Tên sách", "title-missing", "/sources/truong/uploads/"):
        assert word in out, out
    code, _, err = cli("upload", school, str(file))
    assert code == 1
    assert "waits to be accepted" in err
    number = out.split("unioncat run accept ")[1].split("`")[0]
    assert "published" in cli("run", "accept", number)[1]
    code, out, err = cli("upload", school, str(file), "--accept", "--json")
    assert code == 0, err
    shown = json.loads(out)
    assert shown["upload"]["state"] == "accepted"
    assert shown["run"]["counters"]["unchanged"] == 2


def test_what_cannot_be_read_is_said(cli: Said, school: str, tmp_path: Path) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"%PDF-1.7")
    code, _, err = cli("upload", school, str(file))
    assert code == 1
    assert "PDF" in err
    assert "Excel" in err
    for wrong in (tmp_path / "none", tmp_path):
        assert cli("upload", school, str(wrong))[0] == 1
    (tmp_path / "empty").write_bytes(b"")
    assert "empty" in cli("upload", school, str(tmp_path / "empty"))[2]
    assert "no source" in cli("upload", "nobody", str(file))[2]


def test_files_and_addresses_belong_together(cli: Said, school: str) -> None:
    words = ("source", "add", "truong-2", "--library", school)
    code, _, err = cli(*words, "--protocol", "files", "--address", "https://a.example/x")
    assert code == 1
    assert "files:" in err
    assert cli(*words, "--address", "files:")[0] == 1
    assert cli(*words, "--protocol", "files", "--address", "files:")[0] == 0
