"""Commands about libraries that join, on a real database."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unioncat.cli.test_cli import Said, cli, home
from tests.unioncat.flow.test_lines import workbook
from unioncat.config import Settings
from unioncat.domain.library import Contact, LibraryType
from unioncat.domain.registration import Branch, Facts
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow import registration
from unioncat.flow.services import open_services
from unioncat.store.migrate import upgrade

__all__ = ["cli", "home"]
HEAD: list[object] = ["Mã", "Tên thư viện", "Loại"]
FACTS = Facts(
    "Thư viện tỉnh", type=LibraryType.PUBLIC, contact=Contact(phone="0214"), branches=(Branch("SP", "Sa Pa"),)
)


@pytest.fixture(scope="module")
def filled(home: Path) -> Iterator[Path]:
    """The home of a service with two libraries that wait."""
    url = EmbeddedPostgres(home, memory_mb=32).start()

    async def fill() -> None:
        await upgrade(url)
        async with open_services(Settings(home=home), url) as services:
            for _ in range(2):
                token = await registration.begin(services, "excel", "", origin=None)
                await registration.send(services, token, FACTS)

    asyncio.run(fill())
    return home


def test_a_registration_is_shown_asked_back_approved_and_another_refused(cli: Said, filled: Path) -> None:
    waiting = json.loads(cli("registration", "list", "--json")[1])
    first, second = (str(one["id"]) for one in waiting)
    assert "Thư viện tỉnh" in cli("registration", "list")[1]
    code, out, _ = cli("registration", "show", first)
    assert (code, "tv-tinh" in out) == (0, True)
    assert json.loads(cli("registration", "show", first, "--json")[1])["proposal"]["branches"] == {
        "SP": "sa-pa"
    }
    assert cli("registration", "ask", first, "Bao nhiêu?", "--by", "Lan")[0] == 0
    assert "Lan: Bao nhiêu?" in cli("registration", "show", first)[1]
    code, out, _ = cli("registration", "approve", first, "--by", "Lan", "--audience", "public")
    assert (code, out.strip()) == (0, "tv-tinh is a member; its source is tv-tinh")
    assert cli("registration", "approve", first, "--by", "Lan", "--audience", "public")[0] == 1
    assert cli("registration", "refuse", second, "Trùng", "--by", "Lan")[0] == 0
    assert "no registration is waiting" in cli("registration", "list")[1]
    code, _, err = cli("registration", "list", "--state", "asleep")
    assert (code, "there is no state" in err) == (1, True)
    assert "sa-pa" in cli("library", "list")[1]


def test_sheets_lists_and_goals(cli: Said, filled: Path, tmp_path: Path) -> None:
    good, bad, listed = (tmp_path / name for name in ("good.xlsx", "bad.xlsx", "list.xlsx"))
    good.write_bytes(workbook([HEAD, ["thpt-1", "Trường THPT số 1", "Trường học"]]))
    bad.write_bytes(workbook([HEAD, ["thpt-2", "Trường THPT số 2", "Nhà hát"]]))
    listed.write_bytes(workbook([HEAD, ["ca-1", "Công an 1", "Công an"]]))
    assert "could be registered: 1 libraries" in cli("library", "import", str(good), "--check")[1]
    code, out, err = cli("library", "import", str(bad))
    assert (code, "line 2, type: there is no such kind" in out) == (1, True)
    assert "nothing was registered" in err
    assert json.loads(cli("library", "import", str(good), "--json")[1])["registered"] is True
    assert cli("onboarding", "expect", str(listed))[1].strip() == "on the list: 1 libraries"
    assert "/join?invite=" in cli("onboarding", "invite", "ca-1")[1]
    assert cli("onboarding", "goal", "122", "--by", "2026-12-31")[0] == 0
    assert cli("onboarding", "goal", "122", "--by", "mai")[0] == 1
    out = cli("onboarding", "list")[1]
    assert "122 by 2026-12-31" in out
    assert "invited" in out
    (one,) = json.loads(cli("onboarding", "list", "--stage", "invited", "--json")[1])["lines"]
    assert one["code"] == "ca-1"
    assert cli("onboarding", "strike", "ca-1")[0] == 0
    assert cli("onboarding", "strike", "ca-1")[0] == 1


def test_a_report_and_a_schedule(cli: Said, filled: Path) -> None:
    code, out, _ = cli("library", "quality", "thpt-1")
    assert (code, out) == (0, "")
    assert cli("library", "quality", "nothing")[0] == 1
    add = ("source", "add", "thpt-1", "--library", "thpt-1", "--address", "https://opac.example.vn/oai")
    assert cli(*add)[2] == ""
    assert "no report yet" in cli("library", "quality", "thpt-1")[1]
    code, out, _ = cli("source", "schedule", "thpt-1", "--every", "720", "--hours", "22:00-05:00")
    assert (code, out.strip()) == (0, "thpt-1: every 720 minutes, 22:00-05:00")
    assert cli("source", "schedule", "thpt-1", "--every", "720", "--hours", "22")[0] == 1
