"""Profiles by command line: listed, shown, tried on a file, saved."""

import json
from pathlib import Path

import pytest

from tests.unioncat.cli.test_cli import Said, cli, home
from tests.unioncat.normalise.records import marc, to_iso2709

__all__ = ["cli", "home"]

OWN = """
name = "our-libol"
about = "Libol as it is here."
base = "libol"
strip = ["913"]
"""
SECRET = "Bí Mật"


@pytest.fixture
def records(tmp_path: Path) -> Path:
    file = tmp_path / "records.mrc"
    file.write_bytes(
        to_iso2709(
            marc("245 10 $a Truyện Kiều [thơ] $c Nguyễn Du", f"913 ## $a {SECRET}", "852 ## $a TV $p VV1")
        )
        + to_iso2709(marc("245 10 $a Tài liệu đóng", "926 ## $a 3"))
        + b"24500\x1e\x1fno record\x1e\x1d"
    )
    return file


def test_profiles_are_listed_and_shown(cli: Said) -> None:
    code, out, err = cli("profile", "list")
    assert (code, err) == (0, "")
    assert "winisis" in out
    listed = json.loads(cli("profile", "list", "--json")[1])
    assert {one["name"] for one in listed} >= {"koha", "libol"}
    assert cli("profile", "show", "koha")[1].startswith('name = "koha"')
    code, _, err = cli("profile", "show", "nothing")
    assert code == 1
    assert "there is no profile 'nothing'" in err


def test_a_profile_is_tried_on_a_file_before_it_is_saved(cli: Said, tmp_path: Path, records: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    code, out, err = cli("profile", "check", str(file), str(records))
    assert (code, err) == (0, "")
    assert f"✂ 913    $a {SECRET}" in out
    assert "Truyện Kiều [thơ]" in out
    assert "kept out by the gate; nothing of it would be written" in out
    assert out.endswith("3 records: 1 read, 2 kept out by the gate, 0 not readable\n")
    tried = json.loads(cli("profile", "check", str(file), str(records), "--limit", "1", "--json")[1])
    assert [one["removed"] for one in tried] == [[f"913    $a {SECRET}"]]

    assert cli("profile", "add", str(file))[1].startswith("saved: profile our-libol\n")
    assert cli("profile", "check", "our-libol", str(records))[1] == out
    assert cli("profile", "check", "marc21", str(records))[1].endswith(
        "3 records: 2 read, 0 kept out by the gate, 1 not readable\n"
    )
    assert cli("profile", "remove", "our-libol")[0] == 0


def test_a_table_is_tried(cli: Said, tmp_path: Path) -> None:
    file = tmp_path / "sổ.csv"
    file.write_text("Nhan đề,Năm XB\nTruyện Kiều,2019\n", encoding="utf-8")
    out = cli("profile", "check", "marc21", str(file))[1]
    assert "Nhan đề: Truyện Kiều" in out
    assert "2019" in out


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name = ", "this is not TOML"),
        ('name = "x"\nholding = 1', "profile x: holding: there is no such key"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_remedy(
    cli: Said, tmp_path: Path, records: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    for words in (("add", str(file)), ("check", str(file), str(records))):
        code, _, err = cli("profile", *words)
        assert code == 1
        assert complaint in err
        assert "remedy: " in err
    code, _, err = cli("profile", "check", "koha", str(file))
    assert code == 1
    assert "give a file of MARC" in err
