"""Many members at once, how far each has come, and the reports on what they sent: on a real store."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.unioncat.flow.test_lines import workbook
from unioncat.config import Settings
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.onboarding import Stage
from unioncat.domain.source import Checkpoint, RawRecord
from unioncat.flow import bulk, onboarding, pipeline, quality, register
from unioncat.flow.register import GroupIn, LibraryIn, MembersFile, SourceIn
from unioncat.flow.services import Services, open_services
from unioncat.store import harvests, libraries, sources
from unioncat.store.errors import Conflict, Unknown

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HEAD = ["Mã", "Tên thư viện", "Loại", "Cấp trên", "Nhóm", "Mã trong mục lục", "Phần mềm", "Địa chỉ mục lục"]
SHEET = workbook(
    [
        HEAD,
        ["sapa", "Thư viện Sa Pa", "Công cộng", "tinh", "mien-nui", "SP"],
        ["bacha", "Thư viện Bắc Hà", "Công cộng", "tinh", "mien-nui", "BH"],
        ["thpt", "Trường THPT số 1", "Trường học", "", "", "", "Koha", "http://127.0.0.1:8080/"],
    ]
)


@pytest.fixture
async def services(url: str, home: Path) -> AsyncIterator[Services]:
    async with open_services(Settings(home=home, workers=1), url) as opened:
        await register.load(
            opened,
            MembersFile(
                group=[GroupIn(code="mien-nui", name_vi="Miền núi", name_en="Mountains")],
                library=[LibraryIn(code="tinh", name_vi="Thư viện tỉnh", name_en="Province", type="public")],
                source=[SourceIn(code="tinh", library="tinh", address="http://127.0.0.1:8080/oai")],
            ),
        )
        yield opened


def marc(number: int, title: str, branch: str = "", isbn: str = "") -> bytes:
    fields = f'<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{title}</subfield></datafield>'
    fields += (
        '<datafield tag="260" ind1=" " ind2=" "><subfield code="a">Hà Nội</subfield>'
        '<subfield code="b">Kim Đồng</subfield><subfield code="c">2019</subfield></datafield>'
        '<datafield tag="300" ind1=" " ind2=" "><subfield code="a">303 tr.</subfield></datafield>'
    )
    if isbn:
        fields += f'<datafield tag="020" ind1=" " ind2=" "><subfield code="a">{isbn}</subfield></datafield>'
    if branch:
        fields += f'<datafield tag="852" ind1=" " ind2=" "><subfield code="a">{branch}</subfield></datafield>'
    return (
        '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>'
        f'<controlfield tag="001">{number}</controlfield>{fields}</record>'
    ).encode()


async def harvest(services: Services, code: str, payloads: list[bytes]) -> None:
    """Save and publish records as the harvester does."""
    async with services.db.begin() as conn:
        source = next(one for one in await sources.all_sources(conn) if one.code == code)
    owner = uuid.uuid4()
    run = await harvests.open_run(services.db, source, mode=None, owner=owner, now=NOW)
    async with harvests.page(services.db, run, owner) as page:
        await page.save(
            [RawRecord(f"{number}", None, False, body, "marc21") for number, body in enumerate(payloads)]
        )
        await page.checkpoint(Checkpoint(response_date=NOW, finished=True))
    await harvests.finish_run(services.db, run, owner, datetime.now(UTC))


async def stages(services: Services) -> dict[str, Stage]:
    return {one.code: one.stage for one in (await onboarding.tracker(services)).lines}


async def test_a_sheet_is_registered_whole_and_once(services: Services) -> None:
    found = await bulk.preview(services, "bảng.xlsx", SHEET, by="Lan")
    assert found.number
    assert found.faulty == ()
    assert len(found.libraries) == 3
    async with services.db.begin() as conn:
        assert len(await libraries.all_libraries(conn)) == 1, "a preview registers nothing"
    await bulk.apply_kept(services, found.number)
    with pytest.raises(Conflict, match="already"):
        await bulk.apply_kept(services, found.number)
    assert (await bulk.shown(services, found.number)).applied
    async with services.db.begin() as conn:
        known = {one.code: one for one in await libraries.all_libraries(conn)}
        theirs = {one.code: one for one in await sources.all_sources(conn)}
    assert known["sapa"].parents[0].code == "tinh"
    assert dict(theirs["tinh"].options) == {"branch:SP": "sapa", "branch:BH": "bacha"}
    assert theirs["thpt"].address.endswith("/cgi-bin/koha/oai.pl")


async def test_one_fault_and_nothing_is_registered(services: Services) -> None:
    bad = workbook([HEAD, ["a", "Thư viện A", "Công cộng"], ["tinh", "Thư viện B", "Công cộng"]])
    found = await bulk.preview(services, "x.xlsx", bad, by="Lan")
    assert found.number
    assert [line.number for line in found.faulty] == [3]
    with pytest.raises(Conflict, match="line 3"):
        await bulk.apply_kept(services, found.number)
    async with services.db.begin() as conn:
        assert [one.code for one in await libraries.all_libraries(conn)] == ["tinh"]
    assert not (await bulk.shown(services, found.number)).applied, "it may be registered once it is sound"


async def test_branches_of_a_source_that_is_here_get_their_copies(services: Services) -> None:
    await harvest(services, "tinh", [marc(1, "Đất rừng", "SP"), marc(2, "Tắt đèn", "BH"), marc(3, "Vợ nhặt")])
    await pipeline.process(services)
    assert (await stages(services))["tinh"] is Stage.LIVE
    await bulk.apply(services, "x", bulk.read_lines(SHEET)[0])
    assert (await stages(services))["sapa"] is Stage.HARVESTED
    await pipeline.process(services)
    found = await stages(services)
    assert (found["sapa"], found["bacha"], found["thpt"]) == (Stage.LIVE, Stage.LIVE, Stage.REGISTERED)


async def test_how_far_a_group_has_come(services: Services) -> None:
    listed = workbook([HEAD[:3], *([f"ca-{n}", f"Công an {n}", "Công an"] for n in range(4))])
    assert await bulk.expect(services, listed, group="mien-nui") == 4
    assert await bulk.expect(services, listed, group="mien-nui") == 4, "the list may be brought again"
    await onboarding.invite(services, "ca-1")
    await onboarding.set_goal(services, "mien-nui", date(2026, 12, 31), 122)
    await onboarding.set_goal(services, None, date(2026, 12, 31), 200)
    await onboarding.set_goal(services, None, date(2026, 12, 31), 300)
    tracker = await onboarding.tracker(services)
    whole, group = tracker.standings
    assert (whole.group, whole.total, [one.count for one in whole.goals]) == (None, 5, [300])
    assert (group.group, group.total, [one.count for one in group.goals]) == ("mien-nui", 4, [122])
    assert [group.count(stage) for stage in Stage] == [4, 1, 0, 0, 0]
    assert [whole.count(stage) for stage in Stage] == [5, 2, 1, 0, 0]
    member = LibraryIn(
        code="ca-1", name_vi="Công an 1", name_en="x", type="armed_forces", groups=["mien-nui"]
    )
    await register.register_library(services, member)
    _, group = (await onboarding.tracker(services)).standings
    assert (group.total, group.count(Stage.REGISTERED)) == (4, 1), "a member leaves the list"
    await onboarding.strike(services, "ca-2")
    with pytest.raises(Unknown):
        await onboarding.strike(services, "ca-2")
    await onboarding.set_goal(services, None, date(2026, 12, 31), 0)
    assert (await onboarding.tracker(services)).standings[0].goals == ()


async def test_a_report_counts_what_is_missing_wrong_double_and_unreadable(services: Services) -> None:
    same = "9786042116534"
    await harvest(
        services,
        "tinh",
        [
            marc(1, "Đất rừng phương Nam", isbn=same),
            marc(2, "Đất rừng phương Nam", isbn=same),
            marc(3, "Tắt đèn", isbn="9786042116530"),
            b"<broken",
        ],
    )
    await pipeline.process(services)
    assert (await quality.member_report(services, ANONYMOUS, "tinh")).waiting == ("tinh",)
    assert await quality.renew(services) == 1
    assert await quality.renew(services) == 0, "nothing has come since"
    member = await quality.member_report(services, ANONYMOUS, "tinh")
    (report,) = member.reports
    counts = dict(report.counts)
    assert (report.records, report.measured, report.sound) == (3, 3, 0)
    assert counts["no-agent"] == 3
    assert counts["isbn-invalid"] == 1
    assert counts["duplicate"] == 2
    assert counts["unreadable"] == 1
    assert report.share("isbn-invalid") == pytest.approx(1 / 3)
    mends = await quality.to_mend(services, member, ("isbn-invalid", "duplicate", "unreadable"))
    assert [(one.finding, one.local_id) for one in mends] == [
        ("duplicate", "0"),
        ("duplicate", "1"),
        ("isbn-invalid", "2"),
        ("unreadable", "3"),
    ]
    assert mends[2].title == "Tắt đèn"
    await harvest(services, "tinh", [marc(1, "Đất rừng phương Nam", isbn=same)])
    await pipeline.process(services)
    assert await quality.renew(services) == 1


async def test_older_records_are_said_to_be_unmeasured(services: Services) -> None:
    await harvest(services, "tinh", [marc(1, "Đất rừng")])
    await pipeline.process(services)
    async with services.db.begin() as conn:
        await conn.execute(text("UPDATE bib_record SET findings = NULL"))
    await quality.renew(services)
    (report,) = (await quality.member_report(services, ANONYMOUS, "tinh")).reports
    assert (report.records, report.measured) == (1, 0)
