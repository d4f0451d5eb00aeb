"""Commands about partners, messages that did not arrive, how libraries are reached, and consignments."""

import io
import json
from pathlib import Path

import pytest

from tests.unioncat.cli.test_cli import MEMBERS, Said, cli, home

__all__ = ["cli", "home"]
OTHER = """
[[library]]
code = "tv-b"
name_vi = "Thư viện tỉnh B"
name_en = "Provincial Library B"
type = "public"
level = "province"
"""


@pytest.fixture
def members(cli: Said, tmp_path: Path) -> None:
    file = tmp_path / "members.toml"
    file.write_text(MEMBERS + OTHER, encoding="utf-8")
    code, _, err = cli("load", str(file))
    assert code == 0, err


def test_a_partner_is_entered_changed_given_a_token_and_shown(
    cli: Said, members: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "there is none yet" in cli("partner", "list")[1]
    code, out, err = cli(
        "partner", "add", "nlv", "--name", "Quốc gia", "--address", "https://koha.example.vn/ill",
        "--agency", "ISIL:VN-NLV=tv-a", "--version", "1.2", "--quirk", "note-marks",
    )  # fmt: skip
    assert code == 0, err
    assert "unioncat partner token nlv" in out
    assert cli("partner", "add", "nlv", "--inactive")[0] == 0
    (kept,) = json.loads(cli("partner", "list", "--json")[1])
    assert (kept["name"], kept["version"], kept["active"]) == ("Quốc gia", "1.2", False)
    shown = cli("partner", "show", "nlv")[1]
    assert "ISIL:VN-NLV = tv-a" in shown
    first, second = (cli("partner", "token", "nlv")[1].strip() for _ in range(2))
    assert first != second
    monkeypatch.setattr("sys.stdin", io.StringIO("bí mật\n"))
    assert cli("partner", "credentials", "nlv", "--user", "unioncat")[0] == 0
    assert "bí mật" not in cli("partner", "show", "nlv")[1]
    assert cli("partner", "credentials", "nlv", "--remove")[0] == 0


@pytest.mark.parametrize(
    ("words", "complaint", "remedy"),
    [
        (("partner", "show", "nobody"), "nobody", ""),
        (("partner", "test", "nobody"), "nobody", ""),
        (("partner", "add", "x", "--agency", "ISIL:"), "--agency", "ISIL:VN-NLV"),
        (("partner", "add", "x", "--agency", "ISIL:X-1", "--quirk", "odd"), "no quirk 'odd'", "note-marks"),
        (("partner", "credentials", "x"), "whose secret", "--user"),
        (("lending", "resend", "999"), "no such message", "/lending/undelivered"),
        (("lending", "reach", "nobody"), "nobody", ""),
        (("lending", "reach", "tv-a", "--by", "pigeon"), "no way to reach", "desk or letter"),
        (("lending", "consignment", "show", "LC-1"), "LC-1", ""),
        (("lending", "consignment", "step", "LC-1", "send", "--difference", "1"), "what differs", "2:1:0:0"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_with_a_remedy(
    cli: Said, members: None, words: tuple[str, ...], complaint: str, remedy: str
) -> None:
    code, _, err = cli(*words)
    assert code == 1
    assert complaint in err
    assert remedy in err


def test_how_a_library_is_reached_and_what_did_not_arrive(cli: Said, members: None) -> None:
    code, out, err = cli("lending", "reach", "tv-b", "--by", "letter", "--email", "muon@example.vn", "--json")
    assert code == 0, err
    assert json.loads(out)["email"] == "muon@example.vn"
    assert "muon@example.vn" in cli("lending", "reach", "tv-b")[1]
    assert "every message has arrived" in cli("lending", "undelivered")[1]
    assert "there are no messages" in cli("lending", "messages")[1]


def test_a_consignment_is_packed_sent_received_and_taken_back(
    cli: Said, members: None, tmp_path: Path
) -> None:
    items, stops = tmp_path / "items.txt", tmp_path / "stops.txt"
    items.write_text("Dế Mèn phiêu lưu ký | Tô Hoài | | 3 | 45.000\nSố đỏ\n", encoding="utf-8")
    stops.write_text("tv-b | 2030-03-31\nTrạm sách\n", encoding="utf-8")
    code, out, err = cli(
        "lending", "consignment", "pack", "tv-a", "--items", str(items), "--stops", str(stops),
        "--title", "Sách hè",
    )  # fmt: skip
    assert code == 0, err
    number = out.strip()
    step = ("lending", "consignment", "step", number)
    assert "on_the_way, Thư viện tỉnh B" in cli(*step, "send")[1]
    assert "at_stop" in cli(*step, "receive", "--difference", "1:1:0:0")[1]
    shown = json.loads(cli("lending", "consignment", "show", number, "--json")[1])
    assert (shown["tallies"][0]["missing"], shown["steps"]) == (1, ["send_on", "send_back"])
    assert "Trạm sách" in cli("lending", "consignment", "show", number)[1]
    assert cli(*step, "check_in")[0] == 1, "it is not on its way back"
    for what in ("send_back", "check_in"):
        code, _, err = cli(*step, what)
        assert code == 0, err
    (listed,) = json.loads(cli("lending", "consignment", "list", "--library", "tv-a", "--json")[1])
    assert (listed["number"], listed["state"], listed["copies"]) == (number, "returned", 4)

    stops.write_text("tv-b | mai\n", encoding="utf-8")
    pack = ("lending", "consignment", "pack", "tv-a", "--items", str(items), "--stops", str(stops))
    code, _, err = cli(*pack)
    assert (code, "line 1" in err) == (1, True)
